// A decision over HTTP: its contract, what may be read for it, what is told of it, and that it can be made again.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, granted, Server, until } from './server.mjs'
import { assertAlike, consented, decide, furnish, itemIds, person, shown, viewed } from './shop.mjs'

const everywhere = ['home', 'product', 'again'].map(id => ({ id, count: 10 }))
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let server
before(async () => {
  server = await Server.start()
  await furnish(server)
})
after(() => server.end())

let number = 0
const fresh = prefix => `${prefix}-${++number}`
const ask = body => decide(server, body)
const askWithSecret = body => decide(server, { key: server.secretKey, ...body })

async function track(message) {
  const answer = await server.post('/v1/track', message, { key: server.writeKey })
  assert.equal(answer.status, 200, answer.text)
  return answer.json
}

async function visitorWhoSaw(...items) {
  const anonymousId = fresh('visitor')
  for (const item of items) await track(viewed(item, { anonymousId }))
  return { anonymousId }
}

describe('the contract', () => {
  const order = value => (Array.isArray(value) ? value.slice(0, 1).map(order)
    : value && typeof value === 'object' ? Object.entries(value).map(([name, inside]) => [name, order(inside)]) : typeof value)
  const decision = ['id', 'placement', 'kind', 'items', 'policy', 'personalised', 'fallback'].map(name => [name, {
    items: [[['itemId', 'string'], ['score', 'number'], ['reason', 'string']]], policy: 'number', personalised: 'boolean' }[name] ?? 'string'])

  test('names, order and kinds of members', async () => {
    const answer = await ask({ user: await visitorWhoSaw('i1'), placements: everywhere })
    assert.deepEqual(order(answer.json), [['decisions', [decision]]])
    for (const [index, { id, placement, kind, policy }] of answer.json.decisions.entries()) {
      assert.match(id, UUID)
      assert.deepEqual([placement, kind, policy], [everywhere[index].id, 'items', 4])
    }
    assert.equal(new Set(answer.json.decisions.map(({ id }) => id)).size, 3)
  })

  test('person for secret keys only, and only where somebody is known', async () => {
    const user = await visitorWhoSaw('i1')
    const withSecret = await askWithSecret({ user })
    assert.deepEqual(order(withSecret.json), [['decisions', [decision]], ['person', [['id', 'string'], ['level', 'number']]]])
    assert.equal(withSecret.json.person.id, (await person(server, `anonymous_id:${user.anonymousId}`)).json.person)
    assert.equal((await ask({ user })).json.person, undefined)
    assert.equal((await askWithSecret({ user: { anonymousId: fresh('stranger') } })).json.person, undefined)
    assert.equal((await askWithSecret({})).json.person, undefined)
  })

  test('the explanation comes along when it is asked for', async () => {
    const user = await visitorWhoSaw('i1')
    const explained = await ask({ user, explain: true })
    assert.deepEqual(Object.keys(explained.json.decisions[0]), [...decision.map(([name]) => name), 'explanation'])
    assert.equal((await ask({ user, explain: false })).json.decisions[0].explanation, undefined)
  })

  test('what a page needs to show the items comes along when it is asked for', async () => {
    const answer = await ask({ placements: ['home', 'second'], details: true, context: { locale: 'fr' } })
    const { decisions, details } = answer.json
    assert.deepEqual(Object.keys(details).sort(), [...new Set(decisions.flatMap(({ items }) => items.map(({ itemId }) => itemId)))].sort())
    const [first] = shown(answer), index = itemIds.indexOf(first)
    assert.deepEqual(details[first], { title: `Lampe ${index + 1}`, brand: index % 2 ? 'Ida' : 'Noé', price: `${10 + index}.90`, currency: 'EUR' })
    assert.equal(answer.text.split(`"${first}":{`).length, 2) // once, though two placements may show it
    assert.equal((await ask({ details: false })).json.details, undefined)
    const withSecret = await askWithSecret({ user: await visitorWhoSaw('i1'), details: true })
    assert.deepEqual(Object.keys(withSecret.json), ['decisions', 'person', 'details'])
  })

  test('count is kept to, from 1 to 50', async () => {
    for (const count of [1, 3, 50]) assert.equal(shown(await ask({ placements: [{ id: 'home', count }] })).length, Math.min(count, 8))
  })

  const long = (count, make) => Array.from({ length: count }, (_, index) => make(index))
  const bad = {
    'no placements': { placements: [] },
    'a placement without id': { placements: [{}] },
    '21 placements': { placements: long(21, () => 'home') },
    'count over 50': { placements: [{ id: 'home', count: 51 }] },
    'count below 0': { placements: [{ id: 'home', count: -1 }] },
    '501 excluded': { placements: [{ id: 'home', exclude: long(501, index => `x${index}`) }] },
    '21 events': { events: long(21, () => viewed('i1')) },
    'events that are no list': { events: {} },
    'a user that is a text': { user: 'ada' },
    'an anonymousId that is a list': { user: { anonymousId: [] } },
    'an anonymousId of 257 bytes': { user: { anonymousId: 'a'.repeat(257) } },
    'a context that is a text': { context: 'x' },
    'a cart that is a text': { context: { cart: 'x' } },
    'a deadline of 0': { deadlineMs: 0 },
    'a deadline of 2001': { deadlineMs: 2001 },
  }
  for (const [what, body] of Object.entries(bad))
    test(`${what} is answered 400 with a sentence`, async () => {
      const answer = await ask(body)
      assertProblem(answer, 400)
      assert.ok(answer.json.errors[0].detail.length > 10, answer.text)
    })

  for (const deadlineMs of [1, 2000])
    test(`a deadline of ${deadlineMs} ms is answered, full or with the reason`, async () => {
      const { status, json } = await ask({ placements: everywhere, deadlineMs })
      assert.equal(status, 200)
      for (const { fallback, items } of json.decisions)
        assert.ok(fallback === 'deadline' || items.length > 0, JSON.stringify(json))
    })
})

