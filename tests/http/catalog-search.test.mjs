// Finding items, and what is like one of them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server, until } from './server.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { 'date-time': true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
const assertValid = (schema, value) => {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value)}`)
}

const many = Array.from({ length: 130 }, (_, index) => ({ id: `sock-${index}`, title: `Chaussettes ${index}`, price: '9.00', stock: index % 2, category: 'Femme > Bas' }))
let server
before(async () => {
  server = await Server.start()
  await server.addItems([
    { id: 'dress', title: 'Robe d’été à fleurs', brand: 'Noé', price: '49.90', currency: 'EUR', category: 'Femme > Robes', stock: 3 },
    { id: 'dress-2', title: 'Robe longue à fleurs', brand: 'Noé', price: '59.90', category: 'Femme > Robes > Longues', stock: 0 },
    { id: 'boots', title: 'Bottes de pluie', brand: 'Ida', price: '39.00', category: 'Femme > Robes-manteaux', hidden: true },
  ])
  await server.addItems(many)
})
after(() => server.end())

async function search(query = '', key = server.secretKey) {
  const answer = await server.get(`/api/v1/catalog/items${query}`, { key })
  assert.equal(answer.status, 200, answer.text)
  assertValid('ItemsFound', answer.json)
  return answer.json
}
const found = async query => (await search(query)).items.map(({ id }) => id).toSorted()

describe('a search', () => {
  const cases = {
    'by words, without accents or case': ['?q=ETE+fl', ['dress']],
    'by words in any order, of title and brand': ['?q=fleurs+noe', ['dress', 'dress-2']],
    'not by the middle of a word': ['?q=obe', []],
    'by the beginning of an id': ['?q=dress-', ['dress-2']],
    'by a category with all below it': ['?category=Femme%20%3E%20Robes', ['dress', 'dress-2']],
    'by what is in stock': ['?category=Femme%20%3E%20Robes&in_stock=true', ['dress']],
    'by what is not': ['?category=Femme%20%3E%20Robes&in_stock=false', ['dress-2']],
    'by signs that say nothing': ['?q=%21%21', []],
    'finds what is hidden': ['?q=bottes', ['boots']],
  }
  for (const [what, [query, ids]] of Object.entries(cases)) test(what, async () => assert.deepEqual(await found(query), ids))

  test('tells what a list shows', async () => {
    const { items: [item], count, next } = await search('?q=dress&in_stock=true')
    const { updated, ...rest } = item
    assert.deepEqual(rest, { id: 'dress', title: 'Robe d’été à fleurs', brand: 'Noé', category: 'Femme > Robes', price: '49.90', currency: 'EUR',
      stock: 3, available: true, hidden: false, variants: 0 })
    assert.ok(Math.abs(Date.parse(updated) - Date.now()) < 600000)
    assert.deepEqual([count, next], [133, undefined])
  })

  test('comes in pages that neither repeat nor leave out, also when items come in between', async () => {
    const seen = []
    for (let next = '', pages = 0; next !== undefined; pages++) {
      assert.ok(pages < 9)
      const page = await search(`?q=chaussettes&limit=30${next && `&after=${next}`}`)
      seen.push(...page.items.map(({ id }) => id))
      ;({ next } = page)
      if (pages === 1) await server.addItems([{ id: 'other', title: 'Autre', price: '1.00' }])
    }
    assert.deepEqual(seen.toSorted(), many.map(({ id }) => id).toSorted())
  })

  test('refuses what it cannot read', async () => {
    for (const query of ['?limit=0', '?limit=101', '?after=x', '?after=ABCDEF0123456789', '?in_stock=maybe', `?q=${'a'.repeat(201)}`])
      assertProblem(await server.get(`/api/v1/catalog/items${query}`, { key: server.secretKey }), 400)
    assertProblem(await server.get('/api/v1/catalog/items', { key: server.writeKey }), 403)
  })
})

describe('neighbours by content', () => {
  const alike = id => server.get(`/api/v1/catalog/items/${id}/alike`, { key: server.secretKey })

  test('are not ready where no placement asks for likeness', async () => {
    const { json } = await alike('dress')
    assertValid('ItemsAlike', json)
    assert.deepEqual(json, { ready: false, items: [] })
    assertProblem(await alike('nowhere'), 404)
  })

  test('come nearest first once one does', async () => {
    await server.putPlacement('like', { recipe: ['similar'] })
    const { json } = await until(() => alike('dress'), ({ json }) => json.ready && json.items.length > 0)
    assertValid('ItemsAlike', json)
    assert.equal(json.items[0].item.id, 'dress-2')
    assert.ok(json.items[0].score > 0 && json.items[0].score <= 1)
  })
})
