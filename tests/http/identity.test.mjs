// Who is asking, and what may be read of them: a public key proves nothing, a device speaks for itself alone.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, granted, Server } from './server.mjs'
import { assertAlike, consented, decide, furnish, person, shown, sign, viewed } from './shop.mjs'

const ORIGIN = 'https://shop.example'
let server, browserKey, foreign
before(async () => {
  server = await Server.start()
  await furnish(server)
  browserKey = await server.addKey('--origin', ORIGIN)
  foreign = await server.init('other')
})
after(() => server.end())

let number = 0
const fresh = prefix => `${prefix}-${++number}`
const origin = { origin: ORIGIN }
const send = (type, body, key = server.writeKey) => server.post(`/v1/${type}`, body, { key, headers: origin })
const fromBrowser = (type, body) => send(type, body, browserKey)
const decideInBrowser = body => decide(server, { key: browserKey, headers: origin, ...body })

async function kept(type, body, key) {
  const answer = await send(type, body, key)
  assert.deepEqual(answer.json, { success: true, accepted: 1, duplicates: 0 }, answer.text)
}

/** A customer with an account, a device that consented, things seen and bought. */
async function customer() {
  const [userId, device] = [fresh('ada'), fresh('phone')]
  const email = `${userId}@example.org`
  await kept('page', { anonymousId: device, context: consented }) // the choice of this device
  await kept('identify', { userId, anonymousId: device, traits: { email, firstName: 'Ada' }, context: consented })
  await kept('track', viewed('i9', { anonymousId: device, userId }))
  await kept('track', { userId, anonymousId: device, event: 'Order Completed', context: consented,
    properties: { order_id: fresh('order'), total: 12.9, currency: 'EUR', products: [{ product_id: 'i10', quantity: 1, price: 12.9 }] } })
  return { userId, email, device }
}

async function show(identifier) {
  const answer = await person(server, identifier)
  assert.equal(answer.status, 200, answer.text)
  return answer
}

