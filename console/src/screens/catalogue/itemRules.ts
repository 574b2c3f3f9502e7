import type { Item, Placement, Rule } from '../../api/shapes'

/** A rule of a placement that names this item or what it is; without one, the item is chosen by hand in a step. */
export interface RuleFound { placement: Placement; rule: Rule | null }

const valuesOf = (item: Item, attribute: string): string[] => {
  if (attribute === 'brand') return item.brand ? [item.brand] : []
  const own = item.attributes?.[attribute]
  return Array.isArray(own) ? own.map(String) : own === undefined ? [] : [String(own)]
}

function isAbout(rule: Rule, item: Item): boolean {
  if (rule.item === item.id || rule.items?.includes(item.id)) return true
  if (!rule.attribute || !rule.values) return false
  if (rule.attribute === 'category') return rule.values.some(path => item.category === path || item.category?.startsWith(`${path} > `))
  return valuesOf(item, rule.attribute).some(value => rule.values?.includes(value))
}

export function rulesAbout(item: Item, placements: Placement[]): RuleFound[] {
  return placements.flatMap(placement => [
    ...(placement.rules ?? []).filter(rule => isAbout(rule, item)).map(rule => ({ placement, rule })),
    ...((placement.recipe ?? []).some(step => step.items?.includes(item.id)) ? [{ placement, rule: null }] : []),
  ])
}