describe('what is shown', () => {
  const put = async (recipe, fields = {}) => {
    const id = fresh('place')
    await server.putPlacement(id, { recipe, count: 20, ...fields })
    return id
  }

  test('fall-backs are named', async () => {
    const lonely = await put(['bought_together', 'trending'])
    const empty = await put(['bought_together'])
    const { json } = await ask({ context: { page: { itemId: 'i12' } }, placements: ['home', lonely, empty, 'nowhere'] })
    assert.deepEqual(json.decisions.map(({ fallback }) => fallback), ['', 'bought_together_empty', 'empty', 'unknown_placement'])
    assert.deepEqual(json.decisions.map(({ items }) => items.length > 0), [true, true, false, false])
  })

  test('lists of inclusion and exclusion, of placement and of call', async () => {
    const some = await put(['trending'], { rules: [{ kind: 'include', items: ['i1', 'i2', 'i3'] }, { kind: 'exclude', items: ['i2'] }] })
    const brand = await put(['trending'], { rules: [{ kind: 'exclude', attribute: 'brand', values: ['Ida'] }] })
    assert.deepEqual(shown(await ask({ placements: [some] })).sort(), ['i1', 'i3'])
    assert.deepEqual(shown(await ask({ placements: [{ id: some, exclude: ['i1'] }] })), ['i3'])
    assert.deepEqual(shown(await ask({ placements: [brand] })).sort(), ['i1', 'i3', 'i5', 'i7'])
  })

  test('price, stock, and likeness to the page; what is unknown removes nothing', async () => {
    const context = { page: { type: 'product', itemId: 'i4' } }
    const under = async (rule, call = { context }) => {
      const answer = await ask({ ...call, explain: true, placements: [await put(['trending'], { rules: [rule] })] })
      const { removedCounts } = answer.json.decisions[0].explanation
      const removed = Object.fromEntries(removedCounts.map(({ reason, count }) => [reason, count]))
      return [shown(answer).sort().join(' '), removed]
    }
    const dearer = { kind: 'price', than: 'current_item', min: 1, max: 1.2 }
    const like = { kind: 'match', attribute: 'brand', with: 'current_item' }
    assert.deepEqual(await under(dearer), ['i4 i5 i6', { price: 5 }])
    assert.deepEqual((await under(dearer, {}))[1], {})
    assert.deepEqual(await under(like), ['i2 i4 i6 i8', { match: 4 }])
    assert.deepEqual(await under({ ...like, differs: true }), ['i1 i3 i5 i7', { match: 4 }])
    assert.deepEqual(await under({ kind: 'stock', min: 6 }), ['', { stock_level: 8 }])
    assert.deepEqual((await under({ kind: 'stock', min: 5, max: 5 }))[1], {})
    assert.deepEqual((await under({ ...like, until: '2026-01-01T00:00:00Z' }))[1], {})
    const user = await visitorWhoSaw('i1')
    assert.deepEqual((await under('exclude_viewed', { user, context }))[1], { viewed: 1 })
  })

  test('what is bought, in the basket, or the page itself', async () => {
    const filtered = await put(['trending'], { rules: ['exclude_bought', 'exclude_basket', 'exclude_current'] })
    const user = await visitorWhoSaw('i1')
    const products = (...ids) => ids.map(id => ({ product_id: id, quantity: 1, price: 10 }))
    await track({ ...user, event: 'Product Added', properties: products('i5')[0], context: consented })
    await track({ ...user, event: 'Order Completed', properties: { order_id: fresh('o'), products: products('i2') }, context: consented })
    await track({ ...user, event: 'Product Added', properties: products('i3')[0], context: consented })
    const context = { page: { type: 'product', itemId: 'i4' }, cart: [{ itemId: 'i6', quantity: 1 }] }
    const items = shown(await ask({ user, context, placements: [filtered] }))
    for (const gone of ['i2', 'i3', 'i4', 'i6']) assert.ok(!items.includes(gone), `${gone} in ${items}`)
    assert.ok(items.includes('i7'))
  })

  test('nothing twice on a page', async () => {
    const { json } = await ask({ placements: ['home', 'second', 'second'] })
    const all = json.decisions.flatMap(({ items }) => items.map(({ itemId }) => itemId))
    assert.equal(new Set(all).size, all.length, all.join())
    assert.equal(all.length, 8)
  })

  test('what is sold out or hidden is gone from the next call on, on every path', async () => {
    const user = await visitorWhoSaw('i7', 'i8')
    await server.addItems([{ id: 'i7', title: 'Lampe 7', price: '16.90', stock: 0 }, { id: 'i8', title: 'Lampe 8', price: '17.90', hidden: true }])
    const wanted = { user, placements: [{ id: 'home', count: 50 }, { id: 'again', count: 50 }] }
    const answer = await ask(wanted)
    assert.ok(!shown(answer).includes('i7') && !shown(answer, 1).includes('i8'), answer.text)
    assert.ok(shown(answer, 1).includes('i7'), 'the other placement does not ask for stock')
  })

  test('a new item can be shown from the next call on', async () => {
    await server.addItems([{ id: 'new', title: 'Lampe neuve', price: '99.90', stock: 1 }])
    const user = await visitorWhoSaw('new')
    const mine = await ask({ user })
    assert.equal(shown(mine)[0], 'new')
    const batch = itemIds.map((_, index) => viewed('new', { anonymousId: `crowd-${index}` }))
    await server.post('/v1/batch', { batch }, { key: server.writeKey })
    const all = await until(() => ask({ placements: [{ id: 'home', count: 50 }] }), answer => shown(answer).includes('new'))
    assert.ok(shown(all).includes('new'))
  })
})

