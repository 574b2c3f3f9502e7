// A menu in the order of a person's habit: the shop's own order for everybody else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Server, until } from './server.mjs'
import { assertAlike, consented, decide, viewed } from './shop.mjs'

const menu = ['Femme', 'Homme', 'Enfant', 'Maison', 'Jardin']
const items = menu.flatMap(category => ['1', '2'].map(n => ({ id: `${category}-${n}`, title: `${category} ${n}`, price: '10.00', category: `${category} > Tout`, stock: 5 })))

let server
before(async () => {
  server = await Server.start()
  await server.addItems(items)
  await server.putPlacement('menu', { name: 'Menu', kind: 'order', items: menu, moves: 2 })
  await server.putPlacement('measured', { kind: 'order', items: menu, objective: { kind: 'click' }, holdout: { share: 0.5 } })
  const views = ['Jardin-1', 'Jardin-2', 'Maison-1'].map(id => viewed(id, { anonymousId: 'zoe' }))
  assert.equal((await server.post('/v1/batch', { batch: views }, { key: server.writeKey })).json.accepted, 3)
})
after(() => server.end())

const ask = (anonymousId, rest = {}, placement = 'menu') => decide(server, { placements: [placement], user: { anonymousId }, ...rest })
const order = answer => answer.json.decisions[0].order

test('what a person visits most comes first, the rest keeps the shop’s order', async () => {
  const answer = await ask('zoe')
  assert.deepEqual(order(answer), ['Jardin', 'Maison', 'Femme', 'Homme', 'Enfant'], answer.text)
  const { kind, items: shown, personalised, fallback } = answer.json.decisions[0]
  assert.deepEqual([kind, shown, personalised, fallback], ['order', undefined, true, ''])
})

test('the call may bring its own list, and what it just saw counts at once', async () => {
  const own = { placements: [{ id: 'menu', order: { ids: ['Enfant', 'Jardin', 'Soldes'] } }] }
  assert.deepEqual(order(await ask('zoe', own)), ['Jardin', 'Enfant', 'Soldes'])
  const now = { events: Array.from({ length: 2 }, (_, n) => viewed(`Homme-${n + 1}`, { context: consented })), context: consented }
  assert.deepEqual(order(await ask('passing', now)), ['Homme', 'Femme', 'Enfant', 'Maison', 'Jardin'])
  const wrong = await ask('zoe', { placements: [{ id: 'menu', order: { ids: ['a', 'a'] } }] })
  assert.equal(wrong.status, 400, wrong.text)
  assert.match(wrong.text, /different ids/)
})

test('without consent the order is the shop’s, byte for byte that of a stranger', async () => {
  const refuses = { context: { consent: { categoryPreferences: { personalise: false } } } }
  const answer = await assertAlike(() => ask('zoe', refuses), () => ask('stranger'))
  assert.deepEqual(order(answer), menu)
  assert.equal(answer.json.decisions[0].personalised, false)
})

test('an order is explained in French and English, to all three', async () => {
  const { json } = await ask('zoe', { explain: true, context: { locale: 'en' } })
  const { explanation } = json.decisions[0]
  assert.deepEqual(explanation.order.map(({ id, place, shopPlace, moved }) => [id, place, shopPlace, moved]).slice(0, 3),
    [['Jardin', 1, 5, true], ['Maison', 2, 4, true], ['Femme', 3, 1, false]])
  assert.deepEqual(explanation.order[0].contributions.map(({ name }) => name), ['affinity', 'recent_views'])
  assert.ok(explanation.read.some(({ fact, values }) => fact === 'affinities' && values.every(value => value.startsWith('category='))))
  assert.ok(explanation.sentences.includes('In “Menu” the shop’s order was adapted: Jardin and Maison moved up, the rest kept its order.'), explanation.sentences)
  for (const [role, lang, sentence] of [['marketer', 'fr', /l’ordre de la boutique a été adapté : Jardin et Maison/], ['agent', 'fr', /Pour cette personne, Jardin et Maison/], ['shopper', 'en', /What you look at most comes first: Jardin and Maison/]]) {
    const told = await until(() => server.get(`/v1/decisions/${json.decisions[0].id}?as=${role}&lang=${lang}`, { key: server.secretKey }), ({ status }) => status === 200)
    assert.match(told.text, sentence)
  }
})

test('an order has exposures and a hold-out that keeps the shop’s order', async () => {
  const arms = new Map()
  for (let n = 0; n < 24; n++) {
    const anonymousId = `visitor-${n}`
    await server.post('/v1/track', viewed('Jardin-1', { anonymousId }), { key: server.writeKey })
    const answer = await ask(anonymousId, {}, 'measured')
    const { arm, fallback } = answer.json.decisions[0]
    assert.deepEqual([order(answer)[0], fallback], arm === 'holdout' ? ['Femme', 'holdout'] : ['Jardin', ''], answer.text)
    arms.set(arm, (arms.get(arm) ?? 0) + 1)
  }
  assert.deepEqual([...arms.keys()].sort(), ['chosen', 'holdout'])
  const people = ({ json }) => (json.arms?.chosen?.people ?? 0) + (json.arms?.holdout?.people ?? 0)
  const report = await until(() => server.get('/api/v1/reports/placements/measured', { key: server.secretKey }), answer => people(answer) === 24)
  assert.equal(people(report), 24, report.text)
})

test('every order is decided again, bit for bit', async () => {
  const all = await until(() => server.command('replay', '--all'), ({ code }) => code === 0)
  const counts = JSON.parse(all.stdout)
  assert.deepEqual([counts.different, counts.damaged], [0, 0], all.stdout)
  assert.ok(counts.identical > 20)
})

test('an order is not evaluated as a list of items would be', async () => {
  const { code, stderr } = await server.command('evaluate', 'placement', 'menu', '--since', '2026-01-01')
  assert.notEqual(code, 0)
  assert.match(stderr, /show items/)
})
