// Collection as the clients of the Segment family speak it: every endpoint, every way to authenticate, every limit.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { assertProblem, basic, Server, sharedData } from './server.mjs'

let server
before(async () => { server = await Server.start() })
after(() => server.end())

let number = 0
const freshId = prefix => `${prefix}-${++number}`
const message = (fields = {}) => ({ type: 'track', event: 'Tested', anonymousId: 'visitor', messageId: freshId('m'), ...fields })
const post = (path, body, options) => server.post(path, body, { key: server.writeKey, ...options })
const stored = async id => (await server.exported()).filter(({ messageId }) => messageId === id)

async function metric(name) {
  const { text } = await server.get('/metrics')
  return Number(text.match(new RegExp(`^visavis_${name} (\\d+)$`, 'm'))[1])
}

const wanted = {
  track: { event: 'Tested' }, identify: { traits: { city: 'Lyon' } }, page: { name: 'Accueil' },
  screen: { name: 'Accueil' }, group: { groupId: 'g1' }, alias: { userId: 'u1', previousId: 'visitor' },
}
const typed = Object.keys(wanted).flatMap(type =>
  [`/v1/${type}`, `/v1/${type[0]}`, `/v1/${type}/`, `/api/s/${type}`, `/api/s/s2s/${type}`, `/api/public/apps/${type}`].map(path => [path, type]))
const batches = ['/v1/batch', '/v1/b', '/v1/import', '/v1/batch/', '/beacon/v1/batch', '/api/public/apps/batch']

// Each way to show the write key: what it adds to the call.
const waysIn = {
  'Basic, with a colon': key => ({ headers: { authorization: basic(key) } }),
  'Basic, without one': key => ({ headers: { authorization: `Basic ${Buffer.from(key).toString('base64')}` } }),
  'Basic, with a password': key => ({ headers: { authorization: `Basic ${Buffer.from(`${key}:x`).toString('base64')}` } }),
  Bearer: key => ({ headers: { authorization: `Bearer ${key}` } }),
  'writeKey in the body': key => ({ body: { writeKey: key } }),
  'writeKey in the body beside a foreign header': key => ({ body: { writeKey: key }, headers: { authorization: basic('theirs') } }),
  'X-Write-Key': key => ({ headers: { 'x-write-key': key } }),
  'X-Write-Key, id:secret': key => ({ headers: { 'x-write-key': `id:${key}` } }),
  'writeKey in the query': key => ({ query: `?writeKey=${key}` }),
}

