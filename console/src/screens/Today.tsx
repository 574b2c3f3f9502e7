import { Button, Select, SegmentedControl } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useReducer } from 'react'
import { useMoments, type StreamState } from '../api/moments'
import { usePlacements } from '../api/placements'
import { useOverview } from '../api/queries'
import type { Moment } from '../api/shapes'
import { MomentCard } from '../components/MomentCard'
import { Page } from '../components/Page'
import { Empty } from '../components/Said'
import { useSpeech } from '../i18n'
import { useMay } from '../shell/signed'
import { Overview } from './today/Overview'

/** In the address, so that what one looks at can be shown to others. */
export interface TodaySearch { placement?: string; level?: number; only?: 'personal' | 'page'; paused?: true; open?: string }

export function readToday(search: Record<string, unknown>): TodaySearch {
  const { placement, level, only, paused, open } = search
  return {
    ...(typeof placement === 'string' && { placement }),
    ...(typeof level === 'number' && level >= 1 && level <= 4 && { level }),
    ...((only === 'personal' || only === 'page') && { only }),
    ...(paused === true && { paused }),
    ...(typeof open === 'string' && { open }),
  }
}

const tagOf: Record<StreamState, string> = { live: 'tag-good', connecting: 'tag-wait', lost: 'tag-wait', refused: 'tag-bad' }

function isWanted(moment: Moment, { placement, level, only }: TodaySearch) {
  return (!placement || moment.placement === placement) && (!level || Math.max(1, moment.level) === level)
    && (!only || moment.personalised === (only === 'personal'))
}

/** Ages are told anew every ten seconds. */
function useTicks() {
  const [, tick] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const timer = setInterval(tick, 10_000)
    return () => { clearInterval(timer) }
  }, [])
}

function Filters({ search, change }: { search: TodaySearch; change: (next: TodaySearch) => void }) {
  const { t } = useSpeech()
  const placements = usePlacements().data?.placements ?? []
  return (
    <div className="row row-end">
      <Select label={t.today.placement} clearable clearButtonProps={{ 'aria-label': t.today.everywhere }} placeholder={t.today.everywhere} w={260}
        data={placements.map(({ id, name }) => ({ value: id, label: name }))} value={search.placement ?? null}
        onChange={value => { const { placement: _, ...rest } = search; change(value ? { ...rest, placement: value } : rest) }} />
      <Select label={t.today.level} clearable clearButtonProps={{ 'aria-label': t.today.everyLevel }} placeholder={t.today.everyLevel} w={220}
        data={t.overview.levelNames.map((name, index) => ({ value: String(index + 1), label: `${String(index + 1)}. ${name}` }))} value={search.level ? String(search.level) : null}
        onChange={value => { const { level: _, ...rest } = search; change(value ? { ...rest, level: Number(value) } : rest) }} />
      <SegmentedControl aria-label={t.today.who} value={search.only ?? 'all'}
        data={[{ value: 'all', label: t.today.all }, { value: 'personal', label: t.today.personal }, { value: 'page', label: t.today.page }]}
        onChange={value => { const { only: _, ...rest } = search; change(value === 'all' ? rest : { ...rest, only: value as 'personal' | 'page' }) }} />
    </div>
  )
}

function Try() {
  const { t } = useSpeech()
  const line = `curl ${location.origin}/v1/decide -u ${t.today.writeKey}: -H 'content-type: application/json' \\\n`
    + '  -d \'{"context":{"page":{"type":"home"}},"placements":[{"id":"…"}]}\''
  return <Empty title={t.today.empty}><p className="lead">{t.today.emptyNext}</p><pre className="code">{line}</pre></Empty>
}

export function Today() {
  const { t } = useSpeech()
  const may = useMay('stream:read')
  const search = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const change = (next: TodaySearch) => void navigate({ search: next, replace: true })
  const paused = search.paused === true
  const { cards, held, state } = useMoments(paused, may)
  const above = useOverview() // moments wait for what stands above them, so that nothing is seen to move
  useTicks()

  const open = (id: string, opened: boolean) => {
    const { open: _, ...rest } = search
    change(opened ? { ...rest, open: id, paused: true } : rest)
  }
  const pause = () => {
    const { paused: _, ...rest } = search
    change(paused ? rest : { ...rest, paused: true })
  }
  const shown = cards.filter(card => isWanted(card, search))
  if (!may) return <Page question={t.today.question}><Overview /><Empty title={t.today.notYours}><p className="lead">{t.today.notYoursNext}</p></Empty></Page>
  return (
    <Page question={t.today.question} lead={t.today.lead}>
      <Overview />
      {!above.isPending && (
        <section className="stack" id="moments" aria-label={t.today.moments}>
          <div className="head">
            <div><h2>{t.today.moments}</h2><p className="quiet">{t.today.momentsLead}</p></div>
            <div className="row">
              <span role="status" className={`tag ${paused ? 'tag-wait' : tagOf[state]}`} data-state={state}>{paused ? t.today.paused : t.today.state[state]}</span>
              <Button variant={paused ? 'filled' : 'default'} onClick={pause}>{paused ? t.today.resume(held.length) : t.today.pause}</Button>
            </div>
          </div>
          <Filters search={search} change={change} />
          {shown.length === 0 && state === 'live' && (cards.length === 0 ? <Try /> : (
            <Empty title={t.today.noneSuch}>
              <p className="lead">{t.today.noneSuchNext}</p>
              <div><Button variant="default" onClick={() => { change(paused ? { paused } : {}) }}>{t.today.clear}</Button></div>
            </Empty>
          ))}
          <ol className="moments">
            {shown.map(moment => (
              <li key={moment.id}><MomentCard moment={moment} opened={search.open === moment.id} onToggle={opened => { open(moment.id, opened) }} /></li>
            ))}
          </ol>
        </section>
      )}
    </Page>
  )
}
