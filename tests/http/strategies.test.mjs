// What a recipe may ask for beside crowds: items alike, new ones, and what goes with the basket.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, until } from './server.mjs'
import { consented, decide, shown } from './shop.mjs'

const shoe = (id, title, fields = {}) => ({ id, title, price: '120.00', brand: 'Salomon', category: 'Chaussures > Trail', stock: 5, ...fields })
const items = [
  shoe('speed', 'Chaussures de trail Speedcross imperméables'),
  shoe('sense', 'Chaussure de trail Sense imperméable', { price: '130.00' }),
  shoe('road', 'Chaussures de route légères', { category: 'Chaussures > Route', brand: 'Kiprun', price: '60.00' }),
  { id: 'sock', title: 'Chaussettes de trail', price: '12.00', brand: 'Kiprun', category: 'Textile > Chaussettes', stock: 5 },
  { id: 'lamp', title: 'Lampe frontale rechargeable', price: '45.00', brand: 'Petzl', category: 'Équipement > Lampes', stock: 5 },
  { id: 'tent', title: 'Tente légère deux places', price: '245.00', brand: 'Quechua', category: 'Équipement > Tentes', stock: 5 },
]
const placements = {
  similar: { name: 'Articles proches', recipe: ['similar'], rules: ['in_stock', 'exclude_current'], count: 4 },
  fresh: { name: 'Nouveautés', recipe: ['new_arrivals'], rules: ['in_stock'], count: 10 },
  basket: { name: 'Panier', recipe: ['complete_basket'], rules: ['in_stock', 'exclude_basket'], count: 4 },
}

let server
before(async () => {
  server = await Server.start()
  await server.addItems(items)
  for (const [id, placement] of Object.entries(placements)) await server.putPlacement(id, placement)
})
after(() => server.end())

const onPage = (item, placement = 'similar') => decide(server, { placements: [placement], context: { page: { type: 'product', itemId: item } } })
const withCart = (...cart) => decide(server, { placements: ['basket'], context: { cart: cart.map(itemId => ({ itemId })) } })
const shows = item => answer => answer.json.decisions?.[0].items.some(({ itemId }) => itemId === item)

test('an item nobody has looked at has items like it, the nearest first', async () => {
  const answer = await until(() => onPage('speed'), shows('sense'))
  assert.equal(shown(answer)[0], 'sense', answer.text)
  assert.ok(!shown(answer).includes('speed'))
  assert.equal(answer.json.decisions[0].items[0].reason, 'Proche de Chaussures de trail Speedcross imperméables')
  assert.equal(answer.json.decisions[0].personalised, false)
  const english = await decide(server, { placements: ['similar'], context: { locale: 'en', page: { type: 'product', itemId: 'speed' } } })
  assert.equal(english.json.decisions[0].items[0].reason, 'Similar to Chaussures de trail Speedcross imperméables', english.text)
})

test('a new item is alike and an arrival within a second, a hidden one is neither', async () => {
  await server.addItems([shoe('ultra', 'Chaussure de trail Ultra imperméable')])
  const within = { within: 1000 }
  assert.ok(shows('ultra')(await until(() => onPage('speed'), shows('ultra'), within)))
  assert.ok(shows('sense')(await until(() => onPage('ultra'), shows('sense'), within)))
  assert.equal(shown(await until(() => onPage('', 'fresh'), shows('ultra'), within))[0], 'ultra')
  await server.addItems([shoe('ultra', 'Chaussure de trail Ultra imperméable', { hidden: true })])
  const gone = answer => !shows('ultra')(answer)
  assert.ok(gone(await until(() => onPage('speed'), gone, within)))
  assert.ok(gone(await until(() => onPage('', 'fresh'), gone, within)))
})

test('the basket is completed by what is bought with it, not by what replaces it', async () => {
  const orders = Array.from({ length: 12 }, (_, buyer) => ({
    type: 'track', event: 'Order Completed', anonymousId: `buyer-${buyer}`, context: consented,
    properties: { order_id: `o${buyer}`, currency: 'EUR', products: ['speed', 'sense', buyer % 2 ? 'sock' : 'lamp'].map(product_id => ({ product_id, price: 10, quantity: 1 })) },
  }))
  const answer = await server.post('/v1/batch', { batch: orders }, { key: server.writeKey })
  assert.equal(answer.json.accepted, orders.length, answer.text)
  const completed = await until(() => withCart('speed'), shows('sock'))
  assert.deepEqual(shown(completed).sort(), ['lamp', 'sock'], completed.text)
  assert.ok(['Va bien avec Chaussures de trail Speedcross imperméables', 'Va bien avec votre panier'].includes(completed.json.decisions[0].items[0].reason), completed.text)
  assert.deepEqual(shown(await withCart('tent')), [])
})

test('what was decided is decided again, bit for bit', async () => {
  for (const answer of [await onPage('speed'), await onPage('', 'fresh'), await withCart('speed', 'lamp')]) {
    const { id } = answer.json.decisions[0]
    const again = await until(() => server.command('replay', id), ({ code }) => code === 0)
    assert.equal(again.stdout.trim(), answer.text)
  }
  const all = await server.command('replay', '--all')
  assert.equal(JSON.parse(all.stdout).different, 0, all.stdout)
})

test('memory of likeness and arrivals is told', async () => {
  assert.ok(await server.metric('assortment_bytes') > 1000)
})
