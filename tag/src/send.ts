// Messages on their way: in batches, a second after the first; again when the server was away; and whatever is left when the page
// goes. Of who has not agreed a few bare facts go, without any name, and count for nobody.
import { base, key } from './settings'
import { accepted, anonymousId, consentContext } from './consent'
import { later, on, parsed, uuid } from './safe'

export type Properties = Record<string, unknown>
export interface Message {
  type: 'track' | 'page' | 'identify'
  event?: string
  name?: string
  properties?: Properties
  traits?: Properties
  userId?: string
  anonymousId?: string
  messageId?: string
  timestamp?: string
  context: Properties
}

const WAIT_MS = 1000
const GIVE_UP_MS = 10000
const BATCH = 20 // some 20 kB: what a page that goes may still send is 64 kB
const QUEUE = 200
const STORED = 'visavis-queue'
// What an anonymous counter is made of: exposures, clicks, outcomes.
const COUNTED = /^(Product List Viewed|Product Clicked|Product Added|Order Completed|Signed Up|Subscribed|Lead Generated)$/
const BARE = ['decisionId', 'list_id', 'product_id', 'position']

let queue: Message[] = []
let timer = 0
let failures = 0
let busy = false
let era = 0 // ends with a withdrawal
let user: { id: string, signature?: unknown } | null = null

export const setUser = (id: string, signature?: unknown) => { user = id ? { id, signature } : null }
export const userContext = () => user

/** The answer's code; 0 when there was none. The text/plain of a text body spares the browser a preflight. */
export async function post(path: string, body: unknown, options: RequestInit = {}): Promise<number> {
  const patience = new AbortController()
  const timeout = window.setTimeout(() => patience.abort(), GIVE_UP_MS)
  try {
    const answer = await fetch(base + path, {
      method: 'POST', body: JSON.stringify(body), credentials: 'omit', referrerPolicy: 'origin', keepalive: true,
      signal: patience.signal, ...options,
    })
    return answer.status
  } catch {
    return 0
  } finally {
    clearTimeout(timeout)
  }
}

const sendable = () => navigator.onLine !== false && queue.length > 0

async function flush() {
  clearTimeout(timer)
  timer = 0
  if (busy || !sendable()) return
  busy = true
  const batch = queue.splice(0, BATCH)
  const then = era
  const code = await post('/v1/batch', body(batch))
  busy = false
  const again = code === 0 || code === 429 || code >= 500
  failures = again ? failures + 1 : 0
  if (again && then === era) queue = [...batch, ...queue].slice(-QUEUE)
  if (queue.length) wait(again ? Math.min(60, 2 ** failures) * WAIT_MS : 0)
}

const body = (batch: Message[]) => ({ writeKey: key, batch, sentAt: new Date().toISOString() })

function wait(milliseconds = WAIT_MS) {
  if (!timer) timer = later(() => void flush(), milliseconds)
}

/** When the page goes nobody waits for an answer: the same message counts once however often it comes. */
function leave() {
  if (failures && accepted()) {
    try {
      sessionStorage.setItem(STORED, JSON.stringify(queue))
    } catch { /* a browser without storage */ }
  }
  while (queue.length) {
    const batch = body(queue.splice(0, BATCH))
    if ('keepalive' in Request.prototype)
      void post('/v1/batch', batch)
    else if (accepted()) // it carries the cookies of this host along
      navigator.sendBeacon(`${base}/v1/batch`, JSON.stringify(batch))
  }
}

/** What an earlier page could not get rid of. */
export function takeUpStored() {
  try {
    const stored = parsed(sessionStorage.getItem(STORED))
    sessionStorage.removeItem(STORED)
    if (!Array.isArray(stored)) return
    queue = [...stored as Message[], ...queue].slice(-QUEUE)
    wait()
  } catch { /* a browser without storage */ }
}

/** Messages waiting to go, for a decision that is to know them at once. */
export const pending = () => queue.slice(-BATCH)

/** What was said before a withdrawal, or before another visitor, must not go on its way. */
export function forgetQueue() {
  queue = []
  era++
}

export function send(message: Omit<Message, 'context'>, context: Properties = {}, soon = false) {
  const { type, event, properties = {} } = message
  const consent = consentContext()
  if (!accepted()) {
    if (type !== 'track' || !COUNTED.test(event!)) return
    const bare = Object.fromEntries(BARE.filter(name => name in properties).map(name => [name, properties[name]]))
    queue.push({ type, event, properties: bare, context: { consent } })
  } else {
    const signed = user?.signature ? { userSignature: user.signature } : {}
    queue.push({
      ...message, messageId: uuid(), timestamp: new Date().toISOString(), anonymousId: anonymousId(),
      ...(user && { userId: user.id }), context: { ...context, ...signed, consent },
    })
  }
  if (queue.length > QUEUE) queue.shift()
  if (soon || queue.length >= BATCH) void flush()
  else wait()
}

export function startSending() {
  on(window, 'pagehide', leave)
  on(document, 'visibilitychange', () => { if (document.visibilityState === 'hidden') leave() })
  on(window, 'online', () => void flush())
}