describe('what may be read', () => {
  test('a call that names nobody leaves no trace', async () => {
    const canary = fresh('canary-contextual')
    const before = (await server.exported()).length
    const answer = await ask({
      context: { ...consented, page: { type: 'product', itemId: 'i1' }, userAgent: canary, ip: '203.0.113.77', campaign: { name: canary } },
      events: [viewed('i2', { properties: { product_id: 'i2', note: canary } })], placements: everywhere,
    })
    assert.deepEqual(answer.json.decisions.map(({ personalised }) => personalised), [false, false, false])
    assert.equal((await server.exported()).length, before)
    assert.deepEqual([server.filesWith(canary), server.filesWith('203.0.113.77')], [[], []])
  })

  test('a visitor who is only asked about is not made a person', async () => {
    const anonymousId = fresh('passer-by')
    assert.equal((await ask({ user: { anonymousId } })).status, 200)
    assertProblem(await person(server, `anonymous_id:${anonymousId}`), 404)
    assert.deepEqual(server.filesWith(anonymousId), [])
  })

  const states = {
    'never asked': async device => track({ ...viewed('i5', { anonymousId: device }), context: {} }),
    'granted for measuring only': async device => track(viewed('i5', { anonymousId: device, context: granted('measure') })),
    'granted, then denied': async device => {
      await track(viewed('i5', { anonymousId: device }))
      await server.post('/v1/consent', { anonymousId: device, purposes: { personalise: 'denied' } }, { key: server.writeKey })
    },
    'granted, then objected': async device => {
      await track(viewed('i5', { anonymousId: device }))
      await server.post('/v1/consent', { anonymousId: device, objections: { personalise: true } }, { key: server.writeKey })
    },
    'granted by a child of ten': async device => {
      await track(viewed('i5', { anonymousId: device }))
      const birthday = new Date(Date.now() - 10 * 366 * 86400000).toISOString().slice(0, 10)
      await server.post('/v1/identify', { anonymousId: device, traits: { birthday }, context: consented }, { key: server.writeKey })
    },
  }
  for (const [what, make] of Object.entries(states))
    test(`personalise ${what}: byte for byte a stranger's answer`, async () => {
      const device = fresh('device')
      await make(device)
      for (const explain of [false, true])
        for (const key of [server.writeKey, server.secretKey]) {
          const at = explain ? answer => ({ ...answer, text: answer.text.replaceAll(/"at":"[^"]*"/g, '"at":"…"') }) : answer => answer
          const asked = async anonymousId => at(await ask({ key, user: { anonymousId }, explain, placements: everywhere }))
          await assertAlike(() => asked(device), () => asked(fresh('stranger')))
        }
    })

  test('events of the call count at once for a visitor who consented, and not for one who did not', async () => {
    const yes = await visitorWhoSaw('i1')
    assert.deepEqual(shown(await ask({ user: yes, events: [viewed('i12')] })).slice(0, 2), ['i12', 'i1'])
    const no = { anonymousId: fresh('shy') }
    await track({ ...viewed('i1', no), context: {} })
    const answer = await ask({ user: no, events: [{ ...viewed('i12'), context: {} }] })
    assert.equal(answer.json.decisions[0].personalised, false)
  })

  test('what the call says of consent counts for it', async () => {
    const newcomer = { anonymousId: fresh('newcomer') }
    const first = await ask({ user: newcomer, context: consented, events: [{ ...viewed('i12'), context: undefined }] })
    assert.deepEqual([shown(first)[0], first.json.decisions[0].personalised], ['i12', true])
    const granted = await visitorWhoSaw('i5')
    const context = { consent: { categoryPreferences: { personalise: false } } }
    await assertAlike(() => ask({ user: granted, context, placements: everywhere }), () => ask({ user: { anonymousId: fresh('stranger') }, placements: everywhere }))
  })

  test('events of the call are kept once, whichever way they come twice', async () => {
    const user = await visitorWhoSaw('i1')
    const [first, second] = [viewed('i2', { messageId: fresh('call') }), viewed('i3', { messageId: fresh('call') })]
    await ask({ user, events: [first] })
    assert.equal((await track({ ...first, ...user })).duplicates, 1)
    assert.equal((await track({ ...second, ...user })).accepted, 1)
    await ask({ user, events: [second, first] })
    const { json } = await person(server, `anonymous_id:${user.anonymousId}`)
    assert.deepEqual([json.events.count, json.recents.map(({ item, views }) => [item, views])], [3, [['i3', 1], ['i2', 1], ['i1', 1]]])
  })

  test('events of the call that are stored already change nothing', async () => {
    const user = await visitorWhoSaw('i1')
    const events = ['i2', 'i3', 'i4'].map(item => viewed(item, { messageId: fresh('stored'), ...user }))
    for (const event of events) await track(event)
    await assertAlike(() => ask({ user, events }), () => ask({ user }))
  })

  test('an acknowledged event is seen by the next call', async () => {
    const user = await visitorWhoSaw('i1')
    for (let round = 0; round < 20; round++) {
      const item = itemIds[(round * 5) % 6]
      await new Promise(later => setTimeout(later, 2)) // two views in one millisecond have no order
      await track(viewed(item, user))
      assert.equal(shown(await ask({ user }))[0], item, `round ${round}`)
    }
  })
})

/** A record goes with the next group commit, which no answer waits for. */
const recorded = answer => until(() => server.command('replay', answer.json.decisions[0].id), ({ code }) => code === 0)

describe('explained', () => {
  let id, answer
  before(async () => {
    const user = await visitorWhoSaw('i1', 'i3')
    answer = await ask({ user, context: { page: { type: 'product', itemId: 'i2' } }, placements: ['product', 'again'] })
    id = answer.json.decisions[1].id
    await recorded(answer)
  })
  const explain = (query, which = id) => server.get(`/v1/decisions/${which}${query}`, { key: server.secretKey })
  const texts = value => (typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(texts) : [])

  const members = {
    marketer: ['id', 'placement', 'policy', 'at', 'known', 'basis', 'read', 'recipe', 'candidates', 'removed', 'removedCounts',
      'operations', 'items', 'runnerUp', 'personalised', 'explored', 'fallback', 'stagesCut', 'sentences', 'whatIf'],
    agent: ['id', 'placement', 'at', 'basis', 'items', 'sentences', 'whatIf'],
    shopper: ['id', 'items', 'sentences'],
  }
  for (const [role, names] of Object.entries(members))
    for (const lang of ['fr', 'en'])
      test(`to the ${role} in ${lang}`, async () => {
        const { status, json } = await explain(`?as=${role}&lang=${lang}`)
        assert.equal(status, 200)
        assert.deepEqual(Object.keys(json), names)
        assert.deepEqual(json.items.map(({ itemId }) => itemId), shown(answer, 1))
        assert.ok(json.sentences.length > 0)
        for (const text of texts(json).filter(each => !/^https?:|^\d{4}-/.test(each))) {
          if (lang === 'en') assert.doesNotMatch(text, /[àâçèêëîïôûœ«»]|Noé /, text)
          if (lang === 'fr') assert.doesNotMatch(text, / [:;?!»]|[^\s\u00a0\u202f:;?!][;?!»]|«(?![\u00a0\u202f])|'/, text)
        }
        if (role === 'shopper') assert.doesNotMatch(JSON.stringify(json), /score|probability|contributions|policy/)
      })

  test('the default is a marketer in the language of the workspace', async () => {
    assert.equal((await explain('')).text, (await explain('?as=marketer&lang=fr')).text)
  })

  test('scores are the sums of what they name, as far as they are told', async () => {
    for (const decision of answer.json.decisions) {
      const { json } = await explain('', decision.id)
      for (const [index, { score, contributions }] of json.items.entries()) {
        assert.ok(Math.abs(contributions.reduce((sum, { value }) => sum + value, 0) - score) < 1e-5, JSON.stringify(contributions))
        for (const figure of [score, ...contributions.map(({ value }) => value)]) assert.equal(figure, Number(figure.toFixed(6)))
        assert.equal(score, decision.items[index].score)
      }
    }
  })

  test('over the command line too', async () => {
    const { code, stdout } = await server.command('explain', id, '--as', 'agent', '--lang', 'en')
    assert.deepEqual([code, stdout.trim()], [0, (await explain('?as=agent&lang=en')).text])
  })

  test('an unknown role, no id and an unknown id', async () => {
    assertProblem(await explain('?as=boss'), 400)
    assertProblem(await explain('', 'nonsense'), 400)
    assertProblem(await explain('', '01a2005f-b64c-7000-b2fe-4b0a7181fd00'), 404)
    assertProblem(await server.get(`/v1/decisions/${id}`, { key: server.writeKey }), 403)
    assertProblem(await server.get(`/v1/decisions/${id}`), 401)
  })
})

describe('made again', () => {
  const replay = (...words) => server.command('replay', ...words)
  const all = async () => JSON.parse((await replay('--all')).stdout)
  const idOf = answer => answer.json.decisions[0].id

  test('gives the same bytes, from the record and from the person as known then', async () => {
    const user = await visitorWhoSaw('i1', 'i2')
    const calls = [{ user }, { user, events: [viewed('i3')] }, { placements: everywhere }, { user: { anonymousId: 'nobody' } },
      { user, context: { page: { itemId: 'i1' }, cart: [{ itemId: 'i2' }] }, placements: everywhere }]
    const answers = []
    for (const call of calls) answers.push(await ask(call))
    await recorded(answers.at(-1))
    await track(viewed('i6', user)) // what came later is not known then
    for (const answer of answers) {
      const again = await replay(idOf(answer))
      assert.deepEqual([again.code, again.stdout.trim()], [0, answer.text])
      const refolded = await replay(idOf(answer), '--refold')
      assert.deepEqual([refolded.code, refolded.stdout.trim()], [0, answer.text], refolded.stderr)
    }
  })

  test('gives the same bytes after new policies and a restart', async () => {
    const user = await visitorWhoSaw('i1', 'i2')
    await server.putPlacement('changing', { recipe: ['recently_viewed', 'trending'] })
    const answer = await ask({ user, placements: ['changing'] })
    await recorded(answer)
    const version = await server.putPlacement('changing', { recipe: ['recently_viewed'], count: 1 })
    assert.equal(version, (await ask({ user })).json.decisions[0].policy)
    await server.stop()
    await server.serve()
    assert.equal((await replay(idOf(answer))).stdout.trim(), answer.text)
    const other = JSON.parse((await replay(idOf(answer), '--policy', `${version}`)).stdout)
    assert.equal(other.decisions[0].policy, version)
    assert.deepEqual(other.decisions[0].items.map(({ itemId }) => itemId), shown(answer).slice(0, 1))
    assert.notEqual((await replay(idOf(answer), '--policy', '9999')).code, 0)
  })

  test('each publication is a version of its own, an unchanged one is none', async () => {
    const placement = { recipe: ['trending'], count: 2 }
    const first = await server.putPlacement('versions', placement)
    assert.equal(await server.putPlacement('versions', { ...placement, count: 3 }), first + 1)
    assert.equal(await server.putPlacement('versions', { ...placement, count: 3 }), first + 1)
  })

  test('every one at once', async () => {
    const { identical, different, erased, damaged } = await all()
    assert.deepEqual([different, erased, damaged], [0, 0, 0])
    assert.ok(identical > 50, `${identical}`)
  })

  test('after an erasure it answers so, and nothing of the person is left', async () => {
    const canary = fresh('canary-erased')
    const user = { anonymousId: canary, userId: `user-${canary}` }
    await track(viewed('i1', { anonymousId: canary }))
    const [hers, others] = [await ask({ user: { anonymousId: canary } }), await ask({ user: await visitorWhoSaw('i2') })]
    await server.post('/v1/identify', { ...user, traits: { email: `${canary}@example.org` }, context: consented }, { key: server.writeKey })
    assert.equal(hers.json.decisions[0].personalised, true)
    assert.notDeepEqual(server.filesWith(canary), [], 'it can be found while it is there')
    const erased = await server.call('DELETE', `/api/v1/people/user_id:user-${canary}`, { key: server.secretKey })
    assert.equal(erased.status, 200, erased.text)
    assert.match(erased.json.receipt, UUID)
    assert.ok(erased.json.events === 2 && erased.json.decisions >= 1, erased.text)

    assertProblem(await server.get(`/v1/decisions/${idOf(hers)}`, { key: server.secretKey }), 410)
    for (const identifier of [`anonymous_id:${canary}`, `user_id:user-${canary}`, `email:${canary}@example.org`])
      assertProblem(await person(server, identifier), 404)
    const gone = await replay(idOf(hers))
    assert.deepEqual([gone.code, gone.stdout], [1, ''])
    assert.equal((await replay(idOf(others))).stdout.trim(), others.text)
    const counts = await all()
    assert.deepEqual([counts.different, counts.damaged], [0, 0])
    assert.ok(counts.erased >= 1)
    const forms = [canary, Buffer.from(canary).toString('hex'), Buffer.from(canary).toString('base64').slice(0, -4)]
    assert.deepEqual(forms.flatMap(form => server.filesWith(form)), [])
  })
})