describe('two attackers', () => {
  let ada, before
  test('she is there', async () => {
    ada = await customer()
    before = (await show(`user_id:${ada.userId}`)).text
    const hers = await decide(server, { key: server.secretKey, user: { userId: ada.userId, anonymousId: ada.device } })
    assert.ok(shown(hers).includes('i9'), hers.text)
    assert.equal(hers.json.decisions[0].personalised, true)
  })

  const adas = () => ({ 'her user id': { userId: ada.userId }, 'her e-mail': { email: ada.email }, both: { userId: ada.userId, email: ada.email } })
  for (const which of ['her user id', 'her e-mail', 'both'])
    for (const kind of ['browser key', 'unbound write key'])
      test(`one who types ${which} into decide with a ${kind} gets a stranger's answer`, async () => {
        const ask = kind === 'browser key' ? decideInBrowser : body => decide(server, body)
        const everywhere = ['home', 'product', 'again'].map(id => ({ id, count: 10 }))
        for (const device of [{}, { anonymousId: fresh('mallory') }]) {
          const theirs = await assertAlike(() => ask({ user: { ...device, ...adas()[which] }, placements: everywhere }),
            () => ask({ user: device, placements: everywhere }))
          assert.equal(theirs.json.person, undefined)
        }
      })

  test('one whose device has consented gets what the device did, nothing of hers', async () => {
    const mallory = fresh('mallory')
    assert.equal((await fromBrowser('track', viewed('i11', { anonymousId: mallory }))).json.accepted, 1)
    const typed = await assertAlike(() => decideInBrowser({ user: { anonymousId: mallory, userId: ada.userId, email: ada.email } }),
      () => decideInBrowser({ user: { anonymousId: mallory } }))
    assert.equal(shown(typed)[0], 'i11')
    assert.ok(!shown(typed).includes('i9'))
  })

  const claims = {
    'identifies with her e-mail': mallory => ['identify', { anonymousId: mallory, userId: fresh('mal'), traits: { email: ada.email } }],
    'identifies as her': mallory => ['identify', { anonymousId: mallory, userId: ada.userId, traits: { firstName: 'Mallory', city: 'X' } }],
    'tracks as her': mallory => ['track', viewed('i12', { anonymousId: mallory, userId: ada.userId })],
    'orders as her': mallory => ['track', { anonymousId: mallory, userId: ada.userId, event: 'Order Completed', context: consented,
      properties: { order_id: fresh('forged'), total: 9999, products: [{ product_id: 'i12', quantity: 9, price: 1 }] } }],
    'aliases her to itself': mallory => ['alias', { userId: ada.userId, previousId: mallory, anonymousId: mallory }],
    'aliases itself to her device': mallory => ['alias', { userId: fresh('mal'), previousId: ada.device, anonymousId: mallory }],
    'names her among external ids': mallory => ['track', viewed('i12', { anonymousId: mallory,
      context: { ...consented, externalIds: [{ type: 'user_id', id: ada.userId, collection: 'users', encoding: 'none' }] } })],
    'names her e-mail in the traits around': mallory => ['page', { anonymousId: mallory, context: { ...consented, traits: { email: ada.email } } }],
    'speaks as her without a device': () => ['track', viewed('i12', { userId: ada.userId })],
    'takes back her consent': mallory => ['track', { anonymousId: mallory, userId: ada.userId, event: 'Segment Consent Preference Updated',
      context: { consent: { categoryPreferences: { personalise: false } } } }],
  }
  for (const [what, make] of Object.entries(claims))
    test(`one who ${what} with a browser key neither sees nor changes anything of hers`, async () => {
      const mallory = fresh('mallory')
      const [type, body] = make(mallory)
      const answer = await fromBrowser(type, { context: consented, ...body })
      assert.ok([200, 400].includes(answer.status), answer.text)
      const seen = await decideInBrowser({ user: { anonymousId: mallory, userId: ada.userId, email: ada.email } })
      assert.ok(!shown(seen).includes('i9') && !shown(seen).includes('i10'), seen.text)
      assert.equal((await show(`user_id:${ada.userId}`)).text, before)
      assert.equal((await show(`email:${ada.email}`)).json.person, JSON.parse(before).person)
    })

  test('events in a decide call of a browser key do not reach her either', async () => {
    const answer = await decideInBrowser({ user: { anonymousId: fresh('mallory'), userId: ada.userId }, events: [viewed('i12')] })
    assert.equal(answer.status, 200)
    await server.get('/readyz')
    assert.equal((await show(`user_id:${ada.userId}`)).text, before)
  })

  test('a write key speaks for a device alone about consent', async () => {
    for (const key of [browserKey, server.writeKey])
      for (const subject of [{ userId: ada.userId }, { email: ada.email }, { userId: ada.userId, anonymousId: fresh('mallory') }])
        assertProblem(await server.post('/v1/consent', { ...subject, purposes: { personalise: 'denied' } }, { key, headers: origin }), 403)
    assert.equal((await show(`user_id:${ada.userId}`)).text, before)
  })

  test('and she still has what is hers', async () => {
    const hers = await decide(server, { key: server.secretKey, user: { userId: ada.userId, anonymousId: ada.device } })
    assert.ok(shown(hers).includes('i9'), hers.text)
  })
})

