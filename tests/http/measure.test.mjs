// What a placement earns, over HTTP: simulated people of known effect, a hold-out, and what the report says of them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, granted, Server, until } from './server.mjs'
import { consented, decide, furnish, itemIds, shown, sign } from './shop.mjs'

const PEOPLE = 900
const CHANCE = { chosen: 0.6, holdout: 0.3 } // of buying, by the arm of `earns`

let server
let number = 0
const fresh = prefix => `${prefix}-${++number}`
const people = []

// The same lots in every run (mulberry32).
let state = 20261122
function chance() {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const batch = async messages => {
  for (let at = 0; at < messages.length; at += 500) {
    const part = messages.slice(at, at + 500)
    const { status, json, text } = await server.post('/v1/batch', { batch: part }, { key: server.writeKey })
    assert.equal(status, 200, text)
    assert.equal(json.accepted, part.length, text)
  }
}
const page = (anonymousId, context = consented) => ({ type: 'page', anonymousId, name: 'Accueil', context })
const order = (anonymousId, revenue = 50, fields = {}) => ({
  type: 'track', event: 'Order Completed', anonymousId, context: consented,
  properties: { order_id: fresh('order'), revenue, currency: 'EUR', products: [{ product_id: 'i1', quantity: 1, price: revenue }] }, ...fields,
})
const report = (id, { lang, key = server.secretKey } = {}) =>
  server.get(`/api/v1/reports/placements/${id}${lang ? `?lang=${lang}` : ''}`, { key })
/** Of the series, whose points move with the clock, what its last one says. */
const still = ({ series = [], ...rest }) => ({ ...rest, last: series.at(-1)?.relative })
const counted = async (id, want) => (await until(() => report(id), answer => want(answer.json))).json
const ask = (anonymousId, placements, fields = {}) => decide(server, { user: { anonymousId }, placements, ...fields })
const visitorOn = (anonymousId, context = consented) => batch([page(anonymousId, context)])
const visitor = async (context = consented) => {
  const anonymousId = fresh('visitor')
  await batch([page(anonymousId, context)])
  return anonymousId
}

before(async () => {
  server = await Server.start()
  await furnish(server)
  await batch(Array.from({ length: 14 }, (_, index) => order(`crowd-${index}`, 20)))
  const recipe = ['recently_viewed', 'trending']
  const objective = { kind: 'purchase', value: 1, cap: 1 }
  await server.putPlacement('earns', { recipe, objective, holdout: { share: 0.5 } })
  await server.putPlacement('same', { recipe, objective, holdout: { share: 0.5 }, explore: 0.2 })
  await server.putPlacement('money', { recipe, objective: { kind: 'purchase' }, holdout: { share: 0.5 } })
  await server.putPlacement('margin', { recipe, objective: { kind: 'margin' }, holdout: { share: 0.5 } })
  await server.putPlacement('nothing', { recipe, objective: { kind: 'click' }, holdout: { share: 0.5, arm: 'empty' } })
  await server.putPlacement('default', { recipe, objective: { kind: 'lead' } })
  await server.putPlacement('seen', { recipe, objective: { kind: 'purchase', value: 1, exposure: 'seen' }, holdout: { share: 0.5 } })

  const names = Array.from({ length: PEOPLE }, () => fresh('person'))
  await batch(names.map(name => page(name)))
  for (let at = 0; at < names.length; at += 50)
    await Promise.all(names.slice(at, at + 50).map(async name => {
      const { json } = await ask(name, ['earns', 'same', 'money'])
      const [earns, same, money] = json.decisions
      people.push({ name, arm: earns.arm, same: same.arm, money: money.arm, decision: same.id })
    }))
  people.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const person of people) person.buys = chance() < CHANCE[person.arm]
  await batch(people.filter(({ buys }) => buys).map(({ name }) => order(name)))
})
after(() => server.end())

