// Users of the console: signing in and out, what a page of ours must send, who may do what, in which shop.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, Server } from './server.mjs'
import { spec } from './spec.mjs'

const COOKIE = /^__Host-visavis=([0-9a-f]{64}); Path=\/; Secure; HttpOnly; SameSite=Strict$/

let server, owner
before(async () => {
  server = new Server({ settings: { 'trusted-proxies': '127.0.0.1' } })
  const made = await server.init('shop')
  Object.assign(server, { writeKey: made.write_key, secretKey: made.secret_key, password: made.password })
  await server.init('other')
  await server.serve()
  owner = await signIn('owner', server.password)
})
after(() => server.end())

const cookieOf = answer => COOKIE.exec(answer.headers['set-cookie']?.[0])?.[1]
/** Each call from an address of its own, unless it is said: what one address does wrong delays it alone. */
let addresses = 0
const begin = (body, headers = {}) =>
  server.post('/api/v1/session', body, { headers: { 'x-forwarded-for': `10.0.${addresses >> 8}.${addresses++ & 255}`, ...headers } })

async function sessionOf(answer) {
  assert.equal(answer.status, 200, answer.text)
  const secret = cookieOf(answer)
  assert.ok(secret, answer.headers['set-cookie'])
  return { ...answer.json, cookie: `__Host-visavis=${secret}` }
}
const signIn = async (user, password) => sessionOf(await begin({ user, password }))
/** As a page of ours calls. */
const as = (session, method, path, { body, headers = {}, workspace = 'shop' } = {}) => server.call(method, path, {
  body,
  headers: {
    cookie: session.cookie, 'x-csrf-token': session.csrf, 'sec-fetch-site': 'same-origin',
    ...(workspace && { 'x-visavis-workspace': workspace }), ...headers,
  },
})
/** A link says who may come: no password is hashed, which keeps the file quick. */
async function withLink(user) {
  const { code, stdout, stderr } = await server.command('user', 'link', user, '--json')
  assert.equal(code, 0, stderr)
  return sessionOf(await begin({ token: JSON.parse(stdout).token }))
}
const add = async (user, ...options) => {
  const { code, stdout, stderr } = await server.command('user', 'add', user, '--json', ...options)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

describe('a session', () => {
  test('begins with a password and is told to its browser alone', async () => {
    assert.equal(owner.user, 'owner')
    assert.deepEqual(owner.workspaces, ['shop', 'other'])
    const { status, json, headers } = await as(owner, 'GET', '/api/v1/session')
    assert.equal(status, 200)
    assert.equal(json.csrf, owner.csrf)
    assert.equal(headers['set-cookie'], undefined)
    assert.equal(headers['cache-control'], 'no-store')
    assert.ok(Date.parse(json.expires) > Date.now())
    assert.deepEqual(server.filesWith(owner.cookie.split('=')[1]), [])
    assert.deepEqual(server.filesWith(server.password), [])
  })

  test('is refused in the same words for a wrong password and for nobody', async () => {
    const answers = [await begin({ user: 'owner', password: 'not the password' }), await begin({ user: 'nobody', password: 'not the password' })]
    for (const answer of answers) {
      assertProblem(answer, 401)
      assert.equal(answer.headers['set-cookie'], undefined)
      delete answer.json.request_id
    }
    assert.deepEqual(answers[0].json, answers[1].json)
  })

  test('has a secret of its own, also where the browser brought one', async () => {
    const first = await withLink('owner')
    const { stdout } = await server.command('user', 'link', 'owner', '--json')
    const second = await sessionOf(await begin({ token: JSON.parse(stdout).token }, { cookie: first.cookie, 'sec-fetch-site': 'same-origin' }))
    assert.notEqual(second.cookie, first.cookie)
    assertProblem(await as(first, 'GET', '/api/v1/session'), 401)
    const planted = { ...second, cookie: `__Host-visavis=${'a'.repeat(64)}` }
    assertProblem(await as(planted, 'GET', '/api/v1/session'), 401)
  })

  test('ends when it is ended, here and from elsewhere', async () => {
    const [here, there] = [await withLink('owner'), await withLink('owner')]
    const { json } = await as(here, 'GET', '/api/v1/sessions')
    assert.equal(json.sessions.filter(({ present }) => present).length, 1)
    const [{ id }] = json.sessions.filter(({ present }) => !present)
    assert.equal((await as(here, 'DELETE', `/api/v1/sessions/${id}`)).status, 200)
    assertProblem(await as(there, 'GET', '/api/v1/session'), 401)
    const out = await as(here, 'DELETE', '/api/v1/session')
    assert.equal(out.status, 200)
    assert.equal(out.headers['set-cookie'][0], '__Host-visavis=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0')
    assertProblem(await as(here, 'GET', '/api/v1/session'), 401)
  })

  test('of a link begins once, also when many try at the same time', async () => {
    const { stdout } = await server.command('user', 'link', 'owner', '--json')
    const { token } = JSON.parse(stdout)
    const answers = await Promise.all(Array.from({ length: 4 }, () => begin({ token })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401])
  })
})

describe('a change', () => {
  const change = headers => server.call('PUT', '/api/v1/placements/home', {
    body: { recipe: ['trending'] }, headers: { cookie: owner.cookie, 'x-visavis-workspace': 'shop', ...headers },
  })
  const token = () => ({ 'x-csrf-token': owner.csrf })
  const host = () => new URL(server.url).host

  const refused = {
    'without a token': () => ({ 'sec-fetch-site': 'same-origin' }),
    'with the token of another session': () => ({ 'x-csrf-token': 'f'.repeat(64), 'sec-fetch-site': 'same-origin' }),
    'from another site': () => ({ ...token(), 'sec-fetch-site': 'cross-site' }),
    'from a neighbour under the same domain': () => ({ ...token(), 'sec-fetch-site': 'same-site' }),
    'from the address line': () => ({ ...token(), 'sec-fetch-site': 'none' }),
    'from another origin, of an old browser': () => ({ ...token(), origin: 'https://evil.example' }),
    'from an origin that only begins as ours': () => ({ ...token(), origin: `http://${host()}.evil.example` }),
    'from nowhere': () => token(),
    'as a form sends it': () => ({ ...token(), 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }),
  }
  for (const [what, headers] of Object.entries(refused))
    test(`${what} is refused`, async () => assertProblem(await change(headers()), 403))

  test('of a page of ours is taken, by either header', async () => {
    assert.equal((await change({ ...token(), 'sec-fetch-site': 'same-origin' })).status, 200)
    assert.equal((await change({ ...token(), origin: `http://${host()}` })).status, 200)
  })

  test('is named after its user in the audit', async () => {
    const { json } = await as(owner, 'GET', '/api/v1/audit?limit=1')
    assert.equal(json.audit[0].by, 'user:owner')
  })

  test('from another site cannot sign anybody in', async () => {
    assertProblem(await begin({ user: 'owner', password: server.password }, { 'sec-fetch-site': 'cross-site' }), 403)
    assertProblem(await begin({ user: 'owner', password: server.password }, { origin: 'https://evil.example' }), 403)
  })

  test('with a key needs none of this, and no origin is ever given the cookie', async () => {
    await server.putPlacement('home', { recipe: ['trending'] })
    const { headers } = await server.get('/api/v1/session', { headers: { cookie: owner.cookie, origin: 'https://evil.example' } })
    assert.equal(headers['access-control-allow-origin'], undefined)
    assert.equal(headers['access-control-allow-credentials'], undefined)
  })
})

describe('tries', () => {
  const wrong = (user, headers) => begin({ user, password: 'not the password' }, headers)
  /** Each wait is twice the one before, so even a slow machine meets one. */
  async function untilLater(ask) {
    const answers = []
    do answers.push(await ask(answers.length))
    while (answers.at(-1).status === 401 && answers.length < 12)
    assert.equal(answers.at(-1).status, 429)
    assert.ok(answers.length > 5, `after ${answers.length}`)
    assert.ok(Number(answers.at(-1).headers['retry-after']) >= 1)
  }

  test('from one address wait, whomever they are for', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.1' }
    await untilLater(i => wrong(`guess${i}`, headers))
  })

  for (const user of ['analyst1', 'nobody1'])
    test(`for one account wait, from wherever they come (${user})`, async () => {
      if (user === 'analyst1') await add(user, '--role', 'analyst')
      await untilLater(() => wrong(user))
    })

  test('from elsewhere do not delay who came in before', async () => {
    const { password } = await add('victim', '--role', 'analyst')
    const home = { 'x-forwarded-for': '192.0.2.7' }
    await sessionOf(await begin({ user: 'victim', password }, home))
    await untilLater(() => wrong('victim'))
    await sessionOf(await begin({ user: 'victim', password }, home))
  })
})

