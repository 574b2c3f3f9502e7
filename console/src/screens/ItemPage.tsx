import { Link, useParams } from '@tanstack/react-router'
import { useItem, usePrices } from '../api/queries'
import type { Item, Prices } from '../api/shapes'
import { Page } from '../components/Page'
import { Asked } from '../components/Said'
import { useSpeech } from '../i18n'

/** A price holds until the next: a line in steps, with the two ends in words. */
function History({ prices, now }: { prices: Prices['prices']; now: number }) {
  const { t, format } = useSpeech()
  const known = prices.toReversed()
  const first = known[0]
  const last = known.at(-1)
  if (!first || !last || known.length < 2) return <p className="quiet">{first ? t.item.onePrice(format.day(first.at)) : ''}</p>
  const amounts = known.map(row => Number(row.price))
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)]
  const begin = Date.parse(first.at)
  const x = (at: string) => (100 * (Date.parse(at) - begin)) / (now - begin || 1)
  const y = (amount: number) => 90 - (80 * (amount - low)) / (high - low || 1)
  const corners = known.map(row => `${String(x(row.at))} ${String(y(Number(row.price)))}`)
  const path = `M${corners.map(corner => corner.replace(' ', 'V')).join('H').replace('V', ' ')}H100`
  return (
    <figure className="stack-tight">
      <svg className="steps-chart" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><line x1="0" x2="100" y1="90" y2="90" /><path d={path} /></svg>
      <figcaption className="quiet">{t.item.range(format.price(String(low), last.currency), format.price(String(high), last.currency), format.day(first.at))}</figcaption>
    </figure>
  )
}

function PricesPanel({ id, currency }: { id: string; currency: string | undefined }) {
  const { t, format } = useSpeech()
  const query = usePrices(id)
  return (
    <section className="panel">
      <h2>{t.item.prices}</h2>
      <Asked query={query}>
        {({ prices, recent, reduction }) => (
          <>
            <History prices={prices} now={query.dataUpdatedAt} />
            {recent && <p>{t.item.lowest(format.price(recent.lowest, currency))} {!recent.whole && <span className="quiet">{t.item.notWhole}</span>}</p>}
            {reduction && <p>{t.item.reduction(format.day(reduction.since))}</p>}
            <table className="table">
              <thead><tr><th scope="col">{t.item.since}</th><th scope="col" className="number">{t.item.price}</th></tr></thead>
              <tbody>{prices.slice(0, 20).map(row => <tr key={row.at}><td>{format.date(row.at)}</td><td className="number">{format.price(row.price, row.currency)}</td></tr>)}</tbody>
            </table>
          </>
        )}
      </Asked>
    </section>
  )
}

function Facts({ item }: { item: Item }) {
  const { t, format } = useSpeech()
  const attributes = Object.entries(item.attributes ?? {})
  const told = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value))
  return (
    <section className="panel">
      <h2>{t.item.facts}</h2>
      {item.image && <img className="picture item-picture" src={item.image} alt="" />}
      {item.description && <p>{item.description}</p>}
      <dl className="facts">
        <dt>{t.item.id}</dt><dd>{item.id}</dd>
        {item.brand && <><dt>{t.item.brand}</dt><dd>{item.brand}</dd></>}
        {item.category && <><dt>{t.item.category}</dt><dd>{item.category}</dd></>}
        {item.price && <><dt>{t.item.price}</dt><dd>{format.price(item.price, item.currency)}{item.listPrice && ` (${t.item.listPrice} ${format.price(item.listPrice, item.currency)})`}</dd></>}
        {item.cost && <><dt>{t.item.cost}</dt><dd>{format.price(item.cost, item.currency)}</dd></>}
        <dt>{t.item.stock}</dt><dd>{item.stock == null ? t.item.stockUnknown : format.number(item.stock)}</dd>
        {attributes.map(([name, value]) => <div key={name} className="facts-row"><dt>{name}</dt><dd>{told(value)}</dd></div>)}
      </dl>
      {item.hidden && <p className="tag tag-wait">{t.item.hidden}</p>}
      {item.variants && item.variants.length > 0 && <p className="quiet">{t.item.variants(item.variants.length)}</p>}
    </section>
  )
}

export function ItemPage() {
  const { t, language } = useSpeech()
  const { id } = useParams({ from: '/catalogue/$id' })
  const query = useItem(id, language)
  return (
    <Page question={query.data?.title ?? id} lead={<Link to="/catalogue">{t.item.back}</Link>}>
      <Asked query={query}>
        {item => <div className="grid"><Facts item={item} /><PricesPanel id={item.id} currency={item.currency} /></div>}
      </Asked>
    </Page>
  )
}
