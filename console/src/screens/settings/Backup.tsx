// Copies of everything: taken, read through, and the way back.
import { Alert, Button } from '@mantine/core'
import { useBackup, useBackups, type Backups } from '../../api/settings'
import { bytes } from '../../components/bytes'
import { Page } from '../../components/Page'
import { Asked, Empty, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { isForbidden, NotYours } from './Health'

type Job = NonNullable<Backups['job']>

function JobState({ job }: { job: Job }) {
  const { t, format, language } = useSpeech()
  if (job.runs)
    return (
      <div className="stack-tight" role="status">
        <p>{job.kind === 'copy' ? t.backup.copying : t.backup.checking} <b>{job.name}</b> · {bytes(job.bytes ?? 0, language)} / {bytes(job.expectedBytes ?? 0, language)}</p>
        <progress aria-label={job.name} max={Math.max(1, job.expectedBytes ?? 1)} value={job.bytes ?? 0} />
      </div>
    )
  return (
    <Alert color={job.good ? 'teal' : 'red'} variant="outline" role="status">
      {job.good ? <p>{job.kind === 'copy' ? t.backup.done(format.age(job.ended ?? job.began)) : t.backup.whole(job.name)}</p> : <><p><b>{t.backup.failed}</b></p><p>{job.detail}</p></>}
    </Alert>
  )
}

function List({ list, busy, check }: { list: Backups['backups']; busy: boolean; check: (name: string) => void }) {
  const { t, format, language } = useSpeech()
  return (
    <section className="panel">
      <h2>{t.backup.list}</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label={t.backup.list}>
        <table className="table">
          <thead><tr><th scope="col">{t.backup.name}</th><th scope="col">{t.backup.at}</th><th scope="col" className="number">{t.backup.size}</th><th scope="col">{t.backup.checked}</th><th><span className="unseen">{t.settings.actions}</span></th></tr></thead>
          <tbody>
            {list.map(one => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td className="nowrap">{format.date(one.at)}</td>
                <td className="number nowrap">{bytes(one.bytes, language)}</td>
                <td>{one.checked ? <><span className={one.whole ? 'tag tag-good' : 'tag tag-bad'}>{one.whole ? t.backup.good : t.backup.bad}</span> {format.age(one.checked)}</> : <span className="quiet">{t.backup.unchecked}</span>}</td>
                <td className="actions"><Button size="xs" variant="default" disabled={busy} aria-label={t.backup.checkOf(one.name)} onClick={() => { check(one.name) }}>{t.backup.check}</Button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Shown({ backups }: { backups: Backups }) {
  const { t } = useSpeech()
  const act = useBackup()
  const busy = act.isPending || backups.job?.runs === true
  const newest = backups.backups[0]
  return (
    <>
      <div><Button loading={busy && backups.job?.kind !== 'check'} disabled={busy} onClick={() => { act.mutate(null) }}>{t.backup.start}</Button></div>
      {act.error && <Failed error={act.error} />}
      {backups.job && <JobState job={backups.job} />}
      {newest ? <List list={backups.backups} busy={busy} check={name => { act.mutate(name) }} /> : <Empty title={t.backup.none}><p>{t.backup.noneNext}</p></Empty>}
      <section className="panel">
        <h2>{t.backup.restore}</h2>
        <p>{t.backup.restoreMeans}</p>
        <pre className="code">{`visavis restore ${backups.folder}/${newest?.name ?? 'visavis-…'} --data DIR`}</pre>
        <p className="quiet">{t.backup.elsewhere}</p>
      </section>
    </>
  )
}

export function Backup() {
  const { t } = useSpeech()
  const backups = useBackups()
  return (
    <Page question={t.backup.question} lead={backups.data && t.backup.lead(backups.data.folder)}>
      {isForbidden(backups.error) ? <NotYours /> : <Asked query={backups}>{found => <Shown backups={found} />}</Asked>}
    </Page>
  )
}
