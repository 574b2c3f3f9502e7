// One placement: as it is now, its draft, its versions; and the switch that stops it.
import { Alert, Button } from '@mantine/core'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useCommand, useLife, type Command, type Life, type Published } from '../../api/placements'
import { useOverview } from '../../api/queries'
import { Consequence } from '../../components/Consequence'
import { Page } from '../../components/Page'
import { Report } from '../../components/Report'
import { Asked, Empty, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useMay } from '../../shell/signed'
import { Editor } from './Editor'
import { Evaluate } from './Evaluate'
import { Preview, readPreview, type PreviewSearch } from './Preview'
import { Raw, Told } from './Told'
import { Versions } from './Versions'

const tabs = ['now', 'edit', 'preview', 'versions', 'test'] as const
type Tab = typeof tabs[number]
export interface PlacementSearch extends PreviewSearch { tab?: Tab; version?: number }

export function readPlacement(search: Record<string, unknown>): PlacementSearch {
  const { tab, version } = search
  const known = tabs.find(name => name === tab)
  return { ...(known === 'preview' && readPreview(search)), ...(known && known !== 'now' && { tab: known }), ...(typeof version === 'number' && Number.isInteger(version) && version > 0 && { version }) }
}

function Tabs({ id, here }: { id: string; here: Tab }) {
  const { t } = useSpeech()
  return (
    <nav className="tabs" aria-label={t.placements.tabsLabel}>
      {tabs.map(tab => (
        <Link key={tab} to="/placements/$id" params={{ id }} search={tab === 'now' ? {} : { tab }} resetScroll={false} activeOptions={{ exact: true, includeSearch: true }} aria-current={tab === here ? 'page' : undefined}>{t.placements.tabs[tab]}</Link>
      ))}
    </nav>
  )
}

/** What was done last, and the way back. */
interface Done { sentence: string; more?: string; undo?: Command }

function Notice({ done, undo, pending }: { done: Done; undo: (command: Command) => void; pending: boolean }) {
  const { t } = useSpeech()
  const back = done.undo
  return (
    <Alert color="teal" variant="outline" role="status">
      <div className="stack-tight">
        <p>{done.sentence}</p>
        {done.more && <p className="quiet">{done.more}</p>}
        {back && <div><Button size="xs" variant="default" loading={pending} onClick={() => { undo(back) }}>{t.placements.done.undo}</Button></div>}
      </div>
    </Alert>
  )
}

/** How to take back what a command did to a placement that was so before. */
function wayBack(command: Command, { state }: Life): Command | null {
  if (command.do === 'stop') return { do: 'start' }
  if (command.do === 'start') return { do: 'stop' }
  return state.placement ? { do: 'rollback', version: state.version } : { do: 'stop' }
}

function useCommands(id: string, life: Life | null | undefined, onGone: () => void) {
  const { t } = useSpeech()
  const [done, setDone] = useState<Done | null>(null)
  const step = useCommand(id)
  const told = (command: Command, { version, unknownItems }: Published, undoing: boolean): Done => {
    const words = t.placements.done
    if (command.do === 'stop') return { sentence: words.stopped }
    if (command.do === 'start') return { sentence: words.started }
    if (version === life?.state.version) return { sentence: words.nothing }
    const sentence = undoing ? words.undone(version) : command.do === 'rollback' ? words.rolledBack(command.version, version) : words.published(version)
    return { sentence, ...(unknownItems && { more: words.unknownItems(unknownItems.join(', ')) }) }
  }
  const run = (command: Command, undoing = false) => {
    const back = life && !undoing ? wayBack(command, life) : null
    setDone(null)
    step.mutate(command, {
      onSuccess(published) {
        setDone({ ...told(command, published, undoing), ...(back && { undo: back }) })
        if (command.do === 'publish') onGone()
      },
    })
  }
  return { done, setDone, run, pending: step.isPending, error: step.error }
}