describe('the report', () => {
  const buyers = arm => people.filter(person => person.arm === arm && person.buys).length

  test('counts each person and each order once, by arm', async () => {
    const json = await counted('earns', ({ arms }) => arms.chosen.outcomes + arms.holdout.outcomes === buyers('chosen') + buyers('holdout'))
    for (const arm of ['chosen', 'holdout']) {
      assert.equal(json.arms[arm].people, people.filter(person => person.arm === arm).length)
      assert.equal(json.arms[arm].outcomes, buyers(arm))
      assert.equal(json.arms[arm].peopleInHorizon, json.arms[arm].people)
      assert.ok(Math.abs(json.arms[arm].mean - CHANCE[arm]) < 0.1)
    }
    assert.ok(Math.abs(json.arms.chosen.people - PEOPLE / 2) < 60)
    assert.equal(json.sampledShare, 1)
  })

  test('an effect that is there is seen, and its interval covers the truth', async () => {
    const { verdict, split, effect, sentences, series, arms } = (await report('earns', { lang: 'en' })).json
    assert.equal(split.ok, true)
    assert.deepEqual([series.at(-1).relative, series.at(-1).chosen], [effect.relative, arms.chosen.people])
    assert.equal(verdict, 'better')
    assert.ok(effect.absolute.low <= 0.3 && 0.3 <= effect.absolute.high && effect.absolute.low > 0, JSON.stringify(effect))
    assert.ok(effect.relative.low <= 1 && 1 <= effect.relative.high, JSON.stringify(effect))
    assert.match(sentences.join(' '), /earns more than its hold-out.*Effect a person: \d+\.\d%, between/)
  })

  test('an A/A comparison covers zero and says how many more visitors it takes', async () => {
    const { verdict, effect, visitorsMissing, sentences } = (await report('same', { lang: 'en' })).json
    assert.equal(verdict, 'too_early')
    assert.ok(effect.absolute.low < 0 && effect.absolute.high > 0, JSON.stringify(effect))
    assert.ok(visitorsMissing > 1000, visitorsMissing)
    assert.match(sentences[0], /^Not measurable yet: about \d+ more visitors are needed to see an effect of 5%\.$/)
  })

  test('money comes in its currency, in French by default', async () => {
    const { currency, arms, sentences } = (await report('money')).json
    assert.equal(currency, 'EUR')
    assert.equal(arms.chosen.total + arms.holdout.total, 50 * (buyers('chosen') + buyers('holdout')))
    assert.match(sentences[0], /^Pas encore mesurable/)
  })

  test('what follows a click is told apart, as attributed', async () => {
    const some = people.filter(({ same }) => same === 'chosen').slice(0, 5)
    const click = ({ name, decision }) => ({ type: 'track', event: 'Product Clicked', anonymousId: name, context: consented,
      properties: { product_id: 'i1', decisionId: decision } })
    await batch(some.flatMap(person => [click(person), click(person), order(person.name)]))
    const stranger = people.find(({ same }) => same === 'holdout')
    await batch([click({ name: stranger.name, decision: some[0].decision })])
    const { attributed, random, sentences } = await counted('same', json => json.attributed.chosen.outcomes === 5)
    assert.deepEqual(attributed, { model: 'after_click', chosen: { outcomes: 5, total: 5 }, holdout: { outcomes: 0, total: 0 } })
    assert.equal(random.drawn.clicks + random.ranked.clicks, 5)
    assert.ok(random.drawn.decisions > 30 && random.drawn.decisions < 160, JSON.stringify(random))
    assert.match(sentences.at(-1), /^Attribué au clic\u00a0: 5 résultats/)
  })

  test('a margin is price less cost: what the order tells, else what the catalogue says', async () => {
    const buyer = await visitor()
    await ask(buyer, ['margin'])
    const total = ({ arms }) => arms.chosen.total + arms.holdout.total
    const products = [{ product_id: 'i1', price: 20, cost: 12.5, quantity: 2 }, { product_id: 'i2', price: 9, quantity: 1 }]
    await batch([order(buyer, 49, { properties: { order_id: fresh('order'), currency: 'EUR', revenue: 49, products } })])
    assert.equal(total(await counted('margin', json => json.arms.chosen.outcomes + json.arms.holdout.outcomes === 1)), 15)
    await server.addItems([{ id: 'costly', title: 'Lampe Noé', price: '30.00', cost: '18.00' }])
    await until(() => server.get('/api/v1/catalog/items/costly', { key: server.secretKey }), ({ status }) => status === 200)
    await batch([order(buyer, 56, { properties: { order_id: fresh('order'), currency: 'EUR', revenue: 56, products: [{ product_id: 'costly', price: 28, quantity: 2 }] } })])
    assert.equal(total(await counted('margin', json => json.arms.chosen.outcomes + json.arms.holdout.outcomes === 2)), 35)
    await server.addItems([{ id: 'costly', title: 'Lampe Noé', price: '30.00', cost: '29.00' }]) // what was earned stays earned
    assert.equal(total((await report('margin')).json), 35)
  })

  test('a returned order is taken back', async () => {
    const bought = order(people[0].name, 70)
    const total = json => json.arms.chosen.total + json.arms.holdout.total
    const before = total((await report('money')).json)
    await batch([bought])
    await counted('money', json => total(json) === before + 70)
    await batch([{ ...bought, event: 'Order Refunded', properties: { order_id: bought.properties.order_id, revenue: 30, currency: 'EUR' } }])
    await counted('money', json => total(json) === before + 40)
    await batch([{ ...bought, event: 'Order Cancelled', properties: { order_id: bought.properties.order_id } }])
    assert.equal(total(await counted('money', json => total(json) === before)), before)
  })

  test('a robot by volume leaves the measurement with all it brought', async () => {
    const people = json => json.arms.chosen.people + json.arms.holdout.people
    const total = json => json.arms.chosen.total + json.arms.holdout.total
    const before = (await report('money')).json
    const robot = await visitor()
    await ask(robot, ['money'])
    await batch([order(robot, 90)])
    await counted('money', json => people(json) === people(before) + 1 && total(json) === total(before) + 90)
    const anHourAgo = new Date(Date.now() - 3600000).toISOString()
    await batch(Array.from({ length: 3601 }, () => ({ ...page(robot), timestamp: anHourAgo })))
    await counted('money', json => people(json) === people(before) && total(json) === total(before))
    await batch([order(robot, 90)])
    assert.equal(total((await report('money')).json), total(before))
  })

  test('keys, unknown placements, and placements without an objective', async () => {
    assertProblem(await report('earns', { key: server.writeKey }), 403)
    assertProblem(await report('nowhere'), 404)
    assert.equal((await report('home')).json.verdict, 'not_measured')
    assert.equal((await report('default', { lang: 'en' })).json.sentences[0], 'Nobody has been exposed to this placement yet.')
  })

  test('the command tells the same', async () => {
    const { stdout } = await server.command('report', 'placement', 'earns', '--workspace', 'shop')
    assert.deepEqual(still(JSON.parse(stdout)), still((await report('earns')).json))
  })
})

