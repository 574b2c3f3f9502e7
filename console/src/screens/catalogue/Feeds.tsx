// The feeds that are pulled: how fresh each is, what it changed, what waits for somebody, what was refused; and their settings.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useDeleteFeed, useFeeds, useFeedStep, usePutFeed, type FeedStep } from '../../api/catalogue'
import type { Feed, FeedDiffKind, FeedReport } from '../../api/shapes'
import { Consequence } from '../../components/Consequence'
import { Asked, Empty, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { FeedForm, settingsOf } from './FeedForm'

const kinds: FeedDiffKind[] = ['new', 'gone', 'changed', 'priceUp', 'priceDown', 'outOfStock', 'backInStock']
const tones = { never: '', not_modified: '', taken: 'tag-good', held: 'tag-wait', failed: 'tag-bad' } as const

/** What a feed changed, or would change. */
export function Diff({ of: told, rows }: { of: Partial<Record<string, unknown>>; rows: number }) {
  const { t, format } = useSpeech()
  const counts = kinds.map(kind => [kind, told[kind]] as const).filter((row): row is [FeedDiffKind, number] => typeof row[1] === 'number' && row[1] > 0)
  if (counts.length === 0) return rows > 0 ? <p className="quiet">{t.catalogue.nothingChanged}</p> : null
  return <ul className="row">{counts.map(([kind, count]) => <li key={kind} className={`tag ${kind === 'gone' ? 'tag-bad' : ''}`}>{t.catalogue.diff[kind]} {format.number(count)}</li>)}</ul>
}

export function RowErrors({ of: { errors = [], refused = 0 } }: { of: Pick<FeedReport, 'errors' | 'refused'> }) {
  const { t, format } = useSpeech()
  if (refused === 0) return null
  return (
    <details>
      <summary>{t.catalogue.refused(refused, format.number(refused))}</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={t.catalogue.refused(refused, format.number(refused))}>
        <table className="table">
          <thead><tr><th scope="col" className="number">{t.catalogue.line}</th><th scope="col" className="number">{t.catalogue.column}</th><th scope="col">{t.catalogue.field}</th><th scope="col">{t.catalogue.why}</th></tr></thead>
          <tbody>{errors.map((row, index) => <tr key={index}><td className="number">{row.line ?? ''}</td><td className="number">{row.column ?? ''}</td><td>{row.field ?? ''}</td><td>{row.detail}</td></tr>)}</tbody>
        </table>
      </div>
      {errors.length < refused && <p className="quiet">{t.catalogue.firstOnes(errors.length)}</p>}
    </details>
  )
}

function Facts({ feed }: { feed: Feed }) {
  const { t, format } = useSpeech()
  const { last } = feed
  return (
    <dl className="facts">
      <dt>{t.catalogue.url}</dt><dd>{feed.url}</dd>
      <dt>{t.catalogue.mode}</dt><dd>{t.catalogue.modes[feed.mode]}</dd>
      <dt>{t.catalogue.last}</dt><dd>{last.finished ? <span title={format.date(last.finished)}>{format.age(last.finished)}</span> : t.catalogue.neverSince}</dd>
      <dt>{t.catalogue.next}</dt><dd>{feed.paused ? t.catalogue.paused : feed.next ? format.date(feed.next) : t.catalogue.onlyAsked}</dd>
      {last.rows ? <><dt>{t.catalogue.rows}</dt><dd>{t.catalogue.rowsTold(format.number(last.rows), format.number(last.written ?? 0))}</dd></> : null}
    </dl>
  )
}

/** Taking a held feed in hides items: asked by consequence. */
function Held({ id, gone, diff, rows }: { id: string; gone: number | undefined; diff: Partial<Record<string, unknown>>; rows: number }) {
  const { t, format } = useSpeech()
  const step = useFeedStep()
  const [asking, setAsking] = useState<FeedStep | null>(null)
  const act = (what: FeedStep) => { step.mutate({ id, step: what }, { onSuccess: () => { setAsking(null) } }) }
  return (
    <>
      <div className="row">
        <Button onClick={() => { setAsking('approve') }}>{t.catalogue.approve}</Button>
        <Button variant="default" onClick={() => { setAsking('reject') }}>{t.catalogue.reject}</Button>
      </div>
      <Consequence opened={asking !== null} title={asking === 'reject' ? t.catalogue.rejectTitle(id) : t.catalogue.approveTitle(id)} act={asking === 'reject' ? t.catalogue.reject : t.catalogue.approve}
        pending={step.isPending} error={step.error} onAct={() => { act(asking ?? 'reject') }} onClose={() => { setAsking(null) }}>
        <p>{asking === 'reject' ? t.catalogue.rejectMeans : gone === undefined ? t.catalogue.approveUnknown : t.catalogue.approveMeans(format.number(gone))}</p>
        <Diff of={diff} rows={rows} />
      </Consequence>
    </>
  )
}

interface PanelProps { feed: Feed; held: boolean; open: boolean; removed: (feed: Feed) => void }

function FeedPanel({ feed, held, open, removed }: PanelProps) {
  const { t } = useSpeech()
  const step = useFeedStep()
  const remove = useDeleteFeed()
  const [editing, setEditing] = useState(false)
  const { last } = feed
  const gone = typeof last['gone'] === 'number' ? last['gone'] : 0
  const state = feed.running ? t.catalogue.running : held ? t.catalogue.outcome.held : t.catalogue.outcome[last.outcome]
  return (
    <section className={`panel ${open ? 'panel-open' : ''}`} aria-label={feed.id} id={`feed-${feed.id}`} data-feed={feed.id}>
      <div className="row"><h2>{feed.id}</h2><span role="status" className={`tag ${held ? 'tag-wait' : tones[last.outcome]}`}>{state}</span></div>
      <Facts feed={feed} />
      {last.detail && <p className="said-bad">{last.detail}</p>}
      <Diff of={last} rows={last.rows ?? 0} />
      <RowErrors of={last} />
      {step.error && <Failed error={step.error} />}
      {remove.error && <Failed error={remove.error} />}
      {held && <Held id={feed.id} gone={gone} diff={last} rows={last.rows ?? 0} />}
      <div className="row">
        {!held && <Button variant="default" loading={step.isPending || feed.running} onClick={() => { step.mutate({ id: feed.id, step: 'run' }) }}>{t.catalogue.run}</Button>}
        <Button variant="default" aria-expanded={editing} onClick={() => { setEditing(!editing) }}>{t.catalogue.edit}</Button>
        <Button variant="subtle" color="gray" loading={remove.isPending} onClick={() => { remove.mutate(feed.id, { onSuccess: () => { removed(feed) } }) }}>{t.catalogue.remove}</Button>
      </div>
      {editing && <FeedForm feed={feed} done={() => { setEditing(false) }} />}
    </section>
  )
}

/** A feed that is gone comes back as it was: its items never went. */
function Removed({ feed, done }: { feed: Feed; done: () => void }) {
  const { t } = useSpeech()
  const put = usePutFeed()
  return (
    <div className="panel row" role="status">
      <p>{t.catalogue.removed(feed.id)}</p>
      <Button size="xs" variant="default" loading={put.isPending} onClick={() => { put.mutate({ id: feed.id, settings: settingsOf(feed) }, { onSuccess: done }) }}>{t.undo}</Button>
      {put.error && <Failed error={put.error} />}
    </div>
  )
}

export function Feeds({ open }: { open: string | undefined }) {
  const { t } = useSpeech()
  const query = useFeeds()
  const [adding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<Feed | null>(null)
  return (
    <>
      <div className="row"><Button variant="default" aria-expanded={adding} onClick={() => { setAdding(!adding) }}>{t.catalogue.add}</Button></div>
      {adding && <section className="panel" aria-label={t.catalogue.add}><h2>{t.catalogue.add}</h2><FeedForm done={() => { setAdding(false) }} /></section>}
      {removed && <Removed feed={removed} done={() => { setRemoved(null) }} />}
      <Asked query={query}>
        {({ feeds, held }) => {
          const files = held.filter(name => !feeds.some(feed => feed.id === name))
          return (
            <>
              {files.map(name => (
                <section key={name} className="panel" aria-label={name}>
                  <div className="row"><h2>{name}</h2><span className="tag tag-wait">{t.catalogue.outcome.held}</span></div>
                  <p>{t.catalogue.fileHeld}</p>
                  <Held id={name} gone={undefined} diff={{}} rows={0} />
                </section>
              ))}
              {feeds.length === 0 && !adding
                ? <Empty title={t.catalogue.noFeed}><p className="lead">{t.catalogue.noFeedNext}</p></Empty>
                : <div className="grid">{feeds.map(feed => <FeedPanel key={feed.id} feed={feed} held={held.includes(feed.id)} open={feed.id === open} removed={setRemoved} />)}</div>}
            </>
          )
        }}
      </Asked>
    </>
  )
}

