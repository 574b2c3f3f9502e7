// Feeds and what they leave: prices with the lawful reference, files of every format through the running server.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Server, assertProblem } from './server.mjs'

let server
before(async () => { server = await Server.start() })
after(() => server.end())

const api = path => server.get(`/api/v1/catalog/items/${path}`, { key: server.secretKey })
const merchant = items => `<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>${items
  .map(item => `<item>${Object.entries(item).map(([name, value]) => `<g:${name}>${value}</g:${name}>`).join('')}</item>`)
  .join('')}</channel></rss>`

async function importFile(name, bytes, ...options) {
  const path = join(server.data, '..', `${Math.random().toString(36).slice(2)}-${name}`)
  writeFileSync(path, bytes)
  const { code, stdout, stderr } = await server.command('import', 'catalog', path, '--workspace', 'shop', ...options)
  return { code, stderr, summary: stdout ? JSON.parse(stdout) : undefined }
}

test('a gzipped merchant feed becomes items while the server runs', async () => {
  const feed = merchant([
    { id: 'M1', title: 'Robe', price: '59.90 EUR', sale_price: '49.90 EUR', availability: 'in_stock', product_type: 'Femme &gt; Robes' },
    { id: 'M2', title: 'Jupe', price: '30 EUR', availability: 'out_of_stock' },
    { id: 'M3', title: 'Cape', price: 'cher' },
  ])
  const { code, stderr, summary } = await importFile('feed.xml.gz', gzipSync(feed))
  assert.equal(code, 0, stderr)
  assert.match(stderr, /line 1, column \d+: price: "cher" is not an amount/)
  assert.deepEqual([summary.new, summary.written, summary.refused], [2, 2, 1])
  const item = await api('M1')
  assert.equal(item.json.price, '49.90')
  assert.equal(item.json.listPrice, '59.90')
  assert.equal(item.json.category, 'Femme > Robes')
  assertProblem(await api('M3'), 404)
})

test('the prices of an item carry the reference of its reduction', async () => {
  await server.addItems([{ id: 'P1', title: 'Lampe', price: '100.00' }])
  await server.addItems([{ id: 'P1', title: 'Lampe', price: '120.00' }])
  await server.addItems([{ id: 'P1', title: 'Lampe', price: '90.00', listPrice: '120.00' }])
  const { status, json } = await api('P1/prices')
  assert.equal(status, 200)
  assert.deepEqual(json.prices.map(price => price.price), ['90.00', '120.00', '100.00'])
  assert.equal(json.reduction.since, json.prices[0].at)
  assert.equal(json.reduction.reference, '100.00') // not the 120.00 it was raised to
  assert.equal(json.reduction.whole, false) // known for some milliseconds only
  assert.equal(json.recent.lowest, '90.00')
  assertProblem(await api('never/prices'), 404)
  assertProblem(await server.get('/api/v1/catalog/items/P1/prices'), 401)
  assertProblem(await server.get('/api/v1/catalog/items/P1/prices', { key: server.writeKey }), 403)
})

test('a full feed that would hide much waits, and is taken in when approved', async () => {
  const rows = ids => ['id,title,price', ...ids.map(id => `F${id},Item ${id},5`)].join('\n')
  const others = ['M1', 'M2', 'P1'].map(id => `\n${id},Kept,5`).join('')
  const all = await importFile('all.csv', rows([1, 2, 3, 4, 5, 6]) + others, '--mode', 'full')
  assert.equal(all.code, 0, all.stderr)
  const few = await importFile('few.csv', rows([1]) + others, '--mode', 'full', '--feed', 'night')
  assert.equal(few.code, 1)
  assert.equal(few.summary.held, true)
  assert.deepEqual([few.summary.gone, few.summary.hidden], [5, 0])
  assert.equal((await api('F2')).json.hidden, undefined)
  const listed = await server.command('feed', 'list', '--workspace', 'shop')
  assert.equal(JSON.parse(listed.stdout).feed, 'night')
  const approved = await server.command('feed', 'approve', 'night', '--workspace', 'shop')
  assert.deepEqual(JSON.parse(approved.stdout), { written: 0, unchanged: 4, hidden: 5 })
  const gone = await api('F2')
  assert.equal(gone.json.hidden, true)
})
