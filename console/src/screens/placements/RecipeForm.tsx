import { Button, Select } from '@mantine/core'
import type { Step, Strategy } from '../../api/shapes'
import { useSpeech } from '../../i18n'
import { useEdited } from './editing'
import { ItemsField, NumberField, useRefusal } from './fields'
import { allStrategies, readsHistory, stepKeys, STEPS_MAX } from './model'
import { Movable, moved } from './Movable'

const WEIGHT_MAX = 100
const LOOKBACK_DAYS_MAX = 3650

/** What remains of a step when its strategy or key becomes another: what that one understands. */
function fitted(step: Step): Step {
  const { strategy, weight, key, lookbackDays, items } = step
  const next: Step = { strategy, ...(weight !== undefined && { weight }), ...(key !== undefined && stepKeys(strategy).includes(key) && { key }) }
  if (strategy === 'manual') next.items = items ?? []
  if (lookbackDays !== undefined && readsHistory(next)) next.lookbackDays = lookbackDays
  return next
}

function StepForm({ step, at, weighted, change }: { step: Step; at: string; weighted: boolean; change: (next: Step) => void }) {
  const { t } = useSpeech()
  const { edit } = t.placements
  const keys = stepKeys(step.strategy)
  const refusal = useRefusal(at)
  const keyRefusal = useRefusal(`${at}/key`)
  const set = (member: 'weight' | 'lookbackDays', value: number | undefined) => {
    const { [member]: _, ...rest } = step
    change(value === undefined ? rest : { ...rest, [member]: value })
  }
  const key = (value: string | null) => {
    const { key: _, ...rest } = step
    change(fitted(value ? { ...rest, key: value } : rest))
  }
  return (
    <div className="stack-tight">
      <div className="fields">
        <Select label={edit.strategy} allowDeselect={false} searchable error={refusal} data={allStrategies.map(value => ({ value, label: t.strategies[value].name }))} value={step.strategy}
          onChange={value => { if (value) change(fitted({ ...step, strategy: value as Strategy })) }} />
        {keys.length > 0 && <Select label={edit.key} clearable={step.key !== undefined} placeholder={edit.anyKey} error={keyRefusal} data={keys.map(value => ({ value, label: t.keys[value] ?? value }))} value={step.key ?? null} onChange={key} />}
        {readsHistory(step) && <NumberField label={edit.lookback} description={edit.lookbackNext} at={`${at}/lookbackDays`} value={step.lookbackDays} low={1} high={LOOKBACK_DAYS_MAX} whole onChange={value => { set('lookbackDays', value) }} />}
        {weighted && <NumberField label={edit.weight} at={`${at}/weight`} value={step.weight} otherwise={1} low={0.01} high={WEIGHT_MAX} onChange={value => { set('weight', value) }} />}
      </div>
      {step.strategy === 'manual' && <ItemsField label={edit.items} description={edit.itemsNext} at={`${at}/items`} values={step.items ?? []} max={200} onChange={items => { change({ ...step, items }) }} />}
      <p className="quiet">{t.strategies[step.strategy].sentence}</p>
    </div>
  )
}

export function Steps({ member }: { member: 'recipe' | 'fallback' }) {
  const { t } = useSpeech()
  const { edit } = t.placements
  const { placement, change } = useEdited()
  const steps = placement[member] ?? []
  const all = (placement.recipe?.length ?? 0) + (placement.fallback?.length ?? 0)
  const refusal = useRefusal(`/${member}`)
  const put = (next: Step[]) => {
    const { [member]: _, ...rest } = placement
    change(member === 'fallback' && next.length === 0 ? rest : { ...rest, [member]: next })
  }
  const asked = new Set([...(placement.recipe ?? []), ...(placement.fallback ?? [])].map(step => step.strategy))
  const unused = allStrategies.find(strategy => !asked.has(strategy) && strategy !== 'manual') ?? 'manual'
  return (
    <div className="stack">
      {steps.length === 0 && <p className="quiet">{edit.noFallback}</p>}
      {steps.length > 0 && <ol className="movables">
        {steps.map((step, index) => (
          <Movable key={index} name={t.strategies[step.strategy].name} index={index} count={steps.length} list={member} onMove={(from, to) => { put(moved(steps, from, to)) }}
            onRemove={member === 'fallback' || steps.length > 1 ? () => { put(steps.toSpliced(index, 1)) } : null}>
            <StepForm step={step} at={`/${member}/${String(index)}`} weighted={member === 'recipe' && placement.mix !== undefined && placement.mix !== 'in_order'}
              change={next => { put(steps.with(index, next)) }} />
          </Movable>
        ))}
      </ol>}
      {refusal && <p className="refusal" role="alert">{refusal}</p>}
      <div><Button variant="default" disabled={all >= STEPS_MAX} onClick={() => { put([...steps, fitted({ strategy: unused, weight: 1 })]) }}>{member === 'recipe' ? edit.addStep : edit.addFallback}</Button></div>
    </div>
  )
}
