import { Button, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { useFeeds, useFeedStep, type FeedStep } from '../api/queries'
import type { Feed, FeedDiffKind } from '../api/shapes'
import { Consequence } from '../components/Consequence'
import { Page } from '../components/Page'
import { Asked, Empty, Failed } from '../components/Said'
import { useSpeech } from '../i18n'

const kinds: FeedDiffKind[] = ['new', 'gone', 'changed', 'priceUp', 'priceDown', 'outOfStock', 'backInStock']
const tones = { never: '', not_modified: '', taken: 'tag-good', held: 'tag-wait', failed: 'tag-bad' } as const

/** What a feed changed, or would change. */
function Diff({ feed }: { feed: Feed }) {
  const { t, format } = useSpeech()
  const rows = kinds.map(kind => [kind, feed.last[kind]] as const).filter((row): row is [FeedDiffKind, number] => typeof row[1] === 'number' && row[1] > 0)
  if (rows.length === 0) return <p className="quiet">{feed.last.rows ? t.catalogue.nothingChanged : ''}</p>
  return <ul className="row">{rows.map(([kind, count]) => <li key={kind} className={`tag ${kind === 'gone' ? 'tag-bad' : ''}`}>{t.catalogue.diff[kind]} {format.number(count)}</li>)}</ul>
}

function Errors({ feed }: { feed: Feed }) {
  const { t, format } = useSpeech()
  const { errors = [], refused = 0 } = feed.last
  if (refused === 0) return null
  return (
    <details>
      <summary>{t.catalogue.refused(format.number(refused))}</summary>
      <ul className="stack-tight quiet">{errors.map((row, index) => <li key={index}>{row.line ? t.catalogue.line(row.line) : ''} {row.field ?? ''} {row.detail}</li>)}</ul>
    </details>
  )
}

function FeedPanel({ feed, held }: { feed: Feed; held: boolean }) {
  const { t, format } = useSpeech()
  const step = useFeedStep()
  const [approving, setApproving] = useState(false)
  const act = (what: FeedStep) => { step.mutate({ id: feed.id, step: what }, { onSuccess: () => { setApproving(false) } }) }
  const gone = typeof feed.last['gone'] === 'number' ? feed.last['gone'] : 0
  return (
    <section className="panel" aria-label={feed.id}>
      <div className="row">
        <h2>{feed.id}</h2>
        <span className={`tag ${held ? 'tag-wait' : tones[feed.last.outcome]}`}>{feed.running ? t.catalogue.running : held ? t.catalogue.outcome.held : t.catalogue.outcome[feed.last.outcome]}</span>
      </div>
      <dl className="facts">
        <dt>{t.catalogue.url}</dt><dd>{feed.url}</dd>
        <dt>{t.catalogue.mode}</dt><dd>{t.catalogue.modes[feed.mode]}</dd>
        {feed.last.finished && <><dt>{t.catalogue.last}</dt><dd>{format.date(feed.last.finished)}, {format.age(feed.last.finished)}</dd></>}
        <dt>{t.catalogue.next}</dt><dd>{feed.paused ? t.catalogue.paused : feed.next ? format.date(feed.next) : t.catalogue.onlyAsked}</dd>
        {feed.last.rows ? <><dt>{t.catalogue.rows}</dt><dd>{format.number(feed.last.rows)}</dd></> : null}
      </dl>
      {feed.last.detail && <p className="tag-bad">{feed.last.detail}</p>}
      <Diff feed={feed} />
      <Errors feed={feed} />
      {step.error && <Failed error={step.error} />}
      <div className="row">
        {held && <Button onClick={() => { setApproving(true) }}>{t.catalogue.approve}</Button>}
        {held && <Button variant="default" loading={step.isPending} onClick={() => { act('reject') }}>{t.catalogue.reject}</Button>}
        {!held && <Button variant="default" loading={step.isPending || feed.running} onClick={() => { act('run') }}>{t.catalogue.run}</Button>}
      </div>
      <Consequence opened={approving} title={t.catalogue.approveTitle(feed.id)} act={t.catalogue.approve} pending={step.isPending} error={step.error}
        onAct={() => { act('approve') }} onClose={() => { setApproving(false) }}>
        <p>{t.catalogue.approveMeans(format.number(gone))}</p>
        <Diff feed={feed} />
      </Consequence>
    </section>
  )
}

function FindItem() {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const [id, setId] = useState('')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (id.trim()) void navigate({ to: '/catalogue/$id', params: { id: id.trim() } })
  }
  return (
    <form className="row row-end" onSubmit={submit} role="search">
      <TextInput label={t.catalogue.itemId} value={id} required onChange={event => { setId(event.currentTarget.value) }} w={300} maw="100%" />
      <Button type="submit">{t.catalogue.open}</Button>
    </form>
  )
}

export function Catalogue() {
  const { t } = useSpeech()
  return (
    <Page question={t.catalogue.question} lead={t.catalogue.lead}>
      <FindItem />
      <h2>{t.catalogue.feeds}</h2>
      <Asked query={useFeeds()}>
        {({ feeds, held }) => feeds.length === 0
          ? (
              <Empty title={t.catalogue.noFeed}>
                <p className="lead">{t.catalogue.noFeedNext}</p>
                <pre className="code">{`PUT /api/v1/feeds/night  {"url": "https://…/feed.xml", "mode": "full", "everyMinutes": 360}\n\nvisavis import catalog --data DIR --workspace shop products.csv`}</pre>
              </Empty>
            )
          : <div className="grid">{feeds.map(feed => <FeedPanel key={feed.id} feed={feed} held={held.includes(feed.id)} />)}</div>}
      </Asked>
    </Page>
  )
}