describe('a signed user', () => {
  let ada, laptop
  before(async () => {
    ada = await customer()
    laptop = fresh('laptop')
    assert.equal((await fromBrowser('page', { anonymousId: laptop, context: consented })).json.accepted, 1)
  })
  const ask = (userSignature, user = {}) =>
    decideInBrowser({ user: { anonymousId: laptop, userId: ada.userId, ...user }, context: { userSignature } })

  test('opens their own history on another device that consented', async () => {
    for (const key of [browserKey, server.writeKey]) {
      const answer = await decide(server, { key, headers: origin, user: { anonymousId: laptop, userId: ada.userId },
        context: { userSignature: sign(server.secretKey, ada.userId, laptop) } })
      assert.equal(shown(answer)[0], 'i9', answer.text)
      assert.deepEqual([answer.json.decisions[0].personalised, answer.json.person], [true, undefined])
    }
  })

  test('may be signed as an object, in hex or base64', async () => {
    const [expires, hex] = sign(server.secretKey, ada.userId, laptop).split('.')
    for (const signature of [hex, Buffer.from(hex, 'hex').toString('base64')])
      assert.equal(shown(await ask({ expires: Number(expires), signature }))[0], 'i9')
  })

  const now = Math.floor(Date.now() / 1000)
  const wrong = {
    expired: () => sign(server.secretKey, ada.userId, laptop, { expires: now - 1 }),
    'of an expiry drawn out afterwards': () => sign(server.secretKey, ada.userId, laptop).replace(/^\d+/, `${now + 86400}`),
    'by a key of another workspace': () => sign(foreign.secret_key, ada.userId, laptop),
    'by the write key': () => sign(server.writeKey, ada.userId, laptop),
    'for another workspace': () => sign(server.secretKey, ada.userId, laptop, { workspace: 'other' }),
    'for another user': () => sign(server.secretKey, 'somebody', laptop),
    'for another device': () => sign(server.secretKey, ada.userId, ada.device),
    'with one digit changed': () => sign(server.secretKey, ada.userId, laptop).replace(/.$/, digit => (digit === '0' ? '1' : '0')),
    'cut short': () => sign(server.secretKey, ada.userId, laptop).slice(0, -2),
    empty: () => '', 'a number': () => 7, 'a list': () => [], null: () => null, 'an empty object': () => ({}),
  }
  for (const [what, make] of Object.entries(wrong))
    test(`does not open by a signature ${what}`, async () => {
      const answer = await assertAlike(() => ask(make()), () => ask(undefined))
      assert.ok(!shown(answer).includes('i9'), answer.text)
    })

  test('is joined by an event of the browser that carries the signature, and by none without', async () => {
    const [claimed, proven] = [fresh('tablet'), fresh('tablet')]
    await fromBrowser('identify', { anonymousId: claimed, userId: ada.userId, context: consented })
    const signed = { ...consented, userSignature: sign(server.secretKey, ada.userId, proven) }
    await fromBrowser('identify', { anonymousId: proven, userId: ada.userId, context: signed })
    const hers = (await show(`user_id:${ada.userId}`)).json
    const devices = hers.identifiers.filter(({ type }) => type === 'anonymous_id').map(({ value }) => value)
    assert.ok(devices.includes(proven) && !devices.includes(claimed), JSON.stringify(hers.identifiers))
  })
})

describe('what names a person', () => {
  const ids = ({ json }, type) => json.identifiers.filter(each => each.type === type).map(({ value }) => value)

  test("external ids of the users' collection, as they are, open the person; others do not", async () => {
    const userId = fresh('external')
    const external = (type, fields) => ({ id: fresh(type), type, collection: 'users', encoding: 'none', ...fields })
    const good = ['android.id', 'ios.idfa', 'ga_client_id', 'loyalty_id', 'email'].map(type => external(type, type === 'email' && { id: `${userId}@example.org` }))
    const bad = [external('cross_domain_id', { collection: 'accounts' }), external('cross_domain_id', { encoding: 'base64' }), { type: 'cross_domain_id' }]
    await kept('identify', { userId, context: { externalIds: [...good, ...bad] } })
    const hers = (await show(`user_id:${userId}`)).json
    const types = { loyalty_id: 'loyalty' }
    for (const { id, type } of good) assert.equal((await show(`${types[type] ?? type}:${id}`)).json.person, hers.person, type)
    assert.equal(hers.identifiers.length, good.length + 1, JSON.stringify(hers.identifiers))
  })

  test('values that name nobody are left out beside one that does', async () => {
    for (const nobody of ['', '0', '00-00', '-1', 'null', 'anonymous', 'undefined', '[object Object]', null]) {
      const device = fresh('beside')
      await kept('track', viewed('i1', { anonymousId: device, userId: nobody, context: { traits: { email: nobody }, externalIds: [{ id: nobody, type: 'ios.id' }] } }))
      assert.deepEqual((await show(`anonymous_id:${device}`)).json.identifiers.map(({ value }) => value), [device])
    }
  })

  test('the sixth address of a person is dropped from the event, which is theirs all the same', async () => {
    const userId = fresh('many')
    const addresses = Array.from({ length: 6 }, (_, index) => `${userId}-${index}@example.org`)
    for (const email of addresses) await kept('identify', { userId, traits: { email } })
    const hers = await show(`user_id:${userId}`)
    assert.deepEqual(ids(hers, 'email').sort(), addresses.slice(0, 5))
    assert.equal(hers.json.events.count, 6)
  })
})

