// What items cost and earn, in whose size they come, and what is in the basket: rules and a blend's term; and who may read it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, Server, until } from './server.mjs'
import { assertAlike, consented, decide, shown, viewed } from './shop.mjs'

const shoe = (id, fields = {}) => ({
  id, title: `Chaussure ${id}`, price: '100.00', category: 'Chaussures', brand: 'Kiprun', cost: '60.00',
  variants: ['38', '39'].map(size => ({ id: `${id}-${size}`, stock: 3, attributes: { size, size_system: 'shoe-eu' } })), ...fields,
})
const items = [
  shoe('s1'), shoe('s2', { cost: '95.00' }),
  shoe('s3', { variants: [{ id: 's3-38', stock: 0, attributes: { size: '38', size_system: 'shoe-eu' } }, { id: 's3-39', stock: 1, attributes: { size: '39', size_system: 'shoe-eu' } }] }),
  { id: 'l1', title: 'Lampe', price: '50.00', category: 'Lampes', brand: 'Ida', cost: '20.00' },
  { id: 'l2', title: 'Lampe 2', price: '50.00', category: 'Lampes', brand: 'Noé' },
]
const ids = items.map(({ id }) => id)

let server, number = 0
const put = async (body, recipe = [{ strategy: 'manual', items: ids }]) => {
  const id = `p${++number}`
  await server.putPlacement(id, { recipe, deadlineMs: 2000, ...body })
  return id
}
const explained = (answer, role) => until(
  () => server.get(`/v1/decisions/${answer.json.decisions[0].id}?as=${role}&lang=en`, { key: server.secretKey }), ({ status }) => status === 200)
const known = (anonymousId, traits, fields = {}) =>
  server.post('/v1/identify', { anonymousId, traits, context: consented, ...fields }, { key: server.writeKey })

before(async () => {
  server = await Server.start()
  await server.addItems(items)
  await until(() => server.get('/api/v1/catalog/items/l2', { key: server.secretKey }), ({ status }) => status === 200)
})
after(() => server.end())

describe('costs', () => {
  test('are told to a key of the catalogue alone', async () => {
    const { json } = await server.get('/api/v1/catalog/items/s2', { key: server.secretKey })
    assert.equal(json.cost, '95.00')
    assertProblem(await server.get('/api/v1/catalog/items/s2', { key: server.writeKey }), 403)
  })

  test('a floor removes what earns too little; only the marketer is told why', async () => {
    const floor = await put({ rules: [{ kind: 'margin', min: 20 }] })
    const lax = await put({ rules: [{ kind: 'margin', min: 20, unknown: 'keep' }] })
    const answer = await decide(server, { placements: [floor], explain: true })
    assert.deepEqual(shown(answer), ['s1', 's3', 'l1'])
    assert.deepEqual(shown(await decide(server, { placements: [lax] })), ['s1', 's3', 'l1', 'l2'])
    assert.doesNotMatch(answer.text, /marg|cost/i)
    assert.deepEqual(answer.json.decisions[0].explanation.removedCounts.map(({ reason, count }) => [reason, count]), [['rule', 2]])
    const { removedCounts, operations } = (await explained(answer, 'marketer')).json
    assert.deepEqual(removedCounts.map(({ reason, sentence, count }) => [reason, sentence, count]), [['margin', 'margin under the floor', 2]])
    assert.ok(operations.some(({ of, count }) => of === 'margin' && count === 2))
    for (const role of ['agent', 'shopper']) {
      assert.doesNotMatch((await explained(answer, role)).text, /margin|cost/i)
      const why = await server.get(`/v1/decisions/${answer.json.decisions[0].id}/why-not/s2?as=${role}&lang=en`, { key: server.secretKey })
      assert.equal(why.status, 200, why.text)
      assert.doesNotMatch(why.text, /margin|cost/i)
    }
  })

  test('a blend weighs margins, by name to the marketer, in a sum to others', async () => {
    const [plain, heavy] = [await put({ mix: 'blend', marginWeight: 0 }), await put({ mix: 'blend', marginWeight: 20 })]
    assert.equal(shown(await decide(server, { placements: [plain] }))[0], 's1')
    const answer = await decide(server, { placements: [heavy], explain: true })
    assert.deepEqual(shown(answer), ['l1', 's1', 's3', 's2', 'l2'])
    assert.doesNotMatch(answer.text, /marg|cost/i)
    const total = ({ contributions }) => contributions.reduce((sum, { value }) => sum + value, 0)
    const told = (await explained(answer, 'marketer')).json.items
    const named = told[0].contributions.find(({ name }) => name === 'margin')
    assert.ok(Math.abs(named.value - 12) < 0.1, JSON.stringify(named)) // 60 % of 20
    assert.equal(told.at(-1).contributions.some(({ name }) => name === 'margin'), false)
    for (const item of [...told, ...answer.json.decisions[0].explanation.items]) assert.ok(Math.abs(total(item) - item.score) < 1e-5, JSON.stringify(item))
    const { stdout, code } = await server.command('replay', answer.json.decisions[0].id)
    assert.equal(code, 0, stdout)
  })
})