describe('roles', () => {
  const operations = Object.entries(spec.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) =>
    ({ method: method.toUpperCase(), path, scopes: operation['x-scopes'] ?? [] }))).filter(({ scopes }) => scopes.length)
  const table = {
    owner: ['decide', 'catalog:write', 'placements:write', 'profiles:read', 'consent:write', 'erase', 'decisions:read', 'stream:read',
      'events:read', 'audit:read', 'settings:write', 'keys:write', 'users:write', 'imports:write'],
    marketer: ['decide', 'catalog:write', 'placements:write', 'decisions:read', 'stream:read', 'imports:write'],
    analyst: ['decisions:read', 'stream:read'],
    agent: ['profiles:read', 'consent:write', 'decisions:read'],
    privacy: ['profiles:read', 'consent:write', 'erase', 'decisions:read', 'audit:read'],
    developer: ['decide', 'catalog:write', 'decisions:read', 'stream:read', 'events:read', 'settings:write', 'keys:write', 'imports:write'],
  }

  test('of the specification and of this file are the same', () =>
    assert.deepEqual(spec.components.schemas.Role.enum, Object.keys(table)))

  for (const [role, scopes] of Object.entries(table))
    test(`${role}: every route of the specification opens, or does not`, async () => {
      await add(`${role}-of-matrix`, '--role', role)
      const session = await withLink(`${role}-of-matrix`)
      assert.deepEqual([...session.scopes].sort(), [...scopes].sort())
      for (const { method, path, scopes: wanted } of operations) {
        const filled = path.replaceAll(/\{[^}]+\}/g, 'nothing')
        const ask = method === 'GET' ? 'head' : 'call'
        const { status } = await server[ask](method, filled, {
          body: method === 'GET' || method === 'DELETE' ? undefined : { batch: [{}] },
          headers: { cookie: session.cookie, 'x-csrf-token': session.csrf, 'sec-fetch-site': 'same-origin', 'x-visavis-workspace': 'shop' },
        })
        assert.equal(status === 403, !wanted.some(scope => scopes.includes(scope)), `${method} ${path}: ${status}`)
        assert.notEqual(status, 401, `${method} ${path}`)
        assert.ok(status < 500, `${method} ${path}: ${status}`)
      }
    })

  test('none is a key: users are for owners who are signed in', async () => {
    for (const key of [server.secretKey, server.writeKey])
      assertProblem(await server.get('/api/v1/users', { key }), 401)
    assert.notEqual((await server.command('keys', 'add', '--workspace', 'shop', '--secret', '--scope', 'users:write')).code, 0)
  })
})

