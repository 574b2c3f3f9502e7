// What the visitor chose, and the identifier that hangs on it. Three states:
//
//   accepted   measure or personalise is granted: there is an identifier
//   unknown    no choice yet        } no identifier is read, stored or sent
//   refused    or withdrawn         }
//
// The identifier is a cookie of the shop's: ID.SECONDS.PURPOSES, when it was made and what the server knows to be granted. It
// lives 390 days from the day it was made, 13 months at most, and no visit makes that longer.
import { base, cookieDomain, key } from './settings'
import { later, uuid } from './safe'
import { post } from './send'

export const PURPOSES = ['measure', 'personalise', 'learn'] as const
export type Purpose = typeof PURPOSES[number]
export type Choice = Record<Purpose, boolean>

const COOKIE = 'visavis_id'
const LIFE_SECONDS = 390 * 86400

let choice: Choice | null = null
let id = ''
const listeners: ((accepted: boolean, before: boolean) => void)[] = []

const bits = (of: Choice) => PURPOSES.reduce((sum, purpose, index) => sum + (of[purpose] ? 1 << index : 0), 0)
const now = () => Math.floor(Date.now() / 1000)

export const chosen = () => choice
export const accepted = () => !!choice && (choice.measure || choice.personalise)
export const whenChosen = (listener: (accepted: boolean, before: boolean) => void) => listeners.push(listener)

/** As messages and decisions carry it. */
export const consentContext = (): { categoryPreferences: Choice } =>
  ({ categoryPreferences: accepted() ? { ...choice! } : { measure: false, personalise: false, learn: false } })

/** Empty unless accepted. */
export const anonymousId = () => id

function write(value: string, seconds: number) {
  document.cookie = `${COOKIE}=${value};path=/;max-age=${seconds};samesite=lax` +
    (location.protocol === 'https:' ? ';secure' : '') + (cookieDomain ? `;domain=${cookieDomain}` : '')
}

/** Takes up the identifier, or makes one; the server is told what it does not know yet. */
function takeUp(granted: Choice, text: string | undefined) {
  const found = new RegExp(`(?:^|; )${COOKIE}=([0-9a-f-]{36})\\.([0-9a-z]+)\\.(\\d)`).exec(document.cookie)
  let made = found ? parseInt(found[2]!, 36) : 0
  const young = found && made <= now() && made + LIFE_SECONDS > now()
  const known = young ? Number(found[3]) : 0
  if (!young) made = now()
  id = young ? found[1]! : uuid()
  if (known === bits(granted)) return
  const value = `${id}.${made.toString(36)}.${bits(granted)}`
  write(value, made + LIFE_SECONDS - now())
  tell(granted, text)
  // Safari keeps a cookie that a script wrote for a week. Behind the shop's own domain the server writes the same one by HTTP.
  if (new URL(base).origin === location.origin)
    void post('/v1/visitor', { writeKey: key, visitor: value, domain: cookieDomain }, { credentials: 'same-origin' })
}

function tell(granted: Choice, text: string | undefined) {
  const purposes = Object.fromEntries(PURPOSES.map(purpose => [purpose, granted[purpose] ? 'granted' : 'denied']))
  const body = { writeKey: key, anonymousId: id, purposes, text, timestamp: new Date().toISOString() }
  const send = (after: number) => void post('/v1/consent', body)
    .then(code => { if ((!code || code >= 429) && after < 60000) later(() => send(after * 2), after) })
  send(2000)
}

function drop() {
  id = ''
  write('', 0)
  try {
    sessionStorage.removeItem('visavis-queue')
  } catch { /* a browser without storage */ }
}

/** A choice, from whoever asked for it. text: what the visitor was shown. */
export function choose(next: Choice, text?: string) {
  const before = accepted()
  if (choice && bits(choice) === bits(next)) return
  choice = { ...next }
  if (accepted()) {
    takeUp(choice, text)
  } else {
    if (id) tell(choice, text)
    drop()
  }
  for (const listener of listeners) listener(accepted(), before)
}

/** Another visitor from now on, as at a log-out. */
export function startAnew() {
  if (!accepted()) return
  drop()
  takeUp(choice!, undefined)
}
