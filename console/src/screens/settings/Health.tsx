// The machine: disk, memory, what was learned, traffic.
import { Alert } from '@mantine/core'
import type { ReactNode } from 'react'
import { Problem } from '../../api/client'
import { useHealth, type Health } from '../../api/settings'
import { bytes } from '../../components/bytes'
import { Page } from '../../components/Page'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'

function Facts({ title, rows, children }: { title: string; rows: [string, string][]; children?: ReactNode }) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      {children}
      <dl className="facts">{rows.map(([name, value]) => <div key={name} className="facts-row"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  )
}

function State({ health }: { health: Health }) {
  const { t, format } = useSpeech()
  const well = health.state === 'ready'
  return (
    <Alert color={well ? 'teal' : 'red'} variant="outline" role="status">
      <p><b>{t.health.states[health.state]}</b></p>
      <p>{t.health.version(health.version, format.age(health.started, Date.parse(health.now)))}</p>
    </Alert>
  )
}

function Shown({ health }: { health: Health }) {
  const { t, format, language } = useSpeech()
  const size = (count: number) => bytes(count, language)
  const { disk, memory, models, ledger, http, since } = health
  const turned = [http.refusedForLoad + ledger.refusedForLoad, http.refusedForRate, ledger.refusedForSpace].map(format.number).join(' · ')
  const rebuilt = models.underWay ? t.health.rebuiltNow : models.rebuilt ? format.age(models.rebuilt) : t.health.rebuiltNever
  return (
    <>
      <State health={health} />
      <div className="grid">
        <Facts title={t.health.disk} rows={[[t.health.free, size(disk.freeBytes)], [t.health.store, size(disk.storeBytes)], [t.health.reserve, size(disk.reserveBytes)], [t.health.directory, disk.directory]]}>
          {disk.freeBytes < 2 * disk.reserveBytes && <p><span className="tag tag-wait">{t.health.diskLow}</span></p>}
        </Facts>
        <Facts title={t.health.traffic} rows={[[t.health.messages, format.number(since.messages)], [t.health.refused, format.number(since.refused)], [t.health.decisions, format.number(since.decisions)],
          [t.health.fallbacks, format.number(since.fallbacks)], [t.health.connections, format.number(http.connections)], [t.health.waiting, format.number(ledger.waiting)], [t.health.turned, turned]]} />
        <Facts title={t.health.fresh} rows={[[t.health.rebuilt, rebuilt], [t.health.rows, format.number(models.rowsSince)], [t.health.items, format.number(health.items)]]}>
          {models.lastGivenUp && <p><span className="tag tag-wait">{t.health.rebuiltFailed}</span></p>}
        </Facts>
        <Facts title={t.health.memory} rows={[[t.health.process, size(memory.processBytes)], [t.health.profiles, size(memory.profilesBytes)], [t.health.cache, size(memory.cacheBytes)], [t.health.likeness, size(memory.likenessBytes)],
          ...memory.models.map(({ model, bytes: count }): [string, string] => [t.health.model(model), size(count)])]} />
      </div>
    </>
  )
}

/** Who sees some shops alone is told whom to ask. */
export function NotYours() {
  const { t } = useSpeech()
  return <Empty title={t.health.notYours}><p>{t.health.notYoursNext}</p></Empty>
}

export const isForbidden = (error: Error | null) => error instanceof Problem && error.status === 403

export function HealthPage() {
  const { t } = useSpeech()
  const health = useHealth()
  return (
    <Page question={t.health.question}>
      {isForbidden(health.error) ? <NotYours /> : <Asked query={health}>{found => <Shown health={found} />}</Asked>}
    </Page>
  )
}