describe('every endpoint, every way in', () => {
  for (const [way, add] of Object.entries(waysIn)) {
    test(`typed endpoints take ${way}`, async () => {
      for (const [path, type] of typed) {
        const { body, headers, query = '' } = add(server.writeKey)
        const id = freshId('way')
        const answer = await server.post(path + query, { anonymousId: 'visitor', messageId: id, ...wanted[type], ...body }, { headers })
        assert.deepEqual([answer.status, answer.json], [200, { success: true, accepted: 1, duplicates: 0 }], `${path}: ${answer.text}`)
        assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      }
    })
    test(`batch endpoints take ${way}`, async () => {
      for (const path of batches) {
        const { body, headers, query = '' } = add(server.writeKey)
        const answer = await server.post(path + query, { batch: [message(), message()], ...body }, { headers })
        assert.deepEqual([answer.status, answer.json.accepted], [200, 2], `${path}: ${answer.text}`)
      }
    })
  }

  test('what was typed by the path is stored under that type', async () => {
    const types = new Map()
    for (const [path, type] of typed) {
      const id = freshId('typed')
      types.set(id, type)
      await post(path, { anonymousId: 'visitor', messageId: id, ...wanted[type] })
    }
    const rows = (await server.exported()).filter(row => types.has(row.messageId))
    assert.deepEqual(new Map(rows.map(row => [row.messageId, row.type])), types)
  })

  const strangers = { 'no key': {}, 'an unknown key': { key: 'vv_wk_unknown' }, 'a Basic header that is no base64': { headers: { authorization: 'Basic ???' } } }
  for (const [who, options] of Object.entries(strangers))
    test(`${who} is answered 401`, async () => {
      for (const path of ['/v1/track', '/api/s/track', '/v1/batch', '/beacon/v1/batch'])
        assertProblem(await server.post(path, { batch: [message()], ...message() }, options), 401)
      assertProblem(await server.get('/pixel/v1/track?anonymousId=a&event=E', options), 401)
      assertProblem(await server.get('/sourceConfig/?p=npm', options), 401)
    })

  const contentTypes = ['application/json', 'application/json; charset=utf-8', 'text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded']
  for (const type of contentTypes)
    test(`JSON under ${type}, plain and gzipped`, async () => {
      for (const path of ['/v1/track', '/v1/batch']) {
        const body = JSON.stringify({ ...message(), batch: [message({ event: 'Été' })] })
        assert.equal((await post(path, body, { headers: { 'content-type': type } })).json?.accepted, 1)
        const zipped = await post(path, gzipSync(JSON.stringify({ ...message(), batch: [message()] })),
          { headers: { 'content-type': type, 'content-encoding': 'gzip', 'x-retry-count': '3' } })
        assert.equal(zipped.json?.accepted, 1, zipped.text)
      }
    })

  test('a pixel keeps its message and is a GIF of one pixel that nobody caches', async () => {
    for (const [type, name] of [['track', 'event'], ['page', 'name']]) {
      const id = freshId('pixel')
      const query = new URLSearchParams({ writeKey: server.writeKey, anonymousId: 'pixel visitor', messageId: id, [name]: 'Mail ouvert' })
      const answer = await server.get(`/pixel/v1/${type}?${query}`)
      assert.deepEqual([answer.status, answer.headers['content-type'], answer.headers['cache-control']], [200, 'image/gif', 'no-store'])
      assert.equal(answer.bytes.subarray(0, 6).toString(), 'GIF89a')
      assert.deepEqual([answer.bytes.readUInt16LE(6), answer.bytes.readUInt16LE(8), answer.bytes.at(-1)], [1, 1, 0x3b])
      const [row] = await stored(id)
      assert.deepEqual([row.type, row.anonymousId, row[name]], [type, 'pixel visitor', 'Mail ouvert'])
    }
  })

  test('the settings that analytics-next waits for', async () => {
    const { status, json } = await server.get(`/v1/projects/${server.writeKey}/settings`)
    assert.equal(status, 200)
    assert.deepEqual(json, {
      integrations: { 'Segment.io': { apiKey: server.writeKey, apiHost: `127.0.0.1:${server.port}/v1`, protocol: 'http', unbundledIntegrations: [] } },
      plan: { track: { __default: { enabled: true } } }, edgeFunction: {}, analyticsNextEnabled: true, middlewareSettings: {},
      enabledMiddleware: {}, metrics: { sampleRate: 0 }, legacyVideoPluginsEnabled: false, remotePlugins: [],
    })
    assertProblem(await server.get('/v1/projects/vv_wk_nobody/settings'), 404)
    assertProblem(await server.get(`/v1/projects/${server.secretKey}/settings`), 404)
  })

  test('analytics-next is told to speak http to this machine alone', async () => {
    const hosts = { 'localhost:8080': 'http', '127.0.0.1': 'http', '[::1]:80': 'http', 'shop.example': undefined, 'localhost.example': undefined, '127.0.0.10': undefined }
    for (const [host, protocol] of Object.entries(hosts)) {
      const { json } = await server.get(`/v1/projects/${server.writeKey}/settings`, { headers: { host } })
      const { apiHost, protocol: told } = json.integrations['Segment.io']
      assert.deepEqual([apiHost, told], [`${host}/v1`, protocol])
    }
  })

  test("the source that RudderStack's browser client waits for", async () => {
    const answers = [await server.get(`/sourceConfig/?p=npm&v=3.34.1&writeKey=${server.writeKey}`), await server.get('/sourceConfig', { key: server.writeKey })]
    for (const { status, json } of answers) {
      assert.equal(status, 200)
      const { id, ...source } = json.source
      assert.match(id, /^\d+$/)
      assert.deepEqual(source, {
        name: 'shop', workspaceId: 'shop', enabled: true, destinations: [],
        config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      })
    }
  })

  test("clients' own metrics are answered and not kept", async () => {
    const before = (await server.exported()).length
    const answer = await server.post('/v1/m', '{"series":[{"type":"Counter"}]}', { headers: { 'content-type': 'text/plain' } })
    assert.equal(answer.status, 200)
    assert.equal((await server.exported()).length, before)
  })
})

