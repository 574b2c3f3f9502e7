// What up to five people would be shown, side by side, live and by the draft: an unknown visitor, examples, visitors of a moment ago (without
// a name), and whom one may look up.
import { Button, Select, SegmentedControl, TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { useMoments } from '../../api/moments'
import { usePreview, type Life, type PreviewBody, type Previewed, type PreviewPerson } from '../../api/placements'
import type { Explanation, Moment } from '../../api/shapes'
import { Contributions } from '../../components/MomentCard'
import { Picture } from '../../components/Picture'
import { Asked } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useMay } from '../../shell/signed'
import { InstantField, ItemsField, WordsField } from './plainFields'

const PEOPLE_MAX = 5
const VISITORS_SHOWN = 8
export const pageTypes = ['home', 'product', 'category', 'search', 'cart', 'checkout', 'account'] as const
export const sides = ['both', 'live', 'draft'] as const
type Side = typeof sides[number]

/** In the address, so that a preview can be shown to others. Names are not: an address stays in histories. */
export interface Guest { who: 'nobody' | 'visitor' | 'example'; decision?: string; said?: string; viewed?: string[]; basket?: string[]; bought?: string[] }
export interface PreviewSearch { people?: Guest[]; at?: string; page?: string; item?: string; category?: string; side?: Side }

const words = (value: unknown) => (Array.isArray(value) ? value.filter(one => typeof one === 'string') : undefined)

function readGuest(guest: unknown): Guest[] {
  if (typeof guest !== 'object' || guest === null || !('who' in guest)) return []
  const { who, decision, said, viewed, basket, bought } = guest as Record<string, unknown>
  if (who === 'nobody') return [{ who }]
  if (who === 'visitor') return typeof decision === 'string' ? [{ who, decision, said: typeof said === 'string' ? said : '' }] : []
  return who === 'example' ? [{ who, viewed: words(viewed) ?? [], basket: words(basket) ?? [], bought: words(bought) ?? [] }] : []
}

export function readPreview({ people, at, page, item, category, side }: Record<string, unknown>): PreviewSearch {
  const chosen = sides.find(one => one === side)
  return {
    ...(Array.isArray(people) && { people: people.flatMap(readGuest).slice(0, PEOPLE_MAX) }),
    ...(typeof at === 'string' && !Number.isNaN(Date.parse(at)) && { at }),
    ...(typeof page === 'string' && { page }),
    ...(typeof item === 'string' && { item }),
    ...(typeof category === 'string' && { category }),
    ...(chosen && { side: chosen }),
  }
}

function personOf(guest: Guest): PreviewPerson {
  if (guest.who === 'visitor') return { decision: guest.decision ?? '' }
  if (guest.who === 'nobody') return {}
  const { viewed = [], basket = [], bought = [] } = guest
  return { profile: { viewed, basket, bought } }
}

interface Shown { label: string; person: PreviewPerson; guest: Guest | null }

/* --- what they are shown ----------------------------------------------------------------------- */

interface Side1 { previewed: Previewed; index: number }

function itemsOf({ previewed, index }: Side1) {
  const person = previewed.people[index]
  return { person, decision: person?.answer.decisions[0], told: person?.explanations[0] as Explanation | undefined }
}

function List({ title, side, than }: { title: string; side: Side1; than: Side1 | null }) {
  const { t, format } = useSpeech()
  const { preview } = t.placements
  const { person, decision, told } = itemsOf(side)
  const details = person?.answer.details ?? {}
  const known = than && new Set(itemsOf(than).decision?.items?.map(({ itemId }) => itemId))
  const items = decision?.items ?? []
  const first = told?.items?.[0]
  return (
    <section className="stack-tight" aria-label={title}>
      <h3>{title}</h3>
      {decision?.order && <ol className="order">{decision.order.map(entry => <li key={entry}>{entry}</li>)}</ol>}
      {!decision?.order && items.length === 0 && <p className="quiet">{told?.fallback?.sentence ?? t.moment.nothing}</p>}
      <ol className="shown">
        {items.map(({ itemId = '', reason }) => (
          <li key={itemId}>
            <Picture image={details[itemId]?.image ?? ''} />
            <span><b>{details[itemId]?.title ?? itemId}</b> {known && !known.has(itemId) && <span className="tag tag-good">{preview.fresh}</span>}<br /><span className="quiet">{reason}</span></span>
          </li>
        ))}
      </ol>
      {told?.runnerUp && <p className="quiet">{t.moment.second(told.runnerUp.title)}</p>}
      {first && (
        <details>
          <summary>{t.moment.why}</summary>
          <div className="stack">
            {told?.items?.map(item => <div key={item.itemId} className="stack-tight"><p><b>{item.title}</b> <span className="quiet">{format.score(item.score)}</span></p>{item.contributions.length > 0 ? <Contributions contributions={item.contributions} score={item.score} /> : <p className="quiet">{item.reason}</p>}</div>)}
            <ul className="sentences">{told?.sentences.map(line => <li key={line}>{line}</li>)}</ul>
          </div>
        </details>
      )}
    </section>
  )
}

