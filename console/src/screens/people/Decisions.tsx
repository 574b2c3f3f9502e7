// What was decided for a person, as moment cards with what followed; and what would be decided now.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useDecisions, useShownNow, type PersonDecision } from '../../api/people'
import { usePlacements } from '../../api/placements'
import { MomentCard } from '../../components/MomentCard'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'

const PREVIEW_MAX = 20

function Followed({ decision }: { decision: PersonDecision }) {
  const { t, format } = useSpeech()
  const { seen, clicked, bought } = decision
  return (
    <p className="row">
      {clicked ? <span className="tag tag-good">{t.people.followed.clicked} · {format.age(clicked)}</span>
        : seen ? <span className="tag">{t.people.followed.seen} · {format.age(seen)}</span> : <span className="quiet">{t.people.followed.unseen}</span>}
      {bought.length > 0 && <span className="tag tag-good">{t.people.followed.bought(bought.map(({ itemId }) => itemId).join(', '))}</span>}
    </p>
  )
}

export function Decisions({ who }: { who: string }) {
  const { t, language } = useSpeech()
  const [opened, setOpened] = useState('')
  const decisions = useDecisions(who, language)
  return (
    <section className="stack" aria-label={t.people.sections.decisions}>
      <Asked query={decisions}>
        {({ pages }) => {
          const rows = pages.flatMap(page => page.decisions)
          return (
            <>
              {rows.length === 0 && <Empty title={t.people.decisionsNone}><p className="lead">{t.people.decisionsNoneNext}</p></Empty>}
              {pages.some(page => !page.outcomesWhole) && <p className="quiet">{t.people.notWhole}</p>}
              {rows.map(decision => (
                <div key={decision.id} className="stack-tight">
                  <MomentCard moment={decision} opened={opened === decision.id} onToggle={open => { setOpened(open ? decision.id : '') }} />
                  <Followed decision={decision} />
                </div>
              ))}
            </>
          )
        }}
      </Asked>
      {decisions.hasNextPage && <div><Button variant="default" loading={decisions.isFetchingNextPage} onClick={() => void decisions.fetchNextPage()}>{t.people.more}</Button></div>}
    </section>
  )
}

interface Shown { id: string; placement: string; personalised: boolean; items?: { itemId: string; reason: string }[]; order?: string[] }

export function ShownNow({ who }: { who: string }) {
  const { t, language } = useSpeech()
  const placements = usePlacements()
  const list = (placements.data?.placements ?? []).slice(0, PREVIEW_MAX)
  const preview = useShownNow(who, list.map(({ id }) => id), language)
  if (placements.data && list.length === 0) return <Empty title={t.people.nowNone} />
  return (
    <section className="stack" aria-label={t.people.sections.now}>
      <p className="quiet">{t.people.nowLead}</p>
      <Asked query={preview}>
        {({ people: [person] }) => {
          const { decisions, details = {} } = person?.answer as unknown as { decisions: Shown[]; details?: Partial<Record<string, { title?: string }>> }
          return (
            <ul className="stack-tight list-bare">
              {decisions.map(({ id, placement, personalised, items = [], order = [] }) => (
                <li key={id} className="panel stack-tight">
                  <p className="row"><b>{list.find(other => other.id === placement)?.name ?? placement}</b> <span className={personalised ? 'tag tag-good' : 'tag'}>{personalised ? t.people.nowPersonal : t.people.nowShared}</span></p>
                  {order.length > 0 && <p>{order.join(' → ')}</p>}
                  {items.length === 0 && order.length === 0 && <p className="quiet">{t.people.nowEmpty}</p>}
                  <ol className="stack-tight">{items.map(({ itemId, reason }) => <li key={itemId}>{details[itemId]?.title ?? itemId} <span className="quiet">{reason}</span></li>)}</ol>
                </li>
              ))}
            </ul>
          )
        }}
      </Asked>
    </section>
  )
}
