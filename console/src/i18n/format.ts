// Numbers, times and ages as each language writes them.
export type Language = 'fr' | 'en'

const localeOf = { fr: 'fr-FR', en: 'en-GB' } as const
const steps: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]]

export function formatsOf(language: Language) {
  const locale = localeOf[language]
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const signed = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, minimumFractionDigits: 2, signDisplay: 'always' })
  const scores = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, minimumFractionDigits: 2 })
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const signedPercents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  const shortDays = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  const times = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const probabilities = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 })
  const ages = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' })
  return {
    number: (value: number) => numbers.format(value),
    signed: (value: number) => signed.format(value),
    score: (value: number) => scores.format(value),
    percent: (value: number) => percents.format(value),
    signedPercent: (value: number) => signedPercents.format(value),
    money: (value: number, currency: string) => new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value),
    /** A price as the catalogue writes it: "49.90". */
    price: (text: string, currency: string | undefined) =>
      currency ? new Intl.NumberFormat(locale, { style: 'currency', currency }).format(Number(text)) : text,
    date: (iso: string) => dates.format(new Date(iso)),
    dayShort: (date: Date) => shortDays.format(date),
    time: (date: Date) => times.format(date),
    probability: (value: number) => probabilities.format(value),
    /** A difference of two shares, in points of a hundred. */
    signedPoints: (value: number) => signed.format(value * 100),
    day: (iso: string) => days.format(new Date(iso)),
    /** How long ago; of what has just happened, a second. */
    age(iso: string, now = Date.now()) {
      const seconds = Math.max(1, Math.round((now - Date.parse(iso)) / 1000))
      const [unit, size] = steps.find(([, size]) => seconds >= size) ?? ['second', 1]
      return ages.format(-Math.trunc(seconds / size), unit)
    },
  }
}

export type Formats = ReturnType<typeof formatsOf>