describe('limits, at one byte below and above', () => {
  const padded = (size, fields) => {
    const empty = JSON.stringify(message({ ...fields, properties: { pad: '' } }))
    return empty.replace('"pad":""', `"pad":"${'x'.repeat(size - Buffer.byteLength(empty))}"`)
  }

  for (const [size, kept] of [[32767, true], [32768, true], [32769, false]])
    test(`a message of ${size} bytes is ${kept ? 'kept' : 'refused'}, alone and in a batch`, async () => {
      const alone = await post('/v1/track', padded(size))
      const among = await post('/v1/batch', `{"batch":[${padded(size)},${JSON.stringify(message())}]}`)
      assert.equal(among.status, 200)
      if (kept) {
        assert.deepEqual([alone.status, among.json.accepted], [200, 2])
        return
      }
      assertProblem(alone, 400)
      assert.deepEqual([among.json.accepted, among.json.errors.map(error => error.index)], [1, [0]])
    })

  // Messages of 20,000 bytes and one that fills the rest, with the framing counted.
  const batchOf = size => {
    const rows = Array.from({ length: 24 }, () => padded(20000))
    const framing = '{"batch":[]}'.length + rows.length
    return `{"batch":[${[...rows, padded(size - framing - 24 * 20000)].join(',')}]}`
  }
  for (const [size, status] of [[500000, 200], [511999, 200], [512000, 200], [512001, 413]])
    test(`a body of ${size} bytes is answered ${status}, plain and gzipped`, async () => {
      const plain = batchOf(size)
      assert.equal(Buffer.byteLength(plain), size)
      const answer = await post('/v1/batch', plain)
      const zipped = await post('/v1/batch', gzipSync(batchOf(size)), { headers: { 'content-encoding': 'gzip' } })
      for (const each of [answer, zipped]) {
        if (status === 200) assert.deepEqual([each.status, each.json.accepted], [200, 25], each.text)
        else assertProblem(each, status)
      }
    })

  for (const [count, status] of [[2499, 200], [2500, 200], [2501, 413]])
    test(`a batch of ${count} messages is answered ${status}`, async () => {
      const answer = await post('/v1/batch', { batch: Array.from({ length: count }, () => message()) })
      if (status === 200) assert.deepEqual([answer.status, answer.json.accepted], [200, count])
      else assertProblem(answer, status)
    })

  test('an empty batch is a success of nothing', async () => {
    assert.deepEqual((await post('/v1/batch', { batch: [] })).json, { success: true, accepted: 0, duplicates: 0 })
  })

  const lengths = {
    messageId: [100, size => ({ messageId: 'm'.repeat(size) })],
    event: [200, size => ({ event: 'e'.repeat(size) })],
    userId: [256, size => ({ userId: 'u'.repeat(size) })],
    anonymousId: [256, size => ({ anonymousId: 'a'.repeat(size) })],
  }
  for (const [field, [most, make]] of Object.entries(lengths))
    test(`${field} of ${most} bytes is kept, of ${most + 1} refused by name`, async () => {
      const { status, json } = await post('/v1/batch', { batch: [message(make(most)), message(make(most + 1))] })
      assert.equal(status, 200)
      assert.deepEqual([json.accepted, json.errors.map(error => [error.index, error.field])], [1, [[1, field]]])
    })
})

