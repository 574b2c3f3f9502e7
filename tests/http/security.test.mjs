// Every operation of the specification, against who may call it from where: without credentials, from another site's page, from a shop's
// page, from another shop; and what each answer tells browsers and caches. A route without a row here fails. What is shown elsewhere is
// not repeated: docs/internals/security.md says which row of the references which file shows.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, granted, Server, until } from './server.mjs'
import { operations } from './spec.mjs'

const SHOP = 'https://shop.example'
/** Stands in all that the shop keeps, and nowhere in what these tests send to another shop. */
const CANARY = 'canary-of-the-shop'

/** "POST /v1/{a,b}" is two rows. */
const rows = text => text.trim().split('\n').flatMap(line => {
  const [method, path] = line.trim().split(' ')
  const [, before, names, behind] = /^(.*?)\{([^}]*,[^}]*)\}(.*)$/.exec(path) ?? [null, path, '', '']
  return names.split(',').map(name => `${method} ${before}${name}${behind}`)
})

const calls = 'track,identify,page,screen,group,alias'
/** Which call asks for what. `pages`: a key that stands in a shop's pages, from that shop's origin. `key`: a secret key or a user, never
 * from a page of elsewhere. `session`: somebody signed in, never a key. `open`: nothing, and any page that is let in may read it.
 * `console`: nothing, and pages of ours alone. */
const table = {
  pages: rows(`
    POST /v1/{batch,b,import,${calls},t,i,p,s,g,a,decide,consent,visitor}
    POST /beacon/v1/batch
    POST /api/s/{${calls}}
    POST /api/s/s2s/{${calls}}
    POST /api/public/apps/{${calls},batch}
    GET /pixel/v1/{track,page}
    GET /sourceConfig`),
  open: rows(`
    POST /v1/m
    GET /tag.js
    GET /tag/{name}
    GET /v1/projects/{writeKey}/settings
    GET /{livez,readyz,metrics,openapi.json}
    GET /
    GET /shop
    GET /shop/{name}
    GET /shop/images/{name}
    GET /assets/{name}`),
  console: rows(`
    POST /api/v1/session
    POST /api/v1/session/invitation
    GET /console
    GET /console/{screen}
    GET /console/{screen}/{id}
    GET /console/assets/{name}`),
  session: rows(`
    GET /api/v1/session
    DELETE /api/v1/session
    PUT /api/v1/session/password
    GET /api/v1/sessions
    DELETE /api/v1/sessions/{id}
    GET /api/v1/users
    POST /api/v1/users
    PATCH /api/v1/users/{user}
    DELETE /api/v1/users/{user}
    POST /api/v1/users/{user}/reset
    GET /api/v1/audit/installation
    GET /api/v1/health
    GET /api/v1/backups
    POST /api/v1/backups
    POST /api/v1/backups/{name}/check`),
  key: rows(`
    GET /v1/decisions/{id}
    GET /v1/decisions/{id}/why-not/{item}
    GET /v1/moments
    GET /api/v1/people/{identifier}
    DELETE /api/v1/people/{identifier}
    GET /api/v1/people/{identifier}/timeline
    GET /api/v1/people/{identifier}/decisions
    GET /api/v1/people/{identifier}/export
    GET /api/v1/imports
    POST /api/v1/imports
    GET /api/v1/imports/{id}
    DELETE /api/v1/imports/{id}
    PUT /api/v1/imports/{id}/data
    GET /api/v1/imports/{id}/columns
    POST /api/v1/imports/{id}/start
    POST /api/v1/imports/{id}/stop
    GET /api/v1/catalog/items
    POST /api/v1/catalog/items
    GET /api/v1/catalog/items/{id}
    GET /api/v1/catalog/items/{id}/alike
    GET /api/v1/catalog/items/{id}/prices
    POST /api/v1/catalog/guess
    GET /api/v1/feeds
    PUT /api/v1/feeds/{id}
    DELETE /api/v1/feeds/{id}
    GET /api/v1/feeds/{id}/versions
    POST /api/v1/feeds/{id}/run
    POST /api/v1/feeds/{id}/approve
    POST /api/v1/feeds/{id}/reject
    GET /api/v1/placements
    GET /api/v1/drafts
    GET /api/v1/placements/{id}
    PUT /api/v1/placements/{id}
    GET /api/v1/placements/{id}/versions
    GET /api/v1/placements/{id}/versions/{version}
    GET /api/v1/placements/{id}/draft
    PUT /api/v1/placements/{id}/draft
    DELETE /api/v1/placements/{id}/draft
    POST /api/v1/placements/{id}/publish
    POST /api/v1/placements/{id}/rollback
    POST /api/v1/placements/{id}/stop
    POST /api/v1/placements/{id}/start
    POST /api/v1/placements/{id}/evaluation
    GET /api/v1/placements/{id}/evaluation
    DELETE /api/v1/placements/{id}/evaluation
    POST /api/v1/models/rebuild
    GET /api/v1/refused
    GET /api/v1/audit
    GET /api/v1/reports/placements/{id}
    GET /api/v1/overview
    GET /api/v1/simulated
    POST /api/v1/preview
    GET /api/v1/keys
    POST /api/v1/keys
    PATCH /api/v1/keys/{id}
    DELETE /api/v1/keys/{id}
    GET /api/v1/settings
    PATCH /api/v1/settings
    GET /api/v1/integration`),
}
const kindOf = new Map(Object.entries(table).flatMap(([kind, list]) => list.map(row => [row, kind])))
const nameOf = ({ method, path }) => `${method} ${path}`
const all = operations.map(operation => ({ ...operation, kind: kindOf.get(nameOf(operation)) }))
const of = (...kinds) => all.filter(({ kind }) => kinds.includes(kind))
const changing = list => list.filter(({ method }) => method !== 'GET')

