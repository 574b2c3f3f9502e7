// What is left of looking: the audit of look-ups and changes, and the refused messages with their reasons.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server } from './server.mjs'
import { consented } from './shop.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { uuid: true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
const assertValid = (schema, value) => {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value)}`)
}
const ADA = 'email:ada@example.org'
const inShop = ['--workspace', 'shop']

let server, other
before(async () => {
  server = await Server.start()
  other = await server.init('other')
  const traits = { email: 'ada@example.org', firstName: 'Ada' }
  await server.post('/v1/identify', { userId: 'ada', anonymousId: 'ada-phone', traits, context: consented }, { key: server.secretKey })
})
after(() => server.end())

const audit = async (query = '', key = server.secretKey) => (await server.get(`/api/v1/audit${query}`, { key })).json
const newest = async () => (await audit('?limit=1')).audit[0]
const lines = text => text.split('\n').filter(Boolean).map(line => JSON.parse(line))
const tell = async (...words) => lines((await server.command(...words, ...inShop)).stdout)

describe('the audit', () => {
  let node, erased
  before(async () => {
    const shown = (await server.get(`/api/v1/people/${ADA}`, { key: server.secretKey })).json
    node = shown.node
  })

  const deeds = {
    'a look-up over HTTP': [['person.show', 'key:k2', true], () => server.get(`/api/v1/people/${ADA}`, { key: server.secretKey })],
    'a look-up of nobody': [['person.show', 'key:k2', false, 'not_found'], () => server.get('/api/v1/people/user_id:nobody', { key: server.secretKey })],
    'a look-up by command': [['person.show', 'command:person', true], () => server.command('person', 'show', ADA, ...inShop)],
    'an export of a person': [['person.export', 'command:person', true], () => server.command('person', 'export', ADA, ...inShop)],
    'an export of all messages': [['events.export', 'command:export', false], () => server.exported()],
    'refused messages read': [['refused.read', 'key:k2', false], () => server.get('/api/v1/refused', { key: server.secretKey })],
    'refused messages read by command': [['refused.read', 'command:refused', false], () => server.command('refused', ...inShop)],
    'a new key': [['key.add', 'command:keys', false, 'k3, secret'], () => server.addKey('--secret')],
    'a key in the place of another': [['key.add', 'command:keys', false, 'k4, secret, replaces k3'], () => server.addKey('--secret', '--replaces', 'k3')],
    'a key taken back': [['key.revoke', 'command:keys', false, 'k3'], () => server.command('keys', 'revoke', 'k3', ...inShop)],
    'a placement published': [['policy.publish', 'key:k2', false, 'version 1'], () => server.putPlacement('home', { recipe: ['trending'] })],
    'a backup': [['backup', 'command:backup', false], () => server.command('backup', `${server.data}-backup`)],
    'an erasure over HTTP': [['person.erase', 'key:k2', true], () => server.call('DELETE', `/api/v1/people/${ADA}`, { key: server.secretKey })],
  }
  for (const [what, [[action, by, about, detail], make]] of Object.entries(deeds))
    test(`${what} leaves one row`, async () => {
      const { number } = await newest()
      await make()
      const row = await newest()
      const expected = { number: number + 1, action, by, ...(about && { node }), ...(detail && { detail }) }
      const { time, hash, ...told } = row
      assert.deepEqual(told, expected)
      assert.match(hash, /^[0-9a-f]{64}$/)
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60000)
      erased = action === 'person.erase'
    })

  test('what was refused or changed nothing leaves none', async () => {
    const { number } = await newest()
    assertProblem(await server.get(`/api/v1/people/${ADA}`, { key: server.writeKey }), 403)
    await server.command('keys', 'revoke', 'k99', ...inShop)
    await server.putPlacement('home', { recipe: ['trending'] })
    assert.equal((await newest()).number, number)
  })

  test('an erasure leaves the rows, which name nobody', async () => {
    assert.ok(erased)
    const { audit: rows } = await audit('?limit=200')
    assert.ok(rows.filter(row => row.node === node).length >= 4)
    assert.doesNotMatch(JSON.stringify(rows), /example\.org|ada-phone|user_id|email/)
  })

  test('pages follow each other, newest first, without a gap; the commands tell the same', async () => {
    const all = []
    for (let next = ''; next !== undefined;) {
      const page = await audit(`?limit=5${next}`)
      assertValid('Audit', page)
      all.push(...page.audit)
      next = page.next && `&after=${page.next}`
    }
    assert.deepEqual(all.map(({ number }) => number), all.map((_, index) => all.length - index))
    assert.equal(all.at(-1).action, 'workspace.create')
    assert.deepEqual(await tell('audit'), all)
    assert.deepEqual(await tell('audit', '--limit', '3'), all.slice(0, 3))
    await server.stop()
    assert.deepEqual(await tell('audit'), all)
    await server.serve()
  })

  test('each workspace sees its own', async () => {
    const { audit: rows } = await audit('', other.secret_key)
    // The backup concerns them all.
    assert.deepEqual(rows.map(({ action }) => action), ['backup', 'workspace.create'])
  })

  test('check follows the chain, also of what was restored, which says that it was', async () => {
    assert.match((await server.command('check')).stdout, /\d+ audit rows follow each other/)
    const restored = new Server()
    const { code, stderr } = await restored.command('restore', `${server.data}-backup`)
    assert.equal(code, 0, stderr)
    const [last] = lines((await restored.command('audit', ...inShop)).stdout)
    assert.deepEqual([last.action, last.by], ['restore', 'command:restore'])
    assert.equal((await restored.command('check')).code, 0)
    await restored.end()
  })

  test('wrong questions are told how to ask', async () => {
    for (const query of ['?limit=0', '?limit=201', '?limit=x', '?after=-1', '?after=x'])
      assertProblem(await server.get(`/api/v1/audit${query}`, { key: server.secretKey }), 400)
  })
})

describe('refused messages', () => {
  const refused = async (query = '', key = server.secretKey) => (await server.get(`/api/v1/refused${query}`, { key })).json
  const bad = [
    { anonymousId: 'eve', type: 'track', messageId: 'no-event' },
    { type: 'track', event: 'Nobody', messageId: 'no-one' },
    { userId: 'grace', type: 'dance', messageId: 'no-type' },
  ]
  let told
  before(async () => {
    told = (await server.post('/v1/batch', { batch: bad }, { key: server.writeKey })).json.errors
    assert.equal(told.length, bad.length)
  })

  test('are listed newest first, as they came, with the reason their sender was told', async () => {
    const page = await refused('?lang=en')
    assertValid('Refused', page)
    assert.deepEqual(page.refused.map(({ message }) => JSON.parse(message)), bad.toReversed())
    assert.deepEqual(page.refused.map(({ reason }) => reason), told.map(({ detail }) => detail).toReversed())
    assert.equal(page.next, undefined)
    for (const { time, source } of page.refused) {
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60000)
      assert.equal(source, 1)
    }
  })

  test('tell their reasons in French or English', async () => {
    const french = ['type doit être track, identify, page, screen, group ou alias',
      'un message doit porter un userId ou un anonymousId (des valeurs comme 0, null, undefined ou anonymous ne désignent personne)',
      'un message track doit porter le nom de son événement, en texte']
    assert.deepEqual((await refused('?lang=fr')).refused.map(({ reason }) => reason), french)
    assert.deepEqual((await refused()).refused.map(({ reason }) => reason), french, 'the workspace is French')
    const english = (await refused('?lang=en')).refused
    assert.notDeepEqual(english.map(({ reason }) => reason), french)
    assert.deepEqual(await tell('refused', '--lang', 'en'), english)
  })

  test('come in pages', async () => {
    const first = await refused('?limit=2'), second = await refused(`?limit=2&after=${first.next}`)
    assert.deepEqual([...first.refused, ...second.refused], (await refused()).refused)
    assert.equal(second.next, undefined)
    for (const query of ['?limit=0', '?limit=201', '?after=x', `?after=${'0'.repeat(31)}`])
      assertProblem(await server.get(`/api/v1/refused${query}`, { key: server.secretKey }), 400)
  })

  test('are told by the command in the same order, beside a server and alone', async () => {
    const { refused: all } = await refused()
    assert.deepEqual(await tell('refused'), all)
    assert.deepEqual(await tell('refused', '--limit', '1'), all.slice(0, 1))
    await server.stop()
    assert.deepEqual(await tell('refused'), all)
    await server.serve()
  })

  test('of a browser key keep the reason alone', async () => {
    const key = await server.addKey('--origin', 'https://shop.example')
    await server.post('/v1/batch', { batch: [{ type: 'dance', anonymousId: 'browser-visitor' }] }, { key, headers: { origin: 'https://shop.example' } })
    const [row] = (await refused('?limit=1')).refused
    assert.equal(row.message, undefined)
    assert.equal(typeof row.reason, 'string')
  })

  test('are not another workspace\'s to read', async () => {
    assert.deepEqual(await refused('', other.secret_key), { refused: [] })
    assertProblem(await server.get('/api/v1/refused', { key: server.writeKey }), 403)
  })

  test('of somebody erased are gone', async () => {
    await server.post('/v1/track', { userId: 'grace', event: 'Seen' }, { key: server.secretKey })
    assert.equal((await server.call('DELETE', '/api/v1/people/user_id:grace', { key: server.secretKey })).status, 200)
    const all = JSON.stringify(await refused())
    assert.doesNotMatch(all, /grace/)
    assert.match(all, /eve/)
  })
})
