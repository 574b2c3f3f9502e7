import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useAlike, useItem, usePrices } from '../../api/catalogue'
import { useMoments } from '../../api/moments'
import { usePlacements } from '../../api/placements'
import type { Item, Prices, Variant } from '../../api/shapes'
import { MomentCard } from '../../components/MomentCard'
import { Page } from '../../components/Page'
import { Picture } from '../../components/Picture'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useMay } from '../../shell/signed'
import { ruleSentence } from '../placements/words'
import { rulesAbout } from './itemRules'
import { PriceChart } from './PriceChart'

const told = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value))

/** The lawful reference in words: of the reduction that runs, or of one that would begin now. */
function Reference({ prices: { recent, reduction }, currency }: { prices: Prices; currency: string | undefined }) {
  const { t, format } = useSpeech()
  return (
    <>
      {reduction && <p>{reduction.reference ? t.item.reduction(format.day(reduction.since), format.price(reduction.reference, currency)) : t.item.reductionOnly(format.day(reduction.since))} {reduction.whole === false && <span className="quiet">{t.item.notWhole}</span>}</p>}
      {recent?.lowest && <p>{t.item.lowest(format.price(recent.lowest, currency))} {!recent.whole && <span className="quiet">{t.item.notWhole}</span>}</p>}
    </>
  )
}

function PricesPanel({ id, currency }: { id: string; currency: string | undefined }) {
  const { t, format } = useSpeech()
  const query = usePrices(id)
  return (
    <section className="panel" aria-label={t.item.prices}>
      <h2>{t.item.prices}</h2>
      <Asked query={query}>
        {prices => (
          <>
            <PriceChart prices={prices} now={query.dataUpdatedAt} />
            <Reference prices={prices} currency={currency} />
            <details>
              <summary>{t.item.everyPrice(prices.prices.length)}</summary>
              <table className="table">
                <thead><tr><th scope="col">{t.item.since}</th><th scope="col" className="number">{t.item.price}</th><th scope="col" className="number">{t.item.listPriceHead}</th></tr></thead>
                <tbody>
                  {prices.prices.slice(0, 100).map(row => (
                    <tr key={row.at}><td>{format.date(row.at)}</td><td className="number">{format.price(row.price, row.currency)}</td><td className="number">{row.listPrice ? format.price(row.listPrice, row.currency) : ''}</td></tr>
                  ))}
                </tbody>
              </table>
            </details>
          </>
        )}
      </Asked>
    </section>
  )
}

function Facts({ item }: { item: Item }) {
  const { t, format } = useSpeech()
  const attributes = Object.entries(item.attributes ?? {})
  const variants = item.variants ?? []
  return (
    <section className="panel" aria-label={t.item.facts}>
      <h2>{t.item.facts}</h2>
      <div className="item-top">
        <div className="item-picture"><Picture image={item.image ?? ''} /></div>
        <dl className="facts">
          <dt>{t.item.id}</dt><dd>{item.id}</dd>
          {item.brand && <><dt>{t.item.brand}</dt><dd>{item.brand}</dd></>}
          {item.category && <><dt>{t.item.category}</dt><dd>{item.category}</dd></>}
          {item.price && <><dt>{t.item.price}</dt><dd>{format.price(item.price, item.currency)}{item.listPrice && ` (${t.item.listPrice} ${format.price(item.listPrice, item.currency)})`}</dd></>}
          {item.cost && <><dt>{t.item.cost}</dt><dd>{format.price(item.cost, item.currency)}</dd></>}
          <dt>{t.item.stock}</dt><dd>{variants.length > 0 ? t.item.stockVariants(variants.filter(variant => variant.stock !== 0).length, variants.length) : item.stock == null ? t.item.stockUnknown : item.stock === 0 ? <span className="tag tag-bad">{t.catalogue.stocks.out}</span> : format.number(item.stock)}</dd>
          {item.hidden && <><dt>{t.item.shownHead}</dt><dd><span className="tag tag-wait">{t.item.hidden}</span></dd></>}
          {item.url && <><dt>{t.item.page}</dt><dd><a href={item.url} target="_blank" rel="noreferrer">{item.url}</a></dd></>}
          {attributes.map(([name, value]) => <div key={name} className="facts-row"><dt>{name}</dt><dd>{told(value)}</dd></div>)}
        </dl>
      </div>
      {item.description && <p>{item.description}</p>}
    </section>
  )
}

