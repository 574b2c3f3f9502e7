// A file of products: dropped, its columns guessed and mended, read dry, then applied. The job is in the address, so a closed tab loses nothing.
import { Button, NativeSelect, Progress } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useRef, useState, type DragEvent } from 'react'
import { useItems } from '../../api/catalogue'
import type { Schemas } from '../../api/client'
import { sendFile, useColumns, useImport, useImports, useImportStep, useRemoveImport, type Import } from '../../api/imports'
import { Asked, Failed } from '../../components/Said'
import { useDraft } from '../../components/useDraft'
import { useSpeech } from '../../i18n'
import { Diff, RowErrors } from './Feeds'
import { fields } from './fields'

type Change = (id: string | undefined) => void

/** Chosen by click or keyboard, or dropped. */
function Drop({ open }: { open: Change }) {
  const { t, format } = useSpeech()
  const [sent, setSent] = useState<number | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const [over, setOver] = useState(false)
  const stop = useRef<AbortController>(null)
  const input = useRef<HTMLInputElement>(null)
  const send = async (file: File | undefined) => {
    if (!file || sent !== null) return
    const control = stop.current = new AbortController()
    setError(null)
    setSent(0)
    try {
      open((await sendFile(file, 'catalog', setSent, control.signal)).id)
    } catch (failure) {
      if (!control.signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
    setSent(null)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void send(event.dataTransfer.files[0])
  }
  return (
    <section className={`empty drop ${over ? 'drop-over' : ''}`} aria-label={t.catalogue.view.file} onDrop={drop}
      onDragOver={event => { event.preventDefault(); setOver(true) }} onDragLeave={() => { setOver(false) }}>
      <h2>{t.catalogue.drop}</h2>
      <p className="lead">{t.catalogue.dropRule}</p>
      {error && <Failed error={error} />}
      {sent === null
        ? <div><Button onClick={() => input.current?.click()}>{t.catalogue.choose}</Button></div>
        : <div className="row" role="status"><span>{t.catalogue.sending(format.percent(sent))}</span><Progress className="grow" value={100 * sent} aria-label={t.catalogue.sending('')} /><Button size="xs" variant="default" onClick={() => stop.current?.abort()}>{t.catalogue.stop}</Button></div>}
      <input ref={input} type="file" hidden aria-hidden="true" accept=".csv,.tsv,.txt,.xml,.ndjson,.jsonl,.gz" onChange={event => { void send(event.currentTarget.files?.[0]) }} />
    </section>
  )
}

type Guess = Schemas['ColumnGuess']
type Chosen = Record<string, string> // column to field

const chosenOf = ({ columns }: Guess): Chosen => Object.fromEntries(columns.map(({ column, field }) => [column, field ?? '']))
const mapOf = (chosen: Chosen) => Object.fromEntries(Object.entries(chosen).filter(([, field]) => field !== '').map(([column, field]) => [field, column]))

/** A field is one column's: whoever had it lets it go. */
function choose(chosen: Chosen, column: string, field: string): Chosen {
  const freed = Object.entries(chosen).map(([other, had]) => [other, had === field && field !== '' ? '' : had])
  return { ...Object.fromEntries(freed) as Chosen, [column]: field }
}

interface Plan { chosen: Chosen; mode: 'delta' | 'full' }

function Columns({ guess, plan, change }: { guess: Guess; plan: Plan; change: (plan: Partial<Plan>) => void }) {
  const { t } = useSpeech()
  const known = [...new Set([...fields, ...Object.values(plan.chosen).filter(Boolean)])]
  return (
    <section className="panel" aria-label={t.catalogue.columnsTitle}>
      <div><h2>{t.catalogue.columnsTitle}</h2><p className="quiet">{t.catalogue.columnsLead(guess.records)}</p></div>
      <div className="scroll" tabIndex={0} role="region" aria-label={t.catalogue.columnsTitle}>
        <table className="table">
          <thead><tr><th scope="col">{t.catalogue.theirColumn}</th><th scope="col">{t.catalogue.ourField}</th><th scope="col">{t.catalogue.sample}</th><th scope="col">{t.catalogue.because}</th></tr></thead>
          <tbody>
            {guess.columns.map(({ column, sample, why }) => (
              <tr key={column}>
                <th scope="row">{column}</th>
                <td><NativeSelect size="xs" aria-label={t.catalogue.fieldOf(column)} value={plan.chosen[column] ?? ''} onChange={event => { change({ chosen: choose(plan.chosen, column, event.currentTarget.value) }) }}
                  data={[{ value: '', label: t.catalogue.ignored }, ...known.map(field => ({ value: field, label: field }))]} /></td>
                <td className="sample">{sample}</td>
                <td className="quiet">{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <NativeSelect label={t.catalogue.mode} maw={420} value={plan.mode} onChange={event => { change({ mode: event.currentTarget.value === 'full' ? 'full' : 'delta' }) }}
        data={[{ value: 'delta', label: t.catalogue.modeShort.delta }, { value: 'full', label: t.catalogue.modes.full }]} />
    </section>
  )
}

/** What a run did, or a dry one would do. */
function Outcome({ job }: { job: Import }) {
  const { t, format } = useSpeech()
  const { summary, errors, dryRun, rows } = job
  const refused = summary?.refused ?? 0
  return (
    <section className="panel" aria-label={dryRun ? t.catalogue.wouldChange : t.catalogue.changedTitle} role="status">
      <h2>{dryRun ? t.catalogue.wouldChange : t.catalogue.changedTitle}</h2>
      <p>{dryRun ? t.catalogue.dryTold(format.number(rows), format.number(summary?.items ?? 0)) : t.catalogue.applied(format.number(summary?.written ?? 0), format.number(summary?.unchanged ?? 0), format.number(summary?.hidden ?? 0))}</p>
      {summary && <Diff of={summary as Partial<Record<string, unknown>>} rows={rows} />}
      {summary?.held && <p className="said-bad">{t.catalogue.heldNow} <Link to="/catalogue" search={{ view: 'feeds' }}>{t.catalogue.view.feeds}</Link></p>}
      <RowErrors of={{ errors, refused }} />
      {job.state === 'failed' && <p className="said-bad">{job.detail}</p>}
    </section>
  )
}

function Running({ job, stop, pending }: { job: Import; stop: () => void; pending: boolean }) {
  const { t, format } = useSpeech()
  const share = job.progress ?? 0
  return (
    <section className="panel row" role="status" aria-label={t.catalogue.running}>
      <span>{job.dryRun ? t.catalogue.readingDry : t.catalogue.applying} {t.catalogue.rowsSoFar(format.number(job.rows))} {job.remainingMs ? t.catalogue.remaining(Math.ceil(job.remainingMs / 1000)) : ''}</span>
      <Progress className="grow" value={100 * share} aria-label={t.catalogue.running} />
      <Button size="xs" variant="default" loading={pending} onClick={stop}>{t.catalogue.stop}</Button>
    </section>
  )
}

/** The items are there at once: open one and see its neighbours. */
function Next() {
  const { t } = useSpeech()
  const { data } = useItems({})
  const newest = data?.pages.flatMap(page => page.items).toSorted((a, b) => (a.updated < b.updated ? 1 : -1)).slice(0, 3) ?? []
  return (
    <section className="panel" aria-label={t.catalogue.nowWhat}>
      <h2>{t.catalogue.nowWhat}</h2>
      <p>{t.catalogue.nowWhatLead}</p>
      <ul className="row">{newest.map(item => <li key={item.id}><Link to="/catalogue/$id" params={{ id: item.id }}>{item.title}</Link></li>)}</ul>
      <div className="row"><Link to="/catalogue">{t.catalogue.view.items}</Link><Link to="/placements">{t.nav.placements}</Link></div>
    </section>
  )
}

function Planned({ job, guess, open }: { job: Import; guess: Guess; open: Change }) {
  const { t } = useSpeech()
  const { draft: plan, change, drop } = useDraft<Plan>(`import.${job.id}`, { chosen: chosenOf(guess), mode: 'delta' })
  const step = useImportStep(job.id)
  const remove = useRemoveImport()
  const start = (dryRun: boolean) => { step.mutate({ do: 'start', body: { dryRun, map: mapOf(plan.chosen), mode: plan.mode } }) }
  const isBusy = job.state === 'running' || job.state === 'waiting'
  const isDry = job.state === 'done' && job.dryRun
  const leave = () => { remove.mutate(job.id, { onSettled: () => { drop(); open(undefined) } }) }
  return (
    <>
      <Columns guess={guess} plan={plan} change={change} />
      {step.error && <Failed error={step.error} />}
      {isBusy && <Running job={job} pending={step.isPending} stop={() => { step.mutate({ do: 'stop' }) }} />}
      {(isDry || job.state === 'failed' || job.state === 'stopped') && <Outcome job={job} />}
      {!isBusy && (
        <div className="row">
          <Button variant={isDry ? 'default' : 'filled'} loading={step.isPending} onClick={() => { start(true) }}>{isDry ? t.catalogue.dryAgain : t.catalogue.dryRun}</Button>
          {isDry && <Button loading={step.isPending} onClick={() => { start(false) }}>{t.catalogue.apply}</Button>}
          <Button variant="subtle" color="gray" loading={remove.isPending} onClick={leave}>{t.catalogue.leave}</Button>
        </div>
      )}
    </>
  )
}

function Job({ id, open }: { id: string; open: Change }) {
  const { t, language } = useSpeech()
  const query = useImport(id)
  const isOver = query.data !== undefined && !query.data.fileKept
  return (
    <Asked query={query}>
      {job => (
        <>
          <p><b>{job.name}</b></p>
          {isOver || (job.state === 'done' && !job.dryRun)
            ? <><Outcome job={job} /><Next /><div><Button variant="default" onClick={() => { open(undefined) }}>{t.catalogue.another}</Button></div></>
            : <Guessed job={job} language={language} open={open} />}
        </>
      )}
    </Asked>
  )
}

function Guessed({ job, language, open }: { job: Import; language: 'fr' | 'en'; open: Change }) {
  return <Asked query={useColumns(job.id, language)}>{guess => <Planned job={job} guess={guess} open={open} />}</Asked>
}

/** Those that were begun or done before; the server keeps the last ones. */
function Before({ open }: { open: Change }) {
  const { t, format } = useSpeech()
  const query = useImports()
  const jobs = query.data?.filter(({ kind }) => kind === 'catalog') ?? []
  if (jobs.length === 0) return null
  return (
    <section className="panel" aria-label={t.catalogue.before}>
      <h2>{t.catalogue.before}</h2>
      <ul className="stack-tight">
        {jobs.map(job => (
          <li key={job.id} className="row">
            <Button size="compact-sm" variant="default" onClick={() => { open(job.id) }}>{job.name}</Button>
            <span className={`tag ${job.state === 'done' && !job.dryRun ? 'tag-good' : job.state === 'failed' ? 'tag-bad' : 'tag-wait'}`}>{job.state === 'done' && job.dryRun ? t.catalogue.states.dry : t.catalogue.states[job.state]}</span>
            <span className="quiet">{format.age(job.created)} · {job.by}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function ImportFile({ id, open }: { id: string | undefined; open: Change }) {
  return id ? <Job key={id} id={id} open={open} /> : <><Drop open={open} /><Before open={open} /></>
}
