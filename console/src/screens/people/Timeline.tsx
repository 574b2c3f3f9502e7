// What a person did, newest first; filters are in the address, so that an affinity can point at its evidence.
import { Button, Select, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTimeline, type PersonEvent, type TimelineWanted } from '../../api/people'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'

const names = ['Product Viewed', 'Product Added', 'Order Completed', 'Products Searched', 'Product Clicked', 'page', 'identify']

function Event({ event }: { event: PersonEvent }) {
  const { t, format } = useSpeech()
  const about = [event.query && `« ${event.query} »`, event.category, event.orderId, event.url].filter(Boolean).join(' · ')
  const worth = event.revenueMinor !== undefined && event.currency ? format.money(event.revenueMinor / 100, event.currency) : ''
  return (
    <li className="panel stack-tight">
      <p className="row">
        <b>{event.name ?? event.type}</b>
        {event.items.length > 0 && <span>{event.items.map(({ itemId, quantity }) => (quantity > 1 ? `${itemId} × ${String(quantity)}` : itemId)).join(', ')}</span>}
        {worth && <b>{worth}</b>}
        <span className="tag">{t.people.origins[event.origin]}</span>
        <span className="quiet">{format.date(event.at)}</span>
      </p>
      {about && <p className="quiet">{about}</p>}
      <details>
        <summary>{t.people.raw}</summary>
        <p className="quiet">{event.granted.length > 0 ? t.people.agreed(event.granted.map(purpose => t.people.purposes[purpose] ?? purpose).join(', ')) : t.people.agreedNothing}</p>
        <pre className="code" tabIndex={0}>{JSON.stringify(event.message, null, 2)}</pre>
      </details>
    </li>
  )
}

export function Timeline({ who, wanted }: { who: string; wanted: TimelineWanted }) {
  const { t } = useSpeech()
  const navigate = useNavigate({ from: '/people' })
  const events = useTimeline(who, wanted)
  const put = (change: Partial<Record<keyof TimelineWanted, string | undefined>>) => {
    const kept = Object.fromEntries(Object.entries({ ...wanted, ...change }).filter(([, value]) => value)) as TimelineWanted
    void navigate({ search: { who, view: 'timeline', ...kept }, replace: true })
  }
  const day = (iso: string | undefined) => iso?.slice(0, 10) ?? ''
  const about = wanted.value ?? wanted.item
  const filtered = Object.values(wanted).some(Boolean)
  return (
    <section className="stack" aria-label={t.people.sections.timeline}>
      <div className="row row-end">
        <Select label={t.people.event} data={names} value={wanted.name ?? null} placeholder={t.people.anyEvent} clearable w={200} onChange={name => { put({ name: name ?? undefined }) }} />
        <TextInput type="date" label={t.people.from} value={day(wanted.from)} onChange={({ currentTarget: { value } }) => { put({ from: value ? `${value}T00:00:00Z` : undefined }) }} />
        <TextInput type="date" label={t.people.until} value={day(wanted.until)} onChange={({ currentTarget: { value } }) => { put({ until: value ? `${value}T00:00:00Z` : undefined }) }} />
        {filtered && <Button variant="default" onClick={() => { put({ name: undefined, item: undefined, attribute: undefined, value: undefined, from: undefined, until: undefined }) }}>{t.people.clear}</Button>}
      </div>
      {about && <p className="quiet">{t.people.about(about)}</p>}
      <Asked query={events}>
        {({ pages }) => {
          const rows = pages.flatMap(page => page.events)
          return (
            <>
              {rows.length === 0 && <Empty title={t.people.timelineNone}><p className="lead">{t.people.timelineNoneNext}</p></Empty>}
              <ol className="stack-tight list-bare">{rows.map(event => <Event key={event.sequence} event={event} />)}</ol>
            </>
          )
        }}
      </Asked>
      {events.hasNextPage && <div><Button variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>{t.people.more}</Button></div>}
    </section>
  )
}
