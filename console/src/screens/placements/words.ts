// A placement told in sentences, from the object that is published.
import type { Placement, Rule, Step } from '../../api/shapes'
import type { Texts } from '../../i18n'
import type { Formats } from '../../i18n/format'
import { HOLDOUT_SHARE } from './model'

export const stepNames = (placement: Placement, t: Texts) => (placement.recipe ?? []).map(step => t.strategies[step.strategy].name).join(', ')

export function objectiveSentence(placement: Pick<Placement, 'objective'>, t: Texts, format: Formats): string {
  const { objective } = placement
  if (!objective) return t.placements.noObjective
  const what = objective.kind === 'event' ? t.objectives.event(objective.event ?? '') : t.objectives[objective.kind]
  return objective.horizonDays ? t.placements.within(what, format.number(objective.horizonDays)) : what
}

export function holdoutSentence({ objective, holdout }: Pick<Placement, 'objective' | 'holdout'>, t: Texts, format: Formats): string {
  if (!objective) return ''
  const share = holdout?.share ?? HOLDOUT_SHARE
  if (share === 0) return t.placements.noHoldout
  return t.placements.holdout(format.percent(share), holdout?.arm === 'empty')
}

export function stepSentence(step: Step, t: Texts, format: Formats): string {
  const extras = [
    step.key ? t.keys[step.key] ?? step.key : '',
    step.lookbackDays ? t.placements.lookback(step.lookbackDays) : '',
    step.weight !== undefined && step.weight !== 1 ? t.placements.weight(format.number(step.weight)) : '',
    step.items ? step.items.join(', ') : '',
  ].filter(Boolean)
  return t.strategies[step.strategy].sentence + (extras.length > 0 ? ` (${extras.join(t.placements.semicolon)})` : '')
}

export function ruleSentence(rule: Rule, t: Texts, format: Formats): string {
  const tell = t.rules[rule.kind]
  const sentence = tell ? tell(rule, format) : rule.kind
  const when = [rule.off && t.placements.off, rule.from && t.placements.from(format.date(rule.from)), rule.until && t.placements.until(format.date(rule.until))].filter(Boolean)
  return when.length > 0 ? `${sentence} (${when.join(', ')})` : sentence
}

/** What a rule is about: "brand = Ida, Nil", or the items named. */
export function aboutOf(rule: Rule): string {
  const { attribute, values, items } = rule
  if (attribute && values) return `${attribute} = ${values.join(', ') || '…'}`
  if (items) return items.join(', ') || '…'
  return attribute ?? ''
}

/** "user:ada" is Ada; keys and commands say that they are. */
export function authorOf(by: string, t: Texts): string {
  const [kind = '', ...rest] = by.split(':')
  const name = rest.join(':')
  if (kind === 'key') return t.placements.versions.authors.key(name)
  if (kind === 'command') return t.placements.versions.authors.command(name)
  return name || by
}
