// Only events that may teach do (docs/learning.md): a flood of people who refuse or never answered, of robots and of claims, over every
// way in, and no strategy's answer moves; nor after the models were built again from the log.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { granted, Server, until } from './server.mjs'
import { decide } from './shop.mjs'

const HOUR = 3600000
const consented = granted('personalise', 'measure', 'learn')
const denied = { consent: { categoryPreferences: { personalise: false, measure: false, learn: false } } }
const measured = { consent: { categoryPreferences: { personalise: false, measure: true, learn: false } } }
const notToOthers = { consent: { categoryPreferences: { personalise: true, measure: true, learn: false } } }
const ids = Array.from({ length: 24 }, (_, n) => `i${n}`)
const taught = ids.slice(0, 8) // what teachers do
const pushed = ids.slice(16) // what the flood would like to see shown
const strategies = ['trending', 'best_sellers', 'bought_together', 'viewed_together', 'recently_viewed', 'similar', 'new_arrivals', 'complete_basket',
  'category_trending', 'category_best_sellers', 'repurchase_due', 'sessions', 'viewed_next', 'bought_after_view']
// Each its own word: nothing replaces anything else in a basket.
const titles = `abat-jour bougeoir candélabre douille éventail flambeau guirlande halogène interrupteur jarre kilim lampion miroir napperon
  oreiller plaid quinquet rideau suspension tapis urne veilleuse wok zabuton`.split(/\s+/)
const now = Date.now()

let server, browserKey, number = 0
const ago = hours => new Date(now - hours * HOUR).toISOString()
const told = (event, who, properties, fields = {}) =>
  ({ type: 'track', messageId: `m${++number}`, event, anonymousId: who, properties, context: consented, ...fields })
const views = (who, item, fields) => told('Product Viewed', who, { product_id: item }, fields)
const adds = (who, item, fields) => told('Product Added', who, { product_id: item }, fields)
const orders = (who, items, fields) => told('Order Completed', who,
  { order_id: `o${++number}`, currency: 'EUR', products: items.map(product_id => ({ product_id, price: 9, quantity: 3 })) }, fields)

const send = async (batch, { key = server.writeKey, headers } = {}) => {
  for (let at = 0; at < batch.length; at += 400) {
    const answer = await server.post('/v1/batch', { batch: batch.slice(at, at + 400) }, { key, headers })
    assert.equal(answer.status, 200, answer.text)
  }
}

// Everything that is asked, by a stranger and by somebody with a history; scores too, but where they fall with the clock.
const moments = [{}, { context: { page: { type: 'product', itemId: 'i1' } } }, { context: { page: { type: 'product', itemId: 'i17' } } },
  { context: { page: { type: 'category', category: 'Maison > Lampes' } } }, { context: { cart: [{ itemId: 'i2' }, { itemId: 'i18' }] } },
  { user: { anonymousId: 'teacher-3' } }]
const agesWithTheClock = new Set(['new_arrivals', 'repurchase_due', 'recently_viewed'])
const ask = async moment => (await decide(server, { placements: strategies, ...moment })).json.decisions
  .map(({ placement, items, fallback }) => [placement, fallback, items.map(({ itemId, score }) => (agesWithTheClock.has(placement) ? itemId : [itemId, score]))])
const askAll = async () => {
  const answers = []
  for (const moment of moments) answers.push(await ask(moment))
  return answers
}
/** Twice the same, half a second apart: nothing waits to be published. */
const settled = async () => {
  let last = ''
  await until(async () => {
    const before = last
    last = JSON.stringify(await askAll())
    return before === last
  }, same => same, { within: 20000, every: 700 })
  return JSON.parse(last)
}

const teachers = () => Array.from({ length: 16 }, (_, t) => {
  const who = `teacher-${t}`, seen = [0, 1, 2, 3].map(step => taught[(t + step) % taught.length])
  return [...seen.map((item, step) => views(who, item, { timestamp: ago(30 - step / 10) })), adds(who, seen[3], { timestamp: ago(29) }),
    orders(who, seen.slice(2), { timestamp: ago(800) }), views(who, seen[0], { timestamp: ago(28.1) }),
    orders(who, seen.slice(2), { timestamp: ago(28) }), views(who, seen[0], { timestamp: ago(2) })]
}).flat()

/** What a flood does: looks, puts in the basket, and, where few may, orders. */
const flood = (who, fields, { people = 40, buyers = 0 } = {}) => Array.from({ length: people }, (_, p) => {
  const name = `${who}-${p}`
  return [...pushed.flatMap(item => [views(name, item, fields), views(name, 'i1', fields)]), adds(name, pushed[p % pushed.length], fields),
    ...(p < buyers ? [orders(name, ['i1', ...pushed], fields), orders(name, pushed, fields)] : [])]
}).flat()

