const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const
const french = { B: 'o', kB: 'ko', MB: 'Mo', GB: 'Go', TB: 'To' } as const

/** 1 234 567 → "1,2 Mo". */
export function bytes(count: number, language: 'fr' | 'en'): string {
  const step = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3))
  const unit = units[step] ?? 'B'
  const value = new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB', { maximumFractionDigits: step ? 1 : 0 }).format(count / 1000 ** step)
  return `${value}\u00a0${language === 'fr' ? french[unit] : unit}`
}