describe('sizes and baskets', () => {
  test('in the size that the person declares, with the variant named; nobody else notices', async () => {
    const mine = await put({ rules: ['my_size'] })
    const strict = await put({ rules: [{ kind: 'my_size', unknown: 'remove' }] })
    await known('runner', { size: { 'shoe-eu': '38' } })
    const user = { anonymousId: 'runner' }
    const answer = await until(() => decide(server, { user, placements: [mine], explain: true }), ({ json }) => json.decisions[0].personalised)
    assert.deepEqual(answer.json.decisions[0].items.map(({ itemId, variant }) => [itemId, variant]),
      [['s1', 's1-38'], ['s2', 's2-38'], ['l1', undefined], ['l2', undefined]])
    assert.deepEqual(shown(await decide(server, { user, placements: [strict] })), ['s1', 's2'])
    assert.deepEqual((await explained(answer, 'marketer')).json.read.find(({ fact }) => fact === 'sizes').values, ['shoe-eu=38'])
    assert.match((await explained(answer, 'shopper')).json.sentences.join(' '), /your sizes/)
    const { stdout, code } = await server.command('replay', answer.json.decisions[0].id)
    assert.equal(code, 0, stdout)
    const stranger = (more = {}) => decide(server, { user: { anonymousId: 'stranger' }, placements: [mine], ...more })
    const refusing = () => decide(server, { user, placements: [mine], context: { consent: { categoryPreferences: { advertising: false } } } })
    assert.deepEqual(shown(await assertAlike(() => stranger(), refusing)), ids)
    assert.match((await stranger({ explain: true })).text, /la règle de taille n’a rien écarté/)
  })

  test('what is in the basket that is sent, or known', async () => {
    const like = await put({ rules: [{ kind: 'match', attribute: 'category', with: 'basket' }] })
    const other = await put({ rules: [{ kind: 'match', attribute: 'category', with: 'basket', differs: true }] })
    const context = { cart: [{ itemId: 'l1', quantity: 1 }] }
    assert.deepEqual(shown(await decide(server, { placements: [like], context })), ['l1', 'l2'])
    assert.deepEqual(shown(await decide(server, { placements: [other], context })), ['s1', 's2', 's3'])
    assert.deepEqual(shown(await decide(server, { placements: [like] })), ids)
    await server.post('/v1/track', { ...viewed('s1'), event: 'Product Added', anonymousId: 'buyer' }, { key: server.writeKey })
    const user = { anonymousId: 'buyer' }
    const answer = await until(() => decide(server, { user, placements: [like] }), ({ json }) => json.decisions[0].personalised)
    assert.deepEqual(shown(answer), ['s1', 's2', 's3'])
    assert.deepEqual(shown(await decide(server, { user, placements: [like], context })), ids)
  })
})