function Switch({ life, run, pending }: { life: Life; run: (command: Command) => void; pending: boolean }) {
  const { t, format } = useSpeech()
  const [asking, setAsking] = useState(false)
  const { id, name } = life.state.placement ?? { id: '', name: '' }
  const counts = useOverview().data?.placements.find(row => row.id === id)
  if (life.state.stopped) return <Button variant="default" loading={pending} onClick={() => { run({ do: 'start' }) }}>{t.placements.start}</Button>
  return (
    <>
      <Button variant="default" onClick={() => { setAsking(true) }}>{t.placements.stop}</Button>
      <Consequence opened={asking} title={t.placements.stopTitle(name)} act={t.placements.stop} pending={pending} onAct={() => { run({ do: 'stop' }); setAsking(false) }} onClose={() => { setAsking(false) }}>
        <p>{t.placements.stopMeans(format.number(counts?.hour.decisions ?? 0))}</p>
        <p className="quiet">{t.placements.stopUndo}</p>
      </Consequence>
    </>
  )
}

function Marks({ life }: { life: Life }) {
  const { t } = useSpeech()
  const { placement, stopped, drafted } = life.state
  return (
    <>
      {!placement ? <span className="tag">{t.placements.unpublishedTag}</span> : stopped ? <span className="tag tag-bad">{t.placements.stoppedTag}</span> : <span className="tag tag-good">{t.placements.liveTag}</span>}{' '}
      {drafted && <span className="tag tag-wait">{t.placements.draftTag}</span>}
    </>
  )
}

function Now({ life, id }: { life: Life; id: string }) {
  const { t } = useSpeech()
  const { placement, stopped } = life.state
  if (!placement) return <Empty title={t.placements.unpublishedTag}><p className="lead">{t.placements.creating.unpublished}</p></Empty>
  return (
    <>
      {stopped && <p className="lead">{t.placements.startMeans}</p>}
      <Told placement={placement} />
      <section className="panel"><h2>{t.placements.earns}</h2><Report placement={id} /><p><Link to="/" search={{ placement: id }} hash="moments">{t.placements.live}</Link></p></section>
      <Raw placement={placement} />
    </>
  )
}

function Living({ life, id, lead }: { life: Life; id: string; lead: ReactNode }) {
  const { t } = useSpeech()
  const search = useSearch({ from: '/placements/$id' })
  const navigate = useNavigate()
  const mayChange = useMay('placements:write')
  const [round, setRound] = useState(0)
  const { done, setDone, run, pending, error } = useCommands(id, life, () => {
    setRound(count => count + 1)
    void navigate({ to: '/placements/$id', params: { id }, search: {} })
  })
  const dropped = () => {
    setDone({ sentence: t.placements.done.thrownAway })
    setRound(count => count + 1)
    void navigate(life.state.placement ? { to: '/placements/$id', params: { id }, search: {} } : { to: '/placements' })
  }
  const tab = search.tab ?? 'now'
  const name = life.state.placement?.name ?? life.draft?.draft.placement.name ?? id
  const edit = mayChange && tab !== 'edit' && <Link className="action" to="/placements/$id" params={{ id }} search={{ tab: 'edit' }}>{t.placements.tabs.edit}</Link>
  return (
    <Page question={name} lead={<>{lead} · <code>{id}</code> · <Marks life={life} /></>} action={<>{mayChange && life.state.placement && <Switch life={life} run={run} pending={pending} />}{edit}</>}>
      {done && <Notice done={done} pending={pending} undo={command => { run(command, true) }} />}
      {error && tab === 'now' && <Failed error={error} />}
      <Tabs id={id} here={tab} />
      {tab === 'now' && <Now life={life} id={id} />}
      {tab === 'edit' && (mayChange ? <Editor key={round} life={life} command={run} pending={pending} error={error} onGone={dropped} /> : <p className="lead">{t.placements.readOnly}</p>)}
      {tab === 'preview' && (mayChange ? <Preview life={life} id={id} search={readPreview({ ...search })} /> : <p className="lead">{t.placements.readOnly}</p>)}
      {tab === 'test' && <Evaluate life={life} id={id} />}
      {tab === 'versions' && <Versions life={life} id={id} version={search.version} command={run} pending={pending} error={error} />}
    </Page>
  )
}

export function PlacementPage() {
  const { t } = useSpeech()
  const { id } = useParams({ from: '/placements/$id' })
  const query = useLife(id)
  const lead = <Link to="/placements">{t.placements.back}</Link>
  if (query.data) return <Living key={id} life={query.data} id={id} lead={lead} />
  return (
    <Page question={id} lead={lead}>
      <Asked query={query}>{() => <Empty title={t.placements.unknown}><p className="lead">{t.placements.unknownNext}</p></Empty>}</Asked>
    </Page>
  )
}