function Variants({ variants, item }: { variants: Variant[]; item: Item }) {
  const { t, format } = useSpeech()
  const names = [...new Set(variants.flatMap(variant => Object.keys(variant.attributes ?? {})))]
  return (
    <section className="panel" aria-label={t.item.variants(variants.length)}>
      <h2>{t.item.variants(variants.length)}</h2>
      <div className="scroll table-tall" tabIndex={0} role="region" aria-label={t.item.variants(variants.length)}>
        <table className="table">
          <thead><tr><th scope="col">{t.item.id}</th>{names.map(name => <th key={name} scope="col">{name}</th>)}<th scope="col" className="number">{t.item.price}</th><th scope="col" className="number">{t.item.stock}</th></tr></thead>
          <tbody>
            {variants.map(variant => (
              <tr key={variant.id}>
                <th scope="row">{variant.id}</th>
                {names.map(name => <td key={name}>{variant.attributes?.[name] === undefined ? '' : told(variant.attributes[name])}</td>)}
                <td className="number">{format.price(variant.price ?? item.price ?? '', variant.price ?? item.price ? item.currency : undefined)}</td>
                <td className="number">{variant.stock == null ? '–' : variant.stock === 0 ? <span className="tag tag-bad">{t.catalogue.stocks.out}</span> : format.number(variant.stock)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Alike({ id }: { id: string }) {
  const { t, format } = useSpeech()
  return (
    <section className="panel" aria-label={t.item.alike}>
      <div><h2>{t.item.alike}</h2><p className="quiet">{t.item.alikeLead}</p></div>
      <Asked query={useAlike(id)}>
        {({ ready, items }) => !ready ? <p>{t.item.alikeNotReady} <Link to="/placements">{t.nav.placements}</Link></p>
          : items.length === 0 ? <p className="quiet">{t.item.alikeNone}</p> : (
            <ul className="items">
              {items.slice(0, 12).map(({ score, item }) => (
                <li key={item.id} className="item">
                  <Picture image={item.image ?? ''} /><Link to="/catalogue/$id" params={{ id: item.id }}><b>{item.title}</b></Link>
                  <span>{item.price && `${format.price(item.price, item.currency)} · `}{t.item.likeness(format.percent(score))}</span>
                </li>
              ))}
            </ul>
          )}
      </Asked>
    </section>
  )
}

/** Where the hand of a marketer puts it forward, holds it back or lifts it. */
function Rules({ item }: { item: Item }) {
  const { t, format } = useSpeech()
  return (
    <section className="panel" aria-label={t.item.rules}>
      <h2>{t.item.rules}</h2>
      <Asked query={usePlacements()}>
        {({ placements }) => {
          const found = rulesAbout(item, placements)
          if (found.length === 0) return <p className="quiet">{t.item.noRule}</p>
          return (
            <ul className="stack-tight">
              {found.map(({ placement, rule }, index) => (
                <li key={index}><Link to="/placements/$id" params={{ id: placement.id }}>{placement.name}</Link> <span className="quiet">{rule ? ruleSentence(rule, t, format) : t.item.byHand}</span></li>
              ))}
            </ul>
          )
        }}
      </Asked>
    </section>
  )
}

/** Who is shown this and why: the moments that the server still remembers, and those that come while one looks. */
function Shown({ id }: { id: string }) {
  const { t } = useSpeech()
  const may = useMay('stream:read')
  const { open } = useSearch({ from: '/catalogue/$id' })
  const navigate = useNavigate({ from: '/catalogue/$id' })
  const { cards, state } = useMoments(false, may)
  const shown = cards.filter(card => card.items.some(item => item.itemId === id))
  if (!may) return null
  return (
    <section className="stack" aria-label={t.item.shown}>
      <div><h2>{t.item.shown}</h2><p className="quiet">{t.item.shownLead(shown.length, cards.length)}</p></div>
      {shown.length === 0 && state === 'live' && <Empty title={t.item.shownNone}><p className="lead">{t.item.shownNoneNext}</p></Empty>}
      <ol className="moments">
        {shown.map(moment => <li key={moment.id}><MomentCard moment={moment} opened={open === moment.id} onToggle={opened => { void navigate({ search: opened ? { open: moment.id } : {}, replace: true }) }} /></li>)}
      </ol>
    </section>
  )
}

export interface ItemSearch { open?: string }
export const readItem = ({ open }: Record<string, unknown>): ItemSearch => (typeof open === 'string' ? { open } : {})

export function ItemPage() {
  const { t, language } = useSpeech()
  const { id } = useParams({ from: '/catalogue/$id' })
  const query = useItem(id, language)
  return (
    <Page question={query.data?.title ?? id} lead={<Link to="/catalogue">{t.item.back}</Link>}>
      <Asked query={query}>
        {item => (
          <>
            <div className="halves-even"><Facts item={item} /><div className="stack"><PricesPanel id={item.id} currency={item.currency} /><Rules item={item} /></div></div>
            {item.variants && item.variants.length > 0 && <Variants variants={item.variants} item={item} />}
            <Alike id={item.id} />
            <Shown key={item.id} id={item.id} />
          </>
        )}
      </Asked>
    </Page>
  )
}