let untouched
before(async () => {
  server = await Server.start()
  browserKey = await server.addKey('--origin', 'https://shop.example')
  await server.addItems(ids.map((id, n) => ({ id, title: titles[n], price: `${10 + n}.00`, brand: n % 2 ? 'Ida' : 'Noé',
    category: n % 3 ? 'Maison > Lampes' : 'Maison > Tapis', stock: 50 })))
  for (const strategy of strategies) await server.putPlacement(strategy, { recipe: [strategy], count: 12, deadlineMs: 2000 })
  await send(teachers())
  await until(() => ask(moments[1]), answer => answer[0][2].length > 0)
  untouched = await settled()
  for (const strategy of strategies)
    assert.ok(untouched.some(answers => answers.some(([placement, , items]) => placement === strategy && items.length > 0)), `${strategy} says nothing`)
})
after(() => server.end())

const unmoved = async () => assert.deepEqual(await settled(), untouched)
const robot = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }
const ordinary = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' }
const browser = () => ({ key: browserKey, headers: { origin: 'https://shop.example' } })
const floods = [
  ['people who refuse, from browsers', () => send(flood('refuses', { context: denied }, { buyers: 40 }), browser())],
  ['people who never answered, from browsers', () => send(flood('silent', { context: {} }, { buyers: 40 }), browser())],
  ['people who let themselves be measured alone, nine of them buyers', () => send(flood('counted', { context: measured }, { buyers: 9 }), browser())],
  ['people who refuse, from the shop’s server, none of them buyers',
    () => send(flood('told', { context: denied }), { key: server.secretKey })],
  ['people who personalise for themselves and refuse that others learn of it', () => send(flood('private', { context: notToOthers }))],
  ['robots by their user agent', () => send(flood('robot', {}, { buyers: 40 }), { key: browserKey, headers: { ...robot, origin: 'https://shop.example' } })],
  ['robots by the message’s own context',
    () => send(flood('crawler', { context: { ...consented, userAgent: robot['user-agent'] } }, { buyers: 40 }), { key: server.secretKey })],
  ['visitors that do more in an hour than people do, under the name of a browser,', async () => {
    const pages = Array.from({ length: 3601 }, () => ({ type: 'page', messageId: `m${++number}`, anonymousId: 'kiosk-0', context: consented, timestamp: ago(1) }))
    await send(pages, { key: browserKey, headers: { ...ordinary, origin: 'https://shop.example' } })
    await send(flood('kiosk', {}, { people: 1, buyers: 1 }), { key: browserKey, headers: { ...ordinary, origin: 'https://shop.example' } })
    for (let round = 0; round < 20; round++) await send(flood('kiosk', {}, { people: 1, buyers: 1 }))
  }],
  ['devices without a choice that claim to be a user who made one', async () => {
    await send([views('owner', 'i1', { userId: 'owner', timestamp: ago(30) })], { key: server.secretKey })
    const claims = { userId: 'owner', context: {} }
    untouched = await settled() // the owner may teach
    await send(flood('claimer', claims), { key: server.secretKey })
    await send(flood('pretender', claims), browser())
  }],
  ['items that the catalogue does not know', () => send(Array.from({ length: 40 }, (_, p) => views(`finder-${p}`, `ghost-${p % 5}`, { timestamp: ago(30) })))],
  ['events that come with a call to decide', async () => {
    for (let p = 0; p < 20; p++)
      await decide(server, { placements: ['trending'], user: { anonymousId: `asks-${p}` }, context: denied,
        events: pushed.slice(0, 4).map(item => views(`asks-${p}`, item, { context: denied })) })
  }],
]
for (const [what, pour] of floods)
  test(`${what} teach nothing`, async () => {
    await pour()
    await unmoved()
  })

test('who is a robot by volume is told so, and answered as a stranger', async () => {
  const { stdout } = await server.command('person', 'show', '--workspace', 'shop', 'anonymous_id:kiosk-0')
  const { robot, robotBy } = JSON.parse(stdout)
  assert.deepEqual([robot, robotBy], [true, 'volume'])
  assert.equal(await server.metric('robots_by_volume'), 1)
  const { json } = await decide(server, { placements: ['recently_viewed'], user: { anonymousId: 'kiosk-0' } })
  assert.equal(json.decisions[0].personalised, false)
  const told = await until(() => server.get(`/v1/decisions/${json.decisions[0].id}?lang=fr`, { key: server.secretKey }), ({ status }) => status === 200)
  assert.equal(told.json.basis.token, 'robot')
  assert.match(told.json.basis.sentence, /robot ou un appareil partagé/)
  assert.equal((await server.command('replay', json.decisions[0].id, '--refold')).code, 0)
})

test('models built again from the log know no more', async () => {
  await server.stop('SIGKILL')
  await server.serve()
  await until(() => ask(moments[1]), answer => answer[0][2].length > 0)
  await unmoved()
})

test('who may teach moves them: the measure is not blind', async () => {
  await send(flood('teaches', {}, { buyers: 12 }))
  const sold = answers => answers[0].find(([placement]) => placement === 'best_sellers')[2].some(([item]) => pushed.includes(item))
  assert.ok(sold(await until(askAll, sold, { within: 10000 })))
  assert.notDeepEqual(await settled(), untouched)
})
