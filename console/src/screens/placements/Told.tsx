// A placement told: what it is for, its recipe, its rules. Live, a draft or a version of before.
import type { Placement } from '../../api/shapes'
import { useSpeech } from '../../i18n'
import { formOf, ruleStages, stageOf } from './model'
import { holdoutSentence, objectiveSentence, ruleSentence, stepSentence } from './words'

function Recipe({ placement }: { placement: Placement }) {
  const { t, format } = useSpeech()
  if (placement.kind === 'order') return <p>{t.placements.orders(placement.items?.join(', ') ?? '', placement.moves ?? 3)}</p>
  return (
    <>
      <p className="quiet">{t.mixes[placement.mix ?? 'in_order']}</p>
      <ol className="steps">{placement.recipe?.map((step, index) => <li key={index}><span><b>{t.strategies[step.strategy].name}</b><br />{stepSentence(step, t, format)}</span></li>)}</ol>
      {placement.affinityWeight ? <p>{t.placements.tastes(format.number(placement.affinityWeight))}</p> : null}
      {placement.explore ? <p>{t.placements.explores(format.percent(placement.explore))}</p> : null}
      {placement.fallback && placement.fallback.length > 0 && (
        <>
          <h3>{t.placements.fallback}</h3>
          <ol className="steps">{placement.fallback.map((step, index) => <li key={index}><span>{stepSentence(step, t, format)}</span></li>)}</ol>
        </>
      )}
    </>
  )
}

function Rules({ placement }: { placement: Placement }) {
  const { t, format } = useSpeech()
  const rules = ruleStages.flatMap(stage => (placement.rules ?? []).filter(rule => stageOf(rule.kind) === stage))
  if (rules.length === 0) return <p className="quiet">{t.placements.noRules}</p>
  return (
    <>
      <p className="quiet">{t.placements.rulesOrder}</p>
      <ol className="steps">{rules.map((rule, index) => <li key={index}><span className={rule.off || !formOf(rule.kind) ? 'quiet' : ''}>{ruleSentence(rule, t, format)}</span></li>)}</ol>
    </>
  )
}

export function Told({ placement }: { placement: Placement }) {
  const { t, format } = useSpeech()
  return (
    <>
      <section className="panel">
        <h2>{t.placements.goal}</h2>
        <p>{objectiveSentence(placement, t, format)} {holdoutSentence(placement, t, format)}</p>
        {placement.kind === 'items' && <p className="quiet">{t.placements.shows(placement.count ?? 8, placement.deadlineMs ?? 100)}</p>}
      </section>
      <div className="grid">
        <section className="panel"><h2>{t.placements.recipe}</h2><Recipe placement={placement} /></section>
        {placement.kind === 'items' && <section className="panel"><h2>{t.placements.rules}</h2><Rules placement={placement} /></section>}
      </div>
    </>
  )
}

export function Raw({ placement }: { placement: Placement }) {
  const { t } = useSpeech()
  return (
    <details>
      <summary>{t.placements.raw}</summary>
      <pre className="code" tabIndex={0}>{JSON.stringify(placement, null, 2)}</pre>
    </details>
  )
}
