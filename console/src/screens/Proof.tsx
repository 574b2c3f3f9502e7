import { Link, useSearch } from '@tanstack/react-router'
import { usePlacements } from '../api/placements'
import { useOverview, type Overview } from '../api/queries'
import { DataTable, type Column } from '../components/DataTable'
import { Page } from '../components/Page'
import { Report, verdictTones } from '../components/Report'
import { Asked } from '../components/Said'
import { useSpeech } from '../i18n'
import { NoPlacement } from './placements/Placements'

/** In the address: the placement whose proof is open. */
export interface ProofSearch { placement?: string | undefined }
export const readProof = ({ placement }: Record<string, unknown>): ProofSearch => (typeof placement === 'string' ? { placement } : {})

type Row = Overview['placements'][number]
const OPENED = 3 // measured placements whose whole report stands there unasked

function useColumns(): Column<Row>[] {
  const { t, format } = useSpeech()
  const effect = (row: Row) => row.effect?.relative
  const percent = (value: number | null | undefined) => (value == null ? '–' : format.signedPercent(value))
  return [
    { id: 'name', head: t.overview.name, names: true, plain: row => row.name, cell: row => <Link to="/proof" search={{ placement: row.id }} resetScroll={false}>{row.name}</Link> },
    { id: 'verdict', head: t.proof.verdictHead, plain: row => row.effect?.verdict,
      cell: row => (row.effect ? <span className={`tag ${verdictTones[row.effect.verdict]}`}>{t.proof.verdict[row.effect.verdict]}</span> : t.overview.unknown) },
    { id: 'since', head: t.item.since, plain: row => row.effect?.since, cell: row => <span className="nowrap">{row.effect?.since ? format.day(row.effect.since) : '–'}</span> },
    { id: 'split', head: t.proof.split, plain: row => (row.effect ? String(row.effect.splitOk) : ''),
      cell: row => (!row.effect || row.effect.verdict === 'not_measured' || row.effect.verdict === 'nobody' ? '–' : row.effect.splitOk ? t.proof.right : <span className="tag tag-bad">{t.proof.wrong}</span>) },
    { id: 'effect', head: t.proof.effect, number: true, plain: row => effect(row)?.value, cell: row => percent(effect(row)?.value) },
    { id: 'low', head: t.proof.low, number: true, plain: row => effect(row)?.low, cell: row => percent(effect(row)?.low) },
    { id: 'high', head: t.proof.high, number: true, plain: row => effect(row)?.high, cell: row => percent(effect(row)?.high) },
    { id: 'missing', head: t.proof.missingHead, number: true, plain: row => row.effect?.visitorsMissing, cell: row => (row.effect?.visitorsMissing ? format.number(Math.round(row.effect.visitorsMissing)) : '–') },
    { id: 'week', head: t.proof.week, number: true, apart: true, plain: row => row.week.decisions, cell: row => <Link to="/" search={{ placement: row.id }} hash="moments">{format.number(row.week.decisions)}</Link> },
  ]
}

const isMeasured = ({ effect }: Row) => effect !== null && effect.verdict !== 'not_measured'

/** The one in the address; else the first that are measured. */
function openedOf(rows: Row[], wanted: string | undefined): Row[] {
  if (wanted) return rows.filter(({ id }) => id === wanted)
  return rows.filter(isMeasured).slice(0, OPENED)
}

function Opened({ wanted, rows }: { wanted: string | undefined; rows: Row[] }) {
  const { t } = useSpeech()
  const { data } = usePlacements()
  const named = openedOf(rows, wanted).map(({ id, name }) => ({ id, name }))
  const beyond = wanted && named.length === 0 ? data?.placements.find(({ id }) => id === wanted) : undefined // not among the first fifty
  if (beyond) named.push(beyond)
  if (named.length === 0) return <p className="lead">{t.proof.noneMeasured} <Link to="/placements">{t.nav.placements}</Link></p>
  return (
    <div className="stack">
      {named.map(({ id, name }) => (
        <section key={id} className="panel" aria-label={name} data-report={id}>
          <h2><Link to="/placements/$id" params={{ id }}>{name}</Link></h2>
          <Report placement={id} />
        </section>
      ))}
    </div>
  )
}

export function Proof() {
  const { t } = useSpeech()
  const { placement: wanted } = useSearch({ from: '/proof' })
  const columns = useColumns()
  return (
    <Page question={t.proof.question} lead={t.proof.lead}>
      <Asked query={useOverview()}>
        {({ placements }) => placements.length === 0 ? <NoPlacement /> : (
          <>
            <DataTable name="proof" label={t.proof.table} columns={columns} rows={placements.toSorted((a, b) => Number(isMeasured(b)) - Number(isMeasured(a)))} keyOf={row => row.id} />
            <Opened wanted={wanted} rows={placements} />
          </>
        )}
      </Asked>
    </Page>
  )
}
