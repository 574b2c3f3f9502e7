// Feeds that say one item in several rows: one a locale, one a variant; and what shoppers, orders and rules then see.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Server, assertProblem, until } from './server.mjs'
import { consented, decide, shown } from './shop.mjs'

let server
before(async () => { server = await Server.start() })
after(() => server.end())

const secret = () => ({ key: server.secretKey })
const item = async (id, lang = '') => (await server.get(`/api/v1/catalog/items/${id}${lang && `?lang=${lang}`}`, secret())).json

async function importFile(name, text, ...options) {
  const path = join(server.data, '..', `${Math.random().toString(36).slice(2)}-${name}`)
  writeFileSync(path, text)
  const { code, stdout, stderr } = await server.command('import', 'catalog', path, '--workspace', 'shop', ...options)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

test('one row per locale becomes one item, read in the language asked', async () => {
  const rows = ['id,title,price,product_type,locale', 'L1,Pull,30,Homme > Pulls,fr', 'L1,Sweater,30,Men > Sweaters,en_US', 'L1,Jumper,30,Men > Jumpers,en-GB']
  const summary = await importFile('locales.csv', rows.join('\n') + '\n')
  assert.deepEqual([summary.rows, summary.items, summary.written], [3, 1, 1])
  for (const [lang, title, locale] of [['', 'Pull', 'fr'], ['fr-BE', 'Pull', 'fr'], ['en-GB', 'Jumper', 'en-GB'], ['en', 'Jumper', 'en-GB'],
    ['it', 'Pull', 'fr']]) {
    const json = await item('L1', lang)
    assert.deepEqual([json.title, json.locale], [title, locale], lang)
  }
  assert.equal((await item('L1', 'en-US')).category, 'Men > Sweaters')
  assert.deepEqual(Object.keys((await item('L1')).texts), ['en-GB', 'en-US'])
})

test('a delta of one locale leaves the others, also when the feed alone has a locale', async () => {
  await importFile('delta.csv', 'id,title,price\nL1,Pullover,99\n', '--locale', 'en_GB')
  const json = await item('L1')
  assert.deepEqual([json.title, json.price, json.texts['en-GB'].title, json.texts['en-US'].title], ['Pull', '30.00', 'Pullover', 'Sweater'])
  const path = join(server.data, '..', 'wrong-locale.csv')
  writeFileSync(path, 'id,title\nL1,x\n')
  const { code, stderr } = await server.command('import', 'catalog', path, '--workspace', 'shop', '--locale', 'english')
  assert.equal(code, 2)
  assert.match(stderr, /language and perhaps a region/)
})

const merchant = items => `<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>${items
  .map(one => `<item>${Object.entries(one).map(([name, value]) => `<g:${name}>${value}</g:${name}>`).join('')}</item>`).join('')}</channel></rss>`
const shirts = [
  { id: 'T-S', item_group_id: 'T', title: 'T-shirt', price: '20 EUR', size: 'S', color: 'bleu', product_type: 'Hauts', availability: 'in_stock' },
  { id: 'T-M', item_group_id: 'T', title: 'T-shirt M', price: '20 EUR', sale_price: '15 EUR', size: 'M', color: 'bleu', availability: 'in_stock' },
  { id: 'P', title: 'Pantalon', price: '50 EUR', product_type: 'Bas', availability: 'in_stock' },
  { id: 'C', title: 'Ceinture', price: '25 EUR', product_type: 'Bas', availability: 'in_stock' },
]

test('rows of one group become one item with variants, and a delta changes one of them', async () => {
  const summary = await importFile('shop.xml', merchant(shirts))
  assert.deepEqual([summary.rows, summary.items], [4, 3])
  const group = await item('T')
  assert.equal(group.title, 'T-shirt')
  assert.deepEqual(group.variants.map(one => [one.id, one.price, one.listPrice, one.attributes.size]),
    [['T-M', '15.00', '20.00', 'M'], ['T-S', '20.00', undefined, 'S']])
  assert.equal((await item('T-M')).id, 'T') // by a row's id
  await importFile('delta.xml', merchant([{ ...shirts[1], availability: 'out_of_stock' }]))
  const now = await item('T')
  assert.deepEqual(now.variants.map(one => one.stock), [0, undefined])
  assert.equal(now.title, 'T-shirt')
})

test('orders, pages and exclusions by a row\'s id are of the item', async () => {
  await server.putPlacement('rows', { recipe: ['recently_viewed'], count: 4 })
  await server.putPlacement('unbought', { recipe: ['recently_viewed'], rules: ['exclude_bought'], count: 4 })
  await server.putPlacement('not-here', { recipe: ['recently_viewed'], rules: ['exclude_current'], count: 4 })
  const user = { anonymousId: 'buyer' }
  const view = id => ({ type: 'track', event: 'Product Viewed', ...user, properties: { product_id: id }, context: consented })
  for (const id of ['T-S', 'P', 'C', 'T-M'])
    assert.equal((await server.post('/v1/track', view(id), { key: server.writeKey })).status, 200)
  const ask = (placement, more = {}) => decide(server, { user, placements: [placement], ...more })
  assert.deepEqual(shown(await ask('rows')), ['T', 'C', 'P'])
  assert.deepEqual(shown(await ask({ id: 'rows', exclude: ['T-S', 'P'] })), ['C'])
  assert.deepEqual(shown(await ask('not-here', { context: { page: { type: 'product', itemId: 'T-M' } } })), ['C', 'P'])
  const order = { type: 'track', event: 'Order Completed', ...user, context: consented,
    properties: { order_id: 'o1', currency: 'EUR', products: [{ product_id: 'T-M', quantity: 1, price: 15 }] } }
  assert.equal((await server.post('/v1/track', order, { key: server.writeKey })).status, 200)
  assert.deepEqual(shown(await ask('unbought')), ['C', 'P'])
  const [stored] = (await server.exported()).filter(event => event.event === 'Order Completed')
  assert.equal(stored.properties.products[0].product_id, 'T-M') // what was sent is kept as it was sent
})

test('explanations and decisions call items by the reader\'s language', async () => {
  await server.addItems([{ id: 'X1', title: 'Lampe', locale: 'fr', texts: { en: { title: 'Lamp' } } }, { id: 'X2', title: 'Table' }])
  await server.putPlacement('seen', { recipe: ['recently_viewed', 'viewed_together'], count: 4 })
  const user = { anonymousId: 'reader' }
  const view = { type: 'track', event: 'Product Viewed', ...user, properties: { product_id: 'X1' }, context: consented }
  assert.equal((await server.post('/v1/track', view, { key: server.writeKey })).status, 200)
  const answer = await until(() => decide(server, { user, placements: ['seen'] }), one => shown(one).length === 1)
  const told = async lang => (await server.get(`/v1/decisions/${answer.json.decisions[0].id}?lang=${lang}`, secret())).text
  assert.match(await told('en'), /Lamp\b/)
  assert.match(await told('fr'), /Lampe/)
  assertProblem(await server.get('/api/v1/catalog/items/none?lang=en', secret()), 404)
})
