import { Link } from '@tanstack/react-router'
import { usePlacements } from '../api/queries'
import { Page } from '../components/Page'
import { Asked, Empty } from '../components/Said'
import { useSpeech } from '../i18n'
import { objectiveSentence, stepNames } from './placementWords'

export function NoPlacement() {
  const { t } = useSpeech()
  return (
    <Empty title={t.placements.none}>
      <p className="lead">{t.placements.noneNext}</p>
      <pre className="code">visavis apply -f shop/ --data DIR --workspace shop</pre>
    </Empty>
  )
}

export function Placements() {
  const { t, format } = useSpeech()
  const query = usePlacements()
  const published = query.data && query.data.version > 0
    ? t.placements.published(query.data.version, format.date(new Date(query.data.publishedMs).toISOString()))
    : t.placements.lead
  return (
    <Page question={t.placements.question} lead={published}>
      <Asked query={query}>
        {({ placements }) => placements.length === 0 ? <NoPlacement /> : (
          <div className="panel scroll" tabIndex={0} role="region" aria-label={t.placements.list}>
            <table className="table">
              <thead><tr><th scope="col">{t.placements.name}</th><th scope="col">{t.placements.recipe}</th><th scope="col">{t.placements.objective}</th></tr></thead>
              <tbody>
                {placements.map(placement => (
                  <tr key={placement.id}>
                    <th scope="row"><Link to="/placements/$id" params={{ id: placement.id }}>{placement.name}</Link></th>
                    <td>{placement.kind === 'order' ? t.placements.order : stepNames(placement, t)}</td>
                    <td>{objectiveSentence(placement, t, format)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Asked>
    </Page>
  )
}
