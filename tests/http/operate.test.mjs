// What operators and integrators rely on: health, metrics, the interface's own description, errors, limits of rate, CORS,
// scopes, workspaces apart, and commands that answer the same with and without a server.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, binary, Server, until } from './server.mjs'
import { filled, keyed, operations, spec } from './spec.mjs'
import { consented, decide, furnish, shown, viewed } from './shop.mjs'

const ORIGIN = 'https://shop.example'
let server, other
before(async () => {
  server = await Server.start()
  other = await server.init('other')
  await furnish(server)
})
after(() => server.end())

describe('health and metrics', () => {
  test('alive and ready, without a key', async () => {
    for (const [path, status] of [['/livez', 'alive'], ['/readyz', 'ready']]) {
      const answer = await server.get(path)
      assert.deepEqual([answer.status, answer.json], [200, { status }])
    }
  })

  // Prometheus text 0.0.4: HELP and TYPE once and before the samples, which stand together; no sample twice.
  function parseMetrics(text) {
    assert.ok(text.endsWith('\n'), 'the last line ends in LF')
    const families = new Map(), samples = new Set()
    let current
    for (const line of text.slice(0, -1).split('\n')) {
      const [, keyword, name, rest] = line.match(/^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/) ?? []
      if (keyword === 'HELP') {
        assert.ok(!families.has(name), `${name} twice`)
        families.set(name, (current = { name, help: rest, samples: 0 }))
      } else if (keyword === 'TYPE') {
        assert.equal(name, current.name)
        assert.ok(!current.type, `TYPE of ${name} twice`)
        assert.match((current.type = rest), /^(counter|gauge|histogram|summary|untyped)$/)
      } else {
        const [, sample, labels = '', value] = line.match(/^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/) ?? assert.fail(line)
        assert.equal(sample, current.name)
        assert.ok(!samples.has(sample + labels), `${sample}${labels} twice`)
        assert.ok(Number.isFinite(Number(value)), line)
        if (current.type === 'counter') assert.match(sample, /_total$/)
        samples.add(sample + labels)
        current.samples++
      }
    }
    for (const family of families.values()) assert.ok(family.type && family.samples > 0, family.name)
    return samples
  }

  test('metrics are Prometheus text, of a number that visitors do not change', async () => {
    const answer = await server.get('/metrics')
    assert.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/)
    const before = parseMetrics(answer.text)
    assert.ok(before.size > 30)
    for (const name of before) assert.match(name, /^visavis_/)
    const batch = Array.from({ length: 200 }, (_, index) => ({ ...viewed('i1'), anonymousId: `many-${index}` }))
    await server.post('/v1/batch', { batch }, { key: server.writeKey })
    const after = await server.get('/metrics')
    assert.deepEqual(parseMetrics(after.text), before)
    assert.doesNotMatch(after.text, /many-|vv_/)
  })
})

