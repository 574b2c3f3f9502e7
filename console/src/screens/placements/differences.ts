// What one version says and another does not, in sentences.
import type { Placement, Rule, Step } from '../../api/shapes'
import type { Texts } from '../../i18n'
import type { Formats } from '../../i18n/format'
import { canonical, defaults, same } from './model'
import { holdoutSentence, objectiveSentence, ruleSentence, stepSentence } from './words'

export interface Difference { kind: 'new' | 'gone' | 'changed'; where: string; before?: string; now?: string }

type Tell<T> = (thing: T) => string
interface Listed<T> { where: string; before: readonly T[]; now: readonly T[]; alike: (a: T, b: T) => boolean; tell: Tell<T>; reordered: string }

/** What stands in both counts for nothing, save that its order changed; of the others those that are about the same thing are pairs. */
function ofLists<T>({ where, before, now, alike, tell, reordered }: Listed<T>): Difference[] {
  const today = new Set(now.map(canonical))
  const kept = new Set(before.map(canonical).filter(one => today.has(one)))
  const gone = before.filter(one => !kept.has(canonical(one)))
  const told: Difference[] = []
  for (const one of now.filter(other => !kept.has(canonical(other)))) {
    const at = gone.findIndex(other => alike(other, one))
    const was = gone[at]
    if (was === undefined) { told.push({ kind: 'new', where, now: tell(one) }); continue }
    gone.splice(at, 1)
    told.push({ kind: 'changed', where, before: tell(was), now: tell(one) })
  }
  told.push(...gone.map(one => ({ kind: 'gone' as const, where, before: tell(one) })))
  const order = (list: readonly T[]) => list.map(canonical).filter(one => kept.has(one)).join()
  if (order(before) !== order(now)) told.push({ kind: 'changed', where, now: reordered })
  return told
}

type Member = 'name' | 'mix' | 'count' | 'minimum' | 'partial' | 'deadlineMs' | 'affinityWeight' | 'marginWeight' | 'explore' | 'priority' | 'moves' | 'stopped'

function tellMembers(t: Texts, format: Formats): Record<Member, (placement: Placement) => string> {
  const { tells } = t.placements
  const value = (placement: Placement, member: 'count' | 'minimum' | 'deadlineMs' | 'affinityWeight' | 'priority' | 'moves') => format.number(placement[member] ?? defaults[member])
  return {
    name: ({ name }) => name,
    mix: ({ mix }) => t.mixes[mix ?? defaults.mix],
    count: placement => tells.count(value(placement, 'count')),
    minimum: placement => tells.minimum(value(placement, 'minimum')),
    partial: ({ partial }) => (partial === false ? tells.withheld : tells.partial),
    deadlineMs: placement => tells.deadline(value(placement, 'deadlineMs')),
    affinityWeight: placement => tells.tastes(value(placement, 'affinityWeight')),
    marginWeight: ({ marginWeight }) => (marginWeight === undefined ? tells.marginLearned : tells.margin(format.number(marginWeight))),
    explore: ({ explore }) => tells.explore(format.percent(explore ?? 0)),
    priority: placement => tells.priority(value(placement, 'priority')),
    moves: placement => tells.moves(value(placement, 'moves')),
    stopped: ({ stopped }) => (stopped ? tells.stopped : tells.started),
  }
}

const meant = (placement: Placement, member: Member): unknown => placement[member] ?? (member === 'stopped' ? false : (defaults as Partial<Record<Member, unknown>>)[member])

export function differences(before: Placement, now: Placement, t: Texts, format: Formats): Difference[] {
  const told: Difference[] = []
  const { where } = t.placements
  const pair = (name: string, tell: Tell<Placement>) => { told.push({ kind: 'changed', where: name, before: tell(before), now: tell(now) }) }
  for (const [member, tell] of Object.entries(tellMembers(t, format)))
    if (!same(meant(before, member as Member), meant(now, member as Member))) pair(where[member as Member], tell)
  if (!same(before.objective, now.objective)) pair(where.objective, placement => [objectiveSentence(placement, t, format), placement.objective?.value === undefined ? '' : t.placements.tells.value(format.number(placement.objective.value))].filter(Boolean).join(' '))
  if (before.objective && now.objective && holdoutSentence(before, t, format) !== holdoutSentence(now, t, format)) pair(where.holdout, placement => holdoutSentence(placement, t, format))
  const steps = (name: string, then: readonly Step[] = [], today: readonly Step[] = []) => ofLists({
    where: name, before: then, now: today, alike: (a: Step, b: Step) => a.strategy === b.strategy, reordered: t.placements.tells.reordered,
    tell: step => t.placements.tells.step(t.strategies[step.strategy].name, stepSentence(step, t, format)),
  })
  told.push(...steps(where.recipe, before.recipe, now.recipe), ...steps(where.fallback, before.fallback, now.fallback))
  told.push(...ofLists({
    where: where.rules, before: before.rules ?? [], now: now.rules ?? [], alike: (a: Rule, b: Rule) => a.kind === b.kind, reordered: t.placements.tells.reordered,
    tell: rule => ruleSentence(rule, t, format),
  }))
  if (!same(before.items, now.items)) pair(where.items, ({ items }) => items?.join(', ') ?? '')
  return told
}