describe('a bad message refuses only itself', () => {
  const bad = {
    'no type': [{ type: undefined }, 'type'],
    'an unknown type': [{ type: 'shout' }, 'type'],
    'a track without its event': [{ event: undefined }, 'event'],
    'an event that is no text': [{ event: 7 }, 'event'],
    'nobody named': [{ anonymousId: undefined }, 'userId'],
    'a value that names nobody': [{ anonymousId: '0000-0000' }, 'userId'],
    'an id that is an object': [{ userId: {} }, 'userId'],
    'properties that are a list': [{ properties: [] }, 'properties'],
    'a context that is a text': [{ context: 'x' }, 'context'],
    'a messageId that is a list': [{ messageId: [] }, 'messageId'],
    'a group without its id': [{ type: 'group' }, 'groupId'],
    'an alias without the earlier id': [{ type: 'alias', userId: 'u' }, 'previousId'],
  }
  for (const [what, [fields, field]] of Object.entries(bad))
    test(what, async () => {
      const [first, last] = [message(), message()]
      const answer = await post('/v1/batch', { batch: [first, message(fields), last] })
      assert.equal(answer.status, 200)
      assert.deepEqual([answer.json.success, answer.json.accepted], [false, 2])
      const [error, ...more] = answer.json.errors
      assert.deepEqual([error.index, error.field, more.length], [1, field, 0])
      assert.match(error.detail, /\w/)
      assert.deepEqual([(await stored(first.messageId)).length, (await stored(last.messageId)).length], [1, 1])
    })

  test('elements that are no objects are named too', async () => {
    const { json } = await post('/v1/batch', { batch: [1, 'x', null, [], message()] })
    assert.deepEqual([json.accepted, json.errors.map(error => error.index)], [1, [0, 1, 2, 3]])
  })

  test('each refused one carries its own messageId', async () => {
    const wrong = message({ event: undefined })
    const { json } = await post('/v1/batch', { batch: [message(), wrong] })
    assert.equal(json.errors[0].messageId, wrong.messageId)
  })

  test('what is refused is counted', async () => {
    const before = await metric('messages_refused_total')
    await post('/v1/batch', { batch: [message({ event: undefined }), message(), message({ type: 'x' })] })
    assert.equal(await metric('messages_refused_total'), before + 2)
  })

  const broken = { 'no JSON': 'x', 'nothing': '', 'a list': '[]', 'no batch': '{}', 'a batch that is no list': '{"batch":{}}', 'an open end': '{"batch":[' }
  for (const [what, body] of Object.entries(broken))
    test(`a batch of ${what} is answered 400`, async () => assertProblem(await post('/v1/batch', body), 400))
})

describe('the same message twice', () => {
  test('counts once: in one batch, in the next, after a restart', async () => {
    const twice = message()
    const first = await post('/v1/batch', { batch: [twice, twice] })
    assert.deepEqual([first.json.accepted, first.json.duplicates], [1, 1])
    assert.deepEqual((await post('/v1/track', twice)).json, { success: true, accepted: 0, duplicates: 1 })
    await server.stop()
    await server.serve()
    assert.deepEqual((await post('/v1/track', twice)).json, { success: true, accepted: 0, duplicates: 1 })
    assert.equal((await stored(twice.messageId)).length, 1)
  })

  test('is one to a key and its successor, two to keys of different sources', async () => {
    const twice = message()
    const [other, heir] = [await server.addKey(), await server.addKey('--replaces', 'k1')]
    assert.equal((await post('/v1/track', twice)).json.accepted, 1)
    assert.equal((await post('/v1/track', twice, { key: heir })).json.duplicates, 1)
    assert.equal((await post('/v1/track', twice, { key: other })).json.accepted, 1)
  })

  test('counts once when twenty calls bring it at the same time', async () => {
    const twice = message()
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/v1/track', twice)))
    assert.equal(answers.reduce((sum, { json }) => sum + json.accepted, 0), 1)
    assert.equal(answers.reduce((sum, { json }) => sum + json.duplicates, 0), 19)
  })

  test('messages without an id are each given one', async () => {
    const before = (await server.exported()).length
    for (let i = 0; i < 2; i++) assert.equal((await post('/v1/track', message({ messageId: undefined }))).json.accepted, 1)
    const rows = (await server.exported()).slice(before)
    assert.equal(new Set(rows.map(row => row.messageId)).size, 2)
  })
})

