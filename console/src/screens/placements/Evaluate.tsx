// What a recipe would have been worth on the shop's own last days: begun, followed, cancelled; told in words with its interval.
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { useEvaluate, useEvaluation, type Evaluation, type Life } from '../../api/placements'
import { Interval } from '../../components/Interval'
import { Asked, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'

const DAYS = 14
const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

interface Figure { value?: number; low?: number; high?: number }

type Report = NonNullable<Evaluation['report']>
type List = Report['recipe']
const recallOf = (list: List) => (list?.figures as { recall?: Figure } | undefined)?.recall

/** In plain words; the report's own stand below. */
function Found({ report }: { report: Report }) {
  const { t, format } = useSpeech()
  const { test } = t.placements
  const [whole, best] = [recallOf(report.recipe), recallOf(report.bestSellers)]
  if (whole?.value === undefined || best?.value === undefined) return null
  const between = whole.low !== undefined && whole.high !== undefined ? test.between(format.percent(Math.max(0, whole.low)), format.percent(whole.high)) : ''
  return <p>{test.found(format.number(report.k ?? 0), format.percent(whole.value), between, format.percent(best.value))}</p>
}

/** The difference to best sellers under the same rules, on the same questions. */
function Over({ report }: { report: Report }) {
  const { t, format } = useSpeech()
  const { test } = t.placements
  const over = (report.recipe?.overBestSellers as { recall?: Figure } | undefined)?.recall
  if (over?.value === undefined || over.low === undefined || over.high === undefined) return null
  return (
    <div className="stack-tight">
      <h3>{test.over}</h3>
      <Interval value={over.value} low={over.low} high={over.high} told={share => test.points(format.signed(100 * share))} />
      <p className="quiet">{over.low > 0 ? test.better : over.high < 0 ? test.worse : test.alike}</p>
    </div>
  )
}

function Steps({ report }: { report: Report }) {
  const { t, format } = useSpeech()
  const { test } = t.placements
  const rows = [
    { name: test.whole, list: report.recipe }, { name: t.strategies.best_sellers.name, list: report.bestSellers },
    ...(report.steps ?? []).map(list => ({ name: test.alone((t.strategies as Partial<Record<string, { name: string }>>)[list.strategy ?? '']?.name ?? ''), list })),
  ]
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={test.lists}>
      <table className="table">
        <thead><tr><th scope="col">{test.list}</th><th scope="col" className="number">{test.recall}</th><th scope="col" className="number">{test.answered}</th><th scope="col" className="number">{test.coverage}</th></tr></thead>
        <tbody>
          {rows.map(({ name, list }, index) => (
            <tr key={index}><th scope="row">{name}</th><td className="number">{format.percent(recallOf(list)?.value ?? 0)}</td><td className="number">{format.percent(list?.answered ?? 0)}</td><td className="number">{format.percent(list?.coverage ?? 0)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Result({ evaluation, stop }: { evaluation: Evaluation; stop: () => void }) {
  const { t, format } = useSpeech()
  const { test } = t.placements
  const { state, detail, report } = evaluation
  return (
    <section className="panel" aria-live="polite">
      <p role="status"><span className={`tag ${state === 'done' ? 'tag-good' : state === 'failed' ? 'tag-bad' : 'tag-wait'}`} data-evaluation={state}>{test.states[state ?? 'running']}</span> {detail && <span className="quiet">{detail}</span>}</p>
      {state === 'running' && <><p className="quiet">{test.running}</p><div><Button variant="default" onClick={stop}>{test.cancel}</Button></div></>}
      {report && (
        <>
          <h2>{report.draft ? test.ofDraft : test.ofLive}</h2>
          <p className="quiet">{test.asked(format.number(report.questions ?? 0), format.number(report.people ?? 0), format.day(report.since ?? ''))}</p>
          <Found report={report} />
          <Over report={report} />
          {report.verdict === 'measured' && <Steps report={report} />}
          <details open={report.verdict !== 'measured'}>
            <summary>{test.inFull}</summary>
            <ul className="sentences">{report.sentences?.map(line => <li key={line}>{line}</li>)}</ul>
          </details>
        </>
      )}
    </section>
  )
}

export function Evaluate({ life, id }: { life: Life; id: string }) {
  const { t, language } = useSpeech()
  const { test } = t.placements
  const live = life.state.placement
  const draft = life.draft?.draft.placement
  const [of, setOf] = useState<string>(draft ? 'draft' : 'live')
  const [since, setSince] = useState(() => dayBefore(DAYS))
  const query = useEvaluation(id, language)
  const evaluate = useEvaluate(id)
  const running = query.data?.state === 'running'
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    evaluate.mutate({ since, ...(of === 'draft' && draft && { placement: draft }) })
  }
  return (
    <>
      <form className="panel" onSubmit={submit}>
        <h2>{test.question}</h2>
        <p className="lead">{test.lead}</p>
        <div className="row row-end">
          {live && draft && <SegmentedControl aria-label={test.which} value={of} data={[{ value: 'draft', label: t.placements.preview.draft }, { value: 'live', label: t.placements.preview.live }]} onChange={setOf} />}
          <TextInput type="date" label={test.since} required max={dayBefore(0)} value={since} onChange={event => { setSince(event.currentTarget.value) }} />
          <Button type="submit" loading={evaluate.isPending} disabled={running}>{test.start}</Button>
        </div>
        {evaluate.error && <Failed error={evaluate.error} />}
      </form>
      <Asked query={query}>{evaluation => (evaluation.state === 'none' ? <p className="quiet">{test.none}</p> : <Result evaluation={evaluation} stop={() => { evaluate.mutate('stop') }} />)}</Asked>
    </>
  )
}
