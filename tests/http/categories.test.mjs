// The shop regroups its categories: what a person likes and what sells there is not lost.
import assert from 'node:assert/strict'
import { writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Server, until } from './server.mjs'
import { consented, decide, shown } from './shop.mjs'

let server
before(async () => { server = await Server.start() })
after(() => server.end())

const tree = { A: 'Femme > Robes', B: 'Femme > Robes', C: 'Femme > Robes', D: 'Homme > Pulls', E: 'Homme > Pulls', F: 'Maison' }
const item = (id, category) => ({ id, title: `Article ${id}`, price: '10', category, stock: 5 })
const track = (anonymousId, event, properties) => ({ type: 'track', event, anonymousId, properties, context: consented })
async function settings(yaml) {
  const folder = join(server.data, '..', `${Math.random().toString(36).slice(2)}-shop`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'shop.yaml'), yaml)
  return server.command('apply', '-f', folder, '--workspace', 'shop')
}
// The crowd looks at the others more often: only what the fan likes lifts A, B and C.
const liked = async () => shown(await decide(server, { user: { anonymousId: 'fan' }, placements: ['liked'] }))
const sellers = async category => shown(await decide(server, { placements: ['sold'], context: { page: { type: 'category', category } } }))

test('affinities and category best sellers survive a regrouping', async () => {
  await server.addItems(Object.entries(tree).map(([id, category]) => item(id, category)))
  await server.putPlacement('liked', { recipe: ['trending'], affinityWeight: 100, count: 3 })
  await server.putPlacement('sold', { recipe: ['category_best_sellers'], count: 3 })
  const batch = []
  for (let buyer = 0; buyer < 12; buyer++)
    for (const [id, many] of [['B', 12], ['A', 11], ['E', 12], ['F', 12], ['C', 10], ['D', 10]]) {
      batch.push(track(`crowd-${buyer}`, 'Product Viewed', { product_id: id }))
      if (buyer < many) batch.push(track(`crowd-${buyer}`, 'Order Completed', { order_id: `${buyer}${id}`, currency: 'EUR',
        products: [{ product_id: id, quantity: id === 'B' ? 3 : 1, price: 10 }] }))
    }
  for (let other = 0; other < 12; other++)
    for (const id of 'DEF') batch.push(track(`other-${other}`, 'Product Viewed', { product_id: id }))
  for (let i = 0; i < 5; i++) batch.push(track('fan', 'Product Viewed', { product_id: ['A', 'B', 'C'][i % 3] }))
  assert.equal((await server.post('/v1/batch', { batch }, { key: server.writeKey })).status, 200)
  await until(() => sellers('Femme > Robes'), list => list.length === 3 && list[0] === 'B')
  const before = await until(liked, list => list.length === 3 && list.every(id => 'ABC'.includes(id)))
  assert.deepEqual([...before].sort(), ['A', 'B', 'C'])

  // The shop's tree changes: its items are sent again under new paths, and nobody has looked at or bought anything there.
  const moved = { A: 'Mode > Robes', B: 'Mode > Robes', C: 'Mode > Robes', D: 'Mode > Mailles', E: 'Mode > Mailles', F: 'Maison' }
  await server.addItems(Object.entries(moved).map(([id, category]) => item(id, category)))
  await until(() => sellers('Mode > Mailles'), list => list.length > 0)
  const lost = await until(liked, list => list.length === 3 && !list.every(id => 'ABC'.includes(id)))
  assert.ok(lost.some(id => !'ABC'.includes(id))) // without a map nothing is known of the new paths

  const { code, stderr } = await settings('settings:\n  categoryMap:\n    Femme > Robes: Mode > Robes\n    Homme > Pulls: Mode > Mailles\n')
  assert.equal(code, 0, stderr)
  const again = await until(liked, list => list.every(id => 'ABC'.includes(id)))
  assert.deepEqual([...again].sort(), ['A', 'B', 'C'])
  const sold = await until(() => sellers('Mode > Robes'), list => list[0] === 'B')
  assert.equal(sold[0], 'B')
  assert.deepEqual([...await sellers('Femme > Robes')].sort(), ['A', 'B', 'C']) // the page may still say the old path
  const mode = await sellers('Mode')
  assert.equal(mode[0], 'B')
})

test('items that still come under old paths are taken in under the new ones', async () => {
  await server.addItems([item('G', 'Femme > Robes > Longues')])
  const path = join(server.data, '..', 'old-paths.csv')
  writeFileSync(path, 'id,title,product_type\nH,Pull,Homme > Pulls > Laine\n')
  assert.equal((await server.command('import', 'catalog', path, '--workspace', 'shop')).code, 0)
  for (const [id, category] of [['G', 'Mode > Robes > Longues'], ['H', 'Mode > Mailles > Laine']]) {
    const answer = await server.get(`/api/v1/catalog/items/${id}`, { key: server.secretKey })
    assert.equal(answer.json.category, category)
  }
})

test('a map that goes in circles is refused and changes nothing', async () => {
  const { code, stderr } = await settings('settings:\n  categoryMap:\n    A: B\n    B: A\n')
  assert.equal(code, 2)
  assert.match(stderr, /which another move empties/)
  assert.equal((await sellers('Mode > Robes'))[0], 'B')
})