describe('one person over time and devices', () => {
  test('from anonymous to known, the history stays', async () => {
    const [device, userId] = [fresh('device'), fresh('bob')]
    for (const item of ['i3', 'i4']) await kept('track', viewed(item, { anonymousId: device }))
    const anonymous = (await show(`anonymous_id:${device}`)).json
    await kept('identify', { anonymousId: device, userId, traits: { firstName: 'Bob' }, context: consented })
    const known = (await show(`user_id:${userId}`)).json
    assert.equal(known.person, anonymous.person)
    assert.deepEqual(known.recents.map(({ item }) => item), ['i4', 'i3'])
    assert.equal(known.events.count, 3)
    assert.equal((await show(`anonymous_id:${device}`)).json.person, known.person)
    const next = await decide(server, { key: server.secretKey, user: { userId } })
    assert.deepEqual(shown(next).slice(0, 2), ['i4', 'i3'])
  })

  test('two users of one device stay two', async () => {
    const [device, first, second] = [fresh('shared'), fresh('first'), fresh('second')]
    await kept('identify', { anonymousId: device, userId: first, context: consented })
    await kept('track', viewed('i1', { anonymousId: device, userId: first }))
    await kept('identify', { anonymousId: device, userId: second, context: consented })
    await kept('track', viewed('i2', { anonymousId: device, userId: second }))
    const [a, b] = [(await show(`user_id:${first}`)).json, (await show(`user_id:${second}`)).json]
    assert.notEqual(a.person, b.person)
    assert.deepEqual([a.recents.map(({ item }) => item), b.recents.map(({ item }) => item)], [['i1'], ['i2']])
  })

  test('twenty first calls of one browser at the same time make one person', async () => {
    const device = fresh('busy')
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => i % 2
      ? send('track', viewed(`i${i % 12 + 1}`, { anonymousId: device }))
      : decide(server, { user: { anonymousId: device }, events: [viewed('i5')], context: consented })))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    const { json } = await show(`anonymous_id:${device}`)
    assert.equal(json.identifiers.length, 1)
    const again = await Promise.all(Array.from({ length: 20 }, () => decide(server, { key: server.secretKey, user: { anonymousId: device } })))
    assert.deepEqual([...new Set(again.map(answer => answer.json.person.id))], [json.person])
  })

  test('consent on one device says nothing about another', async () => {
    const userId = fresh('eve'), [phone, desk] = [fresh('phone'), fresh('desk')]
    await kept('page', { anonymousId: phone, context: consented })
    await kept('track', viewed('i9', { anonymousId: phone, userId }))
    await kept('page', { anonymousId: desk, userId })
    const ask = (anonymousId, more = {}) => decide(server, { key: server.secretKey, user: { anonymousId, userId, ...more } })
    assert.equal(shown(await ask(phone))[0], 'i9')
    await assertAlike(() => ask(desk), () => ask(fresh('stranger'), { userId: undefined }))
    const deny = await server.post('/v1/consent', { anonymousId: desk, purposes: { personalise: 'denied' } }, { key: browserKey, headers: origin })
    assert.equal(deny.status, 200)
    assert.equal(shown(await ask(phone))[0], 'i9')
  })

  const onTheDevice = {}
  test('a choice told beside a user id is the choice of that device', onTheDevice, async () => {
    const [userId, phone] = [fresh('eve'), fresh('phone')]
    await kept('track', viewed('i9', { anonymousId: phone, userId }))
    assert.equal(shown(await decide(server, { key: server.secretKey, user: { anonymousId: phone, userId } }))[0], 'i9')
  })

  test('a choice told beside a user id does not make what another device does readable', onTheDevice, async () => {
    const [userId, phone, desk] = [fresh('eve'), fresh('phone'), fresh('desk')]
    await kept('page', { anonymousId: phone, context: consented })
    await kept('track', viewed('i9', { anonymousId: phone, userId }))
    await kept('track', viewed('i12', { anonymousId: desk, userId, context: {} }))
    const onPhone = shown(await decide(server, { key: server.secretKey, user: { anonymousId: phone, userId } }))
    assert.deepEqual([onPhone.includes('i9'), onPhone.includes('i12')], [true, false])
  })

  test('an objection of the person closes every device', async () => {
    const ada = await customer()
    const ask = () => decide(server, { key: server.secretKey, user: { anonymousId: ada.device, userId: ada.userId } })
    const change = objections => server.post('/v1/consent', { userId: ada.userId, objections }, { key: server.secretKey })
    assert.equal(shown(await ask())[0], 'i9')
    assert.equal((await change({ personalise: true })).status, 200)
    assert.equal((await ask()).json.decisions[0].personalised, false)
    await kept('track', viewed('i9', { anonymousId: ada.device, userId: ada.userId }))
    assert.equal((await ask()).json.decisions[0].personalised, false, 'a later consent does not lift it')
    assert.equal((await change({ personalise: false })).status, 200)
    assert.equal(shown(await ask())[0], 'i9')
  })
})

