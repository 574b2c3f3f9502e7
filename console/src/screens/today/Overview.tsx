// Above the live moments: what needs somebody, the next step, what placements earn, how fresh it is, how well people are known.
import { Link } from '@tanstack/react-router'
import { useOverview, type Overview as Told } from '../../api/queries'
import { Asked } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { Levels } from './Levels'
import { Path } from './Path'
import { Placed } from './Placed'
import { placeOf } from './places'

function Needs({ needs }: { needs: Told['needs'] }) {
  const { t, format } = useSpeech()
  if (needs.length === 0) return <p className="quiet calm">{t.overview.calm}</p>
  return (
    <section className="panel" aria-label={t.overview.needsTitle}>
      <h2>{t.overview.needsTitle}</h2>
      <ul className="stack-tight">
        {needs.map(need => (
          <li key={need.code + (need.id ?? '')} className="row">
            <span className={`tag ${need.severity === 'urgent' ? 'tag-bad' : 'tag-wait'}`}>{t.overview.severity[need.severity]}</span>
            <Link {...placeOf(need)}>{t.overview.needs[need.code]}</Link>
            <span className="quiet">{[need.id, need.count === undefined ? '' : t.overview.count(format.number(need.count), need.more ?? false)].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Fresh({ told: { catalog, models, people } }: { told: Told }) {
  const { t, format } = useSpeech()
  return (
    <section className="panel" aria-label={t.overview.fresh}>
      <h2>{t.overview.fresh}</h2>
      <dl className="facts">
        <dt>{t.overview.items}</dt>
        <dd><Link to="/catalogue">{people ? t.overview.itemsOf(format.number(catalog.visible), format.number(catalog.items)) : format.number(catalog.items)}</Link></dd>
        {catalog.changed && <><dt>{t.overview.changed}</dt><dd title={format.date(catalog.changed)}>{format.age(catalog.changed)}</dd></>}
        <dt>{t.overview.feeds}</dt>
        <dd><Link to="/catalogue" search={{ view: 'feeds' }}>{catalog.feeds > 0 || catalog.feedsHeld > 0 ? t.overview.feedsTold(catalog.feeds, catalog.feedsFailed, catalog.feedsHeld) : t.overview.noFeed}</Link></dd>
        <dt>{t.overview.models}</dt><dd>{models.learning ? t.overview.learning : t.overview.notLearning}</dd>
        {models.learning && (
          <>
            <dt>{t.overview.rebuilt}</dt>
            <dd>{models.rebuilt ? `${format.age(models.rebuilt)} · ${t.overview.rows(format.number(models.rowsSince))}` : t.overview.notRebuilt}</dd>
          </>
        )}
      </dl>
    </section>
  )
}

export function Overview() {
  return (
    <Asked query={useOverview()}>
      {told => (
        <>
          <Needs needs={told.needs} />
          <Path path={told.path} />
          <Placed told={told} />
          <div className="grid"><Levels people={told.people} /><Fresh told={told} /></div>
        </>
      )}
    </Asked>
  )
}