/** What each caller sends; another shop's caller sends the same, so that only who calls makes the difference. */
const feed = { url: 'https://feeds.example/f.csv', everyMinutes: 0 }
const bodies = {
  'POST /v1/decide': { user: { userId: 'probe' }, placements: [{ id: 'probe' }], deadlineMs: 2000 },
  'POST /v1/consent': { userId: 'probe', consent: { categoryPreferences: { measure: true } } },
  'POST /v1/visitor': { userId: 'probe', anonymousId: 'probe' },
  'POST /api/v1/catalog/items': { items: [{ id: 'new', title: 'New' }] },
  'POST /api/v1/preview': { people: ['user_id:probe'], placement: { id: 'probe', recipe: ['trending'], count: 3 } },
  'PUT /api/v1/placements/{id}': { recipe: ['trending'] },
  'PUT /api/v1/placements/{id}/draft': { recipe: ['trending'] },
  'PUT /api/v1/feeds/{id}': feed,
  'POST /api/v1/placements/{id}/rollback': { version: 1 },
  'POST /api/v1/keys': { kind: 'secret', scopes: ['decide'] },
  'PATCH /api/v1/keys/{id}': { name: 'changed' },
  'PATCH /api/v1/settings': { currency: 'USD' },
  'POST /api/v1/users': { user: 'made', role: 'agent' },
  'PATCH /api/v1/users/{user}': { disabled: true },
  'POST /api/v1/session': { user: 'nobody', password: 'not the password' },
  'POST /api/v1/session/invitation': { token: 'f'.repeat(64) },
}
const queries = { 'POST /api/v1/imports': '?kind=people', 'PUT /api/v1/imports/{id}/data': '?at=0' }
const event = { userId: 'probe', event: 'Product Viewed', name: 'Page', type: 'track', properties: { product_id: 'probe' }, context: granted('measure') }
function bodyOf(operation) {
  if (['GET', 'DELETE'].includes(operation.method)) return undefined
  return bodies[nameOf(operation)] ?? (operation.kind === 'pages' ? { ...event, batch: [event] } : {})
}

let server, other, owner, scoped, keyOfShop, pageKey, ids
const link = async user => {
  const { stdout } = await server.command('user', 'link', user, '--json')
  const answer = await server.post('/api/v1/session', { token: JSON.parse(stdout).token })
  assert.equal(answer.status, 200, answer.text)
  return { ...answer.json, cookie: answer.headers['set-cookie'][0].split(';')[0] }
}
const every = [...new Set(operations.filter(operation => operation.security === undefined).flatMap(operation => operation['x-scopes'] ?? []))]