describe('workspaces', () => {
  test('that a user may not see are not there', async () => {
    await add('one-shop', '--role', 'marketer', '--workspace', 'shop')
    const session = await withLink('one-shop')
    assert.deepEqual(session.workspaces, ['shop'])
    for (const [workspace, status] of [['shop', 200], [null, 200], ['other', 404], ['none', 404]])
      assert.equal((await as(session, 'GET', '/api/v1/placements', { workspace })).status, status, workspace)
  })

  test('are named where there are several', async () =>
    assertProblem(await as(owner, 'GET', '/api/v1/placements', { workspace: null }), 404))
})

describe('users', () => {
  test('are added, changed and removed by an owner', async () => {
    const added = await as(owner, 'POST', '/api/v1/users', { body: { user: 'Ada@Example.org', role: 'agent', workspaces: ['other'], locale: 'en' } })
    assert.equal(added.status, 200, added.text)
    const { invitation, invitedUntil, created, ...told } = added.json
    assert.deepEqual(told, { user: 'ada@example.org', role: 'agent', workspaces: ['other'], locale: 'en', disabled: false })
    const session = await withLink('ada@example.org')
    const changed = await as(owner, 'PATCH', '/api/v1/users/ada@example.org', { body: { role: 'privacy' } })
    assert.equal(changed.json.role, 'privacy')
    assertProblem(await as(session, 'GET', '/api/v1/session'), 401)
    const { json } = await as(owner, 'GET', '/api/v1/users')
    assert.ok(json.users.some(({ user, invitation: none }) => user === 'ada@example.org' && none === undefined))
    assert.equal((await as(owner, 'DELETE', '/api/v1/users/ada@example.org')).status, 200)
    assertProblem(await as(owner, 'DELETE', '/api/v1/users/ada@example.org'), 404)
  })

  const wrong = {
    'without a role': [{ user: 'x' }, 400],
    'with a role that is none': [{ user: 'x', role: 'king' }, 400],
    'with a name that is none': [{ user: 'x y', role: 'agent' }, 400],
    'with a shop that is none': [{ user: 'x', role: 'agent', workspaces: ['none'] }, 400],
    'with more than is known': [{ user: 'x', role: 'agent', id: 1 }, 400],
    'twice': [{ user: 'OWNER', role: 'agent' }, 409],
    'as an owner of one shop': [{ user: 'x', role: 'owner', workspaces: ['shop'] }, 400],
  }
  for (const [what, [body, status]] of Object.entries(wrong))
    test(`are not added ${what}`, async () => assertProblem(await as(owner, 'POST', '/api/v1/users', { body }), status))

  test('always have an owner among them', async () => {
    const { json } = await as(owner, 'GET', '/api/v1/users')
    for (const { user, role } of json.users)
      if (role === 'owner' && user !== 'owner') await server.command('user', 'remove', user)
    assertProblem(await as(owner, 'PATCH', '/api/v1/users/owner', { body: { role: 'agent' } }), 409)
    assertProblem(await as(owner, 'PATCH', '/api/v1/users/owner', { body: { disabled: true } }), 409)
    assertProblem(await as(owner, 'DELETE', '/api/v1/users/owner'), 409)
    assert.equal((await server.command('user', 'remove', 'owner')).code, 1)
  })

  test('who are disabled are out at once, and do not come in', async () => {
    const { password } = await add('gone', '--role', 'analyst')
    const session = await withLink('gone')
    const { stdout } = await server.command('user', 'link', 'gone', '--json')
    assert.equal((await server.command('user', 'disable', 'gone')).code, 0)
    assertProblem(await as(session, 'GET', '/api/v1/session'), 401)
    assertProblem(await begin({ user: 'gone', password }), 401)
    assertProblem(await begin({ token: JSON.parse(stdout).token }), 401)
    assert.equal((await server.command('user', 'link', 'gone')).code, 1)
  })

  test('choose another password, which ends their other sessions', async () => {
    const { password } = await add('chooser', '--role', 'analyst')
    const [here, there] = [await signIn('chooser', password), await withLink('chooser')]
    const put = (before, newPassword) => as(here, 'PUT', '/api/v1/session/password', { body: { password: before, newPassword } })
    assertProblem(await put('not the password', 'fourteen yellow submarines'), 403)
    assertProblem(await put(password, 'Chooser-shop-password-2026'), 400)
    assertProblem(await put(password, 'too short'), 400)
    const now = await sessionOf(await put(password, 'quatorze sous-marins jaunes'))
    for (const old of [here, there])
      assertProblem(await as(old, 'GET', '/api/v1/session'), 401)
    assert.equal((await as(now, 'GET', '/api/v1/session')).status, 200)
  })

  test('who lost theirs get a new one from an owner or by command', async () => {
    await add('loser', '--role', 'analyst')
    const session = await withLink('loser')
    const byOwner = (await as(owner, 'POST', '/api/v1/users/loser/reset')).json.invitation.split('=')[1]
    assertProblem(await as(session, 'GET', '/api/v1/session'), 401)
    const { stdout } = await server.command('user', 'reset', 'loser', '--json')
    assertProblem(await server.post('/api/v1/session/invitation', { token: byOwner }), 401)
    await signIn('loser', JSON.parse(stdout).password)
  })

  test('are told of in the audit of the installation, without a password', async () => {
    const { stdout } = await server.command('user', 'audit')
    const rows = stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
    for (const action of ['user.add', 'user.change', 'user.remove', 'login', 'login.failure', 'login.link', 'logout'])
      assert.ok(rows.some(row => row.action === action), action)
    assert.ok(rows.some(({ action, by }) => action === 'login' && by === 'user:loser'))
    assert.ok(rows.some(({ action, by, detail }) => action === 'login.failure' && by === 'nobody' && detail.startsWith('from ')))
    assert.ok(rows.some(({ action, by, detail }) => action === 'login.failure' && by === 'user:chooser' && detail.startsWith('another password, ')))
    assert.ok(rows.some(({ action, by, detail }) => action === 'logout' && by === 'user:owner' && detail.startsWith('from ')))
    assert.ok(rows.some(({ action, detail }) => action === 'logout' && detail.startsWith('another session, from ')))
    assert.doesNotMatch(stdout, /not the password|submarines|argon2/)
    const page = await as(owner, 'GET', '/api/v1/audit/installation?limit=3')
    assert.equal(page.status, 200, page.text)
    assert.deepEqual(page.json.audit.map(({ number }) => number), rows.map(({ number }) => number).sort((a, b) => b - a).slice(0, 3))
    assert.equal((await as(owner, 'GET', `/api/v1/audit/installation?limit=1&after=${page.json.next}`)).json.audit[0].number, page.json.next - 1)
    assert.equal((await server.command('check')).code, 0)
  })

  test('come back after a restart, their sessions do not', async () => {
    await server.stop()
    await server.serve()
    assertProblem(await as(owner, 'GET', '/api/v1/session'), 401)
    owner = await signIn('owner', server.password)
    assert.ok(!server.log.some(line => line.includes('the first user')))
  })
})
