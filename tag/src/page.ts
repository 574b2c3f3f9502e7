// Which page the visitor is on, also where a page changes without loading, and how long it was really looked at.
import { accepted } from './consent'
import { later, on, parsed, told } from './safe'
import { Properties, send } from './send'

export interface PageInfo { type?: string, itemId?: string, category?: string }
export interface CartLine { itemId: string, quantity?: number }

let info: PageInfo = {}
let cart: CartLine[] | null = null
let address = ''
let place: Properties = {} // url and path, of the page whose time runs
let before = document.referrer
let lookedMs = 0
let since = 0
const listeners: (() => void)[] = []

/** Of a query only what campaigns say: the rest may hold anything. */
function cleaned(url: string): string {
  const { origin, pathname, searchParams } = new URL(url, location.href)
  const kept = [...searchParams].filter(([name]) => name.startsWith('utm_'))
  return origin + pathname + (kept.length ? `?${new URLSearchParams(kept)}` : '')
}

function campaign(): Properties | undefined {
  const kept = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith('utm_'))
  return kept.length ? Object.fromEntries(kept.map(([name, value]) => [name === 'utm_campaign' ? 'name' : name.slice(4), value])) : undefined
}

export const setPage = (more: PageInfo) => { info = { ...info, ...more } }
export const setCart = (lines: CartLine[]) => { cart = lines }

/** What the calls said, else the page's own attributes. */
export function pageInfo(): PageInfo {
  const at = document.querySelector('[data-visavis-page]')
  const own = at ? { type: told(at, 'page'), itemId: told(at, 'item'), category: told(at, 'category') } : {}
  const named = Object.fromEntries(Object.entries(own).filter(([, value]) => value))
  return { ...named, ...info }
}

/** The basket as the shop hands it over. */
export function cartLines(): CartLine[] | undefined {
  const lines = cart ?? parsed(document.querySelector('[data-visavis-cart]')?.getAttribute('data-visavis-cart') ?? null)
  return Array.isArray(lines) && lines.length ? lines.slice(0, 50) : undefined
}

export const language = () => document.documentElement.lang || navigator.language

/** What every message says of its surroundings. */
export function context(): Properties {
  return {
    page: { ...place, title: document.title, ...(before && { referrer: cleaned(before) }) },
    locale: language(), timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, campaign: campaign(),
    library: { name: 'visavis-tag' },
  }
}

/** For a decision: of who has not agreed the path alone. */
export function decideContext(): Properties {
  const url = accepted() ? cleaned(location.href) : location.origin + location.pathname
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return { page: { ...pageInfo(), url }, cart: cartLines(), locale: language(), timezone }
}

export function track(event: string, properties: Properties = {}, soon = false) {
  send({ type: 'track', event, properties }, context(), soon)
}

/** Seconds since it was last told; less than one is not worth a message. */
function tellTime() {
  if (since) lookedMs += performance.now() - since
  since = document.visibilityState === 'visible' ? performance.now() : 0
  if (lookedMs < 1000) return
  const seconds = Math.round(lookedMs / 100) / 10
  lookedMs = 0
  track('Page Time', { seconds, ...place })
}

export function tellPage() {
  const { page } = context() as { page: Properties }
  send({ type: 'page', name: document.title, properties: page }, context())
}

const here = () => location.pathname + location.search

function look() {
  if (here() === address) return
  const first = !address
  if (!first) {
    tellTime()
    info = {}
    before = location.origin + address
  }
  address = here()
  place = { url: cleaned(location.href), path: location.pathname }
  tellPage()
  if (!first) for (const listener of listeners) listener()
}

/** Wraps a method of history: what the application asked for happens first, whatever becomes of ours. */
function follow(name: 'pushState' | 'replaceState') {
  const own = history[name]
  history[name] = function (this: History, ...given: Parameters<History['pushState']>) {
    own.apply(this, given)
    later(look, 0) // after the application has drawn, with its own title
  }
}

export const whenPageChanges = (listener: () => void) => listeners.push(listener)

export function startPages() {
  follow('pushState')
  follow('replaceState')
  on(window, 'popstate', () => later(look, 0))
  on(document, 'visibilitychange', tellTime)
  on(window, 'pagehide', tellTime)
  on<PageTransitionEvent>(window, 'pageshow', event => { if (event.persisted) tellPage() })
  since = document.visibilityState === 'visible' ? performance.now() : 0
  look()
}

/** Downloads, as links name them. */
export function startDownloads() {
  const kinds = /\.(pdf|zip|docx?|xlsx?|pptx?|odt|ods|csv|epub|mp3|mp4|gpx)$/i
  on(document, 'click', event => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[href]')
    if (link && (link.hasAttribute('download') || kinds.test(link.pathname)))
      track('File Downloaded', { file: link.origin + link.pathname }, true)
  })
}