before(async () => {
  server = new Server({ settings: { 'rate-per-second': 100000 } })
  const made = await server.init('shop')
  await server.init('other')
  Object.assign(server, { writeKey: made.write_key, secretKey: made.secret_key })
  await server.serve()
  const scopes = every.flatMap(scope => ['--scope', scope])
  keyOfShop = await server.addKey('--secret', ...scopes)
  pageKey = await server.addKey('--origin', SHOP)
  const added = await server.command('keys', 'add', '--workspace', 'other', '--json', '--secret', ...scopes)
  other = JSON.parse(added.stdout).key
  owner = await link('owner')
  for (const role of ['marketer', 'privacy', 'developer']) await server.command('user', 'add', `${role}-there`, '--role', role, '--workspace', 'other')
  scoped = await Promise.all(['marketer', 'privacy', 'developer'].map(role => link(`${role}-there`)))
  ids = await fill()
})
after(() => server.end())

const headersOf = session => ({ cookie: session.cookie, 'x-csrf-token': session.csrf, 'sec-fetch-site': 'same-origin', 'x-visavis-workspace': 'shop' })
const good = async answer => {
  const { status, text, json } = await answer
  assert.ok(status < 300, `${status} ${text}`)
  return json
}

/** One of each thing in the shop, each with a name that no other shop may read. */
async function fill() {
  const key = keyOfShop
  const put = (path, body) => good(server.call('PUT', path, { key, body }))
  await good(server.post('/api/v1/catalog/items', { items: [{ id: 'probe', title: CANARY, price: '10', stock: 3 }] }, { key }))
  const placement = { name: CANARY, recipe: [{ strategy: 'manual', items: ['probe'] }], count: 1 }
  await put('/api/v1/placements/probe', placement)
  await put('/api/v1/placements/probe/draft', { ...placement, count: 2 })
  await put('/api/v1/feeds/probe', { ...feed, url: `https://feeds.example/${CANARY}.csv` })
  const { id: file } = await good(server.call('POST', `/api/v1/imports?kind=people&name=${CANARY}.csv`, { key, headers: { 'content-type': 'text/csv' }, body: `E-mail\n${CANARY}@example.org\n` }))
  await good(server.post('/v1/track', { ...event, traits: { title: CANARY }, properties: { product_id: 'probe', note: CANARY } }, { key }))
  await good(server.post('/v1/identify', { userId: 'probe', traits: { email: `${CANARY}@example.org` }, context: granted('measure', 'personalise') }, { key }))
  await server.post('/v1/track', { ...event, event: '', properties: { note: CANARY } }, { key })
  const decided = await good(server.post('/v1/decide', { ...bodies['POST /v1/decide'], context: granted('measure', 'personalise') }, { key }))
  const made = await good(server.post('/api/v1/keys', { kind: 'secret', name: CANARY, scopes: ['decide'] }, { key }))
  const { sessions: [session] } = await good(server.get('/api/v1/sessions', { headers: headersOf(owner) }))
  const decision = decided.decisions[0].id
  await until(() => server.get(`/v1/decisions/${decision}`, { key }), ({ status }) => status === 200)
  return { decisions: decision, imports: file, keys: made.id, sessions: session.id }
}

/** A path of what is there. */
const pathOf = ({ path }) => path.replace(/\/(\w+)\/\{id\}/, (part, noun) => (noun in ids ? `/${noun}/${ids[noun]}` : part))
  .replace('{identifier}', 'user_id:probe').replace('{user}', 'developer-there').replace('{writeKey}', pageKey).replace('{version}', '1')
  .replace(/\{\w+\}/g, 'probe')
/** Status, headers and, but for the stream, which has no end, the text. */
function ask(operation, options = {}) {
  const how = operation.path === '/v1/moments' ? 'head' : 'call'
  return server[how](operation.method, pathOf(operation) + (queries[nameOf(operation)] ?? ''), { body: bodyOf(operation), ...options })
}

/** All that a change could have changed, and the number of the newest row of each audit: what is changed leaves one. */
async function state() {
  const told = []
  for (const path of ['placements', 'placements/probe', 'drafts', 'feeds', 'imports', 'keys', 'settings', 'users', 'sessions', 'audit?limit=1', 'audit/installation?limit=1', 'catalog/items']) {
    const { status, json } = await server.get(`/api/v1/${path}`, { headers: headersOf(owner) })
    assert.equal(status, 200, path)
    told.push(JSON.stringify(json, (name, value) => (['lastUsed', 'seen'].includes(name) ? undefined : value)))
  }
  const { results } = await good(server.get('/api/v1/integration', { headers: headersOf(owner) }))
  return [...told, results]
}

