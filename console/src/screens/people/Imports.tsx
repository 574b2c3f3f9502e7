// Files that are brought in: dropped, mapped, tried, then imported by the server, which keeps the job when the page is closed.
import { Button, Progress, Select } from '@mantine/core'
import { useState, type DragEvent } from 'react'
import { FILE_BYTES_MAX, underWay, useColumns, useImports, useImportStep, useSendFile, type Import, type ImportKind } from '../../api/people'
import { Asked, Empty, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'

const kinds = ['people', 'orders', 'events'] as const
const fields = {
  people: ['user', 'email', 'phone', 'anonymous_id', 'first_name', 'last_name', 'birthday', 'gender', 'address.country', 'address.region', 'address.city', 'address.postcode', 'address.street', 'time', 'message_id'],
  orders: ['order', 'user', 'email', 'phone', 'anonymous_id', 'time', 'item', 'variant', 'title', 'brand', 'category', 'quantity', 'price', 'currency', 'country', 'region', 'city', 'postcode'],
  events: ['event', 'type', 'user', 'email', 'phone', 'anonymous_id', 'time', 'item', 'variant', 'title', 'brand', 'category', 'quantity', 'price', 'currency', 'order', 'url', 'query', 'country', 'region', 'city', 'postcode', 'message_id'],
  catalog: [],
}

function Drop() {
  const { t, format } = useSpeech()
  const [kind, setKind] = useState<ImportKind>('people')
  const [share, setShare] = useState(0)
  const [tooLarge, setTooLarge] = useState(false)
  const send = useSendFile()
  const take = (file: File | undefined) => {
    if (!file) return
    setShare(0)
    setTooLarge(file.size > FILE_BYTES_MAX)
    if (file.size <= FILE_BYTES_MAX) send.mutate({ file, kind, told: setShare })
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    take(event.dataTransfer.files[0])
  }
  return (
    <div className="panel stack" onDragOver={event => { event.preventDefault() }} onDrop={drop}>
      <Select label={t.people.files.kind} allowDeselect={false} w={240} maw="100%" value={kind} data={kinds.map(value => ({ value, label: t.people.files.kinds[value] }))}
        onChange={value => { setKind(kinds.find(other => other === value) ?? 'people') }} />
      <label className="stack-tight">
        <span>{t.people.files.drop}</span>
        <input type="file" accept=".csv,.tsv,.txt,.ndjson,.gz" aria-label={t.people.files.choose} disabled={send.isPending}
          onChange={event => { take(event.currentTarget.files?.[0]); event.currentTarget.value = '' }} />
      </label>
      {send.isPending && <p role="status">{t.people.files.sending(format.percent(share))}</p>}
      {tooLarge && <p role="alert">{t.people.files.tooLarge}</p>}
      {send.error && <Failed error={send.error} />}
    </div>
  )
}

/** A field to a column, as the server guessed it until somebody says otherwise. */
function Mapping({ job, start }: { job: Import; start: (map: Record<string, string>, dryRun: boolean) => void }) {
  const { t, language } = useSpeech()
  const columns = useColumns(job.id, language, job.fileKept)
  const [changed, setChanged] = useState<Record<string, string> | null>(null)
  return (
    <Asked query={columns}>
      {guess => {
        const kept = job.options?.map && Object.fromEntries(Object.entries(job.options.map).map(([field, column]) => [column, field]))
        const map = changed ?? kept ?? Object.fromEntries(Object.entries(guess.map).map(([field, column]) => [column, field]))
        const used = new Set(Object.values(map))
        const wanted = Object.fromEntries(Object.entries(map).filter(([, field]) => field).map(([column, field]) => [field, column]))
        return (
          <>
            <h3>{t.people.files.columns}</h3>
            <div className="scroll" tabIndex={0} role="region" aria-label={t.people.files.columns}>
              <table className="table">
                <thead><tr><th scope="col">{t.people.files.column}</th><th scope="col">{t.people.files.field}</th><th scope="col">{t.people.files.sample}</th><th scope="col">{t.people.files.why}</th></tr></thead>
                <tbody>
                  {guess.columns.map(({ column, sample, why }) => (
                    <tr key={column}>
                      <th scope="row">{column}</th>
                      <td>
                        <Select aria-label={`${t.people.files.field} : ${column}`} w={190} size="xs" searchable clearable placeholder={t.people.files.leave} value={map[column] ?? null}
                          data={[...fields[job.kind].filter(field => !used.has(field) || map[column] === field), ...(job.kind === 'people' && !fields.people.includes(column) ? [column] : [])].map(value => ({ value, label: value === column ? t.people.files.own : value }))}
                          onChange={field => { setChanged({ ...map, [column]: field ?? '' }) }} />
                      </td>
                      <td>{sample}</td>
                      <td className="quiet">{why}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <div className="row">
              <Button variant={job.state === 'done' ? 'default' : 'filled'} onClick={() => { start(wanted, true) }}>{t.people.files.dryRun}</Button>
              {job.state !== 'receiving' && <Button variant={job.state === 'done' ? 'filled' : 'default'} onClick={() => { start(wanted, false) }}>{job.dryRun ? t.people.files.start : t.people.files.again}</Button>}
            </div>
          </>
        )
      }}
    </Asked>
  )
}

function Result({ job }: { job: Import }) {
  const { t, format } = useSpeech()
  const told = job.summary
  const number = (value: number | undefined) => format.number(value ?? 0)
  return (
    <>
      {job.detail && <p role="alert">{job.detail}</p>}
      {told && (
        <p>
          <b>{job.dryRun ? t.people.files.would(number(told.messages), number(told.people)) : t.people.files.took(number(told.written), number(told.duplicates))}</b>
          {' '}{t.people.files.refused(number(told.refused), number(told.noPerson))}
        </p>
      )}
      {job.errors.length > 0 && (
        <ul className="stack-tight">
          {job.errors.map((error, index) => <li key={index}><b>{t.people.files.error(error.line, error.column)}</b> <span className="quiet">{[error.field, error.detail].filter(Boolean).join(' · ')}</span></li>)}
          {job.errorsLeftOut > 0 && <li className="quiet">{t.people.files.errorsMore(format.number(job.errorsLeftOut))}</li>}
        </ul>
      )}
      {job.samples && job.samples.length > 0 && <details><summary>{t.people.files.samples}</summary><pre className="code" tabIndex={0}>{JSON.stringify(job.samples, null, 2)}</pre></details>}
    </>
  )
}

const tones: Partial<Record<Import['state'], string>> = { done: 'tag-good', failed: 'tag-bad', stopped: 'tag-wait', interrupted: 'tag-wait' }

function Job({ job }: { job: Import }) {
  const { t, format } = useSpeech()
  const step = useImportStep()
  const left = Math.ceil((job.remainingMs ?? 0) / 1000)
  return (
    <li className="panel stack">
      <p className="row">
        <b>{job.name || t.people.files.kinds[job.kind]}</b>
        <span className="quiet">{t.people.files.kinds[job.kind]} · {format.date(job.created)}</span>
        <span className={`tag ${tones[job.state] ?? ''}`}>{t.people.files.states[job.state]}{job.dryRun && ` (${t.people.files.dry})`}</span>
      </p>
      {job.progress !== undefined && <Progress value={100 * job.progress} aria-label={t.people.files.progress(job.name)} color="teal" />}
      {underWay(job) && <p role="status" className="quiet">{t.people.files.rows(format.number(job.rows))}{left > 0 && ` · ${t.people.files.remaining(left < 90 ? t.people.files.seconds(left) : t.people.files.minutes(Math.round(left / 60)))}`}</p>}
      {!underWay(job) && <Result job={job} />}
      {!underWay(job) && job.fileKept && <Mapping job={job} start={(map, dryRun) => { step.mutate({ do: 'start', id: job.id, options: { dryRun, map } }) }} />}
      {step.error && <Failed error={step.error} />}
      <div className="row">
        {underWay(job)
          ? <Button size="xs" variant="default" onClick={() => { step.mutate({ do: 'stop', id: job.id }) }}>{t.people.files.stop}</Button>
          : <Button size="xs" variant="default" onClick={() => { step.mutate({ do: 'remove', id: job.id }) }}>{t.people.files.remove}</Button>}
      </div>
    </li>
  )
}

export function Imports() {
  const { t } = useSpeech()
  return (
    <section className="stack" aria-labelledby="files">
      <h2 id="files">{t.people.files.title}</h2>
      <p className="lead">{t.people.files.lead}</p>
      <Drop />
      <Asked query={useImports()}>
        {jobs => {
          const ours = jobs.filter(({ kind }) => kind !== 'catalog')
          return ours.length === 0 ? <Empty title={t.people.files.none} /> : <ul className="stack list-bare" aria-label={t.people.files.list}>{ours.map(job => <Job key={job.id} job={job} />)}</ul>
        }}
      </Asked>
    </section>
  )
}
