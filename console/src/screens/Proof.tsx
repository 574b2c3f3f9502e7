import { Link, useSearch } from '@tanstack/react-router'
import { usePlacements } from '../api/placements'
import { Page } from '../components/Page'
import { Report } from '../components/Report'
import { Asked } from '../components/Said'
import { useSpeech } from '../i18n'
import { NoPlacement } from './placements/Placements'

export interface ProofSearch { placement?: string }
export const readProof = ({ placement }: Record<string, unknown>): ProofSearch => (typeof placement === 'string' ? { placement } : {})

export function Proof() {
  const { t } = useSpeech()
  const { placement: wanted } = useSearch({ from: '/proof' })
  return (
    <Page question={t.proof.question} lead={t.proof.lead}>
      <Asked query={usePlacements()}>
        {({ placements }) => placements.length === 0 ? <NoPlacement /> : (
          <div className="stack">
            {wanted && <p><Link to="/proof">{t.proof.all}</Link></p>}
            {placements.filter(({ id }) => !wanted || id === wanted).map(({ id, name }) => (
              <section key={id} className="panel" aria-label={name}>
                <h2><Link to="/placements/$id" params={{ id }}>{name}</Link></h2>
                <Report placement={id} />
              </section>
            ))}
          </div>
        )}
      </Asked>
    </Page>
  )
}