describe('the hold-out', () => {
  test('gets best sellers, or nothing, and always the same people', async () => {
    const seen = { holdout: 0, chosen: 0 }
    for (let tries = 0; tries < 12; tries++) {
      const anonymousId = await visitor()
      const first = (await ask(anonymousId, ['nothing'])).json.decisions[0]
      const again = (await ask(anonymousId, ['nothing'])).json.decisions[0]
      assert.equal(again.arm, first.arm)
      seen[first.arm]++
      assert.equal(first.fallback === 'holdout', first.arm === 'holdout')
      assert.equal(first.items.length > 0, first.arm === 'chosen')
    }
    assert.ok(seen.holdout > 0 && seen.chosen > 0, JSON.stringify(seen))
  })

  test('a person is held out on all their devices alike, signed or named by the server, and stays so', async () => {
    const arms = { holdout: 0, chosen: 0 }
    for (let tries = 0; tries < 12; tries++) {
      const userId = fresh('user'), devices = [fresh('phone'), fresh('laptop'), fresh('tablet')]
      await Promise.all(devices.slice(0, 2).map(device => visitorOn(device))) // seen before anybody knew whose they are
      await server.post('/v1/batch', { batch: devices.map(anonymousId => ({ type: 'identify', anonymousId, userId, context: consented })) }, { key: server.secretKey })
      const signed = anonymousId => ask(anonymousId, ['earns'],
        { user: { anonymousId, userId }, context: { ...consented, userSignature: sign(server.secretKey, userId, anonymousId) } })
      const named = anonymousId => decide(server, { user: { anonymousId, userId }, placements: ['earns'], key: server.secretKey })
      const answers = [...await Promise.all(devices.map(signed)), ...await Promise.all(devices.map(named)), await signed(devices[0])]
      const seen = new Set(answers.map(({ json }) => json.decisions[0].arm))
      assert.equal(seen.size, 1, JSON.stringify([...seen]))
      arms[[...seen][0]]++
    }
    assert.ok(arms.holdout > 0 && arms.chosen > 0, JSON.stringify(arms))
  })

  test('the lots of two placements are drawn apart', () => {
    for (const other of ['same', 'money']) {
      const alike = people.filter(person => person.arm === person[other]).length
      assert.ok(Math.abs(alike - PEOPLE / 2) < 4 * Math.sqrt(PEOPLE / 4), `${alike} of ${PEOPLE}`)
    }
  })

  test('what is held out are best sellers under the placement’s own rules, for whatever recipe', async () => {
    const rules = ['in_stock', { kind: 'exclude', items: ['i1'] }]
    for (const recipe of [['recently_viewed', 'trending'], [{ strategy: 'viewed_together', weight: 2 }, 'trending']]) {
      await server.putPlacement('ruled', { recipe, mix: 'weighted', rules, affinityWeight: 1, count: 5, objective: { kind: 'purchase' }, holdout: { share: 0.5 } })
      await server.putPlacement('plain', { recipe: ['best_sellers'], rules, count: 5 })
      const { anonymousId, answer } = await someone('ruled', 'holdout')
      assert.deepEqual(shown(answer), shown(await ask(anonymousId, ['plain'])))
      assert.ok(!shown(answer).includes('i1'))
    }
  })

  const someone = async (placement, arm) => {
    for (;;) {
      const anonymousId = await visitor()
      await batch([{ type: 'track', event: 'Product Viewed', anonymousId, context: consented, properties: { product_id: 'i9' } }])
      const answer = await ask(anonymousId, [placement])
      if (answer.json.decisions[0].arm === arm) return { anonymousId, answer }
    }
  }

  test('is not shown what was chosen for others, and is told why', async () => {
    const chosen = await someone('earns', 'chosen')
    const held = await someone('earns', 'holdout')
    assert.equal(shown(chosen.answer)[0], 'i9', 'what they just looked at')
    assert.ok(!shown(held.answer).includes('i9') && shown(held.answer).length > 0, held.answer.text)
    const { id } = held.answer.json.decisions[0]
    const told = async query => (await until(() => server.get(`/v1/decisions/${id}?${query}`, { key: server.secretKey }), ({ status }) => status === 200)).json
    const marketer = await told('lang=en')
    assert.deepEqual(marketer.experiment, { arm: 'holdout', probability: 0.5 })
    assert.match(marketer.sentences.join(' '), /among the 50% drawn by lot/)
    assert.match((await told('lang=fr&as=shopper')).sentences.join(' '), /groupe tiré au sort/)
  })

  test('a tenth unless the placement says otherwise, and none without an objective', async () => {
    const arms = await Promise.all(people.slice(0, 300).map(async ({ name }) => (await ask(name, ['default'])).json.decisions[0].arm))
    const held = arms.filter(arm => arm === 'holdout').length
    assert.ok(held > 10 && held < 55, `${held}`)
    assert.equal((await ask(people[0].name, ['home'])).json.decisions[0].arm, undefined)
  })

  const outsiders = {
    'a call that names nobody': async () => decide(server, { placements: ['earns'] }),
    'somebody never seen before': async () => ask(fresh('stranger'), ['earns']),
    'who refuses to be measured': async () => ask(await visitor(granted('personalise')), ['earns']),
    'who refuses personalisation': async () => ask(await visitor(granted('measure')), ['earns']),
  }
  for (const [who, asking] of Object.entries(outsiders))
    test(`${who} is in no experiment`, async () => {
      const { people: before } = (await report('earns')).json.arms.chosen
      const answer = await asking()
      assert.equal(answer.json.decisions[0].arm, undefined, answer.text)
      assert.ok(answer.json.decisions[0].items.length > 0)
      assert.equal((await report('earns')).json.arms.chosen.people, before)
    })

  test('and the report says how many were, and why', async () => {
    const outside = async () => (await report('earns')).json.outside
    const before = await until(outside, ({ unrecognised, unmeasured }) => unrecognised >= 3 && unmeasured >= 1)
    assert.deepEqual(before, { unrecognised: 3, new: 0, unmeasured: 1 })
    await ask(await visitor(granted('personalise')), ['earns'])
    const { sentences } = await until(async () => (await report('earns', { lang: 'en' })).json, ({ outside }) => outside.unmeasured > before.unmeasured)
    assert.deepEqual(await outside(), { ...before, unmeasured: before.unmeasured + 1 })
    assert.match(sentences.join(' '), /\d+ decisions count on neither side: \d+ to people who are not recognised, \d+ to people who are and do not agree/)
  })

  test('with exposure seen, who was not shown it does not count', async () => {
    const viewer = await visitor()
    const passer = await visitor()
    const { id } = (await ask(viewer, ['seen'])).json.decisions[0]
    await ask(passer, ['seen'])
    await batch([order(viewer), order(passer)]) // before the exposure is told of: late, and counted
    await batch([{ type: 'track', event: 'Product List Viewed', anonymousId: viewer, context: consented, properties: { decisionId: id } }])
    const { arms } = await counted('seen', json => json.arms.chosen.people + json.arms.holdout.people > 0)
    assert.equal(arms.chosen.people + arms.holdout.people, 1)
    assert.equal(arms.chosen.outcomes + arms.holdout.outcomes, 1)
  })
})

