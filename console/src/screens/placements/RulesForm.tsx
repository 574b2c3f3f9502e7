import { Autocomplete, Button, Menu, SegmentedControl, Select, Switch } from '@mantine/core'
import type { Rule } from '../../api/shapes'
import { useSpeech } from '../../i18n'
import { useEdited } from './editing'
import { InstantField, ItemsField, NumberField, useRefusal, WordsField } from './fields'
import { formOf, numberFields, ruleForms, ruleStages, RULES_MAX, stageOf, type RuleField, type RuleKind, type RuleStage } from './model'
import { Movable } from './Movable'
import { ruleSentence } from './words'

const usualAttributes = ['category', 'brand', 'color', 'material', 'size', 'price_band']

interface Props { rule: Rule; at: string; change: (next: Rule) => void }

function Attribute({ rule, at, change }: Props) {
  const { edit } = useSpeech().t.placements
  return <Autocomplete label={edit.attribute} description={edit.attributeNext} data={usualAttributes} error={useRefusal(`${at}/attribute`)} value={rule.attribute ?? ''} onChange={attribute => { change({ ...rule, attribute }) }} />
}

/** Items, or values of an attribute: never both. A pin has one item. */
function List({ rule, at, change, pinned = false }: Props & { pinned?: boolean }) {
  const { edit } = useSpeech().t.placements
  const byItems = rule.attribute === undefined
  const { items, item, attribute, values, ...rest } = rule
  const choose = (by: string) => {
    if (by === 'attribute') change({ ...rest, attribute: 'category', values: [] })
    else change(pinned ? { ...rest, item: '' } : { ...rest, items: [] })
  }
  return (
    <>
      <div className="field">
        <span className="label" id={`${at}-by`}>{edit.by}</span>
        <SegmentedControl aria-labelledby={`${at}-by`} value={byItems ? 'items' : 'attribute'} data={[{ value: 'attribute', label: edit.byAttribute }, { value: 'items', label: edit.byItems }]} onChange={choose} />
      </div>
      {!byItems && <Attribute rule={rule} at={at} change={change} />}
      {!byItems && <WordsField label={edit.values} description={edit.valuesNext} at={`${at}/values`} values={values ?? []} onChange={next => { change({ ...rest, attribute: attribute ?? '', values: next }) }} />}
      {byItems && pinned && <ItemsField label={edit.item} description={edit.itemsNext} at={`${at}/item`} values={item ? [item] : []} max={1} onChange={([next]) => { change({ ...rest, item: next ?? '' }) }} />}
      {byItems && !pinned && <ItemsField label={edit.items} description={edit.itemsNext} at={`${at}/items`} values={items ?? []} onChange={next => { change({ ...rest, items: next }) }} />}
    </>
  )
}

function Numbered({ field, rule, at, change }: Props & { field: keyof typeof numberFields }) {
  const { edit } = useSpeech().t.placements
  const { member, low, high, ...more } = numberFields[field]
  const set = (value: number | undefined) => {
    const { [member]: _, ...rest } = rule
    change(value === undefined ? rest : { ...rest, [member]: value })
  }
  return <NumberField label={edit.numbers[field]} at={`${at}/${member}`} value={rule[member]} low={low} high={high} whole={'whole' in more} percent={'percent' in more} onChange={set} />
}

function Field({ field, rule, at, change }: Props & { field: RuleField }) {
  const { edit } = useSpeech().t.placements
  switch (field) {
    case 'list': return <List rule={rule} at={at} change={change} />
    case 'pinned': return <List rule={rule} at={at} change={change} pinned />
    case 'attribute': return <Attribute rule={rule} at={at} change={change} />
    case 'with':
      return <Select label={edit.with} allowDeselect={false} data={Object.entries(edit.withs).map(([value, label]) => ({ value, label }))} value={rule.with ?? 'current_item'} onChange={value => { change({ ...rule, with: value ?? 'current_item' }) }} />
    case 'differs':
      return <Switch label={edit.differs} checked={rule.differs === true} onChange={event => { const { differs: _, ...rest } = rule; change(event.currentTarget.checked ? { ...rest, differs: true } : rest) }} />
    case 'unknown':
      return <Select label={edit.unknown} allowDeselect={false} data={[{ value: 'keep', label: edit.unknowns.keep }, { value: 'remove', label: edit.unknowns.remove }]} value={rule.unknown ?? 'keep'} onChange={value => { change({ ...rule, unknown: value === 'remove' ? 'remove' : 'keep' }) }} />
    default: return <Numbered field={field} rule={rule} at={at} change={change} />
  }
}

