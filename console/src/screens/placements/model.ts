// What a placement may say, as spec/openapi.yaml has it: which fields a rule of each kind has, what each strategy starts from.
import { strategies, type Placement, type Rule, type Step, type Strategy } from '../../api/shapes'

export const COUNT_MAX = 50
export const STEPS_MAX = 16
export const RULES_MAX = 32

const itemKeys = ['current_item', 'basket', 'last_bought', 'last_viewed']
const categoryKeys = ['page_category', 'current_item', 'favourite_category', 'last_bought', 'last_viewed']
const keysOf: Partial<Record<Strategy, string[]>> = {
  bought_together: itemKeys, viewed_together: itemKeys, bought_after_view: itemKeys, similar: itemKeys, complete_basket: ['basket'],
  new_arrivals: categoryKeys, category_trending: categoryKeys, category_best_sellers: categoryKeys,
}
export const stepKeys = (strategy: Strategy): string[] => keysOf[strategy] ?? []

/** Does the step read the person's own views or orders, so that a look-back means something? */
export function readsHistory({ strategy, key }: Step): boolean {
  if (strategy === 'recently_viewed' || strategy === 'repurchase_due') return true
  if (key === undefined) return strategy === 'bought_together' || strategy === 'viewed_together' || strategy === 'similar'
  return key === 'last_bought' || key === 'last_viewed'
}

export const allStrategies: readonly Strategy[] = strategies

export const ruleStages = ['remove', 'lift', 'pin', 'cap', 'vary', 'draw'] as const
export type RuleStage = typeof ruleStages[number]
export type RuleField = 'list' | 'pinned' | 'attribute' | 'with' | 'differs' | 'unknown' | keyof typeof numberFields

/** percent: kept as a share, shown as a percentage. */
interface NumberField { member: 'min' | 'max' | 'factor' | 'slot' | 'among' | 'weight' | 'share' | 'days'; low: number; high: number; whole?: true; percent?: true; optional?: true }
export const numberFields = {
  ratioMin: { member: 'min', low: 0, high: 1000, optional: true },
  ratioMax: { member: 'max', low: 0, high: 1000, optional: true },
  stockMin: { member: 'min', low: 0, high: 1_000_000, whole: true, optional: true },
  stockMax: { member: 'max', low: 0, high: 1_000_000, whole: true, optional: true },
  marginMin: { member: 'min', low: 0, high: 100 },
  factor: { member: 'factor', low: 1, high: 10 },
  slot: { member: 'slot', low: 1, high: COUNT_MAX, whole: true },
  capMax: { member: 'max', low: 1, high: COUNT_MAX, whole: true },
  among: { member: 'among', low: 2, high: COUNT_MAX, whole: true },
  diversity: { member: 'weight', low: 0, high: 1, percent: true },
  share: { member: 'share', low: 0.01, high: 0.5, percent: true },
  days: { member: 'days', low: 1, high: 90, whole: true },
} as const satisfies Record<string, NumberField>

export interface RuleForm { stage: RuleStage; fields: RuleField[]; start: Rule }
const bare = (kind: string): RuleForm => ({ stage: 'remove', fields: [], start: { kind } })

/** In the order of operations; docs/placements.md. */
export const ruleForms = {
  in_stock: bare('in_stock'),
  exclude_current: bare('exclude_current'),
  include: { stage: 'remove', fields: ['list'], start: { kind: 'include', attribute: 'category', values: [] } },
  exclude: { stage: 'remove', fields: ['list'], start: { kind: 'exclude', attribute: 'category', values: [] } },
  price: { stage: 'remove', fields: ['ratioMin', 'ratioMax'], start: { kind: 'price', min: 0.5, max: 2 } },
  stock: { stage: 'remove', fields: ['stockMin', 'stockMax'], start: { kind: 'stock', min: 3 } },
  match: { stage: 'remove', fields: ['attribute', 'with', 'differs'], start: { kind: 'match', attribute: 'category', with: 'current_item' } },
  margin: { stage: 'remove', fields: ['marginMin', 'unknown'], start: { kind: 'margin', min: 20, unknown: 'remove' } },
  my_size: { stage: 'remove', fields: ['unknown'], start: { kind: 'my_size', unknown: 'keep' } },
  exclude_bought: bare('exclude_bought'),
  exclude_basket: bare('exclude_basket'),
  exclude_viewed: bare('exclude_viewed'),
  exclude_page: bare('exclude_page'),
  boost: { stage: 'lift', fields: ['factor', 'list'], start: { kind: 'boost', factor: 2, attribute: 'brand', values: [] } },
  bury: { stage: 'lift', fields: ['factor', 'list'], start: { kind: 'bury', factor: 2, attribute: 'brand', values: [] } },
  pin: { stage: 'pin', fields: ['slot', 'pinned'], start: { kind: 'pin', slot: 1, item: '' } },
  cap: { stage: 'cap', fields: ['attribute', 'capMax'], start: { kind: 'cap', attribute: 'brand', max: 2 } },
  diversity: { stage: 'vary', fields: ['diversity'], start: { kind: 'diversity', weight: 0.3 } },
  shuffle: { stage: 'draw', fields: ['among'], start: { kind: 'shuffle', among: 8 } },
  arrivals: { stage: 'draw', fields: ['share', 'days'], start: { kind: 'arrivals', share: 0.2, days: 14 } },
} as const satisfies Record<string, RuleForm>

