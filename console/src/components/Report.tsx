// What a placement earns: the verdict, the interval or what is missing to have one, then what it was counted from.
import type { Report as PlacementReport } from '../api/queries'
import { useReport } from '../api/queries'
import { useSpeech } from '../i18n'
import { Interval } from './Interval'
import { Asked } from './Said'

type Verdict = NonNullable<PlacementReport['verdict']>

const tones: Record<Verdict, string> = {
  better: 'tag-good', worse: 'tag-bad', split_wrong: 'tag-bad', no_effect: '', too_early: 'tag-wait', not_measured: '', nobody: 'tag-wait', no_holdout: 'tag-wait',
}

function Arms({ report }: { report: PlacementReport }) {
  const { t, format } = useSpeech()
  const { chosen, holdout } = report.arms ?? {}
  if (!chosen || !holdout) return null
  const rows = [
    { name: t.proof.chosen, arm: chosen },
    { name: t.proof.holdout, arm: holdout },
  ]
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t.proof.arms}>
      <table className="table">
        <thead><tr><th scope="col">{t.proof.arm}</th><th scope="col" className="number">{t.proof.people}</th><th scope="col" className="number">{t.proof.outcomes}</th><th scope="col" className="number">{t.proof.mean}</th></tr></thead>
        <tbody>
          {rows.map(({ name, arm }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">{format.number(arm.people ?? 0)}</td>
              <td className="number">{format.number(arm.outcomes ?? 0)}</td>
              <td className="number">{report.currency ? format.money(arm.mean ?? 0, report.currency) : format.number(arm.mean ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Told({ report }: { report: PlacementReport }) {
  const { t, format } = useSpeech()
  const verdict = report.verdict ?? 'not_measured'
  const relative = report.effect?.relative
  return (
    <div className="stack">
      <div className="row">
        <span className={`tag ${tones[verdict]}`}>{t.proof.verdict[verdict]}</span>
        {report.split && <span className="quiet">{report.split.ok ? t.proof.splitOk : t.proof.splitWrong}</span>}
      </div>
      {relative?.value !== undefined && relative.low != null && relative.high != null
        && <Interval value={relative.value} low={relative.low} high={relative.high} told={format.signedPercent} />}
      {report.visitorsMissing ? <p><b>{t.proof.missing(format.number(report.visitorsMissing))}</b></p> : null}
      <ul className="sentences">{report.sentences?.map(line => <li key={line}>{line}</li>)}</ul>
      <Arms report={report} />
    </div>
  )
}

export function Report({ placement }: { placement: string }) {
  const { language } = useSpeech()
  return <Asked query={useReport(placement, language)}>{report => <Told report={report} />}</Asked>
}