function Column({ shown, index, live, draft, remove }: { shown: Shown; index: number; live: Previewed | null; draft: Previewed | null; remove: (() => void) | null }) {
  const { t } = useSpeech()
  const { preview } = t.placements
  const one = (live ?? draft)?.people[index]
  return (
    <li className="panel">
      <div className="stack-tight">
        <h2>{shown.label}</h2>
        {one && <p><span className="tag">{t.moment.consent[one.basis] ?? one.basis}</span> <span className="quiet">{one.known || one.who === 'example' ? t.moment.level(one.level) : t.moment.pageOnly}</span></p>}
        {remove && <div><Button size="xs" variant="default" aria-label={preview.removeOne(shown.label)} onClick={remove}>{preview.remove}</Button></div>}
      </div>
      {live && <List title={preview.live} side={{ previewed: live, index }} than={null} />}
      {draft && <List title={preview.draft} side={{ previewed: draft, index }} than={live && { previewed: live, index }} />}
    </li>
  )
}

/* --- who, when and where ----------------------------------------------------------------------- */

/** Visitors of the live stream who are recognised, each once; nobody is named. */
function Visitors({ add }: { add: (moment: Moment, said: string) => void }) {
  const { t, format } = useSpeech()
  const { preview } = t.placements
  const { cards } = useMoments(false, true)
  const met = new Map(cards.filter(card => card.who !== '' && card.personalised).toReversed().map(card => [card.who, card]))
  const visitors = [...met.values()].toReversed().slice(0, VISITORS_SHOWN)
  if (visitors.length === 0) return <p className="quiet">{preview.noVisitor}</p>
  return (
    <ul className="row">
      {visitors.map(moment => {
        const said = preview.visitor(t.moment.page[moment.page] ?? t.moment.onPage(moment.page), moment.pageItem)
        return <li key={moment.who}><Button size="xs" variant="default" onClick={() => { add(moment, said) }}>{format.age(moment.at)}{t.placements.colon}{said}</Button></li>
      })}
    </ul>
  )
}

function Example({ add }: { add: (guest: Guest) => void }) {
  const { preview } = useSpeech().t.placements
  const [viewed, setViewed] = useState<string[]>([])
  const [basket, setBasket] = useState<string[]>([])
  const [bought, setBought] = useState<string[]>([])
  return (
    <details>
      <summary>{preview.example}</summary>
      <div className="stack">
        <div className="fields">
          <ItemsField label={preview.viewed} values={viewed} max={20} onChange={setViewed} />
          <ItemsField label={preview.basket} values={basket} max={20} onChange={setBasket} />
          <ItemsField label={preview.bought} values={bought} max={20} onChange={setBought} />
        </div>
        <div><Button size="xs" variant="default" disabled={viewed.length + basket.length + bought.length === 0} onClick={() => { add({ who: 'example', viewed, basket, bought }) }}>{preview.addExample}</Button></div>
      </div>
    </details>
  )
}

function Named({ add }: { add: (identifier: string) => void }) {
  const { preview } = useSpeech().t.placements
  const [typed, setTyped] = useState('')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    add(typed.trim())
    setTyped('')
  }
  return (
    <form className="row row-end" onSubmit={submit}>
      <TextInput label={preview.named} description={preview.namedNext} placeholder="email:ada@example.org" value={typed} onChange={event => { setTyped(event.currentTarget.value) }} />
      <Button type="submit" variant="default" disabled={!typed.includes(':')}>{preview.add}</Button>
    </form>
  )
}

interface Props { life: Life; id: string; search: PreviewSearch }

