// A consent manager that is already on the page asks the visitor; we read what was answered, now and whenever it changes. Loaded
// when the core sees one, or when data-consent names one. What a manager leaves unsaid is not granted.
import type { Choice } from './consent'

type Report = (choice: Choice) => void
type Names = Record<string, readonly string[]>

export interface Told {
  choose: Report
  /** auto, or the name of a manager */
  from: string
  /** the shop's own names: {"statistiques": ["measure"]} */
  names: Names | null
  /** of the TCF's vendor list; without one the publisher's own purposes count */
  vendor: string | undefined
}

// What managers' categories and services are usually called.
const USUAL: Names = {
  analytics: ['measure'], statistics: ['measure'], measurement: ['measure'], measure: ['measure'], mesure: ['measure'],
  personalization: ['personalise', 'learn'], personalisation: ['personalise', 'learn'], personnalisation: ['personalise', 'learn'],
  personalise: ['personalise', 'learn'], visavis: ['measure', 'personalise', 'learn'],
}

const world = window as unknown as Record<string, any>

/** The purposes of all that was granted, by its names. */
function byNames(granted: string[], { names }: Told): Choice {
  const purposes = new Set(granted.flatMap(name => (names ?? USUAL)[name] ?? []))
  return { measure: purposes.has('measure'), personalise: purposes.has('personalise'), learn: purposes.has('learn') }
}

// -- IAB TCF 2: 1 storing on the device, 5 and 6 a profile for content and its use, 8 measuring content, 10 developing services ------

function tcf(told: Told) {
  world.__tcfapi('addEventListener', 2, (data: any, fine: boolean) => {
    if (!fine || !/^(tcloaded|useractioncomplete)$/.test(data.eventStatus)) return
    const vendor = told.vendor
    const consents = (vendor ? data.vendor?.consents?.[vendor] && data.purpose?.consents : data.publisher?.consents) || {}
    const all = (...purposes: number[]) => purposes.every(purpose => consents[purpose] === true)
    told.choose({ measure: all(1, 8), personalise: all(1, 5, 6), learn: all(1, 5, 6, 10) })
  })
}

// -- Google Consent Mode: what was updated is a visitor's choice, a default is not -------------------------------------------------

function google(told: Told) {
  const layer: unknown[] & { push: (...entries: unknown[]) => number } = world.dataLayer
  const state: Record<string, string> = {}
  const read = (entry: any) => {
    if (entry?.[0] !== 'consent' || entry[1] !== 'update' || typeof entry[2] !== 'object') return
    Object.assign(state, entry[2])
    const personalise = state.personalization_storage === 'granted'
    told.choose({ measure: state.analytics_storage === 'granted', personalise, learn: personalise })
  }
  for (const entry of layer.slice()) read(entry)
  const push = layer.push
  layer.push = function (...entries) {
    const count = push.apply(this, entries)
    try {
      entries.forEach(read)
    } catch { /* not the page's concern */ }
    return count
  }
}

// -- tarteaucitron: services by their key, true or false once answered -----------------------------------------------------------------

function tarteaucitron(told: Told) {
  const read = () => {
    const { state = {}, job = [] } = world.tarteaucitron
    const answered = Object.keys(state).filter(key => typeof state[key] === 'boolean' && job.includes(key))
    if (answered.length) told.choose(byNames(answered.filter(key => state[key]), told))
  }
  for (const service of Object.keys(told.names ?? USUAL))
    for (const word of ['loaded', 'allowed', 'disallowed', 'added']) document.addEventListener(`${service}_${word}`, read)
  document.addEventListener('tac.consent_updated', () => setTimeout(read))
  read()
}

// -- vanilla-cookieconsent: categories ---------------------------------------------------------------------------------------------------

function cookieconsent(told: Told) {
  const read = (categories: unknown) => { if (Array.isArray(categories)) told.choose(byNames(categories, told)) }
  for (const name of ['cc:onConsent', 'cc:onChange'])
    window.addEventListener(name, event => read((event as CustomEvent).detail?.cookie?.categories))
  const manager = world.CookieConsent
  if (manager?.validConsent?.()) read(manager.getCookie('categories'))
}

// ------------------------------------------------------------------------------------------------------------------------------------------

const managers: Record<string, [name: string, read: (told: Told) => void]> = {
  tcf: ['__tcfapi', tcf], cookieconsent: ['CookieConsent', cookieconsent], tarteaucitron: ['tarteaucitron', tarteaucitron],
  google: ['dataLayer', google],
}

/** The first that is there; one that is named is waited for, ten seconds at most. */
export function obey(told: Told, tries = 100) {
  const named = managers[told.from]
  const found = named ?? Object.values(managers).find(([name]) => world[name])
  if (found && (world[found[0]] || found === managers.cookieconsent)) found[1](told)
  else if (named && tries) setTimeout(() => obey(told, tries - 1), 100)
}
