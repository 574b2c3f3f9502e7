// Files of people, events, orders and items over HTTP: received in parts, looked at, imported in the background, taken up again.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server, until } from './server.mjs'
import { person } from './shop.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { uuid: true, 'date-time': true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
function assertValid(schema, value) {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value).slice(0, 2000)}`)
}

let server, key
before(async () => {
  server = await Server.start()
  key = await server.addKey('--secret', ...['imports:write', 'catalog:write', 'consent:write', 'profiles:read', 'erase'].flatMap(scope => ['--scope', scope]))
})
after(() => server.end())

const csv = { 'content-type': 'text/csv' }
async function begin(kind, body, { name = `${kind}.csv`, with: secret = key } = {}) {
  const answer = await server.call('POST', `/api/v1/imports?${new URLSearchParams({ kind, name })}`, { key: secret, headers: csv, body })
  assert.equal(answer.status, 201, answer.text)
  assertValid('Import', answer.json)
  return answer.json.id
}
const start = (id, options = {}) => server.call('POST', `/api/v1/imports/${id}/start`, { key, body: options })
async function show(id) {
  const answer = await server.get(`/api/v1/imports/${id}`, { key })
  assert.equal(answer.status, 200, answer.text)
  assertValid('Import', answer.json)
  return answer.json
}
const ended = id => until(() => show(id), ({ state }) => !['waiting', 'running'].includes(state), { within: 30_000 })
async function bring(kind, body, options) {
  const id = await begin(kind, body)
  const answer = await start(id, options)
  assert.equal(answer.status, 202, answer.text)
  return ended(id)
}
const people = 'E-mail;Prénom;N° client;Ville;Inscrit le;Points\nada@example.org;Ada;c1;Lyon;2026-03-01;12\nbob@example.org;Bob;c2;Paris;01/04/2026;7\n;;;Lille;;\ncy@example.org;Cy;c3;Metz;soon;1\n'
const map = { email: 'E-mail', user: 'N° client', first_name: 'Prénom', 'address.city': 'Ville', time: 'Inscrit le', points: 'Points' }

describe('a file of people', () => {
  let id
  test('has its columns guessed, in the reader’s language', async () => {
    id = await begin('people', people)
    const { json } = await server.get(`/api/v1/imports/${id}/columns?lang=fr`, { key })
    assertValid('ColumnGuess', json)
    assert.deepEqual(json.map, { email: 'E-mail', user: 'N° client', first_name: 'Prénom', 'address.city': 'Ville' })
    assert.match(json.columns[0].why, /adresses e-mail/)
    assert.equal(json.columns.find(({ column }) => column === 'Inscrit le').reason, 'contradicted', '"soon" is no date')
    assert.equal(json.columns.find(({ column }) => column === 'Points').sample, '12')
  })

  test('is looked at without a word being written', async () => {
    assert.equal((await start(id, { dryRun: true, map })).status, 202)
    const job = await ended(id)
    assert.deepEqual([job.state, job.dryRun, job.fileKept, job.rows], ['done', true, true, 4])
    assert.deepEqual([job.summary.messages, job.summary.refused, job.summary.noPerson], [2, 1, 1])
    assert.deepEqual(job.errors.map(({ line, field }) => [line, field]), [[4, undefined], [5, 'time']])
    assert.match(job.errors[1].detail, /"soon" is not a time/)
    assert.equal(job.samples.length, 2)
    assert.equal((await person(server, 'email:ada@example.org')).status, 404)
    assert.deepEqual(server.filesWith('"samples"'), [])
  })

  test('is brought in once, its bytes go, and the audit tells of it', async () => {
    assert.equal((await start(id, { map })).status, 202)
    const job = await ended(id)
    assert.deepEqual([job.state, job.fileKept, job.summary.written], ['done', false, 2])
    const ada = await person(server, 'email:ada@example.org')
    assert.equal(ada.json.traits.find(({ name }) => name === 'points').value, '12')
    assert.equal(ada.json.traits.find(({ name }) => name === 'firstName').source, 'imported')
    const { json } = await server.get('/api/v1/audit?limit=5', { key: server.secretKey })
    assert.ok(json.audit.some(({ action, detail }) => action === 'import' && detail === `people ${id}`), JSON.stringify(json))
    assert.deepEqual(readdirSync(join(server.data, 'imports')).filter(name => name.endsWith('.data')), [])
    assertProblem(await start(id, { map }), 409)
    const again = await bring('people', people, { map })
    assert.deepEqual([again.summary.written, again.summary.duplicates], [0, 2])
  })

  test('may assert a choice, which takes the scope for it, and never over a refusal', async () => {
    await server.post('/v1/consent', { email: 'no@example.org', purposes: { personalise: 'denied' } }, { key: server.secretKey })
    const consent = { purposes: { personalise: 'granted' }, source: 'Loyalty form', date: '2026-01-01' }
    const job = await bring('people', 'email\nno@example.org\nyes@example.org\n', { consent })
    assert.deepEqual([job.summary.consents, job.summary.refusalsKept], [2, 1])
    const [no, yes] = [await person(server, 'email:no@example.org'), await person(server, 'email:yes@example.org')]
    assert.deepEqual([no, yes].map(({ json }) => json.consents[0].purposes[0].state), ['denied', 'granted'])
    assert.equal(yes.json.consents[0].history[0].text, 'Loyalty form')
    const weak = await server.addKey('--secret', '--scope', 'imports:write')
    const id = await begin('people', 'email\nx@example.org\n')
    assertProblem(await server.call('POST', `/api/v1/imports/${id}/start`, { key: weak, body: { consent } }), 403)
    assertProblem(await start(id, { consent: { purposes: { personalise: 'perhaps' }, source: 'x', date: '2026-01-01' } }), 400)
  })
})

describe('other files', () => {
  test('lines of orders become orders, whatever other columns there are', async () => {
    const job = await bring('orders', 'order,user,time,item,quantity,price,event\no1,c1,2026-03-01 10:00,i1,1,10.00,x\no1,c1,2026-03-01 10:00,i2,2,5.00,x\n')
    assert.deepEqual([job.state, job.summary.orders, job.summary.written], ['done', 1, 1])
  })
  test('events are one a row', async () => {
    const job = await bring('events', 'event,user,time,item\nProduct Viewed,c1,2026-03-01 10:00,i1\nProduct Viewed,c1,2026-03-01 10:01,i2\n')
    assert.deepEqual([job.state, job.summary.messages], ['done', 2])
  })
  test('a catalogue tells what would change before it changes it', async () => {
    const id = await begin('catalog', 'id,title,price\ni1,Lamp,10.00\ni2,Chair,20.00\n')
    await start(id, { dryRun: true })
    const dry = await ended(id)
    assert.deepEqual([dry.summary.items, dry.summary.new, dry.summary.written], [2, 2, 0])
    await start(id)
    assert.equal((await ended(id)).summary.written, 2)
    assert.equal((await server.get('/api/v1/catalog/items/i1', { key })).json.title, 'Lamp')
  })
})

describe('a file in parts', () => {
  test('is taken on where it broke off, and nowhere else', async () => {
    const rows = Array.from({ length: 12_000 }, (_, index) => `part${index}@example.org,${index}\n`)
    const whole = Buffer.from(`email,points\n${rows.join('')}`)
    const cut = 100_000
    const id = await begin('people', whole.subarray(0, cut))
    const append = (at, bytes) => server.call('PUT', `/api/v1/imports/${id}/data?at=${at}`, { key, headers: csv, body: bytes })
    const wrong = await append(cut + 1, whole.subarray(cut, cut + 10))
    assertProblem(wrong, 409)
    assert.match(wrong.json.detail ?? JSON.stringify(wrong.json), /100000 bytes are here/)
    for (let at = cut; at < whole.length; at += cut)
      assert.equal((await append(at, whole.subarray(at, at + cut))).status, 200)
    await start(id, { dryRun: true })
    assertProblem(await append(whole.length, Buffer.from('x')), 409)
    const job = await ended(id)
    assert.deepEqual([job.state, job.bytes, job.rows, job.summary.refused], ['done', whole.length, 12_000, 0])
  })

  test('over the size of a request is refused with how to go on', async () =>
    assertProblem(await server.call('POST', '/api/v1/imports?kind=people', { key, headers: csv, body: Buffer.alloc(600_000, 'x') }), 413))
})

describe('a hostile file', () => {
  const long = Buffer.concat([Buffer.from('email,note\n'), Buffer.alloc(480_000, 'a')])
  const cases = {
    'of another encoding': [Buffer.from('email,city\nada@example.org,Orl\xe9ans\n', 'latin1'), 'done|failed', /UTF-8/],
    'of UTF-16': [Buffer.from('\ufeffemail\nada@example.org\n', 'utf16le'), 'failed', /UTF-16|UTF-8/],
    'with a NUL': [Buffer.from('email,city\nada@example.org,a\0b\n'), 'done|failed', /NUL|zero|byte|character/i],
    'without a head line that we know': [Buffer.from('a,b\n1,2\n'), 'failed', /None|only row|no person/i],
    'with a head line alone': [Buffer.from('email,city\n'), 'done', null],
    'of nothing but blanks': [Buffer.from(' \n\n'), 'done|failed', null],
    'that names a column twice': [Buffer.from('email,email\na@example.org,b@example.org\n'), 'failed', /both named/],
    'that is a picture': [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]), 'failed', /./],
    'that says it is gzip and is not': [Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4]), 'failed', /gzip/],
  }
  for (const [what, [bytes, state, why]] of Object.entries(cases))
    test(`${what} ends with a word about it`, async () => {
      const job = await bring('people', bytes, { dryRun: true })
      assert.match(job.state, new RegExp(`^(${state})$`), JSON.stringify(job))
      if (why) assert.match(JSON.stringify([job.detail, job.errors]), why)
    })

  test('with a line of 10 MB costs that line alone', async () => {
    const id = await begin('people', long)
    for (let at = long.length; at < 10_000_000; at += 480_000)
      await server.call('PUT', `/api/v1/imports/${id}/data?at=${at}`, { key, headers: csv, body: Buffer.alloc(480_000, 'a') })
    const { bytes } = await show(id)
    await server.call('PUT', `/api/v1/imports/${id}/data?at=${bytes}`, { key, headers: csv, body: '\nada@example.org,good\n' })
    await start(id, { dryRun: true })
    const job = await ended(id)
    assert.deepEqual([job.state, job.summary.messages, job.summary.refused], ['done', 1, 1], JSON.stringify(job))
    assert.match(job.errors[0].detail, /1048576|bytes|MB/)
    await server.call('DELETE', `/api/v1/imports/${id}`, { key })
  })
})

describe('what is asked of an import', () => {
  test('is checked before anything is done', async () => {
    assertProblem(await server.call('POST', '/api/v1/imports?kind=cats', { key, headers: csv, body: 'x' }), 400)
    assertProblem(await server.call('POST', '/api/v1/imports?kind=people', { key, headers: csv }), 400)
    const id = await begin('people', people)
    for (const body of [{ map: { email: 3 } }, { timezone: 'Mars/Base' }, { nothing: true }, { mode: 'full' }, { format: 'doc' }, [], { consent: { source: 'x' } }])
      assertProblem(await start(id, body), 400)
    assertProblem(await server.call('POST', `/api/v1/imports/${id}/stop`, { key }), 409)
    await start(id, { map: { email: 'Nothing' }, dryRun: true })
    const job = await ended(id)
    assert.equal(job.state, 'failed')
    assert.match(job.detail, /Nothing/)
    assert.equal((await server.call('DELETE', `/api/v1/imports/${id}`, { key })).status, 200)
    assertProblem(await server.get(`/api/v1/imports/${id}`, { key }), 404)
  })

  test('takes the scope of its kind; others see none of it', async () => {
    const id = await begin('people', people)
    const shop = await server.addKey('--secret', '--scope', 'catalog:write')
    const stranger = await server.addKey('--secret', '--scope', 'decisions:read')
    assertProblem(await server.call('POST', '/api/v1/imports?kind=people', { key: shop, headers: csv, body: people }), 403)
    assertProblem(await server.get(`/api/v1/imports/${id}`, { key: shop }), 404)
    assert.ok((await server.get('/api/v1/imports', { key: shop })).json.imports.every(({ kind }) => kind === 'catalog'))
    assertProblem(await server.get('/api/v1/imports', { key: stranger }), 403)
    assertProblem(await server.get('/api/v1/imports', {}), 401)
    assertProblem(await server.get('/api/v1/imports', { key: server.secretKey.replace(/.$/, 'x') }), 401)
  })

  test('is bounded: of more than twenty the oldest leaves', async () => {
    const first = await begin('people', people)
    for (let i = 0; i < 20; i++) await begin('people', people)
    assert.equal((await server.get('/api/v1/imports', { key })).json.imports.length, 20)
    assertProblem(await server.get(`/api/v1/imports/${first}`, { key }), 404)
  })
})

describe('an import under way', () => {
  const rows = 20_000
  const big = prefix => {
    const lines = Array.from({ length: rows }, (_, index) => `${prefix}${index}@example.org,${index}\n`)
    return Buffer.from(`email,points\n${lines.join('')}`)
  }
  async function sendWhole(bytes) {
    const part = 480_000
    const id = await begin('people', bytes.subarray(0, part))
    for (let at = part; at < bytes.length; at += part)
      await server.call('PUT', `/api/v1/imports/${id}/data?at=${at}`, { key, headers: csv, body: bytes.subarray(at, at + part) })
    return id
  }

  test('is stopped where it is, and taken on again without a row twice', async () => {
    const id = await sendWhole(big('stop'))
    await start(id)
    await until(() => show(id), ({ rows: done, state }) => done > 0 || state === 'done')
    const stopped = await server.call('POST', `/api/v1/imports/${id}/stop`, { key })
    assert.ok([202, 409].includes(stopped.status), stopped.text)
    const job = await ended(id)
    if (job.state === 'done') return // too quick for us
    assert.equal(job.state, 'stopped')
    assert.ok(job.rows < rows && job.progress < 1 && job.fileKept)
    await start(id)
    const whole = await ended(id)
    assert.deepEqual([whole.state, whole.rows, whole.summary.written + whole.summary.duplicates], ['done', rows, rows])
    assert.equal(whole.summary.duplicates, job.summary.written)
  })

  test('says after a kill where it stopped, and is taken on again', async () => {
    const id = await sendWhole(big('kill'))
    const data = join(server.data, 'imports')
    await start(id)
    await until(() => show(id), ({ rows: done, state }) => done > 0 || state === 'done')
    await server.stop('SIGKILL')
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, '01a2005f-b64c-7000-b2fe-4b0a7181fd00.data'), 'of no job')
    await server.serve()
    assert.ok(!readdirSync(data).includes('01a2005f-b64c-7000-b2fe-4b0a7181fd00.data'))
    const job = await show(id)
    if (job.state === 'done') return // too quick for us
    assert.equal(job.state, 'interrupted')
    assert.ok(job.fileKept && typeof job.progress === 'number')
    await start(id)
    const whole = await ended(id)
    assert.deepEqual([whole.state, whole.rows, whole.summary.written + whole.summary.duplicates], ['done', rows, rows])
    assert.equal((await person(server, `email:kill${rows - 1}@example.org`)).json.events.count, 1)
  })
})
