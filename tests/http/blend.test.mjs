// What a blend learns from visits it has not seen, live: better lists, weights on record, back after a restart.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, sleep, until } from './server.mjs'
import { consented, decide, shown } from './shop.mjs'

const TOPICS = 30, WIDTH = 8, COUNT = 4
const name = (topic, at) => `t${topic}-${at % WIDTH}`
let seed = 7
const below = bound => { seed = (seed * 48271) % 2147483647; return seed % bound }

/** Within a topic mostly one step on, now and then anywhere in it. */
function walk() {
  const topic = below(TOPICS), items = [name(topic, below(WIDTH))]
  while (items.length < 4 + below(3)) {
    const from = Number(items.at(-1).split('-')[1])
    const next = name(topic, below(10) < 7 ? from + 1 : below(WIDTH))
    if (!items.includes(next)) items.push(next)
  }
  return items
}

let server, visitors = 0
before(async () => {
  server = await Server.start()
  await server.addItems(Array.from({ length: TOPICS * WIDTH }, (_, at) => ({
    id: name(at / WIDTH | 0, at), title: `Article ${at}`, price: `${10 + at % 7}.00`, category: `Rayon > ${at % 5}`, stock: 5 })))
  // A slow machine must not cut a step.
  await server.putPlacement('you', { name: 'Pour vous', recipe: 'for_you', rules: ['in_stock'], count: COUNT, deadlineMs: 2000 })
  await server.putPlacement('top', { name: 'Tendances', recipe: ['trending'], rules: ['in_stock'], count: COUNT })
})
after(() => server.end())

/** Visits that follow each other, all of them long ended when the next batch comes. */
async function visits(count, hoursAgo) {
  const batch = Array.from({ length: count }, () => {
    const anonymousId = `visitor-${visitors++}`
    return walk().map((product_id, at) => ({ type: 'track', event: 'Product Viewed', anonymousId, context: consented, properties: { product_id },
      timestamp: new Date(Date.now() - hoursAgo * 3600000 + at * 1000).toISOString() }))
  }).flat()
  const answer = await server.post('/v1/batch', { batch }, { key: server.writeKey })
  assert.equal(answer.json.accepted, batch.length, answer.text)
}

const onPage = (itemId, placement, fields = {}) => decide(server, { placements: [placement], context: { page: { type: 'product', itemId } }, ...fields })

/** What a part counts at its most in the first list asked: the strategy's weight. */
async function weightOf(strategy, ask = fields => onPage(name(3, 2), 'you', fields)) {
  const { json } = await ask({ explain: true })
  const values = json.decisions[0].explanation.items.flatMap(({ contributions }) => contributions)
    .filter(part => part.name === strategy).map(({ value }) => value)
  return Math.max(0, ...values)
}

test('weights are the defaults until there is enough to learn from, then those of what people did next', async () => {
  await visits(100, 60)
  assert.equal(await weightOf('sessions'), 0, 'nothing has ended yet')
  const before = await until(async () => { await visits(1, 55); return onPage(name(3, 2), 'you', { explain: true }) },
    ({ text }) => text.includes('"name":"sessions"'))
  assert.equal(await weightOf('sessions'), 4)
  for (let hours = 50; hours > 10 && await weightOf('sessions') === 4; hours--) {
    await visits(60, hours)
    await sleep(300)
  }
  const learned = await weightOf('sessions')
  assert.notEqual(learned, 4)
  assert.ok(learned >= 0 && learned <= 20)
  const later = await onPage(name(3, 2), 'you')
  for (const answer of [before, later]) {
    const again = await until(() => server.command('replay', answer.json.decisions[0].id), ({ code }) => code === 0)
    assert.equal(again.stdout.trim(), answer.text)
  }
  assert.ok(await server.metric('model_bytes{model="blend"}') >= 0) // told once a minute
})

test('learned weights count on the way from item to item, the defaults anywhere else', async () => {
  const atHome = fields => decide(server, { placements: ['you'], context: { page: { type: 'home' } }, ...fields })
  const trending = await weightOf('trending', atHome) // of the four shown, which the most trending item need not be among
  assert.ok(trending > 0.9 && trending <= 1, `${trending} at home`)
  const popular = await weightOf('popularity', atHome), learned = await weightOf('popularity')
  assert.ok(popular > 0 && popular <= 0.5 && learned !== popular, `${popular} at home, ${learned} on a page`)
})

test('what is served hits what visits went on to far more often than what is popular', async () => {
  const hits = { you: 0, top: 0 }
  for (let question = 0; question < 150; question++) {
    const [from, to] = walk()
    for (const placement of ['you', 'top'])
      hits[placement] += shown(await onPage(from, placement)).includes(to)
  }
  assert.ok(hits.you > 60 && hits.you > 3 * hits.top, JSON.stringify(hits))
})

test('learned weights outlive a stop', async () => {
  const [sessions, together] = [await weightOf('sessions'), await weightOf('viewed_together')]
  await server.stop('SIGTERM')
  await server.serve()
  for (const [strategy, before] of [['sessions', sessions], ['viewed_together', together]])
    assert.equal(await until(() => weightOf(strategy), weight => weight === before), before, strategy)
  assert.notEqual(sessions, 4)
})

test('no step of a blend takes the room of the others, however much a rule removes', async () => {
  const lists = Array.from({ length: 7 }, (_, step) => Array.from({ length: 40 }, (__, at) => `m${step}-${at}`)) // of each the first half is sold out
  await server.addItems(lists.flat().map((id, at) => ({ id, title: `Article ${id}`, price: '9.00', stock: at % 40 < 20 ? 0 : 5 })))
  await server.putPlacement('heard', { recipe: lists.map(items => ({ strategy: 'manual', items })), mix: 'blend', rules: ['in_stock'], count: COUNT, deadlineMs: 2000 })
  const { json } = await decide(server, { placements: ['heard'], explain: true, deadlineMs: 2000 })
  const gathered = json.decisions[0].explanation.operations.filter(({ operation }) => operation === 'gathered').map(({ count }) => count)
  assert.equal(gathered.length, 7)
  assert.ok(Math.min(...gathered) >= 20, gathered.join(' ')) // a share of 160 places, for seven steps and what is removed
})
