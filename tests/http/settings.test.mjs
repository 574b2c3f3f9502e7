// What the console's settings command: keys and origins, a shop's settings, the live debugger, health, backups, links to choose a password.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assertProblem, granted, Server, until } from './server.mjs'

const SHOP = 'https://shop.example'

let server, owner, developer
before(async () => {
  server = new Server({ settings: { 'trusted-proxies': '127.0.0.1' } })
  const made = await server.init('shop')
  await server.init('other')
  Object.assign(server, { writeKey: made.write_key, secretKey: made.secret_key, password: made.password })
  await server.serve()
  owner = await signIn({ user: 'owner', password: server.password })
  await server.command('user', 'add', 'dev', '--role', 'developer', '--workspace', 'shop')
  developer = await byLink('dev')
})
after(async () => {
  await server.end()
  rmSync(`${server.data}-backups`, { recursive: true, force: true })
})

let addresses = 0
const begin = (path, body, headers = {}) => server.post(path, body, { headers: { 'x-forwarded-for': `10.9.${addresses >> 8}.${addresses++ & 255}`, ...headers } })
async function signIn(body, path = '/api/v1/session') {
  const answer = await begin(path, body)
  assert.equal(answer.status, 200, answer.text)
  return { ...answer.json, cookie: answer.headers['set-cookie'][0].split(';')[0] }
}
async function byLink(user) {
  const { stdout } = await server.command('user', 'link', user, '--json')
  return signIn({ token: JSON.parse(stdout).token })
}
const as = (session, method, path, body, workspace = 'shop') => server.call(method, path, {
  body, headers: { cookie: session.cookie, 'x-csrf-token': session.csrf, 'sec-fetch-site': 'same-origin', 'x-visavis-workspace': workspace },
})
async function good(answer) {
  const { status, text, json, headers } = await answer
  assert.equal(status, 200, text)
  assert.equal(headers['cache-control'], 'no-store')
  return json
}
const list = async () => (await good(as(owner, 'GET', '/api/v1/keys'))).keys
const audited = async action => (await good2(as(owner, 'GET', '/api/v1/audit?limit=50'))).audit.filter(row => row.action === action)
async function good2(answer) {
  const { status, text, json } = await answer
  assert.equal(status, 200, text)
  return json
}
const batch = (key, messages, headers = {}) => server.call('POST', '/v1/batch', { key, body: { batch: messages }, headers })