function Schedule({ rule, at, change }: Props) {
  const { edit } = useSpeech().t.placements
  const set = (member: 'from' | 'until', iso: string | undefined) => {
    const { [member]: _, ...rest } = rule
    change(iso ? { ...rest, [member]: iso } : rest)
  }
  return (
    <details open={rule.from !== undefined || rule.until !== undefined}>
      <summary>{edit.schedule}</summary>
      <div className="fields">
        <InstantField label={edit.from} description={edit.zone} at={`${at}/from`} value={rule.from} onChange={iso => { set('from', iso) }} />
        <InstantField label={edit.until} description={edit.zone} at={`${at}/until`} value={rule.until} onChange={iso => { set('until', iso) }} />
      </div>
    </details>
  )
}

function RuleRow({ rule, at, change }: Props) {
  const { t, format } = useSpeech()
  const { edit } = t.placements
  const kind = edit.kinds[rule.kind as RuleKind]
  const refusal = useRefusal(at)
  return (
    <div className="stack-tight">
      <div className="rule-head">
        <p className={rule.off ? 'gone' : ''}><b>{kind}</b><br /><span className="quiet">{ruleSentence(rule, t, format)}</span></p>
        <Switch aria-label={edit.onOff(kind)} checked={!rule.off} onChange={event => { const { off: _, ...rest } = rule; change(event.currentTarget.checked ? rest : { ...rest, off: true }) }} />
      </div>
      {refusal && <p className="refusal" role="alert">{refusal}</p>}
      {(formOf(rule.kind)?.fields.length ?? 0) > 0 && <div className="fields">{formOf(rule.kind)?.fields.map(field => <Field key={field} field={field} rule={rule} at={at} change={change} />)}</div>}
      <Schedule rule={rule} at={at} change={change} />
    </div>
  )
}

/** Rules of one stage, each with its place in the whole list. */
function Stage({ stage }: { stage: RuleStage }) {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  const rules = placement.rules ?? []
  const here = rules.flatMap((rule, index) => (stageOf(rule.kind) === stage ? [{ rule, index }] : []))
  if (here.length === 0) return null
  const put = (next: Rule[]) => { change({ ...placement, rules: next }) }
  /** Within their places of the whole list. */
  const move = (from: number, to: number) => {
    const order = here.map(({ rule }) => rule)
    order.splice(to, 0, ...order.splice(from, 1))
    const next = [...rules]
    here.forEach(({ index }, place) => { const rule = order[place]; if (rule) next[index] = rule })
    put(next)
  }
  return (
    <section className="stack-tight">
      <h3>{edit.stages[stage]}</h3>
      <ol className="movables">
        {here.map(({ rule, index }, place) => (
          <Movable key={index} name={edit.kinds[rule.kind as RuleKind]} index={place} count={here.length} list={stage} onMove={move} onRemove={() => { put(rules.toSpliced(index, 1)) }}>
            <RuleRow rule={rule} at={`/rules/${String(index)}`} change={next => { put(rules.with(index, next)) }} />
          </Movable>
        ))}
      </ol>
    </section>
  )
}

function AddRule() {
  const { edit } = useSpeech().t.placements
  const { placement, change } = useEdited()
  const rules = placement.rules ?? []
  const once = (kind: RuleKind) => ruleForms[kind].fields.length === 0 && rules.some(rule => rule.kind === kind)
  return (
    <Menu position="bottom-start" withinPortal={false}>
      <Menu.Target><Button variant="default" disabled={rules.length >= RULES_MAX}>{edit.addRule}</Button></Menu.Target>
      <Menu.Dropdown className="tall-menu">
        {ruleStages.map(stage => [
          <Menu.Label key={stage}>{edit.stages[stage]}</Menu.Label>,
          ...(Object.keys(ruleForms) as RuleKind[]).filter(kind => ruleForms[kind].stage === stage && !once(kind)).map(kind => (
            <Menu.Item key={kind} onClick={() => { change({ ...placement, rules: [...rules, structuredClone<Rule>(ruleForms[kind].start)] }) }}>{edit.kinds[kind]}</Menu.Item>
          )),
        ])}
      </Menu.Dropdown>
    </Menu>
  )
}

export function Rules() {
  const { t } = useSpeech()
  const { placement } = useEdited()
  return (
    <div className="stack">
      <p className="quiet">{(placement.rules ?? []).length > 0 ? t.placements.edit.rulesNext : t.placements.noRules}</p>
      {ruleStages.map(stage => <Stage key={stage} stage={stage} />)}
      <div><AddRule /></div>
    </div>
  )
}
