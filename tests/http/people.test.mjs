// A person's page: what they did, what was decided for them and what followed, page by page, and nobody else's.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server, until } from './server.mjs'
import { consented, decide, furnish, shown, viewed } from './shop.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { uuid: true, 'date-time': true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
const assertValid = (schema, value) => {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value).slice(0, 2000)}`)
}

let server
const day = 86400_000, began = Date.now() - 20 * day
const at = minutes => new Date(began + minutes * 60_000).toISOString()
const ADA = 'user_id:ada'

const schemas = { timeline: 'PersonEvents', decisions: 'PersonDecisions' }
async function look(what, query = '', { who = ADA, key = server.secretKey } = {}) {
  const answer = await server.get(`/api/v1/people/${encodeURIComponent(who)}/${what}?${new URLSearchParams(query)}`, { key })
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assertValid(schemas[what], answer.json)
  return answer.json
}
async function pages(what, query) {
  const all = []
  for (let after, i = 0; i < 100; i++) {
    const page = await look(what, { ...query, ...(after && { after }) })
    all.push(page)
    if (!page.next) return all
    after = page.next
  }
  assert.fail('the pages have no end')
}
const send = batch => server.post('/v1/batch', { batch }, { key: server.secretKey })
const track = (event, minutes, properties = {}, fields = {}) =>
  ({ type: 'track', event, userId: 'ada', timestamp: at(minutes), properties, context: consented, ...fields })

before(async () => {
  server = await Server.start()
  await furnish(server)
  // On the tablet first, then signed in there; later on her own; and somebody else all the time.
  await send([
    track('Product Viewed', 1, { product_id: 'i1' }, { userId: undefined, anonymousId: 'tablet' }),
    track('Product Viewed', 2, { product_id: 'i2' }, { anonymousId: 'tablet' }),
    ...[3, 5, 7, 9, 11].map(minute => track('Product Viewed', minute, { product_id: 'i4' })),
    ...[4, 6, 8].map(minute => track('Product Viewed', minute, { product_id: 'i3' }, { anonymousId: 'tablet' })),
    track('Order Completed', 12, { order_id: 'o1', revenue: 21.8, currency: 'EUR', products: [{ product_id: 'i4', quantity: 2, price: 10.9 }] }),
    { type: 'page', name: 'Home', userId: 'ada', timestamp: at(13), context: consented },
    track('Product Viewed', 3, { product_id: 'i9' }, { userId: 'bob' }),
  ])
})
after(() => server.end())

const minutesOf = events => events.map(event => Math.round((Date.parse(event.at) - began) / 60_000))

describe('a timeline', () => {
  test('is newest first over all of a person’s identifiers, and nobody else’s', async () => {
    const { events, next } = await look('timeline')
    assert.deepEqual(minutesOf(events), [13, 12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert.equal(next, undefined)
    assert.ok(events.every(({ items }) => items.every(({ itemId }) => itemId !== 'i9')))
    assert.deepEqual(events[1], { ...events[1], name: 'Order Completed', orderId: 'o1', revenueMinor: 2180, origin: 'server' })
    assert.deepEqual(events[1].items, [{ itemId: 'i4', quantity: 2, priceMinor: 1090 }])
    assert.ok(events[1].granted.includes('personalise'))
    assert.equal(events[1].message.properties.order_id, 'o1')
    assert.deepEqual((await look('timeline', '', { who: 'anonymous_id:tablet' })).events, events)
  })

  test('comes in pages that neither repeat nor leave out', async () => {
    for (const limit of [1, 5, 12]) {
      const all = await pages('timeline', { limit })
      assert.deepEqual(minutesOf(all.flatMap(({ events }) => events)), [13, 12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1], `by ${limit}`)
      assert.ok(all.every(({ events }) => events.length <= limit))
    }
  })

  test('is filtered by name, by time, by item, and by what an affinity counted', async () => {
    const found = async query => minutesOf((await look('timeline', query)).events)
    assert.deepEqual(await found({ name: 'order completed' }), [12])
    assert.deepEqual(await found({ name: 'page' }), [13])
    assert.deepEqual(await found({ from: at(5), until: at(8) }), [7, 6, 5])
    assert.deepEqual(await found({ item: 'i3' }), [8, 6, 4])
    assert.deepEqual(await found({ attribute: 'brand', value: 'Noé' }), [8, 6, 4, 1])
    assert.deepEqual(await found({ attribute: 'brand', value: 'nothing' }), [])
  })

  test('says what is wrong with a question', async () => {
    for (const [query, pointer] of [['after=zz', 'after'], ['limit=0', 'limit'], ['from=yesterday', 'from'], ['attribute=brand', 'attribute']]) {
      const answer = await server.get(`/api/v1/people/${ADA}/timeline?${query}`, { key: server.secretKey })
      assertProblem(answer, 400)
      assert.match(JSON.stringify(answer.json.errors), new RegExp(pointer))
    }
    assertProblem(await server.get('/api/v1/people/nobody/timeline', { key: server.secretKey }), 400)
    assertProblem(await server.get('/api/v1/people/email:nobody@example.org/timeline', { key: server.secretKey }), 404)
  })
})

describe('decisions of a person', () => {
  const forAda = placements => decide(server, { placements, key: server.secretKey, user: { userId: 'ada' }, deadlineMs: 2000 })

  test('tell what was shown, and what was seen, clicked and bought of it', async () => {
    const made = []
    for (let i = 0; i < 3; i++) made.push(await forAda(['again', 'home']))
    await decide(server, { placements: ['again'], key: server.secretKey, user: { userId: 'bob' }, deadlineMs: 2000 })
    const [again] = made[1].json.decisions
    const [itemId] = shown(made[1])
    await send([
      { ...track('Product Clicked', 0, { decisionId: again.id, product_id: itemId }), timestamp: undefined },
      { ...track('Order Completed', 0, { order_id: 'o2', products: [{ product_id: itemId, quantity: 1 }] }), timestamp: undefined },
    ])
    const wanted = made.toReversed().flatMap(({ json }) => json.decisions.map(({ id }) => id))
    const { decisions, outcomesWhole } = await until(() => look('decisions', { lang: 'en' }), page => page.decisions.length >= wanted.length)
    assert.deepEqual(decisions.map(({ id }) => id), wanted)
    assert.equal(outcomesWhole, true)
    assert.equal(decisions[0].lang, 'en')
    const clicked = decisions.find(({ id }) => id === again.id)
    assert.ok(clicked.clicked && clicked.seen)
    assert.equal(clicked.clickedItem, itemId)
    assert.ok(clicked.bought.some(bought => bought.itemId === itemId))
    assert.ok(clicked.explanation.sentences.length > 0)
    assert.deepEqual(clicked.items.map(item => item.itemId), shown(made[1]))
    assert.ok(decisions.filter(({ id }) => id !== again.id).every(({ seen, clicked }) => seen === null && clicked === null))
    const all = await pages('decisions', { limit: 1 })
    assert.deepEqual(all.flatMap(page => page.decisions.map(({ id }) => id)), wanted)
    assert.deepEqual((await look('decisions', { placement: 'home' })).decisions.map(({ placement }) => placement), ['home', 'home', 'home'])
    assert.deepEqual((await look('decisions', { until: at(0) })).decisions, [])
  })

  test('are gone with an erasure, like the events', async () => {
    await send([track('Product Viewed', 1, { product_id: 'i1' }, { userId: 'gone' })])
    await decide(server, { placements: ['again'], key: server.secretKey, user: { userId: 'gone' }, deadlineMs: 2000 })
    await until(() => look('decisions', '', { who: 'user_id:gone' }), ({ decisions }) => decisions.length === 1)
    assert.equal((await server.call('DELETE', '/api/v1/people/user_id:gone', { key: server.secretKey })).status, 200)
    for (const what of ['timeline', 'decisions'])
      assertProblem(await server.get(`/api/v1/people/user_id:gone/${what}`, { key: server.secretKey }), 404)
  })
})

describe('a look-up', () => {
  test('leaves a row in the audit for each of what was looked at, also when nobody is there', async () => {
    await look('timeline')
    await look('decisions')
    const exported = await server.get(`/api/v1/people/${ADA}/export`, { key: server.secretKey })
    assert.equal(exported.status, 200, exported.text)
    assert.ok(exported.json.messages.length >= 12 && exported.json.decisions.length >= 3)
    await server.get('/api/v1/people/email:nobody@example.org/timeline', { key: server.secretKey })
    const { json } = await server.get('/api/v1/audit?limit=4', { key: server.secretKey })
    assert.deepEqual(json.audit.map(({ action, detail }) => [action, detail]),
      [['person.show', 'not_found'], ['person.export', undefined], ['person.show', 'decisions'], ['person.show', 'timeline']])
    assert.ok(json.audit.slice(1).every(({ node }) => node))
  })

  test('needs the scope for it', async () => {
    const key = await server.addKey('--secret', '--scope', 'decisions:read')
    for (const what of ['timeline', 'decisions', 'export']) {
      assertProblem(await server.get(`/api/v1/people/${ADA}/${what}`, { key }), 403)
      assertProblem(await server.get(`/api/v1/people/${ADA}/${what}`), 401)
    }
  })
})
