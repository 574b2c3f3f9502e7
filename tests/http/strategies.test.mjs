// What a recipe may ask for beside crowds: items alike, new ones, and what goes with the basket.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, sleep, until } from './server.mjs'
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
  rayon: { name: 'Ventes du rayon', recipe: ['category_best_sellers'], rules: ['in_stock'], count: 4 },
  vogue: { name: 'Tendances du rayon', recipe: ['category_trending'], rules: ['in_stock'], count: 4 },
  again: { name: 'À racheter', recipe: ['repurchase_due'], rules: ['in_stock'], count: 4 },
  visits: { name: 'Visites semblables', recipe: ['sessions'], rules: ['in_stock'], count: 4 },
  next: { name: 'Vus ensuite', recipe: ['viewed_next'], rules: ['in_stock'], count: 4 },
  you: { name: 'Pour vous', recipe: 'for_you', rules: ['in_stock'], count: 4 },
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
  await sleep(500) // half-lives of 14 days tell ages apart that are a fifth of a second from each other, and no nearer
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

const inCategory = (placement, category) => decide(server, { placements: [placement], context: { page: { type: 'category', category } } })

test('best sellers and trends keep to the category of the page, and to those below it', async () => {
  assert.deepEqual(shown(await until(() => inCategory('rayon', 'Textile'), shows('sock'))), ['sock'])
  assert.deepEqual(shown(await inCategory('rayon', 'Textile > Chaussettes')), ['sock'])
  assert.deepEqual(shown(await onPage('lamp', 'rayon')), ['lamp'])
  assert.deepEqual(shown(await inCategory('rayon', 'Nulle part')), [])
  assert.deepEqual(shown(await onPage('', 'rayon')), [])
  const views = ['speed', 'lamp', 'speed'].map((product_id, visitor) => ({
    type: 'track', event: 'Product Viewed', anonymousId: `visitor-${visitor}`, context: consented, properties: { product_id } }))
  assert.equal((await server.post('/v1/batch', { batch: views }, { key: server.writeKey })).json.accepted, 3)
  assert.deepEqual(shown(await until(() => inCategory('vogue', 'Chaussures'), shows('speed'))), ['speed'])
})

test('what others bought again after a while is due again, to the person alone who bought it', async () => {
  const day = 86400000, now = Date.now()
  const order = (anonymousId, days, ...items) => ({
    type: 'track', event: 'Order Completed', anonymousId, context: consented, timestamp: new Date(now - days * day).toISOString(),
    properties: { order_id: `${anonymousId}-${days}`, currency: 'EUR', products: items.map(product_id => ({ product_id, price: 10, quantity: 1 })) },
  })
  const batch = Array.from({ length: 12 }, (_, buyer) => [order(`regular-${buyer}`, 90, 'sock'), order(`regular-${buyer}`, 60, 'sock')]).flat()
  batch.push(order('marie', 30, 'sock', 'tent'))
  const answer = await server.post('/v1/batch', { batch }, { key: server.writeKey })
  assert.equal(answer.json.accepted, batch.length, answer.text)
  const ask = anonymousId => decide(server, { placements: ['again'], user: { anonymousId } })
  const due = await until(() => ask('marie'), shows('sock'))
  assert.deepEqual(shown(due), ['sock'], due.text)
  assert.equal(due.json.decisions[0].items[0].reason, 'Déjà acheté, bientôt à renouveler')
  assert.equal(due.json.decisions[0].personalised, true)
  assert.deepEqual(shown(await ask('nobody')), [])
})

