// What a step of a recipe may say: what it starts from, how far back it looks, and lists made by hand.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, until } from './server.mjs'
import { assertAlike, consented, decide, shown, viewed } from './shop.mjs'

const item = (id, category, fields = {}) => ({ id, title: `Article ${id}`, price: '20.00', brand: 'Ida', category, stock: 5, ...fields })
const items = [
  ...['l1', 'l2', 'l3', 'l4'].map(id => item(id, 'Maison > Lampes')),
  ...['v1', 'v2', 'v3', 'v4'].map(id => item(id, 'Maison > Vases')),
  ...['s1', 's2', 's3', 's4'].map(id => item(id, 'Mode > Sacs')),
]
const step = (strategy, fields) => ({ strategy, ...fields })
const placements = {
  page: { recipe: [step('viewed_together', { key: 'current_item' })], count: 4 },
  basket: { recipe: [step('viewed_together', { key: 'basket' })], count: 4 },
  last: { recipe: [step('viewed_together', { key: 'last_viewed' })], count: 4 },
  week: { recipe: [step('viewed_together', { key: 'last_viewed', lookbackDays: 7 })], count: 4 },
  bought: { recipe: [step('viewed_together', { key: 'last_bought', lookbackDays: 30 })], count: 4 },
  seen: { recipe: [step('recently_viewed', { lookbackDays: 7 })], count: 10 },
  liked: { recipe: [step('category_trending', { key: 'favourite_category' })], count: 4 },
  fresh: { recipe: [step('new_arrivals', { key: 'page_category' })], count: 10 },
  twice: { recipe: [step('viewed_together', { key: 'current_item' }), step('viewed_together', { key: 'last_viewed' })], count: 4 },
  hand: { recipe: [step('manual', { items: ['v3', 'l2', 's1'] }), 'trending'], rules: ['in_stock'], count: 4 },
}

const day = 86400000
const ago = days => new Date(Date.now() - days * day).toISOString()
const sessions = group => Array.from({ length: 6 }, (_, visitor) =>
  group.map(id => viewed(id, { anonymousId: `crowd-${group[0]}-${visitor}` }))).flat()

let server
before(async () => {
  server = await Server.start()
  await server.addItems(items)
  for (const [id, placement] of Object.entries(placements)) await server.putPlacement(id, placement)
  const batch = [...sessions(['l1', 'l2', 'l3', 'l4']), ...sessions(['v1', 'v2', 'v3', 'v4']), ...sessions(['s1', 's2', 's3', 's4'])]
  // Léa: a bag three weeks ago, a vase bought two weeks ago; then two vases looked at
  batch.push(viewed('s1', { anonymousId: 'lea', timestamp: ago(21) }))
  batch.push({ type: 'track', event: 'Order Completed', anonymousId: 'lea', context: consented, timestamp: ago(14),
    properties: { order_id: 'o1', currency: 'EUR', products: [{ product_id: 'v1', price: 20, quantity: 1 }] } })
  for (const [id, days] of [['v2', 13], ['v3', 12]]) batch.push(viewed(id, { anonymousId: 'lea', timestamp: ago(days) }))
  batch.push(viewed('v1', { anonymousId: 'zoe', timestamp: ago(12) }))
  const answer = await server.post('/v1/batch', { batch }, { key: server.writeKey })
  assert.equal(answer.json.accepted, batch.length, answer.text)
})
after(() => server.end())

const ask = (placement, { anonymousId = 'lea', itemId, category, cart, ...rest } = {}) => decide(server, {
  placements: [placement], user: { anonymousId },
  context: { page: { type: 'product', itemId, category }, cart: cart?.map(id => ({ itemId: id })) }, ...rest })
const sorted = answer => shown(answer).sort()
const some = answer => shown(answer).length > 0
const lamps = ['l1', 'l2', 'l3', 'l4'], vases = ['v1', 'v2', 'v3', 'v4'], bags = ['s1', 's2', 's3', 's4']
const but = (list, ...gone) => list.filter(id => !gone.includes(id))

test('a step starts from what its key names, and from nothing else', async () => {
  assert.deepEqual(sorted(await until(() => ask('page', { itemId: 'l1' }), some)), but(lamps, 'l1'))
  assert.deepEqual(sorted(await ask('page', { cart: ['s1'] })), [], 'no item of the page')
  assert.deepEqual(sorted(await ask('basket', { itemId: 'l1', cart: ['s1'] })), but(bags, 's1'))
  assert.deepEqual(sorted(await ask('basket', { itemId: 'l1' })), [])
  const last = await ask('last', { itemId: 'l1' })
  assert.deepEqual(sorted(last), but(vases, 'v3'), last.text)
  assert.equal(last.json.decisions[0].personalised, true)
  assert.deepEqual(sorted(await ask('last', { itemId: 'v3' })), but(vases, 'v2', 'v3'), 'the page itself is no earlier view')
  assert.deepEqual(sorted(await ask('bought')), but(vases, 'v1'))
})

test('what is older than the look-back does not count', async () => {
  assert.deepEqual(sorted(await ask('week')), [])
  assert.deepEqual(sorted(await ask('seen')), [])
  const zoe = { anonymousId: 'zoe' }
  assert.deepEqual([sorted(await ask('last', zoe)), sorted(await ask('week', zoe))], [but(vases, 'v1'), []])
  const now = { ...zoe, events: [viewed('s2', { timestamp: ago(1) })] }
  assert.deepEqual(sorted(await ask('week', now)), but(bags, 's2'))
  assert.deepEqual(sorted(await ask('seen', now)), ['s2'])
})