describe('a browser key keeps nothing without consent', () => {
  const without = {
    'no consent object': undefined, 'an empty one': { consent: {} }, 'no category': { consent: { categoryPreferences: {} } },
    'all denied': { consent: { categoryPreferences: { measure: false, personalise: false } } },
    'an unmapped category': { consent: { categoryPreferences: { Advertising: true } } }, 'another purpose': granted('email'),
  }
  for (const [what, context] of Object.entries(without))
    test(what, async () => {
      const device = fresh('shy')
      const before = (await server.exported()).length
      for (const [type, body] of [['track', viewed('i1')], ['identify', { traits: { email: `${device}@example.org` } }], ['page', {}]]) {
        const answer = await fromBrowser(type, { ...body, context, anonymousId: device })
        assert.deepEqual(answer.json, { success: true, accepted: 0, duplicates: 0 }, answer.text)
      }
      const asked = await decideInBrowser({ user: { anonymousId: device }, events: [{ ...viewed('i1'), context }], context })
      assert.equal(asked.status, 200)
      assertProblem(await person(server, `anonymous_id:${device}`), 404)
      assertProblem(await person(server, `email:${device}@example.org`), 404)
      assert.equal((await server.exported()).length, before)
    })

  for (const purpose of ['measure', 'personalise'])
    test(`${purpose} granted is enough, and then counts for messages that say nothing`, async () => {
      const device = fresh('frank')
      const take = async context => (await fromBrowser('track', { ...viewed('i1'), anonymousId: device, context })).json.accepted
      assert.deepEqual([await take(undefined), await take(granted(purpose)), await take(undefined)], [0, 1, 1])
      const refusal = { consent: { categoryPreferences: { [purpose]: false } } }
      assert.deepEqual([await take(refusal), await take(granted(purpose))], [0, 1])
      assert.equal((await show(`anonymous_id:${device}`)).json.events.count, 3)
    })

  test('a refused message is answered, and its text is nowhere on the disk', async () => {
    const canary = fresh('canary-that-nobody-wrote')
    const refused = { type: 'track', anonymousId: canary, traits: { email: `${canary}@example.org` } }
    const answer = await fromBrowser('batch', { batch: [refused] })
    assert.deepEqual(answer.json.errors.map(({ index, field }) => [index, field]), [[0, 'event']])
    assert.deepEqual(server.filesWith(canary), [])
  })
})
