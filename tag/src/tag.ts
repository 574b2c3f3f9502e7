// The browser tag: what a shop's page loads. It sends what happens, fills the places, and obeys the visitor's choice; where the
// server is dead, slow or talks nonsense, the page is as without it.
import { leaveProduct, readProduct, sayProductTold, startCommerce, tellProduct, tellProductAgain, tellViews } from './commerce'
import { accepted, Choice, choose, chosen, startAnew, whenChosen } from './consent'
import { decide, Decision, Wish } from './decide'
import { CartLine, context, PageInfo, setCart, setPage, startDownloads, startPages, tellPage, track, whenPageChanges } from './page'
import { Asked, askFor, findPlaces, startPlaces, takeBackPersonal } from './places'
import { isObject, on, parsed, safely } from './safe'
import { forgetQueue, Properties, send, setUser, startSending, takeUpStored } from './send'
import { base, Call, consentFrom, consentNames, consentVendor, deadline, Front, key, privacyPage } from './settings'
import { startSight } from './sight'

type Listener = (...told: unknown[]) => void
const MANAGERS = ['__tcfapi', 'CookieConsent', 'tarteaucitron', 'dataLayer']
const listeners: Record<string, Listener[]> = {}
const emit = (name: string, ...told: unknown[]) => listeners[name]?.forEach(listener => safely(listener)(...told))

/** Said by the shop of who is logged in: told when the visitor agrees, not before. */
let identity: { userId: string, traits: Properties } | null = null

function tellIdentity() {
  if (identity && accepted()) send({ type: 'identify', ...identity }, context())
}

const commands: Record<string, (...given: any[]) => void> = {
  page: (info: PageInfo) => setPage(info),
  cart: (lines: CartLine[]) => setCart(lines),
  track(event: string, properties?: Properties) {
    if (event === 'Product Viewed') sayProductTold()
    if (event) track(String(event), isObject(properties) ? properties : {}, event === 'Order Completed')
  },
  identify(userId: string, traits?: Properties, signature?: unknown) {
    identity = { userId: String(userId), traits: isObject(traits) ? traits : {} }
    setUser(identity.userId, signature)
    tellIdentity()
  },
  reset() {
    identity = null
    setUser('')
    startAnew()
  },
  consent(said: boolean | Record<string, boolean>, text?: string) {
    toldByShop = true
    const granted = (purpose: string) => (isObject(said) ? said[purpose] === true : said === true)
    choose({ measure: granted('measure'), personalise: granted('personalise'), learn: granted('learn') }, text)
  },
  place: (wish: Asked) => askFor(wish),
  decide(wishes: (string | Wish)[], answer: (decisions: Decision[] | null) => void) {
    const list = wishes.map(wish => (typeof wish === 'string' ? { id: wish } : wish))
    void decide(list, deadline).then(safely(answer))
  },
  on(name: string, listener: Listener) {
    (listeners[name] ??= []).push(listener)
  },
}

/** A part of the tag that few pages need. */
const load = (name: string, use: (chunk: any) => void) => void import(`${base}/tag/${name}.js`).then(use).catch(() => {})

// -- a consent manager that is there already; what the shop says itself counts more ------------------------------------------------

let toldByShop = false
let obeying = false

/** Google's layer may be there long before a manager that fills it: it counts when the page has loaded and no other came. */
function obey(loaded: boolean) {
  const named = !/^(auto|manual|banner)$/.test(consentFrom)
  const there = consentFrom === 'auto' && MANAGERS.some(name => name in window && (loaded || name !== 'dataLayer'))
  if (obeying || toldByShop || !(named || there)) return
  obeying = true
  const names = parsed(consentNames ?? null) as Record<string, string[]> | null
  const take = (choice: Choice) => { if (!toldByShop) choose(choice) }
  load('cmp', chunk => chunk.obey({ choose: safely(take), from: consentFrom, names, vendor: consentVendor }))
}

// -- our own banner ----------------------------------------------------------------------------------------------------------------

const SIX_MONTHS = 180 * 86400e3
const MEMORY = 'visavis-choice'

function useBanner() {
  let choice: Choice | null = null
  try {
    const memory = parsed(localStorage.getItem(MEMORY)) as { at: number, choice: Choice } | null
    if (memory && memory.at > Date.now() - SIX_MONTHS) choose(choice = memory.choice)
  } catch { /* a browser without storage asks on every page */ }
  const remember = (next: Choice, text: string) => {
    choose(next, text)
    localStorage.setItem(MEMORY, JSON.stringify({ at: Date.now(), choice: next }))
  }
  const show = () => load('banner', chunk => chunk.start({ choice, choose: safely(remember), privacy: privacyPage }))
  if (document.body) show()
  else on(document, 'DOMContentLoaded', show)
}

const call = safely(([name, ...given]: unknown[]) => commands[String(name)]?.(...given))

function onChoice(now: boolean, before: boolean) {
  if (!now) {
    forgetQueue()
    if (before) takeBackPersonal()
  } else if (!before) {
    takeUpStored()
    if (started) {
      tellPage()
      tellProductAgain()
      tellWhatIsSeen()
    }
    tellIdentity()
  }
  emit('choice', chosen())
}

function tellWhatIsSeen() {
  tellViews()
  tellProduct()
}

let started = false

function start() {
  started = true
  startPages()
  readProduct()
  startCommerce()
  startDownloads()
  startSight()
  startSending()
  const ready = safely(() => {
    findPlaces()
    tellWhatIsSeen()
  })
  if (document.readyState === 'loading') on(document, 'DOMContentLoaded', ready)
  else ready()
  whenPageChanges(safely(() => {
    leaveProduct()
    ready()
  }))
}

function boot() {
  const stub = window.visavis
  if (stub?.loaded || !key || !base) return // twice in one page
  const front: Front = (...given) => void call(given)
  front.loaded = true
  window.visavis = front
  whenChosen(safely(onChoice))
  if (consentFrom === 'banner') useBanner() // what was answered before holds for the calls that waited, too
  for (const given of (stub?.q ?? []) as Call[]) call(Array.from(given))
  startPlaces((decision, element, state) => emit('placed', decision, element, state))
  start()
  obey(document.readyState === 'complete')
  on(window, 'load', () => obey(true))
  emit('ready')
}

if ((document as { prerendering?: boolean }).prerendering) on(document, 'prerenderingchange', boot)
else safely(boot)()