export type RuleKind = keyof typeof ruleForms
export const isRuleKind = (kind: string): kind is RuleKind => Object.hasOwn(ruleForms, kind)
export const formOf = (kind: string): RuleForm | undefined => (isRuleKind(kind) ? ruleForms[kind] : undefined)
export const stageOf = (kind: string): RuleStage => formOf(kind)?.stage ?? 'remove'

/** What is meant where a member is left out. */
export const defaults = {
  mix: 'in_order', count: 8, deadlineMs: 100, affinityWeight: 0, explore: 0, minimum: 0, partial: true, priority: 0, moves: 3,
} as const
export const HOLDOUT_SHARE = 0.1
export const HORIZON_DAYS = 7

const step = (strategy: Strategy, more: Partial<Step> = {}): Step => ({ strategy, weight: 1, ...more })
const usual: Rule[] = [{ kind: 'in_stock' }, { kind: 'exclude_basket' }, { kind: 'exclude_bought' }]
const bought: Pick<Placement, 'objective'> = { objective: { kind: 'purchase', horizonDays: HORIZON_DAYS } }

/** What a new placement may begin from. */
export const starts = {
  forYou: {
    kind: 'items', mix: 'blend', count: 4, rules: [...usual, { kind: 'exclude_page' }], ...bought,
    recipe: [step('sessions'), step('viewed_together'), step('bought_together'), step('repurchase_due'), step('bought_together', { key: 'last_bought' }),
      step('category_best_sellers'), step('trending'), step('best_sellers'), step('new_arrivals'), step('similar')],
  },
  goesWith: { kind: 'items', mix: 'in_order', count: 4, rules: [...usual, { kind: 'exclude_current' }], ...bought, recipe: [step('bought_together'), step('viewed_together'), step('category_best_sellers'), step('best_sellers')] },
  basket: { kind: 'items', mix: 'in_order', count: 3, rules: usual, ...bought, recipe: [step('complete_basket'), step('bought_together', { key: 'basket' }), step('best_sellers')] },
  trends: { kind: 'items', mix: 'in_order', count: 8, rules: [{ kind: 'in_stock' }, { kind: 'exclude_bought' }], ...bought, recipe: [step('trending'), step('best_sellers')], affinityWeight: 0.5 },
  byHand: { kind: 'items', mix: 'in_order', count: 4, rules: [{ kind: 'in_stock' }], recipe: [step('best_sellers')] },
  menu: { kind: 'order', items: [], moves: 2 },
} as const satisfies Record<string, Omit<Placement, 'id' | 'name' | 'recipe' | 'rules' | 'items'> & { recipe?: readonly Step[]; rules?: readonly Rule[]; items?: readonly string[] }>
export type Start = keyof typeof starts

/** An id as the interface takes it, from a name in any language. */
export const slug = (name: string) => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64)

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]))
}
/** The same bytes for what means the same. */
export const canonical = (value: unknown) => JSON.stringify(sorted(value))
export const same = (a: unknown, b: unknown) => canonical(a) === canonical(b)

const isStrategy = (name: unknown): name is Strategy => (strategies as readonly unknown[]).includes(name)
const texts = (list: unknown) => (Array.isArray(list) ? { list: list.map(String) } : null)

function wholeStep(step: unknown): Step {
  const whole = (typeof step === 'string' ? { strategy: step } : step) as Step
  if (!isStrategy(whole.strategy)) throw new Error(`strategy: ${String(whole.strategy)}`)
  const items = texts(whole.items)
  return { ...whole, ...(items && { items: items.list }) }
}

function wholeRule(rule: unknown): Rule {
  const whole = (typeof rule === 'string' ? { kind: rule } : rule) as Rule
  if (!isRuleKind(whole.kind)) throw new Error(`kind: ${String(whole.kind)}`)
  const [items, values] = [texts(whole.items), texts(whole.values)]
  return { ...whole, ...(items && { items: items.list }), ...(values && { values: values.list }) }
}

const isForYou = (recipe: unknown) => recipe === 'for_you' || (Array.isArray(recipe) && recipe.length === 1 && recipe[0] === 'for_you')

/** A placement as a person or a program writes it, short forms written out. Throws what is not one at all. */
export function whole(written: object): Placement {
  const { recipe, fallback, rules, items, name, kind, ...rest } = written as Partial<Record<keyof Placement, unknown>>
  for (const list of [fallback, rules, items, ...(isForYou(recipe) ? [] : [recipe])])
    if (list !== undefined && !Array.isArray(list)) throw new Error(JSON.stringify(list))
  const list = items === undefined ? null : texts(items)
  return {
    ...rest as Placement,
    name: typeof name === 'string' ? name : String(rest.id),
    kind: kind === 'order' ? 'order' : 'items',
    ...(recipe !== undefined && (isForYou(recipe) ? { recipe: [...starts.forYou.recipe], mix: 'blend' as const } : { recipe: (recipe as unknown[]).map(wholeStep) })),
    ...(fallback !== undefined && { fallback: (fallback as unknown[]).map(wholeStep) }),
    ...(rules !== undefined && { rules: (rules as unknown[]).map(wholeRule) }),
    ...(list && { items: list.list }),
  }
}
