import { Link, useParams } from '@tanstack/react-router'
import { usePlacements } from '../api/queries'
import type { Placement } from '../api/shapes'
import { Page } from '../components/Page'
import { Report } from '../components/Report'
import { Asked, Empty } from '../components/Said'
import { useSpeech } from '../i18n'
import { holdoutSentence, objectiveSentence, ruleSentence, stepSentence } from './placementWords'

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

function Told({ placement, version }: { placement: Placement; version: number }) {
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
        <section className="panel">
          <h2>{t.placements.rules}</h2>
          {placement.rules && placement.rules.length > 0
            ? <><p className="quiet">{t.placements.rulesOrder}</p><ol className="steps">{placement.rules.map((rule, index) => <li key={index}><span>{ruleSentence(rule, t, format)}</span></li>)}</ol></>
            : <p className="quiet">{t.placements.noRules}</p>}
        </section>
      </div>
      <section className="panel"><h2>{t.placements.earns}</h2><Report placement={placement.id} /></section>
      <section className="row"><Link to="/" search={{ placement: placement.id }}>{t.placements.live}</Link></section>
      <details>
        <summary>{t.placements.raw(version)}</summary>
        <pre className="code" tabIndex={0}>{JSON.stringify(placement, null, 2)}</pre>
      </details>
    </>
  )
}

export function PlacementPage() {
  const { t } = useSpeech()
  const { id } = useParams({ from: '/placements/$id' })
  const query = usePlacements()
  const placement = query.data?.placements.find(other => other.id === id)
  return (
    <Page question={placement?.name ?? id} lead={<Link to="/placements">{t.placements.back}</Link>}>
      <Asked query={query}>
        {({ version }) => placement ? <Told placement={placement} version={version} /> : <Empty title={t.placements.unknown}><p className="lead">{t.placements.unknownNext}</p></Empty>}
      </Asked>
    </Page>
  )
}