describe('the description of the interface', () => {
  test('is served, is OpenAPI 3.1 and says what the file says', async () => {
    const { status, json } = await server.get('/openapi.json')
    assert.equal(status, 200)
    assert.match(json.openapi, /^3\.1\./)
    assert.deepEqual(Object.keys(json.paths), Object.keys(spec.paths))
    assert.deepEqual(json.components.schemas, spec.components.schemas)
    assert.doesNotMatch(JSON.stringify(json), /"x-/)
  })

  for (const { path, method, security } of operations)
    test(`${method} ${path} is there, and its siblings are not`, async () => {
      const body = method === 'GET' || method === 'DELETE' ? undefined : '{"batch":[]}'
      const { status } = await server.head(method, filled(path), { body })
      if (security?.length === 0) assert.ok([200, 404].includes(status) || (['/api/v1/session', '/api/v1/session/invitation'].includes(path) && status === 400), `${status}`)
      else assert.equal(status, path === '/v1/m' ? 200 : 401)
      const sibling = await server.call(spec.paths[path].patch ? 'PUT' : 'PATCH', filled(path))
      assertProblem(sibling, 405)
      assert.ok(sibling.headers.allow.split(', ').includes(method), sibling.headers.allow)
    })

  const ajv = new Ajv({ strict: false, formats: { uuid: true } })
  ajv.addSchema({ $id: 'spec', components: spec.components })
  const valid = (schema, value) => {
    const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
    assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value)}`)
  }
  const answers = {
    'a batch': ['Collected', () => server.post('/v1/batch', { batch: [viewed('i1', { anonymousId: 'a' }), {}] }, { key: server.writeKey })],
    'a decision': ['DecideAnswer', () => decide(server, { key: server.secretKey, user: { anonymousId: 'many-1' }, explain: true, placements: ['home', 'again'] })],
    'a refusal': ['Problem', () => server.post('/v1/track', '{', { key: server.writeKey })],
    'a stranger': ['Problem', () => server.get('/api/v1/placements')],
    'items': ['Written', () => server.post('/api/v1/catalog/items', { items: [{ id: 'x' }, { id: 'y', title: 'Y' }] }, { key: server.secretKey })],
  }
  for (const [what, [schema, make]] of Object.entries(answers))
    test(`the answer to ${what} is what the document says`, async () => valid(schema, (await make()).json))
})

describe('errors are problem+json', () => {
  const long = 'x'.repeat(8200)
  const table = [
    [400, 'broken JSON', () => server.post('/v1/track', '{', { key: server.writeKey })],
    [400, 'a path that is not readable', () => server.get('/v1/%ff')],
    [401, 'no key', () => server.get('/api/v1/placements')],
    [401, 'a key that is none of ours', () => server.get('/api/v1/placements', { key: 'vv_sk_x' })],
    [403, 'a write key for a person', () => server.get('/api/v1/people/user_id:x', { key: server.writeKey })],
    [404, 'an unknown path', () => server.get('/v1/nothing')],
    [404, 'an unknown person', () => server.get('/api/v1/people/user_id:nobody', { key: server.secretKey })],
    [400, 'an identifier that is none', () => server.get('/api/v1/people/nonsense', { key: server.secretKey })],
    [405, 'another method', () => server.call('DELETE', '/v1/track')],
    [413, 'a body over 512,000 bytes', () => server.post('/v1/track', 'x'.repeat(512001), { key: server.writeKey })],
    [414, 'a line over 8 KiB', () => server.get(`/livez?${long}`)],
    [415, 'an encoding other than gzip', () => server.post('/v1/track', 'x', { headers: { 'content-encoding': 'br' } })],
    [431, 'a header over 8 KiB', () => server.get('/livez', { headers: { 'x-long': long } })],
    [431, 'more than 100 headers', () => server.get('/livez', { headers: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, '1'])) })],
    [431, 'more than 32 KiB of headers', () => server.get('/livez', { headers: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`x-${i}`, 'x'.repeat(8000)])) })],
  ]
  for (const [status, what, make] of table)
    test(`${what}: ${status}`, async () => {
      const answer = await make()
      assertProblem(answer, status)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      if ([413, 414, 431].includes(status)) assert.equal(answer.headers.connection, 'close')
    })

  test('the place of a mistake in JSON is told', async () => {
    const { json } = await server.post('/v1/track', '{\n  "anonymousId": "a",\n  oops\n}', { key: server.writeKey })
    assert.equal(json.errors[0].line, 3)
  })

  test('X-Request-Id is taken when it is clean, else made', async () => {
    for (const id of ['abc', 'A-1_2.3', 'x'.repeat(64)]) assert.equal((await server.get('/livez', { headers: { 'x-request-id': id } })).headers['x-request-id'], id)
    for (const id of ['x'.repeat(65), 'a b', '<script>', 'é', ''])
      assert.match((await server.get('/livez', { headers: { 'x-request-id': id } })).headers['x-request-id'], /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  })
})

describe('rates', () => {
  let slow
  before(async () => { slow = await Server.start({ settings: { 'rate-per-second': 5 } }) })
  after(() => slow.end())
  const policy = /^"default";q=5;w=1$/, left = /^"default";r=(\d+);t=(\d+)$/

  test('answers tell the policy and what is left; beyond it 429 says when; another key goes on', async () => {
    const all = []
    for (let call = 0; call < 8; call++) all.push(await slow.post('/v1/track', { anonymousId: 'a', event: 'E' }, { key: slow.writeKey }))
    const [good, refused] = [all.filter(({ status }) => status === 200), all.filter(({ status }) => status !== 200)]
    assert.ok(good.length >= 5 && refused.length >= 1, `${all.map(({ status }) => status)}`)
    for (const { headers } of good) {
      assert.match(headers['ratelimit-policy'], policy)
      assert.match(headers.ratelimit, left)
    }
    assert.equal(good[0].headers.ratelimit.match(left)[1], '4')
    for (const answer of refused) {
      assertProblem(answer, 429)
      assert.ok(Number(answer.headers['retry-after']) >= 1)
    }
    assert.equal((await slow.get('/api/v1/placements', { key: slow.secretKey })).status, 200)
    assert.equal((await slow.get('/livez')).status, 200)
    const later = await until(() => slow.post('/v1/track', { anonymousId: 'a', event: 'E' }, { key: slow.writeKey }), ({ status }) => status === 200)
    assert.equal(later.status, 200)
  })
})

describe('origins', () => {
  let browserKey
  before(async () => { browserKey = await server.addKey('--origin', ORIGIN, '--origin', 'http://localhost:3000') })
  const origins = {
    [ORIGIN]: true, 'http://localhost:3000': true,
    null: false, 'https://shop.example.evil.tld': false, 'https://evil.tld': false, 'http://shop.example': false, 'https://shop.example:8443': false,
    'https://www.shop.example': false, 'https://shop.example/': false, 'https://shop.example@evil.tld': false, 'https://evilshop.example': false,
    'https://SHOP.example.evil': false, 'file://': false, 'https://': false, 'http://localhost': false, 'http://localhost:30000': false,
    '*': false, 'https://shop.example, https://evil.tld': false, 'https://shop.exampl': false, 'chrome-extension://abc': false,
  }
  for (const [origin, allowed] of Object.entries(origins))
    test(`${origin} is ${allowed ? 'let in' : 'kept out'}`, async () => {
      const preflight = await server.call('OPTIONS', '/v1/decide', { headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } })
      const answer = await server.post('/v1/decide', { placements: ['home'].map(id => ({ id })) }, { key: browserKey, headers: { origin } })
      assert.equal(preflight.status, 204)
      for (const { headers } of [preflight, answer]) {
        assert.equal(headers['access-control-allow-origin'], allowed ? origin : undefined)
        assert.equal(headers['access-control-allow-credentials'], undefined)
        assert.match(headers.vary ?? '', /Origin/)
      }
      if (!allowed) {
        assertProblem(answer, 403)
        assert.equal(preflight.headers['access-control-allow-methods'], undefined)
        return
      }
      assert.equal(answer.status, 200)
      assert.match(answer.headers['access-control-expose-headers'], /retry-after.*x-request-id/)
      assert.ok(preflight.headers['access-control-allow-methods'].split(', ').includes('POST'))
      for (const name of ['authorization', 'content-type', 'x-retry-count', 'x-write-key'])
        assert.ok(preflight.headers['access-control-allow-headers'].split(', ').includes(name), name)
      assert.ok(Number(preflight.headers['access-control-max-age']) > 0)
    })

  test('a key bound to other origins is refused even from an origin that some key allows', async () => {
    const elsewhere = await server.addKey('--origin', 'https://elsewhere.example')
    const answer = await server.post('/v1/track', viewed('i1', { anonymousId: 'a' }), { key: elsewhere, headers: { origin: ORIGIN } })
    assertProblem(answer, 403)
  })
})

describe('scopes, as the document lists them', () => {
  const scopes = [...new Set(keyed.flatMap(operation => operation['x-scopes']))]
  const matrix = {
    ...Object.fromEntries(scopes.map(scope => [scope, [scope]])),
    'all of a secret key': scopes.filter(scope => !['settings:write', 'keys:write', 'imports:write'].includes(scope)), 'those of a write key': ['events:write', 'decide'],
  }
  for (const [what, held] of Object.entries(matrix))
    test(`a key with ${what}`, async () => {
      const key = what.startsWith('all') ? server.secretKey : what.startsWith('those') ? server.writeKey : await server.addKey('--secret', '--scope', held[0])
      for (const { path, method, 'x-scopes': wanted } of keyed) {
        const body = method === 'GET' || method === 'DELETE' ? undefined : '{"batch":[]}'
        const { status } = await server.head(method, filled(path), { key, body })
        const may = wanted.some(scope => held.includes(scope))
        assert.equal(status === 403, !may, `${method} ${path}: ${status}`)
        assert.notEqual(status, 401, `${method} ${path}`)
      }
    })

  test('a revoked key is nobody at once', async () => {
    const key = await server.addKey('--secret', '--scope', 'decide')
    assert.equal((await decide(server, { key })).status, 200)
    const { stdout } = await server.command('keys', 'list', '--workspace', 'shop')
    const id = stdout.split('\n').find(line => line.includes(key.slice(0, 12))).split(/\s+/)[0]
    assert.equal((await server.command('keys', 'revoke', id, '--workspace', 'shop')).code, 0)
    assertProblem(await decide(server, { key }), 401)
    assert.doesNotMatch(stdout, new RegExp(key))
  })
})

describe('two workspaces', () => {
  const shared = { anonymousId: 'both', userId: 'both', messageId: 'in-both' }
  test('see nothing of each other', async () => {
    await server.post('/v1/track', viewed('i1', shared), { key: server.writeKey })
    const mine = await decide(server, { key: server.secretKey, user: { userId: 'both' } })
    const id = mine.json.decisions[0].id
    await until(() => server.get(`/v1/decisions/${id}`, { key: server.secretKey }), ({ status }) => status === 200)

    const theirs = { key: other.secret_key }
    assertProblem(await server.get(`/v1/decisions/${id}`, theirs), 404)
    assertProblem(await server.get('/api/v1/people/user_id:both', theirs), 404)
    assertProblem(await server.call('DELETE', '/api/v1/people/user_id:both', theirs), 404)
    assert.deepEqual((await server.get('/api/v1/placements', theirs)).json.placements, [])
    assert.equal((await decide(server, { ...theirs, placements: ['home'] })).json.decisions[0].fallback, 'unknown_placement')
    assert.deepEqual(await server.exported('other'), [])
    assert.equal((await server.command('person', 'show', 'user_id:both', '--workspace', 'other')).code, 1)
    assert.equal((await server.command('explain', id, '--workspace', 'other')).code, 1)
    assert.equal((await server.command('replay', id, '--workspace', 'other')).code, 1)
    const all = JSON.parse((await server.command('replay', '--all', '--workspace', 'other')).stdout)
    assert.equal(all.identical, 1, 'its own decision alone')
  })

  test('a workspace named in a body is not believed', async () => {
    await server.post('/v1/track', { ...viewed('i2', { anonymousId: 'fake' }), workspace: 'shop', workspaceId: 1, writeKey: server.writeKey }, { key: other.write_key })
    assert.deepEqual((await server.exported('other')).map(({ anonymousId }) => anonymousId), ['fake'])
    assertProblem(await server.get('/api/v1/people/anonymous_id:fake', { key: server.secretKey }), 404)
  })

  test('the same message, item and placement may be in both', async () => {
    assert.equal((await server.post('/v1/track', viewed('i1', shared), { key: other.write_key })).json.accepted, 1)
    await server.addItems([{ id: 'i1', title: 'Ailleurs', price: '1' }], other.secret_key)
    await server.putPlacement('again', { recipe: ['recently_viewed'] }, other.secret_key)
    const ask = () => decide(server, { key: other.secret_key, user: { userId: 'both' } })
    assert.deepEqual(shown(await until(ask, answer => shown(answer).length > 0)), ['i1'])
    assert.equal((await server.get('/api/v1/placements', { key: server.secretKey })).json.placements.length, 4)
  })
})

describe('commands answer the same beside a server and alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-apply-'))
  after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'shop'))
  writeFileSync(join(folder, 'shop', 'a.yaml'), 'placements:\n  - id: applied\n    recipe: [trending]\n')
  mkdirSync(join(folder, 'wrong'))
  writeFileSync(join(folder, 'wrong', 'a.yaml'), 'placements:\n  - id: applied\n    recipe: [magic]\n')
  const wrongSettings = ['timezone: Mars/Olympus', 'nonsense: 1', 'locale: martian', 'cmpFiltersBefore: perhaps', 'consentCategories:\n  ads: measure']
  wrongSettings.forEach((line, index) => writeFileSync(join(folder, `wrong-${index}.yaml`), `currency: EUR\n${line}\n`))

  const inShop = ['--workspace', 'shop']
  const table = [
    ['person', 'show', 'user_id:cli', ...inShop], ['person', 'export', 'user_id:cli', ...inShop],
    ['person', 'show', 'user_id:nobody', ...inShop], ['person', 'show', 'nonsense', ...inShop], ['person', 'show', ...inShop],
    ['person', 'greet', 'user_id:cli', ...inShop], ['export', 'events', ...inShop], ['export', 'people', ...inShop],
    ['replay', '--all', ...inShop], ['replay', 'nonsense', ...inShop], ['replay', '01a2005f-b64c-7000-b2fe-4b0a7181fd00', ...inShop],
    ['explain', 'nonsense', ...inShop], ['keys', 'list', ...inShop], ['keys', 'frob', ...inShop], ['keys', 'revoke', 'k99', ...inShop],
    ['keys', 'add', '--scope', 'magic', ...inShop], ['keys', 'add', '--origin', 'shop.example', ...inShop],
    ['keys', 'add', '--origin', 'https://shop.example/', ...inShop], ['keys', 'list', '--workspace', 'nowhere'], ['keys', 'list'],
    ['apply', '-f', join(folder, 'shop'), ...inShop], ['apply', '-f', join(folder, 'wrong'), ...inShop], ['apply', '-f', join(folder, 'none'), ...inShop],
    ...wrongSettings.map((line, index) => ['settings', join(folder, `wrong-${index}.yaml`), ...inShop]), ['settings', join(folder, 'none.yaml'), ...inShop],
    ['init', '--workspace', 'shop'], ['init', '--workspace', 'No Good'], ['init', '--workspace', 'new', '--locale', 'martian'], ['check'], ['check', '--json'], ['check', '--frob'], ['check', 'here'], ['version'],
    ['backup'], ['person', '--frob'], ['refused', ...inShop], ['refused', '--limit', '0', ...inShop], ['audit', '--limit', 'x', ...inShop],
  ]
  const beside = []
  before(async () => {
    const customer = { userId: 'cli', anonymousId: 'cli-phone', traits: { email: 'cli@example.org', firstName: 'Zoë' }, context: consented }
    await server.post('/v1/identify', customer, { key: server.writeKey })
    await server.command('apply', '-f', join(folder, 'shop'), ...inShop) // the second time it is the same
    for (const words of table) beside.push(await server.command(...words))
    await server.stop()
  })
  after(() => server.serve())

  test('wrong settings are told with their line', () => {
    const told = table.flatMap(([name, file], index) => (name === 'settings' && file.includes('wrong-') ? [beside[index]] : []))
    assert.equal(told.length, wrongSettings.length)
    for (const { code, stderr } of told) assert.ok(code === 2 && /^\/.*\/wrong-\d\.yaml:2:1: \//.test(stderr), stderr)
  })

  // What a stop itself writes, a check counts.
  const settle = text => text.replace(/("rows":|"profiles":|"audit":|"sequence":)\d+/g, '$1…').replace(/\d+ (rows|profiles|audit)|sequence \d+/g, '… $1')
  for (const [index, words] of table.entries())
    test(`visavis ${words.filter(word => !inShop.includes(word)).join(' ').replaceAll(folder, '…')}`, async () => {
      const alone = await server.command(...words)
      const [one, two] = [beside[index], alone].map(({ code, stdout, stderr }) => ({ code, stdout: settle(stdout), stderr: settle(stderr) }))
      assert.deepEqual(two, one)
      assert.equal(one.code === 0, one.stderr === '', JSON.stringify(one))
    })
})

describe('settings of the server', () => {
  test('a variable that sets nothing is told, with the setting that was likely meant', () => {
    const env = { ...process.env, VISAVIS_THREAD: '3', VISAVIS_RATE: '1', VISAVIS_NONSENSE: '1', VISAVIS_THREADS: '4' }
    const { stdout, stderr, status } = spawnSync(binary, ['serve', '--print-settings'], { env, encoding: 'utf8' })
    assert.deepEqual([status, /threads: 4\n/.test(stdout)], [0, true])
    for (const [name, nearest] of [['THREAD', '; the nearest setting is threads'], ['RATE', '; the nearest setting is rate_per_second'], ['NONSENSE', '']])
      assert.ok(stderr.includes(`"what":"VISAVIS_${name} sets nothing${nearest}"`), stderr)
    assert.doesNotMatch(stderr, /VISAVIS_THREADS/)
  })

  test('one that there is not is refused with the nearest', async () => {
    const { code, stderr } = await server.command('serve', '--thread', '3')
    assert.deepEqual([code, stderr], [2, 'visavis serve: There is no setting "thread"; did you mean threads\n'])
  })

  const folder = mkdtempSync(join(tmpdir(), 'visavis-settings-'))
  after(() => rmSync(folder, { recursive: true }))
  const file = text => (writeFileSync(join(folder, 'serve.yaml'), text), join(folder, 'serve.yaml'))

  test('options win over the file, and what they come to is told', async () => {
    const { code, stdout } = await server.command('serve', '--config', file('threads: 3\nmemory_mb: 100\n'), '--threads', '5', '--print-settings')
    assert.equal(code, 0)
    assert.match(stdout, /^threads: 5$/m)
    assert.match(stdout, /^memory_mb: 100$/m)
  })

  const table = [['an unknown one', 'threads: 3\nthraeds: 4\n', '2:1'], ['a value out of range', 'threads: 0\n', '1:1'],
    ['a list where a value stands', 'threads: 3\nlisten: [a]\n', '2:1'], ['what is no YAML', 'threads: [\n', '2:1']]
  for (const [what, text, place] of table)
    test(`${what} is refused with file, line and column`, async () => {
      const { code, stderr } = await server.command('serve', '--config', file(text))
      assert.equal(code, 2)
      assert.ok(stderr.startsWith(`visavis serve: ${folder}/serve.yaml:${place}: `), stderr)
    })
})

test('each command tells its usage at --help', async () => {
  for (const name of ['serve', 'init', 'import', 'replay', 'check']) {
    const { code, stdout } = await server.command(name, '--help')
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^visavis ${name} `))
  }
})
