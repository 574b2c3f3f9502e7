// The draft beside what is live: forms on the left, what publishing would change on the right.
import { Alert, Button, SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { refresh, removeDraft, useVersions, type Command, type Life } from '../../api/placements'
import { chosenWorkspace } from '../../api/session'
import type { Placement } from '../../api/shapes'
import { Consequence } from '../../components/Consequence'
import { Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useSigned } from '../../shell/signed'
import { Differences } from './Differences'
import { Edited, useEdited, useEditing, type Saving } from './editing'
import { NumberField, useRefusal, WordsField } from './fields'
import { COUNT_MAX, defaults, HOLDOUT_SHARE, HORIZON_DAYS, same, whole } from './model'
import { Steps } from './RecipeForm'
import { Rules } from './RulesForm'
import { Told } from './Told'
import { authorOf } from './words'

type NumberMember = 'count' | 'priority' | 'deadlineMs' | 'minimum' | 'affinityWeight' | 'marginWeight' | 'explore' | 'moves'

interface MemberProps { member: NumberMember; label: string; low: number; high: number; description?: string; whole?: boolean; percent?: boolean }

/** A number of the placement itself. */
function Member({ member, ...rest }: MemberProps) {
  const { placement, change } = useEdited()
  const { [member]: value, ...others } = placement
  const meant = (defaults as Partial<Record<NumberMember, number>>)[member]
  return <NumberField {...rest} at={`/${member}`} value={value} {...(meant !== undefined && { otherwise: meant })} onChange={next => { change(next === undefined ? others : { ...placement, [member]: next }) }} />
}

function Basics() {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  const ordering = placement.kind === 'order'
  return (
    <section className="panel">
      <h2>{edit.basics}</h2>
      <div className="fields">
        <TextInput label={edit.name} value={placement.name} error={useRefusal('/name')} onChange={event => { change({ ...placement, name: event.currentTarget.value }) }} />
        {!ordering && <Member member="count" label={edit.count} description={edit.countNext} low={1} high={COUNT_MAX} whole />}
        <Member member="priority" label={edit.priority} description={edit.priorityNext} low={-1000} high={1000} whole />
        {!ordering && <Member member="deadlineMs" label={edit.deadline} low={1} high={2000} whole />}
      </div>
    </section>
  )
}

function unmeasured(placement: Placement): Placement {
  const next = { ...placement }
  delete next.objective
  delete next.holdout
  return next
}

type Objective = NonNullable<Placement['objective']>

function Holdout() {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  const { holdout, ...rest } = placement
  return (
    <>
      <NumberField label={edit.holdout} description={edit.holdoutNext} at="/holdout/share" value={holdout?.share} otherwise={HOLDOUT_SHARE} low={0} high={0.9} percent
        onChange={share => { const { share: _, ...others } = holdout ?? {}; change(share === undefined ? { ...rest, holdout: others } : { ...rest, holdout: { ...others, share } }) }} />
      <Select label={edit.arm} allowDeselect={false} data={[{ value: 'best_sellers', label: edit.arms.best_sellers }, { value: 'empty', label: edit.arms.empty }]} value={holdout?.arm ?? 'best_sellers'}
        onChange={arm => { change({ ...rest, holdout: { ...holdout, arm: arm === 'empty' ? 'empty' : 'best_sellers' } }) }} />
    </>
  )
}

function Measure() {
  const { t } = useSpeech()
  const { edit } = t.placements
  const { placement, change } = useEdited()
  const refusal = useRefusal('/objective')
  const eventRefusal = useRefusal('/objective/event')
  const { objective } = placement
  const set = (next: Objective) => { change({ ...placement, objective: next }) }
  const kinds = (['purchase', 'margin', 'click', 'lead'] as const).map(value => ({ value, label: t.objectives[value] }))
  const choose = (kind: string | null) => {
    if (!kind || kind === 'none') {
      change(unmeasured(placement))
      return
    }
    const { event, value, ...others } = objective ?? { horizonDays: HORIZON_DAYS }
    set({ ...others, kind: kind as Objective['kind'], ...(kind === 'event' && { event: event ?? '' }), ...(value !== undefined && kind !== 'purchase' && kind !== 'margin' && { value }) })
  }
  return (
    <section className="panel">
      <h2>{edit.measure}</h2>
      <div className="fields">
        <Select label={edit.objective} allowDeselect={false} error={refusal} data={[{ value: 'none', label: edit.noObjective }, ...kinds, { value: 'event', label: edit.event }]} value={objective?.kind ?? 'none'} onChange={choose} />
        {objective?.kind === 'event' && <TextInput label={edit.event} value={objective.event ?? ''} error={eventRefusal} onChange={event => { set({ ...objective, event: event.currentTarget.value }) }} />}
        {objective && (
          <>
            <NumberField label={edit.value} description={edit.valueNext} at="/objective/value" value={objective.value} low={0.01} high={1_000_000} onChange={value => { const { value: _, ...others } = objective; set(value === undefined ? others : { ...others, value }) }} />
            <NumberField label={edit.horizon} description={edit.horizonNext} at="/objective/horizonDays" value={objective.horizonDays} otherwise={HORIZON_DAYS} low={0.01} high={90} onChange={days => { const { horizonDays: _, ...others } = objective; set(days === undefined ? others : { ...others, horizonDays: days }) }} />
            <Select label={edit.exposure} allowDeselect={false} data={[{ value: 'answered', label: edit.exposures.answered }, { value: 'seen', label: edit.exposures.seen }]} value={objective.exposure ?? 'answered'}
              onChange={exposure => { set({ ...objective, exposure: exposure === 'seen' ? 'seen' : 'answered' }) }} />
            <Holdout />
          </>
        )}
      </div>
    </section>
  )
}

function Recipe() {
  const { t } = useSpeech()
  const { edit } = t.placements
  const { placement, change } = useEdited()
  const mix = placement.mix ?? defaults.mix
  return (
    <section className="panel">
      <h2>{edit.recipe}</h2>
      <div className="field">
        <span className="label" id="mix">{edit.mix}</span>
        <div><SegmentedControl aria-labelledby="mix" value={mix} data={(['in_order', 'weighted', 'blend'] as const).map(value => ({ value, label: edit.mixes[value] }))} onChange={value => { change({ ...placement, mix: value as typeof mix }) }} /></div>
        <p className="quiet">{t.mixes[mix]}</p>
      </div>
      <Steps member="recipe" />
      <div className="fields">
        <Member member="affinityWeight" label={edit.tastes} description={edit.tastesNext} low={0} high={100} />
        {mix === 'blend' && <Member member="marginWeight" label={edit.margin} description={edit.marginNext} low={0} high={20} />}
      </div>
    </section>
  )
}

function TooFew() {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  const { partial, ...rest } = placement
  return (
    <section className="panel">
      <h2>{edit.few}</h2>
      <div className="fields">
        <Member member="minimum" label={edit.minimum} description={edit.minimumNext} low={0} high={COUNT_MAX} whole />
        <Switch label={edit.partial} checked={partial !== false} onChange={event => { change(event.currentTarget.checked ? rest : { ...rest, partial: false }) }} />
      </div>
      <p className="quiet">{edit.fallbackNext}</p>
      <Steps member="fallback" />
    </section>
  )
}

function Ordering() {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  return (
    <section className="panel">
      <h2>{edit.order}</h2>
      <WordsField label={edit.orderItems} description={edit.orderNext} at="/items" values={placement.items ?? []} max={100} onChange={items => { change({ ...placement, items }) }} />
      <Member member="moves" label={edit.moves} low={1} high={100} whole />
    </section>
  )
}

/** What the forms do not cover. The text is its own until it is taken over. */
function Json() {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  const [text, setText] = useState<string | null>(null)
  const [wrong, setWrong] = useState('')
  const takeOver = () => {
    try {
      change(whole({ ...JSON.parse(text ?? '') as object, id: placement.id }))
      setText(null)
      setWrong('')
    } catch (error) {
      setWrong(edit.jsonWrong(error instanceof Error ? error.message : ''))
    }
  }
  return (
    <details className="panel">
      <summary>{edit.json}</summary>
      <div className="stack">
        <Textarea label={edit.json} description={edit.jsonNext} className="json" spellCheck={false} rows={16} value={text ?? JSON.stringify(placement, null, 2)} error={wrong || null} onChange={event => { setText(event.currentTarget.value) }} />
        <div><Button variant="default" disabled={text === null} onClick={takeOver}>{edit.take}</Button></div>
      </div>
    </details>
  )
}

function Forms() {
  const { edit } = useSpeech().t.placements
  const { placement } = useEdited()
  if (placement.kind === 'order') return <><Basics /><Ordering /><Measure /><Json /></>
  return (
    <>
      <Basics />
      <Recipe />
      <section className="panel"><h2>{edit.rules}</h2><Rules /></section>
      <TooFew />
      <Measure />
      <section className="panel"><h2>{edit.chance}</h2><div className="fields"><Member member="explore" label={edit.explore} description={edit.exploreNext} low={0} high={0.2} percent /></div></section>
      <Json />
    </>
  )
}

const tones: Record<Saving, string> = { none: '', waiting: 'tag-wait', kept: 'tag-good', refused: 'tag-bad', unreached: 'tag-bad', outdated: 'tag-bad' }

function Outdated({ life, drop }: { life: Life; drop: () => void }) {
  const { t, format } = useSpeech()
  const { edit } = t.placements
  const { takeOn } = useEdited()
  const newest = useVersions(life.state.placement?.id ?? '').data?.pages[0]?.versions[0]
  const queries = useQueryClient()
  const keep = async () => {
    await refresh(queries, life.state.placement?.id ?? '')
    const today = queries.getQueryData<Life>(['placement', life.state.placement?.id ?? ''])
    if (today) takeOn(today.state.revision)
  }
  return (
    <Alert color="red" variant="outline" role="alert" title={edit.saving.outdated}>
      <div className="stack-tight">
        {newest && <p>{edit.outdated(authorOf(newest.by, t), format.age(newest.published))}</p>}
        <div className="row"><Button size="xs" variant="default" onClick={() => void keep()}>{edit.takeOn}</Button><Button size="xs" variant="default" onClick={drop}>{edit.takeTheirs}</Button></div>
      </div>
    </Alert>
  )
}

interface Props { life: Life; command: (command: Command) => void; pending: boolean; error: Error | null; onGone: () => void }

function Aside({ life, command, pending, error, onGone }: Props) {
  const { t, format } = useSpeech()
  const { edit, diff } = t.placements
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const { placement, saving, errors, error: refused, change, forget } = useEdited()
  const live = life.state.placement
  const drop = useMutation({
    mutationFn: async () => {
      forget()
      await removeDraft(placement.id)
      await refresh(queries, placement.id)
    },
    onSuccess: onGone,
  })
  const elsewhere = [...errors].filter(([pointer]) => pointer === '' || pointer === '/')
  const changed = !live || !same({ ...live, stopped: false }, { ...placement, stopped: false })
  return (
    <aside className="panel aside" aria-label={diff.title}>
      <p role="status"><span className={`tag ${tones[saving]}`} data-saving={saving}>{t.placements.draftTag}</span> <span className="quiet">{edit.saving[saving]}</span></p>
      {saving === 'outdated' && <Outdated life={life} drop={() => { drop.mutate() }} />}
      {saving === 'refused' && elsewhere.map(([pointer, detail]) => <p key={pointer} className="refusal" role="alert">{t.problem.told(detail)}</p>)}
      {saving === 'refused' && errors.size === 0 && refused && <Failed error={refused} />}
      {saving === 'unreached' && <div><Button size="xs" variant="default" onClick={() => { change(placement) }}>{edit.tryAgain}</Button></div>}
      {life.draft && saving === 'kept' && <p className="quiet">{edit.savedBy(authorOf(life.draft.draft.by, t), format.age(life.draft.draft.saved))}</p>}
      <h2>{diff.title}</h2>
      {live ? <Differences before={live} now={{ ...placement, ...(live.stopped && { stopped: true }) }} none={diff.none} /> : <><p className="quiet">{diff.first}</p><Told placement={placement} /></>}
      {life.state.stopped && <p className="quiet">{diff.publishStopped}</p>}
      {error && <Failed error={error} />}
      <div className="row">
        <Button loading={pending} disabled={saving !== 'kept' || !changed} onClick={() => { command({ do: 'publish' }) }}>{diff.publish}</Button>
        {(saving === 'kept' || saving === 'outdated') && <Link to="/placements/$id" params={{ id: placement.id }} search={{ tab: 'preview' }}>{diff.look}</Link>}
        {saving !== 'none' && <Button variant="default" onClick={() => { setAsking(true) }}>{edit.throwAway}</Button>}
      </div>
      <Consequence opened={asking} title={edit.throwAway} act={edit.throwAway} pending={drop.isPending} error={drop.error} onAct={() => { drop.mutate() }} onClose={() => { setAsking(false) }}>
        <p>{edit.throwAwayMeans}</p>
      </Consequence>
    </aside>
  )
}

export function Editor(props: Props) {
  const workspace = chosenWorkspace(useSigned())
  const editing = useEditing(props.life, workspace)
  return (
    <Edited value={editing}>
      <div className="editor">
        <div className="stack"><Forms /></div>
        <Aside {...props} />
      </div>
    </Edited>
  )
}
