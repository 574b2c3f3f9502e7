// What a placement earns: the verdict, the interval or what is missing to have one, how it came to be, then what it was counted from.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { Report as PlacementReport } from '../api/queries'
import { useReport } from '../api/queries'
import { useSpeech } from '../i18n'
import { saveCsv } from './csv'
import { Interval } from './Interval'
import { Asked } from './Said'

const EffectChart = lazy(() => import('./EffectChart'))

export type Verdict = NonNullable<PlacementReport['verdict']>

export const verdictTones: Record<Verdict, string> = {
  better: 'tag-good', worse: 'tag-bad', split_wrong: 'tag-bad', no_effect: '', too_early: 'tag-wait', not_measured: '', nobody: 'tag-wait', no_holdout: 'tag-wait',
}

function useMoney(currency: string | null | undefined) {
  const { format } = useSpeech()
  return (value: number) => (currency ? format.money(value, currency) : format.number(value))
}

function Arms({ report }: { report: PlacementReport }) {
  const { t, format } = useSpeech()
  const money = useMoney(report.currency)
  const { chosen, holdout } = report.arms ?? {}
  if (!chosen || !holdout) return null
  const rows = [
    { name: t.proof.chosen, arm: chosen },
    { name: t.proof.holdout, arm: holdout },
  ]
  const between = (share: { low?: number | null; high?: number | null } | undefined) =>
    (share?.low != null && share.high != null ? t.proof.range(format.percent(share.low), format.percent(share.high)) : '')
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t.proof.arms}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.proof.arm}</th>
            {[t.proof.people, t.proof.outcomes, t.proof.total, t.proof.mean, t.proof.withOutcome].map(head => <th key={head} scope="col" className="number">{head}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, arm }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">{format.number(arm.people ?? 0)}</td>
              <td className="number">{format.number(arm.outcomes ?? 0)}</td>
              <td className="number">{money(arm.total ?? 0)}</td>
              <td className="number">{money(arm.mean ?? 0)}</td>
              <td className="number">{format.percent(arm.share?.value ?? 0)} <span className="quiet">{between(arm.share)}</span></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface Slice { people: number; decisions: number; clicks: number; rate: number | null }
interface RandomSlice {
  drawn: Slice
  ranked: Slice
  rankedOverDrawn: { value: number; low: number; high: number } | null
  byFirstList: { ranked: { people: number; mean: number }; drawn: { people: number; mean: number }; rankedOverDrawn: { value: number; low: number; high: number } | null }
}

/** Lists drawn by lot beside ranked ones: chance alone divided them. */
function Random({ report }: { report: PlacementReport }) {
  const { t, format } = useSpeech()
  const money = useMoney(report.currency)
  const random = report.random as RandomSlice | undefined
  if (!random || random.drawn.decisions === 0) return null
  const { byFirstList: first } = random
  return (
    <details>
      <summary>{t.proof.random}</summary>
      <div className="stack-tight">
        <p className="quiet">{t.proof.randomLead}</p>
        <div className="scroll" tabIndex={0} role="region" aria-label={t.proof.random}>
          <table className="table">
            <thead><tr><th scope="col">{t.proof.list}</th>{[t.proof.decisions, t.proof.clicks, t.proof.rate, t.proof.firstPeople, t.proof.mean].map(head => <th key={head} scope="col" className="number">{head}</th>)}</tr></thead>
            <tbody>
              {([['ranked', random.ranked, first.ranked], ['drawn', random.drawn, first.drawn]] as const).map(([name, slice, people]) => (
                <tr key={name}>
                  <th scope="row">{t.proof.lists[name]}</th>
                  <td className="number">{format.number(slice.decisions)}</td>
                  <td className="number">{format.number(slice.clicks)}</td>
                  <td className="number">{format.percent(slice.rate ?? 0)}</td>
                  <td className="number">{format.number(people.people)}</td>
                  <td className="number">{money(people.mean)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {random.rankedOverDrawn && <p>{t.proof.rankedOver(format.signedPoints(random.rankedOverDrawn.value), format.signedPoints(random.rankedOverDrawn.low), format.signedPoints(random.rankedOverDrawn.high))}</p>}
      </div>
    </details>
  )
}

type Series = NonNullable<PlacementReport['series']>

/** The chart, and the same in figures for whoever reads no chart. */
function OverTime({ placement, series }: { placement: string; series: Series }) {
  const { t, format } = useSpeech()
  const heads = [t.proof.metBy, t.proof.effect, t.proof.low, t.proof.high, t.proof.chosen, t.proof.holdout]
  const save = () => {
    saveCsv(`visavis-${placement}.csv`, heads, series.map(({ until, relative, chosen, holdout }) => [until, relative?.value, relative?.low, relative?.high, chosen, holdout]))
  }
  const percent = (value: number | null | undefined) => (value == null ? '' : format.signedPercent(value))
  return (
    <figure className="stack-tight" data-chart="effect" aria-label={t.proof.overTime}>
      <figcaption><h3>{t.proof.overTime}</h3><p className="quiet">{t.proof.overTimeLead}</p></figcaption>
      <div aria-hidden="true"><Suspense fallback={<div className="effect-chart" />}><EffectChart series={series} /></Suspense></div>
      <details>
        <summary>{t.proof.figures}</summary>
        <div className="stack-tight">
          <div className="scroll table-tall" tabIndex={0} role="region" aria-label={t.proof.figures}>
            <table className="table">
              <thead><tr>{heads.map((head, index) => <th key={head} scope="col" className={index > 0 ? 'number' : undefined}>{head}</th>)}</tr></thead>
              <tbody>
                {series.toReversed().map(({ until, relative, chosen, holdout }) => (
                  <tr key={until}>
                    <td>{format.date(until)}</td><td className="number">{percent(relative?.value)}</td><td className="number">{percent(relative?.low)}</td><td className="number">{percent(relative?.high)}</td>
                    <td className="number">{format.number(chosen)}</td><td className="number">{format.number(holdout)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div><Button size="compact-sm" variant="default" onClick={save}>{t.table.save}</Button></div>
        </div>
      </details>
    </figure>
  )
}

function Told({ report, placement }: { report: PlacementReport; placement: string }) {
  const { t, format } = useSpeech()
  const verdict = report.verdict ?? 'not_measured'
  const relative = report.effect?.relative
  const outside = Object.values((report.outside ?? {}) as Record<string, number>).reduce((sum, count) => sum + count, 0)
  return (
    <div className="stack">
      <div className="row">
        <span className={`tag ${verdictTones[verdict]}`}>{t.proof.verdict[verdict]}</span>
        {report.split && <span className="quiet">{report.split.ok ? t.proof.splitOk : `${t.proof.splitWrong} ${t.proof.splitP(format.probability(report.split.p ?? 1))}`}</span>}
      </div>
      {relative?.value !== undefined && relative.low != null && relative.high != null
        && <Interval value={relative.value} low={relative.low} high={relative.high} told={format.signedPercent} />}
      {report.visitorsMissing ? <p><b>{t.proof.missing(format.number(report.visitorsMissing))}</b></p> : null}
      <ul className="sentences">{report.sentences?.map(line => <li key={line}>{line}</li>)}</ul>
      {report.series && report.series.length > 0 && <OverTime placement={placement} series={report.series} />}
      <Arms report={report} />
      <Random report={report} />
      <p className="quiet">
        {outside > 0 && <>{t.proof.outside(format.number(outside))} </>}
        <Link to="/" search={{ placement }} hash="moments">{t.proof.moments}</Link>
      </p>
    </div>
  )
}

export function Report({ placement }: { placement: string }) {
  const { language } = useSpeech()
  return <Asked query={useReport(placement, language)}>{report => <Told report={report} placement={placement} />}</Asked>
}
