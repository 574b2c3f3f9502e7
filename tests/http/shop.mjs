// A small shop with a crowd, for tests that decide: twelve items, four placements, and visitors whose views make trends.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { granted, sleep, until } from './server.mjs'

export const consented = granted('personalise', 'measure', 'learn')
export const itemIds = Array.from({ length: 12 }, (_, index) => `i${index + 1}`)

const items = itemIds.map((id, index) => ({
  id, title: `Lampe ${index + 1}`, price: `${10 + index}.90`, brand: index % 2 ? 'Ida' : 'Noé', category: 'Maison > Lampes', stock: 5,
}))

const placements = {
  home: { name: 'Accueil', recipe: ['trending'], rules: ['in_stock'], count: 4 },
  product: { name: 'Fiche produit', recipe: ['viewed_together', 'trending'], rules: ['in_stock'], count: 3 },
  again: { name: 'Vu récemment', recipe: ['recently_viewed', 'trending'], count: 4, affinityWeight: 1 },
  second: { name: 'Encore', recipe: ['trending'], rules: ['in_stock', 'exclude_page'], count: 4 },
}

export const viewed = (item, fields = {}) =>
  ({ type: 'track', event: 'Product Viewed', properties: { product_id: item }, context: consented, ...fields })

/** Fills the shop and waits until what the crowd did shows. */
export async function furnish(server) {
  await server.addItems(items)
  for (const [id, placement] of Object.entries(placements)) await server.putPlacement(id, placement)
  const batch = Array.from({ length: 14 }, (_, visitor) =>
    itemIds.slice(0, 8).map(item => viewed(item, { anonymousId: `crowd-${visitor}` }))).flat()
  const answer = await server.post('/v1/batch', { batch }, { key: server.writeKey })
  assert.equal(answer.json.accepted, batch.length, answer.text)
  const full = await until(() => decide(server, { placements: ['home'] }), ({ json }) => json.decisions[0].items.length === 4)
  assert.equal(full.json.decisions[0].items.length, 4, full.text)
}

/** POST /v1/decide; placements may be given by id alone. */
export function decide(server, { placements: wanted = ['again'], key = server.writeKey, headers, ...body }) {
  const list = wanted.map(placement => (typeof placement === 'string' ? { id: placement } : placement))
  return server.post('/v1/decide', { placements: list, ...body }, { key, headers })
}

export const shown = (answer, index = 0) => answer.json.decisions[index].items.map(({ itemId }) => itemId)

/** An answer's bytes without what names the decisions. */
export const withoutIds = answer => answer.text.replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":"…"')

/** Two answers that must not differ but in ids. Models learn in between: a leak differs each time, a new trend once. */
export async function assertAlike(askOne, askOther) {
  let one, other
  for (let tries = 0; tries < 20; tries++) {
    ;[one, other] = [await askOne(), await askOther()]
    if (withoutIds(one) === withoutIds(other)) break
    await sleep(50)
  }
  assert.equal(one.status, 200, one.text)
  assert.equal(withoutIds(one), withoutIds(other))
  return one
}

/** What the shop's server writes into its page for a user who has logged in (docs/signing.md). */
export function sign(secretKey, userId, anonymousId, { workspace = 'shop', expires = Math.floor(Date.now() / 1000) + 600 } = {}) {
  const hex = createHmac('sha256', secretKey).update(`${workspace}\n${userId}\n${anonymousId}\n${expires}\n`).digest('hex')
  return `${expires}.${hex}`
}

/** Person by secret key: the answer of GET /api/v1/people. */
export const person = (server, identifier) =>
  server.get(`/api/v1/people/${encodeURIComponent(identifier)}`, { key: server.secretKey })