describe('the clock of a client is not ours', () => {
  const minute = 60000, year = 365 * 86400000
  const iso = ms => new Date(ms).toISOString()
  // [what the client's clock is off by, how long ago it happened, fields to leave out, what the stored time is measured from]
  const table = {
    'a right clock': { skew: 0, ago: minute, time: 'ago' },
    'ten years slow': { skew: -10 * year, ago: minute, time: 'ago' },
    'ten years fast': { skew: 10 * year, ago: minute, time: 'ago' },
    'an offline queue of three days': { skew: 7 * minute, ago: 3 * 86400000, time: 'ago' },
    'no sentAt': { skew: -2 * year, ago: 0, without: 'sentAt', time: 'original' },
    'no sentAt and in the future': { skew: 2 * year, ago: 0, without: 'sentAt', time: 'received' },
    'no time at all': { skew: 0, ago: minute, without: 'timestamp', time: 'received' },
  }
  for (const [what, { skew, ago, without, time }] of Object.entries(table))
    for (const place of ['message', 'batch'])
      test(`${what}, sentAt in the ${place}`, async () => {
        const sent = Date.now() + skew
        const times = { timestamp: iso(sent - ago), sentAt: iso(sent) }
        if (without) delete times[without]
        const own = message({ timestamp: times.timestamp, ...(place === 'message' && { sentAt: times.sentAt }) })
        await post('/v1/batch', { batch: [own], ...(place === 'batch' && { sentAt: times.sentAt }) })
        const [row] = await stored(own.messageId)
        const received = Date.parse(row.receivedAt)
        const expected = { ago: received - ago, original: sent, received }[time]
        assert.equal(Date.parse(row.timestamp), expected)
        if (times.timestamp) assert.equal(row.originalTimestamp, times.timestamp)
      })

  for (const [ahead, kept] of [[4.9 * minute, true], [5.1 * minute, false]])
    test(`${ahead / minute} minutes ahead ${kept ? 'are believed' : 'become the receipt'}`, async () => {
      const own = message({ timestamp: iso(Date.now() + ahead) })
      await post('/v1/track', own)
      const [row] = await stored(own.messageId)
      assert.equal(row.timestamp, kept ? own.timestamp : row.receivedAt)
      assert.equal(row.originalTimestamp, own.timestamp)
    })
})

test("a batch's context and integrations stand under each message's own", async () => {
  const [plain, own] = [message(), message({ context: { locale: 'fr-FR', app: { name: 'own' } }, integrations: { All: false } })]
  const answer = await post('/v1/batch', { batch: [plain, own], context: { locale: 'en-GB', app: { name: 'batch' }, library: { name: 'l' } }, integrations: { All: true, X: true } })
  assert.equal(answer.json.accepted, 2)
  const [[first], [second]] = [await stored(plain.messageId), await stored(own.messageId)]
  assert.deepEqual([first.context.locale, first.context.app, first.integrations], ['en-GB', { name: 'batch' }, { All: true, X: true }])
  assert.deepEqual([second.context.locale, second.context.app.name, second.context.library], ['fr-FR', 'own', { name: 'l' }])
  assert.equal(second.integrations.All, false)
})

// --- data of others -----------------------------------------------------------------------------------------------

const json = sharedData('json')