describe('keys', () => {
  test('are made with a name, told once, and work at once', async () => {
    const key = await good(as(developer, 'POST', '/api/v1/keys', { kind: 'secret', name: 'Feed', scopes: ['catalog:write', 'events:write'], expiresInDays: 30 }))
    assert.deepEqual([key.kind, key.name, key.madeBy, key.scopes, key.revoked, key.lives], ['secret', 'Feed', 'user:dev', ['events:write', 'catalog:write'], false, true])
    assert.match(key.text, /^vv_sk_\w{70}$/)
    const days = (Date.parse(key.expires) - Date.now()) / 86400000
    assert.ok(days > 29.9 && days <= 30, `${days}`)
    await server.addItems([{ id: 'i1', title: 'One' }], key.text)
    const [listed] = (await list()).filter(({ id }) => id === key.id)
    assert.equal(listed.text, undefined)
    assert.ok(Date.now() - Date.parse(listed.lastUsed) < 60000)
    assert.deepEqual(server.filesWith(key.text), [])
    assert.equal((await audited('key.add'))[0].by, 'user:dev')
  })

  const wrong = {
    'without a kind': [{}, 400],
    'of a kind that is none': [{ kind: 'public' }, 400],
    'with a scope that its maker has not': [{ kind: 'secret', scopes: ['erase'] }, 403],
    'with users:write': [{ kind: 'secret', scopes: ['users:write'] }, 400],
    'with a scope that is none': [{ kind: 'secret', scopes: ['everything'] }, 400],
    'secret without a scope': [{ kind: 'secret' }, 400],
    'secret with an origin': [{ kind: 'secret', scopes: ['decide'], origins: [SHOP] }, 400],
    'write with a scope': [{ kind: 'write', scopes: ['decide'] }, 400],
    'with an origin that is an address': [{ kind: 'write', origins: [`${SHOP}/`] }, 400],
    'with a name beyond its limit': [{ kind: 'write', name: 'x'.repeat(81) }, 400],
    'with an end that is none': [{ kind: 'write', expiresInDays: 0 }, 400],
    'with what nobody knows': [{ kind: 'write', secret: true }, 400],
    'in the place of none': [{ kind: 'write', replaces: 'k99' }, 400],
  }
  for (const [what, [body, status]] of Object.entries(wrong))
    test(`are not made ${what}`, async () => assertProblem(await as(developer, 'POST', '/api/v1/keys', body), status))

  test('of a page are told again, sealed at rest, and keep at least one origin', async () => {
    const key = await good(as(developer, 'POST', '/api/v1/keys', { kind: 'write', origins: [SHOP] }))
    assert.equal((await list()).find(({ id }) => id === key.id).text, key.text)
    assert.deepEqual(server.filesWith(key.text), [])
    assertProblem(await as(developer, 'PATCH', `/api/v1/keys/${key.id}`, { origins: [] }), 400)
    const more = await good(as(developer, 'PATCH', `/api/v1/keys/${key.id}`, { name: 'Pages', addOrigin: 'https://m.shop.example' }))
    assert.deepEqual([more.name, more.origins], ['Pages', [SHOP, 'https://m.shop.example']])
    assert.deepEqual((await good(as(developer, 'PATCH', `/api/v1/keys/${key.id}`, { addOrigin: SHOP }))).origins, more.origins)
    assertProblem(await as(developer, 'PATCH', `/api/v1/keys/${key.id}`, { addOrigin: 'null' }), 400)
    const secret = (await list()).find(({ kind }) => kind === 'secret')
    assertProblem(await as(developer, 'PATCH', `/api/v1/keys/${secret.id}`, { addOrigin: SHOP }), 400)
    await server.stop()
    await server.serve()
    owner = await signIn({ user: 'owner', password: server.password })
    developer = await byLink('dev')
    const again = (await list()).find(({ id }) => id === key.id)
    assert.deepEqual([again.text, again.name, again.origins], [key.text, 'Pages', more.origins])
  })

  test('are revoked for good, and in their own shop alone', async () => {
    const key = await good(as(owner, 'POST', '/api/v1/keys', { kind: 'write', name: 'Old' }))
    assert.equal((await batch(key.text, [{ type: 'track', event: 'Seen', userId: 'u' }])).status, 200)
    assertProblem(await as(owner, 'DELETE', `/api/v1/keys/${key.id}`, undefined, 'other'), 404)
    assert.equal((await good(as(owner, 'DELETE', `/api/v1/keys/${key.id}`))).revoked, true)
    assertProblem(await batch(key.text, [{ type: 'track', event: 'Seen', userId: 'u' }]), 401)
    assertProblem(await as(owner, 'PATCH', `/api/v1/keys/${key.id}`, { name: 'New' }), 409)
  })

  test('make keys only where they were given that by name', async () => {
    assertProblem(await server.get('/api/v1/keys', { key: server.secretKey }), 403)
    const maker = await server.addKey('--secret', '--scope', 'keys:write')
    const key = await good(server.post('/api/v1/keys', { kind: 'secret', scopes: ['decide'] }, { key: maker }))
    assert.match(key.madeBy, /^key:k\d+$/)
    assertProblem(await server.post('/api/v1/keys', { kind: 'secret', scopes: ['catalog:write'] }, { key: maker }), 403)
  })
})

describe('settings', () => {
  test('are told and changed, those that are named', async () => {
    const before = await good(as(developer, 'GET', '/api/v1/settings'))
    assert.deepEqual([before.workspace, before.timezone, before.currency, before.keeps.refusedDays], ['shop', 'Europe/Paris', 'EUR', 7])
    const changes = { timezone: 'Europe/Brussels', locale: 'en', consentCategories: { ads: ['email'] }, categoryMap: { Shoes: 'Footwear' } }
    const after = await good(as(developer, 'PATCH', '/api/v1/settings', changes))
    assert.deepEqual({ ...before, ...changes }, after)
    assert.equal((await audited('settings.change'))[0].by, 'user:dev')
  })

  for (const [what, body] of Object.entries({
    'a zone that is none': { timezone: 'Paris' }, 'a currency that is none': { currency: 'euro' }, 'a language that is none': { locale: 'de' },
    'a purpose that is none': { consentCategories: { ads: ['world'] } }, 'what nobody knows': { timeZone: 'Europe/Paris' },
  }))
    test(`refuse ${what}, and say how to mend it`, async () => {
      const answer = await as(developer, 'PATCH', '/api/v1/settings', body)
      assertProblem(answer, 400)
      assert.ok(answer.json.detail.length > 10)
    })
})

