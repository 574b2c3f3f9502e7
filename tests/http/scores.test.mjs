// Random recipes and rules, asked by random people on random pages: the contributions of a score sum to it, best first, and every
// decision replays bit for bit, also after a kill.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Server, until } from './server.mjs'
import { consented, decide } from './shop.mjs'

const PLACEMENTS = 40, CALLS = 160, PEOPLE = 24, ITEMS = 60
const strategies = ['trending', 'best_sellers', 'bought_together', 'viewed_together', 'recently_viewed', 'similar', 'new_arrivals', 'complete_basket',
  'category_trending', 'category_best_sellers', 'repurchase_due', 'sessions', 'viewed_next', 'bought_after_view']
const brands = ['Ida', 'Noé', 'Petit Bateau', 'Kiprun'], categories = ['Maison > Lampes', 'Maison > Tapis', 'Jardin', 'Chaussures > Trail']

// The same lots in every run (mulberry32).
let state = 4211
function chance() {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = n => Math.floor(chance() * n)
const one = list => list[below(list.length)]
const some = (list, most) => Array.from({ length: 1 + below(most) }, () => one(list))
const distinct = list => [...new Set(list)]
const item = () => `i${below(ITEMS)}`

const rules = [() => 'in_stock', () => 'exclude_bought', () => 'exclude_basket', () => 'exclude_page', () => 'exclude_current', () => 'exclude_viewed',
  () => ({ kind: 'include', attribute: 'brand', values: distinct(some(brands, 4)) }), () => ({ kind: 'exclude', attribute: 'category', values: [one(categories)] }),
  () => ({ kind: 'exclude', items: distinct(some(Array.from({ length: ITEMS }, (_, n) => `i${n}`), 8)) }),
  () => ({ kind: 'price', min: 0.2 + chance() / 2, max: 1 + 2 * chance() }), () => ({ kind: 'stock', min: 1 + below(3) }),
  () => ({ kind: 'match', attribute: one(['brand', 'category']), with: one(['current_item', 'person']), differs: chance() < 0.5 })]

function placement() {
  const weighted = chance() < 0.5
  return {
    recipe: distinct(some(strategies, 6)).map(strategy => (chance() < 0.4 ? strategy : { strategy, weight: Number((0.1 + 3 * chance()).toFixed(2)) })),
    mix: weighted ? 'weighted' : 'in_order',
    rules: chance() < 0.3 ? [] : some(rules, 2).map(rule => rule()),
    count: 1 + below(12),
    affinityWeight: chance() < 0.5 ? 0 : Number((2 * chance()).toFixed(3)),
    explore: chance() < 0.7 ? 0 : 0.2,
    deadlineMs: 2000,
  }
}

let server, answers = []
before(async () => {
  server = await Server.start()
  await server.addItems(Array.from({ length: ITEMS }, (_, n) => ({ id: `i${n}`, title: `Objet ${n} ${one(['bleu', 'rouge', 'vert'])}`,
    price: (5 + 40 * chance()).toFixed(2), brand: one(brands), category: one(categories), stock: below(6) })))
  const published = Array.from({ length: PLACEMENTS }, placement)
  for (const [n, body] of published.entries()) {
    const answer = await server.call('PUT', `/api/v1/placements/p${n}`, { key: server.secretKey, body })
    assert.equal(answer.status, 200, `${JSON.stringify(body)} ${answer.text}`)
  }
  const batch = Array.from({ length: 900 }, (_, n) => {
    const lines = distinct(some(Array.from({ length: ITEMS }, (_, at) => `i${at}`), 3))
    const order = chance() < 0.2
    return { type: 'track', event: order ? 'Order Completed' : one(['Product Viewed', 'Product Viewed', 'Product Added']), anonymousId: `p-${below(PEOPLE)}`,
      context: consented, timestamp: new Date(Date.now() - below(3 * 86400000)).toISOString(),
      properties: order ? { order_id: `o${n}`, currency: 'EUR', products: lines.map(product_id => ({ product_id, price: 9, quantity: 1 })) } : { product_id: lines[0] } }
  })
  for (let at = 0; at < batch.length; at += 300) {
    const { json, text } = await server.post('/v1/batch', { batch: batch.slice(at, at + 300) }, { key: server.writeKey })
    assert.equal(json.accepted, 300, text)
  }
  await until(() => decide(server, { placements: ['p0', 'p1', 'p2', 'p3'] }), ({ json }) => json.decisions.some(({ items }) => items.length > 0))
  for (let call = 0; call < CALLS; call++) {
    const answer = await decide(server, {
      placements: distinct(Array.from({ length: 1 + below(4) }, () => `p${below(PLACEMENTS)}`)),
      user: { anonymousId: chance() < 0.7 ? `p-${below(PEOPLE)}` : `stranger-${call}` }, explain: true,
      context: { page: chance() < 0.5 ? { type: 'product', itemId: item() } : { type: 'category', category: one(categories) },
        cart: chance() < 0.3 ? [{ itemId: item() }, { itemId: item() }] : [] },
      events: chance() < 0.2 ? [{ type: 'track', event: 'Product Viewed', properties: { product_id: item() }, context: consented }] : [],
    })
    assert.equal(answer.status, 200, answer.text)
    answers.push(...answer.json.decisions)
  }
})
after(() => server.end())

const told = () => answers.flatMap(({ placement, explanation }) =>
  [...explanation.items, ...(explanation.runnerUp ? [explanation.runnerUp] : [])].map(shown => ({ placement, ...shown })))
const close = (a, b, terms) => Math.abs(a - b) <= 1e-6 * (1 + terms)

describe('under random recipes and rules', () => {
  test('the contributions of a score sum to it', () => {
    const scores = told()
    assert.ok(scores.length > 500, `${scores.length}`)
    for (const { placement, itemId, score, contributions } of scores) {
      assert.ok(contributions.length > 0, `${placement} ${itemId}`)
      const sum = contributions.reduce((sum, { value }) => sum + value, 0)
      assert.ok(close(sum, score, contributions.length), `${placement} ${itemId}: ${score} is not ${sum}`)
    }
    assert.ok(scores.some(({ contributions }) => contributions.length > 2))
    assert.ok(scores.some(({ contributions }) => contributions.some(({ name }) => name.startsWith('affinity:'))))
  })

  test('a list is in the order of its scores, unless chance drew it', () => {
    for (const { explanation } of answers.filter(({ explanation }) => !explanation.explored)) {
      const scores = explanation.items.map(({ score }) => score)
      assert.deepEqual(scores, [...scores].sort((a, b) => b - a), JSON.stringify(explanation.items.map(({ itemId, score }) => [itemId, score])))
      if (explanation.runnerUp && scores.length) assert.ok(explanation.runnerUp.score <= scores.at(-1))
    }
  })

  test('probabilities are those of a choice, and are told', () => {
    for (const { probability } of told()) assert.ok(probability >= 0 && probability <= 1)
    assert.ok(told().some(({ probability }) => probability > 0 && probability < 1))
  })

  test('what was told at once is told again later, from the record alone', async () => {
    for (const { id, explanation } of answers.filter((_, n) => n % 7 === 0)) {
      const later = await until(() => server.get(`/v1/decisions/${id}?as=marketer`, { key: server.secretKey }), ({ status }) => status === 200)
      const figures = ({ items }) => items.map(({ itemId, score, probability, contributions }) => ({ itemId, score, probability, contributions }))
      assert.deepEqual(figures(later.json), figures(explanation), later.text)
    }
  })

  test('all of it replays the same, also after a kill', async () => {
    const replay = async () => JSON.parse((await server.command('replay', '--all', '--json')).stdout)
    const counts = await replay()
    assert.ok(counts.identical >= CALLS, JSON.stringify(counts))
    assert.deepEqual({ ...counts, identical: 0 }, { identical: 0, different: 0, erased: 0, damaged: 0 })
    await server.stop('SIGKILL')
    await server.serve()
    assert.deepEqual(await replay(), counts)
  })
})
