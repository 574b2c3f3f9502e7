// The models made anew from the log while the shop goes on: who was erased teaches no more, the others still do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, until } from './server.mjs'
import { consented, decide, shown } from './shop.mjs'

let server, messages = 0
before(async () => {
  server = await Server.start()
  const items = ['tent', 'lamp', 'stove', 'rope'].map(id => ({ id, title: `Article ${id}`, price: '20.00', stock: 5 }))
  await server.addItems(items)
  await until(async () => (await server.get('/api/v1/catalog/items/rope', { key: server.secretKey })).status, code => code === 200)
  for (const strategy of ['viewed_together', 'bought_after_view'])
    await server.putPlacement(strategy, { recipe: [strategy], count: 4, deadlineMs: 2000 })
})
after(() => server.end())

const told = (who, event, properties) =>
  ({ type: 'track', messageId: `m${++messages}`, userId: who, event, properties, context: consented })
const view = (who, item) => told(who, 'Product Viewed', { product_id: item })
const order = (who, item) => told(who, 'Order Completed', { order_id: `o${who}`, currency: 'EUR', products: [{ product_id: item, price: 20, quantity: 1 }] })
const send = async batch => assert.equal((await server.post('/v1/batch', { batch }, { key: server.secretKey })).json.accepted, batch.length)
const beside = async (placement, item) =>
  shown((await decide(server, { placements: [placement], context: { page: { type: 'product', itemId: item } } })))
const rebuild = async () => {
  const done = await server.metric('model_rebuilds_total')
  assert.equal((await server.post('/api/v1/models/rebuild', {}, { key: server.secretKey })).status, 202)
  await until(() => server.metric('model_rebuilds_total'), count => count > done)
}

test('what a visit ends in is proposed beside what it looked at', async () => {
  const batch = [view('anna', 'tent'), view('anna', 'lamp'), order('anna', 'stove'), view('bert', 'tent'), view('bert', 'rope')]
  await send(batch)
  await until(() => beside('bought_after_view', 'tent'), items => items.includes('stove'))
  assert.deepEqual(await beside('bought_after_view', 'stove'), [])
  const { json } = await decide(server, { placements: ['bought_after_view'], context: { page: { type: 'product', itemId: 'tent' } } })
  const told = (await server.get(`/v1/decisions/${json.decisions[0].id}?as=shopper&lang=en`, { key: server.secretKey })).text
  assert.match(told, /bought by people who saw/)
})

test('a rebuild is asked for, keeps what people taught and drops who was erased', async () => {
  await until(() => beside('viewed_together', 'tent'), items => items.includes('lamp') && items.includes('rope'))
  assert.equal((await server.call('DELETE', '/api/v1/people/user_id:bert', { key: server.secretKey })).status, 200)
  assert.ok((await beside('viewed_together', 'tent')).includes('rope'), 'sums stay until the models are made anew')
  await rebuild()
  assert.deepEqual(await beside('viewed_together', 'tent'), ['lamp'])
  assert.deepEqual(await beside('bought_after_view', 'lamp'), ['stove'])
  assert.ok(await server.metric('model_rebuild_rows') > 0)
  assert.match((await server.get('/metrics')).text, /visavis_model_bytes\{model="graph"\} \d+/)
})

test('what comes after a rebuild streams on', async () => {
  await send([view('carl', 'tent'), view('carl', 'rope')])
  await until(() => beside('viewed_together', 'tent'), items => items.includes('rope'))
})

test('only a key that may publish placements rebuilds', async () => {
  const { status } = await server.post('/api/v1/models/rebuild', {})
  assert.ok(status === 401 || status === 403, String(status))
})