describe('the debugger', () => {
  const look = () => good(as(developer, 'GET', '/api/v1/integration'))
  const page = (extra = {}) => ({
    type: 'page', anonymousId: 'integration-visitor', timestamp: '2026-11-01T10:00:00.000Z', properties: { url: `${SHOP}/a` },
    context: { library: { name: 'visavis' }, ...granted('measure') }, ...extra,
  })

  test('tells what arrived, what became of it and why, and names nobody', async () => {
    const before = (await look()).results
    await batch(server.secretKey, [
      { type: 'track', event: 'Product Viewed', userId: 'integration-user', messageId: 'm1', properties: { product_id: 'i1' } },
      { type: 'track', event: 'Product Viewed', userId: 'integration-user', messageId: 'm1', properties: { product_id: 'i1' } },
      { type: 'track', event: 'Product Viewed', userId: 'integration-user', properties: { products: [{ product_id: 'i1' }, { product_id: 'nowhere' }] } },
      { type: 'track', userId: 'integration-user' },
    ])
    const seen = await look()
    assert.deepEqual(seen.recent.slice(0, 4).map(({ result, name }) => [result, name]),
      [['refused', ''], ['kept', 'Product Viewed'], ['again', 'Product Viewed'], ['kept', 'Product Viewed']])
    assert.ok(seen.recent[0].detail.length > 5)
    assert.deepEqual([seen.results.kept - before.kept, seen.results.again - before.again, seen.results.refused - before.refused], [2, 1, 1])
    assert.deepEqual([seen.recent[1].items, seen.recent[1].known], [2, 1])
    assert.doesNotMatch(JSON.stringify(seen), /integration-user/)
    assert.equal((await good(as(owner, 'GET', '/api/v1/integration', undefined, 'other'))).recent.length, 0)
  })

  test('finds a page that two tags told, and no other', async () => {
    const doubles = async (...pages) => {
      const before = (await look()).doubles.count
      for (const one of pages) assert.equal((await batch(server.secretKey, [one])).status, 200)
      return (await look()).doubles.count - before
    }
    assert.equal(await doubles(page(), page({ timestamp: '2026-11-01T10:00:00.400Z' })), 1)
    assert.equal(await doubles(page({ timestamp: '2026-11-01T11:00:00.000Z' }), page({ timestamp: '2026-11-01T11:00:05.000Z' })), 0)
    assert.equal(await doubles(page({ messageId: 'p1', timestamp: '2026-11-01T12:00:00.000Z' }), page({ messageId: 'p1', timestamp: '2026-11-01T12:00:00.000Z' })), 0)
  })

  test('hears what messages say of consent, and counts what a page says without one', async () => {
    const key = await good(as(developer, 'POST', '/api/v1/keys', { kind: 'write', origins: [SHOP] }))
    const before = (await look()).consent
    await batch(key.text, [page({ context: { consent: { categoryPreferences: { measure: false } } } })], { origin: SHOP })
    const { recent: [last], consent } = await look()
    assert.deepEqual([last.result, last.consent, last.key], ['counted', 'refused', key.id])
    assert.equal(consent.said - before.said, 1)
  })

  test('knows the pages that ask', async () => {
    await server.post('/v1/decide', { context: { page: { type: 'product' } }, placements: [{ id: 'nowhere' }], deadlineMs: 2000 }, { key: server.writeKey })
    assert.deepEqual((await look()).pageTypes.map(({ type, count }) => [type, count]), [['product', 1]])
  })

  test('tells an origin that was turned away, until it is allowed', async () => {
    const key = await good(as(developer, 'POST', '/api/v1/keys', { kind: 'write', origins: [SHOP] }))
    const stranger = 'https://new.shop.example'
    const from = origin => server.call('POST', '/v1/batch', { body: JSON.stringify({ writeKey: key.text, batch: [page()] }), headers: { origin, 'content-type': 'text/plain' } })
    assertProblem(await from(stranger), 403)
    assertProblem(await from('null'), 403)
    const { origins } = await look()
    assert.deepEqual(origins.map(({ origin, key: id, count }) => [origin, id, count]), [[stranger, key.id, 1]])
    await good(as(developer, 'PATCH', `/api/v1/keys/${key.id}`, { addOrigin: stranger }))
    assert.equal((await from(stranger)).status, 200)
    assert.deepEqual((await look()).origins, [])
  })
})