describe('each operation of the specification', () => {
  test('has a row here, and each row its operation', () => {
    assert.deepEqual(operations.map(nameOf).filter(name => !kindOf.has(name)), [])
    assert.deepEqual([...kindOf.keys()].filter(row => !operations.some(operation => nameOf(operation) === row)), [])
  })

  test('asks in the specification for what it asks for here', () => {
    for (const operation of all) {
      const { kind, security } = operation
      const told = security === undefined ? 'key' : security.length === 0 ? 'open' : 'session'
      assert.equal(told, { pages: 'key', console: 'open' }[kind] ?? kind, nameOf(operation))
    }
  })
})

describe('without credentials', () => {
  for (const [what, headers] of Object.entries({
    none: {}, 'a key that is nobody’s': { authorization: 'Bearer vv_sk_none' }, 'a cookie that is nobody’s': { cookie: `__Host-visavis=${'a'.repeat(64)}` },
  }))
    test(`${what}: 401, but for what is open`, async () => {
      for (const operation of of('pages', 'key', 'session')) {
        const { status } = await ask(operation, { headers })
        assert.equal(status, 401, nameOf(operation))
      }
    })

  test('what is open answers a stranger', async () => {
    for (const operation of of('open')) {
      const { status } = await ask(operation)
      assert.ok([200, 404].includes(status), `${nameOf(operation)}: ${status}`)
    }
  })

  test('what needs somebody signed in takes no key, whatever it may', async () => {
    for (const operation of of('session')) assert.equal((await ask(operation, { key: keyOfShop })).status, 401, nameOf(operation))
  })
})

describe('a change that another site’s page sends with a user’s cookie', () => {
  const ours = () => headersOf(owner)
  const without = () => ({ ...ours(), 'x-csrf-token': undefined })
  const strip = headers => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
  const signed = {
    'without a token': without,
    'with a token that is not its own': () => ({ ...ours(), 'x-csrf-token': 'f'.repeat(64) }),
    'with its token, from another site': () => ({ ...ours(), 'sec-fetch-site': 'cross-site' }),
    'with its token, from another origin': () => ({ ...ours(), 'sec-fetch-site': undefined, origin: 'https://evil.example' }),
  }
  for (const [what, headers] of Object.entries(signed))
    test(`${what}: 403, and nothing is changed`, async () => {
      const before = await state()
      for (const operation of changing(of('pages', 'key', 'session'))) {
        const answer = await ask(operation, { headers: strip(headers()) })
        assertProblem(answer, 403)
        assert.match(answer.json.detail, /X-CSRF-Token|another site's page/, nameOf(operation))
      }
      assert.deepEqual(await state(), before)
    })

  test('to sign in: 403, with or without a session', async () => {
    const before = await state()
    for (const operation of changing(of('console')))
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, { ...ours(), 'sec-fetch-site': 'cross-site' }])
        assertProblem(await ask(operation, { headers }), 403)
    assert.deepEqual(await state(), before)
  })

  test('reading changes nothing', async () => {
    const before = await state()
    // what tells of people leaves a row in the audit that somebody read it: the one thing that a reading writes
    const noted = /people|refused|simulated|decisions|audit/
    for (const operation of of('key', 'session').filter(({ method, path }) => method === 'GET' && !noted.test(path)))
      assert.ok((await ask(operation, { headers: ours() })).status < 500, nameOf(operation))
    assert.deepEqual(await state(), before)
  })
})

describe('from a page of the shop', () => {
  const preflight = (operation, origin) => server.call('OPTIONS', pathOf(operation), {
    headers: { origin, 'access-control-request-method': operation.method, 'access-control-request-headers': 'authorization, content-type' },
  })
  const told = ({ headers }) => [headers['access-control-allow-origin'], headers['access-control-allow-credentials']]

  test('only what pages call may be asked, and never with cookies', async () => {
    for (const operation of all) {
      const allowed = ['pages', 'open'].includes(operation.kind) ? SHOP : undefined
      const asked = await preflight(operation, SHOP)
      const key = operation.kind === 'key' && operation.method === 'GET' ? keyOfShop : pageKey // nothing is removed here
      const answered = await ask(operation, { headers: { origin: SHOP }, key, body: undefined })
      assert.deepEqual(told(asked), [allowed, undefined], `preflight of ${nameOf(operation)}`)
      assert.equal(asked.headers['access-control-allow-methods'] === undefined, allowed === undefined, nameOf(operation))
      assert.deepEqual(told(answered), [allowed, undefined], nameOf(operation))
    }
  })

  test('with a user’s cookie: no answer is readable with it', async () => {
    for (const operation of of('pages', 'open', 'key', 'session', 'console').filter(({ method }) => method === 'GET'))
      assert.equal((await ask(operation, { headers: { ...headersOf(owner), origin: SHOP } })).headers['access-control-allow-credentials'], undefined, nameOf(operation))
  })

  test('of an origin that no key names: nothing', async () => {
    for (const origin of ['https://evil.example', 'null', `${SHOP}.evil.example`])
      for (const operation of all) assert.deepEqual(told(await preflight(operation, origin)), [undefined, undefined], `${nameOf(operation)} from ${origin}`)
  })
})

