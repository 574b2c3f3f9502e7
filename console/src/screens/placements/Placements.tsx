import { Link, useSearch } from '@tanstack/react-router'
import { useDrafts, usePlacements } from '../../api/placements'
import type { Placement, Placements as Published } from '../../api/shapes'
import { Page } from '../../components/Page'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useMay } from '../../shell/signed'
import { NewPlacement } from './NewPlacement'
import { authorOf, objectiveSentence, stepNames } from './words'

export interface PlacementsSearch { make?: true }
export const readPlacements = ({ make }: Record<string, unknown>): PlacementsSearch => (make === true ? { make } : {})

export function NoPlacement() {
  const { t } = useSpeech()
  const mayChange = useMay('placements:write')
  return (
    <div className="stack">
      <Empty title={t.placements.none}><p className="lead">{mayChange ? t.placements.noneNext : t.placements.readOnly}</p></Empty>
      {mayChange && <NewPlacement />}
    </div>
  )
}

type Drafts = NonNullable<ReturnType<typeof useDrafts>['data']>

function Row({ placement, drafted }: { placement: Placement; drafted: boolean }) {
  const { t, format } = useSpeech()
  return (
    <tr>
      <th scope="row"><Link to="/placements/$id" params={{ id: placement.id }}>{placement.name}</Link></th>
      <td className="nowrap">
        {placement.stopped ? <span className="tag tag-bad">{t.placements.stoppedTag}</span> : <span className="tag tag-good">{t.placements.liveTag}</span>}{' '}
        {drafted && <span className="tag tag-wait">{t.placements.draftTag}</span>}
      </td>
      <td>{placement.kind === 'order' ? t.placements.order : stepNames(placement, t)}</td>
      <td>{objectiveSentence(placement, t, format)}</td>
    </tr>
  )
}

function List({ placements, drafts }: Published & { drafts: Drafts }) {
  const { t, format } = useSpeech()
  const live = new Set(placements.map(({ id }) => id))
  return (
    <div className="panel scroll" tabIndex={0} role="region" aria-label={t.placements.list}>
      <table className="table">
        <thead><tr><th scope="col">{t.placements.name}</th><th scope="col">{t.placements.state}</th><th scope="col">{t.placements.recipe}</th><th scope="col">{t.placements.objective}</th></tr></thead>
        <tbody>
          {placements.map(placement => <Row key={placement.id} placement={placement} drafted={drafts.some(({ id }) => id === placement.id)} />)}
          {drafts.filter(({ id }) => !live.has(id)).map(draft => (
            <tr key={draft.id}>
              <th scope="row"><Link to="/placements/$id" params={{ id: draft.id }} search={{ tab: 'edit' }}>{draft.name}</Link></th>
              <td className="nowrap"><span className="tag">{t.placements.unpublishedTag}</span> <span className="tag tag-wait">{t.placements.draftTag}</span></td>
              <td colSpan={2} className="quiet">{t.placements.edit.savedBy(authorOf(draft.by, t), format.age(draft.saved))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function Placements() {
  const { t, format } = useSpeech()
  const query = usePlacements()
  const drafts = useDrafts().data ?? []
  const mayChange = useMay('placements:write')
  const { make } = useSearch({ from: '/placements' })
  const published = query.data && query.data.version > 0
    ? t.placements.published(query.data.version, format.date(new Date(query.data.publishedMs).toISOString()))
    : t.placements.lead
  if (make && mayChange) return <Page question={t.placements.make} lead={<Link to="/placements">{t.placements.back}</Link>}><NewPlacement /></Page>
  return (
    <Page question={t.placements.question} lead={published} action={mayChange && <Link className="action" to="/placements" search={{ make: true }}>{t.placements.make}</Link>}>
      <Asked query={query}>
        {published => published.placements.length === 0 && drafts.length === 0 ? <NoPlacement /> : <List {...published} drafts={drafts} />}
      </Asked>
    </Page>
  )
}
