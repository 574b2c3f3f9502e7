// What routes answer whose shape spec/openapi.yaml leaves open: written after docs/explanations.md, docs/catalog.md, docs/identity.md.
import type { Schemas } from './client'

export type Strategy = Schemas['Strategy']
export const strategies = [
  'sessions', 'viewed_together', 'bought_together', 'bought_after_view', 'viewed_next', 'similar', 'complete_basket', 'recently_viewed', 'repurchase_due',
  'category_trending', 'category_best_sellers', 'trending', 'best_sellers', 'new_arrivals', 'manual',
] as const satisfies readonly Strategy[]

export interface Contribution { name: string; value: number; sentence: string }
export interface Cause { itemId: string; title: string; fact: string; strategy: string; share: number }
export interface Told { sentence: string }
export interface Counted extends Told { count: number; reason: string }

export interface ExplainedItem {
  itemId: string
  title: string
  rank: number
  slot?: number
  invited?: boolean
  score: number
  probability: number
  contributions: Contribution[]
  reason: string
  because?: Cause[]
  why?: string
}

export interface Change extends Told { kind: string; certain: boolean }

export interface Explanation {
  id: string
  placement: string
  policy: number
  at: string
  known?: { personal: boolean; level: number }
  basis?: { token: string; sentence: string }
  read?: { fact: string; sentence: string; values: string[] }[]
  candidates?: { strategy: string; name: string; count: number }[]
  removed?: { itemId: string; title: string; reason: string; sentence: string }[]
  removedCounts?: Counted[]
  operations?: { operation: string; of: string; count: number; sentence: string }[]
  items?: ExplainedItem[]
  order?: { id: string; place: number; shopPlace: number; moved: boolean; habit: number }[]
  runnerUp?: (ExplainedItem & { gap: number }) | null
  personalised: boolean
  explored: boolean
  experiment?: { arm: 'chosen' | 'holdout'; probability: number }
  fallback?: { token: string; sentence: string }
  sentences: string[]
  whatIf?: { changes: Change[]; tried: number; untried: number }
}

export interface CardItem { itemId: string; title: string; image: string; reason: string }

/** One moment as GET /v1/moments tells it. */
export interface Moment {
  id: string
  at: string
  who: string
  level: number
  basis: string
  placement: string
  name: string
  page: string
  pageItem: string
  personalised: boolean
  explored: boolean
  policy: number
  fallback: string
  lang: 'fr' | 'en'
  simulated?: boolean
  items: CardItem[]
  explanation: Explanation
}

export interface Step { strategy: Strategy; weight?: number; key?: string; lookbackDays?: number; items?: string[] }

export interface Rule {
  kind: string
  attribute?: string
  values?: string[]
  items?: string[]
  than?: string
  with?: string
  unknown?: 'keep' | 'remove'
  off?: boolean
  differs?: boolean
  min?: number
  max?: number
  factor?: number
  slot?: number
  item?: string
  among?: number
  weight?: number
  share?: number
  days?: number
  from?: string
  until?: string
}

export interface Placement {
  id: string
  name: string
  kind: 'items' | 'order'
  recipe?: Step[]
  mix?: 'in_order' | 'weighted' | 'blend'
  rules?: Rule[]
  fallback?: Step[]
  minimum?: number
  partial?: boolean
  items?: string[]
  moves?: number
  count?: number
  deadlineMs?: number
  affinityWeight?: number
  marginWeight?: number
  explore?: number
  priority?: number
  objective?: { kind: 'purchase' | 'margin' | 'click' | 'lead' | 'event'; event?: string; value?: number; horizonDays?: number; cap?: number; minimumEffect?: number; exposure?: 'answered' | 'seen' }
  holdout?: { share?: number; arm?: 'best_sellers' | 'empty' }
  stopped?: boolean
}

export interface Placements { version: number; publishedMs: number; placements: Placement[] }

export interface ItemTexts { title: string; description?: string; url?: string; category?: string }
export interface Variant { id: string; price?: string; listPrice?: string; stock?: number | null; image?: string; attributes?: Record<string, unknown> }

export interface Item extends ItemTexts {
  id: string
  image?: string
  brand?: string
  price?: string
  listPrice?: string
  cost?: string
  currency?: string
  stock?: number | null
  hidden?: boolean
  attributes?: Record<string, unknown>
  variants?: Variant[]
  texts?: Record<string, ItemTexts>
}

export interface Prices {
  item: string
  recent?: { lowest?: string; from: string; whole: boolean }
  reduction?: { since: string; reference?: string; from?: string; whole?: boolean }
  prices: { at: string; price: string; listPrice?: string; currency: string }[]
}

export type FeedDiffKind = 'new' | 'priceDown' | 'priceUp' | 'outOfStock' | 'backInStock' | 'changed' | 'gone'

export interface FeedReport {
  outcome: 'never' | 'not_modified' | 'taken' | 'held' | 'failed'
  started?: string
  finished?: string
  detail?: string
  line?: number
  rows?: number
  refused?: number
  items?: number
  before?: number
  written?: number
  hidden?: number
  errors?: { line?: number; column?: number; field?: string; detail: string }[]
  [count: string]: unknown
}

export const feedFormats = ['auto', 'csv', 'tsv', 'ndjson', 'xml'] as const

export interface FeedSettings {
  url: string
  mode: 'full' | 'delta'
  format: typeof feedFormats[number]
  everyMinutes: number
  paused: boolean
  holdPercent: number
  locale?: string
  map: Record<string, string>
}

export interface Feed extends FeedSettings {
  id: string
  running: boolean
  next?: string
  last: FeedReport
}

export interface Feeds { feeds: Feed[]; held: string[] }

export const identifierTypes = ['email', 'user_id', 'anonymous_id', 'phone', 'loyalty', 'push', 'social'] as const
export type IdentifierType = typeof identifierTypes[number]

export interface Person {
  person: string
  node: string
  identifiers: { type: string; value: string; node: string }[]
  links: { from: string; to: string; fromType: string; toType: string; state: 'proven' | 'claimed' | 'withdrawn'; since: string }[]
  level: number
  missing: string
  robot: boolean
  events: { count: number; views: number; searches: number; first?: string; last?: string }
  sessions: { count: number; lastStart?: string; lastEvents: number }
  traits: { name: string; value: string; source: string; at: string }[]
  affinities: { attribute: string; value: string; weight: number }[]
  recents: { item: string; views: number; at: string }[]
  sizes: { system: string; size: string; kept: number; declared: boolean }[]
  basket: { item: string; quantity: number; priceMinor?: number; at: string }[]
  bought: { item: string; quantity: number; at: string }[]
  orders: { count: number; refunds: number; first?: string; last?: string; money: { currency: string; spentMinor: number; refundedMinor: number }[] }
  consents: { node: string; purposes: { purpose: string; state: 'granted' | 'denied' | 'unknown'; at?: string; source?: string; objected: boolean }[]; history: Choice[] }[]
}

export interface Choice { at: string; source: 'event' | 'api' | 'import'; state: 'granted' | 'denied' | 'unknown'; objection: boolean; text?: string; purposes: string[] }

export interface Erasure { receipt: string; events: number; decisions: number; nodes: number }

export interface OpenSession { id: string; begun: string; seen: string; address: string; present: boolean }