test('visits like this one went on to: from visits that ended, those of people who may teach, and says who spoke', async () => {
  const hour = 3600000, now = Date.now()
  const seen = (anonymousId, product_id, hours, context = consented) => ({ type: 'track', event: 'Product Viewed', anonymousId,
    timestamp: new Date(now - hours * hour).toISOString(), context, properties: { product_id } })
  const visit = (who, items, context) => [...items.map((item, at) => seen(who, item, 5 - at / 100, context)), seen(who, 'road', 3, context)]
  const refuses = { consent: { categoryPreferences: { personalise: true, measure: true, learn: false } } }
  const batch = [0, 1, 2, 3, 4, 5].flatMap(number => [
    ...visit(`walker-${number}`, ['tent', 'lamp', 'sock']),
    ...visit(`runner-${number}`, ['speed', 'road', 'sense']),
    ...visit(`refuser-${number}`, ['tent', 'ultra'], refuses)])
  const sent = await server.post('/v1/batch', { batch }, { key: server.writeKey })
  assert.equal(sent.json.accepted, batch.length, sent.text)

  const stranger = await until(() => onPage('tent', 'visits'), shows('sock'))
  assert.deepEqual(shown(stranger), ['lamp', 'sock'], stranger.text)
  assert.equal(stranger.json.decisions[0].personalised, false)
  assert.equal(stranger.json.decisions[0].items[0].reason, 'Choisi ensuite par ceux qui ont vu Tente légère deux places')
  assert.deepEqual(shown(await onPage('lamp', 'next')), ['sock'])

  const ask = (events, context) => decide(server, { placements: ['visits'], user: { anonymousId: 'zoe' }, events, explain: true, context: { ...consented, ...context } })
  const look = (product_id, seconds = 0) => ({ type: 'track', event: 'Product Viewed', properties: { product_id }, timestamp: new Date(Date.now() - seconds * 1000).toISOString() })
  const walking = await ask([look('tent')])
  assert.equal(shown(walking)[0], 'lamp', walking.text)
  assert.equal(walking.json.decisions[0].personalised, true)
  const both = await ask([look('lamp', 60), look('speed')]) // the call's own events count
  assert.equal(shown(both)[0], 'road', both.text) // what was seen last speaks loudest
  assert.ok(shown(both).includes('sock'), both.text)
  const again = await until(() => server.command('replay', both.json.decisions[0].id), ({ code }) => code === 0)
  assert.equal(again.stdout.trim(), both.text)

  for (const signal of ['SIGKILL', 'SIGTERM']) {
    await server.stop(signal)
    await server.serve()
    assert.deepEqual(shown(await until(() => onPage('tent', 'visits'), shows('sock'))), ['lamp', 'sock'], signal)
  }
})

test('what was learned of categories and of how long things last outlives a kill and a stop', async () => {
  const ask = () => decide(server, { placements: ['again'], user: { anonymousId: 'marie' } })
  for (const signal of ['SIGKILL', 'SIGTERM']) {
    await server.stop(signal)
    await server.serve()
    assert.deepEqual(shown(await until(() => inCategory('rayon', 'Textile'), shows('sock'))), ['sock'], signal)
    assert.deepEqual(shown(await until(ask, shows('sock'))), ['sock'], signal)
  }
})

test('for you blends all that is known, each part named, and is sensible for whom nothing is known', async () => {
  const ask = (body = {}) => decide(server, { placements: ['you'], explain: true, ...body })
  const parts = ({ contributions }) => contributions.map(({ name }) => name)
  const page = { page: { type: 'product', itemId: 'tent' } }
  const stranger = await ask({ context: page })
  const { items, personalised, explanation } = stranger.json.decisions[0]
  assert.equal(personalised, false)
  assert.ok(['lamp', 'sock'].includes(items[0].itemId), stranger.text) // what visits went on to, and others viewed with it
  assert.ok(parts(explanation.items[0]).includes('sessions') && parts(explanation.items[0]).includes('viewed_together'), stranger.text)
  assert.ok(parts(explanation.items[0]).includes('popularity'), stranger.text)
  for (const item of explanation.items)
    assert.ok(Math.abs(item.contributions.reduce((sum, { value }) => sum + value, -item.score)) < 1e-4) // each is rounded to be read
  assert.ok(explanation.items[0].contributions.some(({ sentence }) => sentence.startsWith('Popularité')))
  const english = await ask({ context: { locale: 'en', ...page } })
  assert.ok(english.json.decisions[0].explanation.items[0].contributions.some(({ sentence }) => sentence.startsWith('Popularity: ')), english.text)

  assert.ok(shown(await ask()).length > 0, 'nobody, nowhere')
  assert.equal(shown(await ask({ user: { anonymousId: 'never-seen' } })).length, 4)
  await server.addItems([shoe('brand-new', 'Chaussure de trail toute neuve imperméable', { price: '125.00' })])
  const isNew = await until(() => ask({ context: { page: { type: 'product', itemId: 'brand-new' } } }), shows('speed'))
  assert.ok(shown(isNew).includes('sense'), isNew.text) // an item nobody has met

  const marie = await ask({ user: { anonymousId: 'marie' }, context: page })
  assert.equal(marie.json.decisions[0].personalised, true, marie.text)
  for (const answer of [stranger, marie, isNew]) {
    const again = await until(() => server.command('replay', answer.json.decisions[0].id), ({ code }) => code === 0)
    assert.equal(again.stdout.trim(), answer.text)
  }
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

test('memory of each model is told', async () => {
  for (const model of ['crowd', 'sessions', 'categories', 'repurchase'])
    assert.ok(await server.metric(`model_bytes{model="${model}"}`) > 1000, model)
  assert.ok(await server.metric('assortment_bytes') > 1000)
})