test('a category may be the person’s favourite, and is named in the reason', async () => {
  const answer = await until(() => ask('liked', { anonymousId: 'crowd-v1-0', itemId: 'l1' }), some)
  assert.deepEqual(sorted(answer), vases)
  assert.equal(answer.json.decisions[0].items[0].reason, 'Très consulté dans le rayon Vases')
  assert.equal(answer.json.decisions[0].personalised, true)
  assert.deepEqual(sorted(await ask('liked', { anonymousId: 'nobody', itemId: 'l1' })), [])
})

test('arrivals may keep to the category of the page', async () => {
  assert.deepEqual(sorted(await until(() => ask('fresh', { category: 'Mode' }), some)), bags)
  assert.deepEqual(sorted(await ask('fresh')), [])
})

test('a strategy may be asked twice for different things', async () => {
  const answer = await until(() => ask('twice', { itemId: 's1', explain: true, context: undefined }), some)
  const both = await ask('twice', { itemId: 's1' })
  assert.deepEqual(shown(both).slice(0, 3).sort(), but(bags, 's1'), both.text)
  assert.ok(vases.includes(shown(both)[3]), both.text)
  assert.deepEqual(sorted(answer), but(vases, 'v3'), 'without a page only the second step answers')
  const told = await decide(server, { placements: ['twice'], user: { anonymousId: 'lea' }, context: { locale: 'fr', page: { itemId: 's1' } }, explain: true })
  const { explanation } = told.json.decisions[0]
  assert.deepEqual(explanation.recipe.map(({ name, key }) => [name, key]), [
    ['Vus ensemble à partir de l’article de la page', 'current_item'], ['Vus ensemble à partir du dernier article vu', 'last_viewed']])
  assert.equal(explanation.items[3].contributions[0].name, 'viewed_together:last_viewed')
  const english = await decide(server, { placements: ['week'], user: { anonymousId: 'lea' }, context: { locale: 'en' }, explain: true })
  assert.equal(english.json.decisions[0].explanation.recipe[0].name, 'Viewed together starting from the item viewed last, over 7 days')
})

test('a list made by hand comes in its order, what cannot be shown left out', async () => {
  const answer = await ask('hand')
  assert.deepEqual(shown(answer).slice(0, 3), ['v3', 'l2', 's1'], answer.text)
  assert.equal(answer.json.decisions[0].items[0].reason, 'Choisi par la boutique')
  assert.equal(answer.json.decisions[0].personalised, false)
  await server.addItems([item('l2', 'Maison > Lampes', { stock: 0 })])
  const gone = await ask('hand')
  assert.deepEqual(shown(gone).slice(0, 2), ['v3', 's1'], gone.text)
})

test('items that the catalogue does not have are told when a list is published, and shown once it has them', async () => {
  const publish = items => server.call('PUT', '/api/v1/placements/later', { body: { recipe: [{ strategy: 'manual', items }] }, key: server.secretKey })
  const first = await publish(['x1', 'v1', 'x2'])
  assert.deepEqual([first.status, first.json.unknownItems], [200, ['x1', 'x2']], first.text)
  assert.deepEqual(shown(await ask('later')), ['v1'])
  await server.addItems([item('x1', 'Mode > Sacs')])
  assert.deepEqual(shown(await ask('later')), ['x1', 'v1'])
  assert.equal('unknownItems' in (await publish(['v1'])).json, false)
})

test('a placement that was just published finds its index built', async () => {
  const fresh = await Server.start()
  try {
    await fresh.addItems(Array.from({ length: 500 }, (_, number) => item(`n${number}`, 'Maison > Lampes', { description: `Lampe numéro ${number}` })))
    for (const [id, strategy] of [['near', 'similar'], ['new', 'new_arrivals']]) {
      await fresh.putPlacement(id, { recipe: [strategy], count: 4 })
      const first = await decide(fresh, { placements: [id], context: { page: { type: 'product', itemId: 'n7' } } })
      assert.deepEqual([shown(first).length, first.json.decisions[0].fallback], [4, ''], first.text)
    }
  } finally {
    await fresh.end()
  }
})

test('a key that makes no sense is refused with those that do', async () => {
  const answer = await server.call('PUT', '/api/v1/placements/wrong', { body: { recipe: [{ strategy: 'similar', key: 'page_category' }] }, key: server.secretKey })
  assert.equal(answer.status, 400, answer.text)
  assert.match(answer.text, /similar starts from current_item, basket, last_bought, last_viewed/)
})

test('without consent every key answers as for a stranger', async () => {
  for (const placement of Object.keys(placements))
    await assertAlike(() => ask(placement, { anonymousId: 'refuser', itemId: 'l1' }), () => ask(placement, { anonymousId: 'stranger', itemId: 'l1' }))
})

test('what was decided is decided again, bit for bit, and under another recipe what is lacking is told', async () => {
  const answer = await ask('twice', { itemId: 's1' })
  const { id, policy } = answer.json.decisions[0]
  const again = await until(() => server.command('replay', id), ({ code }) => code === 0)
  assert.equal(again.stdout.trim(), answer.text)
  await server.putPlacement('twice', { recipe: [step('viewed_together', { key: 'last_viewed' }), step('viewed_together', { key: 'basket' })], count: 4 })
  const other = await server.command('replay', id, '--policy', String((await ask('twice')).json.decisions[0].policy))
  assert.ok(policy > 0 && JSON.parse(other.stdout).decisions[0].items.every(({ itemId }) => vases.includes(itemId)), other.stdout)
  assert.match(other.stderr, /no answers of viewed_together/)
  const all = JSON.parse((await server.command('replay', '--all')).stdout)
  assert.deepEqual([all.different, all.damaged], [0, 0])
})
