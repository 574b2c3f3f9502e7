// Asking the server what to show. An answer that is late, broken or missing is null, and the shop's own content stays.
import { base, key } from './settings'
import { accepted, anonymousId, chosen, consentContext } from './consent'
import { decideContext } from './page'
import { isObject } from './safe'
import { pending, userContext } from './send'

export interface Wish { id: string, count?: number, exclude?: string[] }
export interface Item { itemId: string, variant?: string, reason?: string, title?: string, url?: string, image?: string,
  brand?: string, price?: string, listPrice?: string, currency?: string }
export interface Decision { id: string, placement: string, items: Item[], personalised: boolean, fallback: string }

/** Who has not agreed to be recognised is nobody: no identifier, no events, nothing but the page. */
function request(wishes: Wish[], milliseconds: number) {
  const asked = { writeKey: key, placements: wishes, details: true, deadlineMs: Math.max(1, Math.min(2000, milliseconds)) }
  if (!accepted() || !chosen()!.personalise) return { ...asked, context: decideContext() }
  const user = userContext()
  return {
    ...asked,
    user: { anonymousId: anonymousId(), ...(user && { userId: user.id }) },
    context: { ...decideContext(), consent: consentContext(), ...(user?.signature ? { userSignature: user.signature } : {}) },
    events: pending(),
  }
}

function read(answer: unknown, wishes: Wish[]): Decision[] | null {
  if (!isObject(answer) || !Array.isArray(answer.decisions)) return null
  const details = isObject(answer.details) ? answer.details : {}
  const decisions = answer.decisions.filter((one): one is Decision & Record<string, unknown> =>
    isObject(one) && typeof one.id === 'string' && wishes.some(wish => wish.id === one.placement))
  return decisions.map(one => ({
    ...one,
    items: (Array.isArray(one.items) ? one.items : []).filter(item => isObject(item) && typeof item.itemId === 'string')
      .map(item => ({ ...(isObject(details[item.itemId]) ? details[item.itemId] as object : {}), ...item })),
  }))
}

export async function decide(wishes: Wish[], milliseconds: number): Promise<Decision[] | null> {
  const patience = new AbortController()
  const timeout = window.setTimeout(() => patience.abort(), milliseconds)
  try {
    const answer = await fetch(`${base}/v1/decide`, {
      method: 'POST', body: JSON.stringify(request(wishes, milliseconds)), credentials: 'omit', referrerPolicy: 'origin',
      signal: patience.signal,
    })
    return answer.ok ? read(await answer.json(), wishes) : null
  } catch {
    return null
  } finally {
    clearTimeout(timeout)
  }
}