function Where({ search, change }: { search: PreviewSearch; change: (next: PreviewSearch) => void }) {
  const { t } = useSpeech()
  const { preview } = t.placements
  const set = (member: 'at' | 'page' | 'item' | 'category', value: string | undefined) => {
    const { [member]: _, ...rest } = search
    change(value ? { ...rest, [member]: value } : rest)
  }
  return (
    <div className="fields">
      <InstantField label={preview.at} description={preview.atNext} value={search.at} onChange={iso => { set('at', iso) }} />
      <Select label={preview.page} clearable placeholder={preview.anyPage} data={pageTypes.map(value => ({ value, label: t.moment.page[value] ?? value }))} value={search.page ?? null} onChange={value => { set('page', value ?? undefined) }} />
      <ItemsField label={preview.item} values={search.item ? [search.item] : []} max={1} onChange={([item]) => { set('item', item) }} />
      <WordsField label={preview.category} values={search.category ? [search.category] : []} max={1} onChange={([category]) => { set('category', category) }} />
    </div>
  )
}

function bodyOf(id: string, search: PreviewSearch, people: PreviewPerson[], lang: 'fr' | 'en'): PreviewBody {
  const { at, page, item, category } = search
  return {
    placements: [{ id }], people, lang,
    context: { locale: lang, page: { ...(page && { type: page }), ...(item && { itemId: item }), ...(category && { category }) } },
    ...(at && { at }),
  }
}

export function Preview({ life, id, search }: Props) {
  const { t, language } = useSpeech()
  const { preview } = t.placements
  const navigate = useNavigate()
  const seesStream = useMay('stream:read')
  const mayName = useMay('profiles:read')
  const [named, setNamed] = useState<string[]>([])
  const guests = search.people ?? [{ who: 'nobody' as const }]
  const change = (next: PreviewSearch) => void navigate({ to: '/placements/$id', params: { id }, search: { tab: 'preview', ...next }, replace: true, resetScroll: false })
  const everybody: Shown[] = [
    ...guests.map(guest => ({ guest, person: personOf(guest), label: guest.who === 'nobody' ? preview.nobody : guest.who === 'visitor' ? [preview.someVisitor, guest.said].filter(Boolean).join(t.placements.colon) : preview.exampleOf([...(guest.viewed ?? []), ...(guest.basket ?? []), ...(guest.bought ?? [])].join(', ')) })),
    ...named.map(identifier => ({ guest: null, person: { identifier }, label: identifier })),
  ].slice(0, PEOPLE_MAX)
  const add = (guest: Guest) => { change({ ...search, people: [...guests, guest].slice(0, PEOPLE_MAX) }) }
  const side: Side = !life.draft ? 'live' : !life.state.placement ? 'draft' : search.side ?? 'both'
  const body = bodyOf(id, search, everybody.map(({ person }) => person), language)
  const live = usePreview(body, life.state.version, side !== 'draft')
  const draft = usePreview({ ...body, drafts: true }, life.draft?.draft.saved ?? '', side !== 'live')
  const full = everybody.length >= PEOPLE_MAX
  return (
    <>
      <section className="panel">
        <h2>{preview.question}</h2>
        <Where search={search} change={change} />
        {full ? <p className="quiet">{preview.full}</p> : (
          <div className="stack">
            <h3>{preview.who}</h3>
            {!guests.some(({ who }) => who === 'nobody') && <div><Button size="xs" variant="default" onClick={() => { add({ who: 'nobody' }) }}>{preview.nobody}</Button></div>}
            {seesStream && <><p className="quiet">{preview.visitorsNext}</p><Visitors add={(moment, said) => { add({ who: 'visitor', decision: moment.id, said }) }} /></>}
            <Example add={add} />
            {mayName && <Named add={identifier => { setNamed(list => [...list, identifier]) }} />}
          </div>
        )}
        {life.draft && life.state.placement && (
          <div><SegmentedControl aria-label={preview.sides} value={side} data={sides.map(value => ({ value, label: preview.side[value] }))} onChange={value => { change({ ...search, side: value as Side }) }} /></div>
        )}
        {!life.draft && <p className="quiet">{preview.noDraft} <Link to="/placements/$id" params={{ id }} search={{ tab: 'edit' }}>{t.placements.tabs.edit}</Link></p>}
      </section>
      <Asked query={side === 'draft' ? draft : live}>
        {first => (
          <ul className="side-by-side">
            {everybody.map((shown, index) => (
              <Column key={index} shown={shown} index={index} live={side === 'draft' ? null : first} draft={side === 'live' ? null : side === 'draft' ? first : draft.data ?? null}
                remove={everybody.length > 1 ? () => { if (shown.guest) change({ ...search, people: guests.toSpliced(index, 1) }); else setNamed(list => list.filter(other => other !== shown.label)) } : null} />
            ))}
          </ul>
        )}
      </Asked>
    </>
  )
}