describe('what stays', () => {
  const figures = async () => Promise.all(['earns', 'same', 'money', 'nothing', 'seen'].map(async id => still((await report(id)).json)))

  test('nobody but the erased person goes', async () => {
    const before = (await report('earns')).json.arms
    const gone = people.find(({ arm, buys }) => arm === 'chosen' && buys)
    assert.equal((await server.command('person', 'erase', `anonymous_id:${gone.name}`, '--workspace', 'shop')).code, 0)
    const json = await counted('earns', ({ arms }) => arms.chosen.people === before.chosen.people - 1)
    assert.deepEqual(json.arms.holdout, before.holdout)
    assert.ok(json.arms.chosen.outcomes < before.chosen.outcomes)
  })

  for (const signal of ['SIGKILL', 'SIGTERM'])
    test(`the figures are the same after ${signal}`, async () => {
      await batch([order(people[3].name), page(fresh('late'))])
      const before = await figures()
      await server.stop(signal)
      await server.serve()
      const arms = reports => JSON.stringify(reports.map(each => each.arms)) // they catch up with the log behind the open door
      const after = await until(figures, now => arms(now) === arms(before))
      assert.deepEqual(after, before)
    })

  test('nor does anybody erased come back with a kill', async () => {
    const gone = people.find(({ arm, buys, name }) => arm === 'holdout' && buys && name !== people[3].name)
    const before = (await report('earns')).json.arms // saved by the stop before
    assert.equal((await server.command('person', 'erase', `anonymous_id:${gone.name}`, '--workspace', 'shop')).code, 0)
    await server.stop('SIGKILL')
    await server.serve()
    const { arms } = await counted('earns', json => json.arms.holdout.people === before.holdout.people - 1)
    assert.deepEqual(arms.chosen, before.chosen)
    assert.ok(arms.holdout.outcomes < before.holdout.outcomes)
    assert.match((await server.get('/metrics', { key: server.secretKey })).text, /visavis_measured_people \d{3,}/)
  })

  test('every decision is made again, identically', async () => {
    const { code, stdout, stderr } = await server.command('replay', '--all', '--workspace', 'shop')
    assert.equal(code, 0, stderr)
    const { identical, different, damaged } = JSON.parse(stdout)
    assert.ok(identical > PEOPLE)
    assert.deepEqual([different, damaged], [0, 0])
  })

  test('a changed objective begins a new measurement', async () => {
    await server.putPlacement('earns', { recipe: ['trending'], objective: { kind: 'purchase', value: 1, horizonDays: 14 }, holdout: { share: 0.5 } })
    assert.equal((await report('earns')).json.verdict, 'nobody')
    const bad = await server.call('PUT', '/api/v1/placements/earns', { key: server.secretKey, body: { recipe: itemIds.slice(0, 0), objective: { kind: 'profit' } } })
    assertProblem(bad, 400)
  })
})