describe('health and backups', () => {
  const backups = (method = 'GET', path = '') => as(owner, method, `/api/v1/backups${path}`)
  const ended = () => until(() => good(backups()), ({ job }) => !job.runs, { within: 30000 })

  test('are for who sees every shop, and no key’s', async () => {
    for (const [method, path] of [['GET', '/health'], ['GET', '/backups'], ['POST', '/backups']]) {
      assertProblem(await as(developer, method, `/api/v1${path}`), 403)
      assertProblem(await server.call(method, `/api/v1${path}`, { key: await settingsKey() }), 401)
    }
  })
  let kept
  const settingsKey = async () => (kept ??= await server.addKey('--secret', '--scope', 'settings:write'))

  test('tell the machine', async () => {
    const health = await good(as(owner, 'GET', '/api/v1/health'))
    assert.equal(health.state, 'ready')
    assert.ok(health.disk.freeBytes > health.disk.reserveBytes)
    assert.ok(health.memory.models.length > 3)
    assert.equal(health.items, 1)
  })

  test('are made, checked, and told when one was changed since', async () => {
    assert.deepEqual((await good(backups())).backups, [])
    assert.equal((await good(backups('POST'))).job.kind, 'copy')
    const copied = await ended()
    assert.equal(copied.job.good, true, JSON.stringify(copied.job))
    const [{ name, bytes }] = copied.backups
    assert.ok(bytes > 1000)
    assert.ok(existsSync(join(copied.folder, name, 'MANIFEST')))
    assert.equal((await audited('backup'))[0].by, 'user:owner')
    await good(backups('POST', `/${name}/check`))
    assert.deepEqual((await ended()).backups.map(({ whole }) => whole), [true])
    const store = join(copied.folder, name, 'store')
    appendFileSync(join(store, readdirSync(store).find(file => file.startsWith('MANIFEST'))), 'x')
    await good(backups('POST', `/${name}/check`))
    const damaged = await ended()
    assert.deepEqual([damaged.job.good, damaged.backups[0].whole], [false, false])
    assert.match(damaged.job.detail, /is not what was backed up/)
    for (const wrong of ['visavis-20200101T000000Z', '..%2Fother', 'store'])
      assertProblem(await backups('POST', `/${wrong}/check`), 404)
  })
})

describe('a link to choose a password', () => {
  const take = body => begin('/api/v1/session/invitation', body)
  const invite = async (user, role = 'analyst') => {
    const { invitation, invitedUntil } = await good(as(owner, 'POST', '/api/v1/users', { user, role }))
    const [path, token] = invitation.split('=')
    assert.equal(path, '/console/#invite')
    assert.match(token, /^[0-9a-f]{64}$/)
    const hours = (Date.parse(invitedUntil) - Date.now()) / 3600000
    assert.ok(hours > 47.9 && hours <= 48, `${hours}`)
    return token
  }

  test('says whom it is for, takes a good password, once, and signs in', async () => {
    const token = await invite('new@example.org')
    assert.deepEqual(server.filesWith(token), [])
    const { until: end, ...whom } = await good(take({ token }))
    assert.deepEqual(whom, { user: 'new@example.org', role: 'analyst', locale: 'fr' })
    assertProblem(await begin('/api/v1/session', { user: 'new@example.org', password: '' }), 400)
    assertProblem(await begin('/api/v1/session', { user: 'new@example.org', password: 'anything at all' }), 401)
    assertProblem(await take({ token, password: 'too short' }), 400)
    const answers = await Promise.all(Array.from({ length: 3 }, () => take({ token, password: 'quatorze sous-marins jaunes' })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401])
    const session = await signIn({ user: 'new@example.org', password: 'quatorze sous-marins jaunes' })
    assert.equal(session.role, 'analyst')
    assertProblem(await take({ token }), 401)
    const [user] = (await good(as(owner, 'GET', '/api/v1/users'))).users.filter(({ user }) => user === 'new@example.org')
    assert.deepEqual([user.invitation, user.invitedUntil], [undefined, undefined])
    assert.doesNotMatch((await server.command('user', 'audit')).stdout, /sous-marins/)
  })

  test('outlives a restart, and goes with its user or a newer one', async () => {
    const [kept, disabled] = [await invite('kept'), await invite('gone')]
    await server.stop()
    await server.serve()
    owner = await signIn({ user: 'owner', password: server.password })
    assert.equal((await take({ token: kept })).status, 200)
    const { invitation } = await good(as(owner, 'POST', '/api/v1/users/kept/reset'))
    assertProblem(await take({ token: kept }), 401)
    assert.equal((await take({ token: invitation.split('=')[1] })).status, 200)
    await good(as(owner, 'PATCH', '/api/v1/users/gone', { disabled: true }))
    assertProblem(await take({ token: disabled }), 401)
  })

  test('is not guessed, nor sent by another site', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.77' }
    const answers = []
    do answers.push(await begin('/api/v1/session/invitation', { token: 'f'.repeat(64) }, headers))
    while (answers.at(-1).status === 401 && answers.length < 12)
    assert.equal(answers.at(-1).status, 429)
    const token = await invite('elsewhere')
    for (const sent of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
      assertProblem(await begin('/api/v1/session/invitation', { token, password: 'quatorze sous-marins jaunes' }, sent), 403)
    assertProblem(await take({}), 400)
  })
})