describe('JSONTestSuite', { skip: json ? false : 'shared/data/json is not here' }, () => {
  const files = json ? readdirSync(join(json, 'test_parsing')).sort() : []
  const bytesOf = file => readFileSync(join(json, 'test_parsing', file))
  const around = (head, bytes, tail) => Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)])
  const asProperty = bytes => around(`{"anonymousId":"json","event":"E","messageId":"${freshId('json')}","properties":{"value":`, bytes, '}}')
  const isSyntax = answer => /not JSON|UTF-8|nest|empty/i.test(answer.json?.detail ?? '')
  const alive = async () => assert.equal((await server.get('/livez')).status, 200)

  test('y_ files are read: as a body refused for their meaning alone, as a property kept', async () => {
    for (const file of files.filter(name => name.startsWith('y_'))) {
      const whole = await post('/v1/track', bytesOf(file))
      assertProblem(whole, 400)
      assert.ok(!isSyntax(whole), `${file}: ${whole.text}`)
      const inside = await post('/v1/track', asProperty(bytesOf(file)))
      assert.equal(inside.status, 200, `${file}: ${inside.text}`)
      await alive()
    }
  })

  test('n_ files are answered 400, as a body and as a property', async () => {
    for (const file of files.filter(name => name.startsWith('n_'))) {
      for (const body of [bytesOf(file), asProperty(bytesOf(file))]) {
        const answer = await post('/v1/track', body)
        assert.equal(answer.status, 400, `${file}: ${answer.text}`)
        assertProblem(answer, 400)
      }
      await alive()
    }
  })

  // What the RFC leaves open: numbers of any size and lone surrogates are kept; bytes that are no UTF-8, marks of
  // byte order and nesting beyond 64 are refused.
  const left = /number|surrogate|1st_valid|lone|inverted|incomplete|invalid_lone|invalid_surrogate/
  const openFiles = files.filter(name => name.startsWith('i_'))
  test('i_ files follow our own table', async () => {
    const wrong = []
    for (const file of openFiles) {
      const { status } = await post('/v1/track', asProperty(bytesOf(file)))
      const expected = left.test(file) && !/utf-?8|UTF-16|utf16/i.test(file) ? 200 : 400
      if (status !== expected) wrong.push([file, status])
      await alive()
    }
    assert.deepEqual(wrong, [])
  })

  test('as one message of a batch none costs its neighbours more than the batch, and none the server', async () => {
    for (const file of files) {
      const neighbour = message()
      const body = around('{"batch":[', bytesOf(file), `,${JSON.stringify(neighbour)}]}`)
      const answer = await post('/v1/batch', body)
      if (answer.status === 200) {
        assert.equal(answer.json.errors[0].index, 0, file)
        assert.equal(answer.json.accepted, 1, file)
      } else {
        assertProblem(answer, 400)
        assert.ok(!file.startsWith('y_'), `${file}: ${answer.text}`)
      }
      await alive()
    }
  })
})

describe('the big list of naughty strings', { skip: json ? false : 'shared/data/json is not here' }, () => {
  test('comes back as it went in, as value, as name and as event', async () => {
    const strings = JSON.parse(readFileSync(join(json, 'blns.json')))
    const sent = new Map()
    const batch = strings.map((text, index) => {
      const own = message({ messageId: `blns-${index}`, properties: { value: text, [`_${text}`]: [text] }, traits: { note: text } })
      if (text.trim() && Buffer.byteLength(text) <= 200) own.context = { page: { title: text } }
      sent.set(own.messageId, own)
      return own
    })
    const answer = await post('/v1/batch', { batch })
    assert.deepEqual([answer.status, answer.json.accepted], [200, strings.length], answer.text.slice(0, 500))
    let seen = 0
    for (const row of await server.exported()) {
      const own = sent.get(row.messageId)
      if (!own) continue
      seen++
      assert.deepEqual(row.properties, own.properties)
      assert.equal(JSON.stringify(row.properties), JSON.stringify(own.properties))
    }
    assert.equal(seen, strings.length)
  })
})

const samples = sharedData('segment-spec')
test("Segment's own samples", { skip: samples ? false : 'shared/data/segment-spec is not here' }, async () => {
  const kept = new Map()
  for (const file of readdirSync(samples).filter(name => name.endsWith('.json'))) {
    const { messageId, ...sample } = JSON.parse(readFileSync(join(samples, file)))
    const type = sample.type ?? sample.action
    const needs = { track: 'event', alias: 'previousId', group: 'groupId' }[type]
    const named = sample.userId ?? sample.user_id ?? sample.anonymousId
    const good = wanted[type] && named && (!needs || sample[needs])
    const id = freshId('sample')
    const { status, json } = await post('/v1/batch', { batch: [{ ...sample, messageId: id }, message()] })
    assert.equal(status, 200, file)
    assert.equal(json.accepted, good ? 2 : 1, `${file}: ${JSON.stringify(json)}`)
    if (good) kept.set(id, { file, type, properties: sample.properties, traits: sample.traits })
  }
  for (const row of await server.exported()) {
    const { file, ...sent } = kept.get(row.messageId) ?? {}
    if (file) assert.deepEqual({ type: row.type, properties: row.properties, traits: row.traits }, sent, file)
    kept.delete(row.messageId)
  }
  assert.deepEqual([...kept.values()], [])
})
