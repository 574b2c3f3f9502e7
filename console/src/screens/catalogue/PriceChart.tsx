import type { Prices } from '../../api/shapes'
import { useSpeech } from '../../i18n'

const TOP = 8
const HEIGHT = 92

/** A price holds until the next: a thin line in steps, and the lawful reference of 30 days as a line of its own. */
export function PriceChart({ prices: { prices, recent, reduction }, now }: { prices: Prices; now: number }) {
  const { t, format } = useSpeech()
  const known = prices.toReversed()
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last) return <p className="quiet">{t.item.noPrice}</p>
  const reference = reduction?.reference ?? recent?.lowest
  const amounts = [...known.map(row => Number(row.price)), ...(reference ? [Number(reference)] : [])]
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)]
  const begin = Date.parse(first.at)
  const x = (at: string) => Math.max(0, Math.min(100, (100 * (Date.parse(at) - begin)) / (now - begin || 1)))
  const y = (amount: number) => (high === low ? 50 : TOP + ((HEIGHT - TOP) * (high - amount)) / (high - low))
  const path = known.map((row, index) => `${index === 0 ? 'M0' : `H${String(x(row.at))}`}${index === 0 ? ' ' : 'V'}${String(y(Number(row.price)))}`).join('') + 'H100'
  const price = (amount: number) => format.price(String(amount), last.currency)
  return (
    <figure className="stack-tight" data-chart="prices">
      <div className="chart-labels"><span>{price(high)}</span><span>{t.item.now(format.price(last.price, last.currency))}</span></div>
      <svg className="steps-chart" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        {reference && <line className="reference" x1="0" x2="100" y1={y(Number(reference))} y2={y(Number(reference))} />}
        <path d={path} />
      </svg>
      <div className="chart-labels"><span>{format.day(first.at)}</span>{high > low && <span>{price(low)}</span>}<span>{t.item.today}</span></div>
      <figcaption className="quiet">
        {known.length < 2 ? t.item.onePrice(format.day(first.at)) : t.item.range(price(low), price(high), format.day(first.at))}
        {reference && <> <span className="key-reference" aria-hidden="true" /> {t.item.reference(format.price(reference, last.currency))}</>}
      </figcaption>
    </figure>
  )
}