describe('another shop', () => {
  const silent = (answer, what) => assert.ok(!(answer.text ?? '').includes(CANARY), `${what} tells: ${answer.text}`)
  /** These make the other shop a thing of its own under the same name. */
  const makes = new Set(['PUT /api/v1/placements/{id}', 'PUT /api/v1/placements/{id}/draft', 'PUT /api/v1/feeds/{id}', 'POST /api/v1/placements/{id}/publish'])
  /** These answer that there is none of it, and no 404. */
  const empty = new Set(['GET /api/v1/placements/{id}/versions', 'GET /api/v1/placements/{id}/evaluation'])
  const named = of('key').filter(operation => /\/\{(id|identifier)\}/.test(operation.path) && !makes.has(nameOf(operation)))
  const rest = of('pages', 'key').filter(operation => !named.includes(operation))

  test('is not entered by a user of this one: 404, whatever the role', async () => {
    for (const session of scoped) {
      assert.deepEqual(session.workspaces, ['other'])
      for (const operation of of('pages', 'key')) {
        const answer = await ask(operation, { headers: headersOf(session) })
        assert.equal(answer.status, 404, `${session.user}: ${nameOf(operation)}`)
        silent(answer, nameOf(operation))
      }
    }
  })

  test('and the installation are not told to who sees one shop', async () => {
    const own = new Set(['GET /api/v1/session', 'DELETE /api/v1/session', 'PUT /api/v1/session/password', 'GET /api/v1/sessions'])
    for (const session of scoped) {
      for (const operation of of('session').filter(operation => !own.has(nameOf(operation)))) {
        const { status } = await ask(operation, { headers: headersOf(session) })
        assert.ok([403, 404].includes(status), `${session.user}: ${nameOf(operation)}: ${status}`)
      }
      const { sessions } = await good(server.get('/api/v1/sessions', { headers: headersOf(session) }))
      assert.ok(sessions.every(({ id }) => id !== ids.sessions))
    }
  })

  test('reads, changes and removes nothing of this one with all that a key may', async () => {
    const before = await state()
    for (const operation of [...named, ...rest]) {
      const answer = await ask(operation, { key: other })
      silent(answer, nameOf(operation))
      if (named.includes(operation)) assert.equal(answer.status, empty.has(nameOf(operation)) ? 200 : 404, nameOf(operation))
      assert.ok(answer.status < 500, `${nameOf(operation)}: ${answer.status}`)
    }
    assert.deepEqual(await state(), before)
    assert.equal((await server.get('/api/v1/people/user_id:probe', { key: keyOfShop })).status, 200)
  })
})

describe('what answers tell browsers', () => {
  test('never to guess a type; never to keep what is of people or of the shop', async () => {
    for (const operation of all) {
      const answers = [await ask(operation, { headers: { authorization: 'Bearer none' } })]
      if (operation.method === 'GET') answers.push(await ask(operation, ['key', 'pages'].includes(operation.kind) ? { key: keyOfShop } : { headers: headersOf(owner) }))
      for (const { status, headers } of answers) {
        assert.equal(headers['x-content-type-options'], 'nosniff', nameOf(operation))
        if (status < 300 && ['key', 'session'].includes(operation.kind)) assert.equal(headers['cache-control'], 'no-store', nameOf(operation))
        if (/html/.test(headers['content-type'])) assert.match(headers['content-security-policy'], /default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'/, nameOf(operation))
      }
    }
  })

  // No cache keeps what is posted unless it is told to. And told not to, Chromium held up a page's parallel messages for 20 s.
  test('nothing of caches about a decision or a message, which are posted', async () => {
    for (const [path, body] of [['/v1/decide', bodies['POST /v1/decide']], ['/v1/track', event]]) {
      const { status, headers } = await server.post(path, body, { key: keyOfShop })
      assert.deepEqual([status, headers['cache-control']], [200, undefined], path)
    }
  })
})
