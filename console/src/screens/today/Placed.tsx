// What each placement shows and earns; each number opens what it was counted from.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Overview } from '../../api/queries'
import { Interval } from '../../components/Interval'
import { useSpeech } from '../../i18n'
import { NoPlacement } from '../placements/Placements'

type Placement = Overview['placements'][number]
const SHOWN = 8

/** The interval, or what is missing to have one. */
function Effect({ effect, effectAt }: Placement) {
  const { t, format } = useSpeech()
  if (!effect) return <span className="quiet">{t.overview.unknown}</span>
  const { relative, verdict, visitorsMissing } = effect
  if (relative?.value !== undefined && relative.low != null && relative.high != null)
    return <Interval value={relative.value} low={relative.low} high={relative.high} told={format.signedPercent} />
  const words = {
    not_measured: t.overview.notMeasured, no_holdout: t.overview.noHoldout, nobody: t.overview.nobody, split_wrong: t.overview.splitWrong,
    too_early: visitorsMissing ? t.overview.missing(format.number(Math.round(visitorsMissing))) : t.overview.soon,
    no_effect: t.proof.verdict.no_effect, better: t.proof.verdict.better, worse: t.proof.verdict.worse,
  }
  return <span className={verdict === 'split_wrong' ? 'tag tag-bad' : 'quiet'} title={effectAt ? t.overview.at(format.age(effectAt)) : undefined}>{words[verdict]}</span>
}

function Row({ placement }: { placement: Placement }) {
  const { t, format } = useSpeech()
  const { id, name, hour, day, week } = placement
  const share = (count: number) => (week.decisions > 0 ? format.percent(count / week.decisions) : '–')
  const counted = (count: number) => (
    <td className="number">{count === 0 ? '0' : <Link to="/" search={{ placement: id }} hash="moments">{format.number(count)}<span className="unseen"> {t.overview.moments(name)}</span></Link>}</td>
  )
  return (
    <tr>
      <th scope="row"><Link to="/placements/$id" params={{ id }}>{name}</Link></th>
      {counted(hour.decisions)}{counted(day.decisions)}{counted(week.decisions)}
      <td className="number">{share(week.personalised)}</td>
      <td className="number">{share(week.fallback)}</td>
      <td className="effect-cell"><Link to="/proof" search={{ placement: id }} className="plain"><Effect {...placement} /><span className="unseen"> {t.overview.proofOf(name)}</span></Link></td>
    </tr>
  )
}

export function Placed({ told }: { told: Overview }) {
  const { t, format } = useSpeech()
  const [all, setAll] = useState(false)
  const sorted = told.placements.toSorted((a, b) => b.week.decisions - a.week.decisions)
  if (sorted.length === 0) return <NoPlacement />
  const rest = sorted.length - SHOWN
  const beyond = told.placementCount - sorted.length
  return (
    <section className="panel" aria-label={t.overview.placed}>
      <div><h2>{t.overview.placed}</h2><p className="quiet">{t.overview.countedSince(format.date(told.countedSince))}</p></div>
      <div className="scroll" tabIndex={0} role="region" aria-label={t.overview.placed}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.overview.name}</th>
              {[t.overview.hour, t.overview.day, t.overview.week, t.overview.personal, t.overview.fallback].map(head => <th key={head} scope="col" className="number">{head}</th>)}
              <th scope="col">{t.overview.effect}</th>
            </tr>
          </thead>
          <tbody>{(all ? sorted : sorted.slice(0, SHOWN)).map(placement => <Row key={placement.id} placement={placement} />)}</tbody>
        </table>
      </div>
      {(rest > 0 || beyond > 0) && (
        <div className="row">
          {rest > 0 && <Button size="xs" variant="default" aria-expanded={all} onClick={() => { setAll(!all) }}>{all ? t.overview.fewer : t.overview.more(rest)}</Button>}
          {beyond > 0 && <Link to="/placements" className="quiet">{t.overview.beyond(beyond)}</Link>}
        </div>
      )}
    </section>
  )
}
