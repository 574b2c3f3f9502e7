// What a placement goes through: draft, publish, versions, rollback, and the switch that stops it at once.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server } from './server.mjs'
import { consented, decide } from './shop.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { uuid: true, 'date-time': true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
const assertValid = (schema, value) => {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value)}`)
}

const HOME = { recipe: [{ strategy: 'manual', items: ['i1', 'i2', 'i3'] }], count: 2 }
let server, other
before(async () => {
  server = await Server.start()
  await server.addItems(['i1', 'i2', 'i3'].map(id => ({ id, title: `Lampe ${id}`, price: '10.00', stock: 1 })))
  other = (await server.init('other')).secret_key
})
after(() => server.end())

/** Answers what the schema says, or the problem with its status. */
async function call(method, path, { status = 200, schema, body, key = server.secretKey } = {}) {
  const answer = await server.call(method, `/api/v1/placements/${path}`, { key, body })
  if (status !== 200) return assertProblem(answer, status), answer.json
  assert.equal(answer.status, 200, answer.text)
  if (schema) assertValid(schema, answer.json)
  return answer.json
}
const state = id => call('GET', id, { schema: 'PlacementState' })
const versions = async (id, query = '') => (await call('GET', `${id}/versions${query}`, { schema: 'PlacementVersions' }))
const ask = async (id, more = {}) => (await decide(server, { placements: [id], deadlineMs: 2000, ...more })).json.decisions[0]
const newestAudit = async () => (await server.get('/api/v1/audit?limit=1', { key: server.secretKey })).json.audit[0]

describe('a draft', () => {
  test('is read strictly, kept beside the live one, decides nothing, and is published', async () => {
    assert.equal((await call('PUT', 'home/draft', { body: { recipe: ['nothing'] }, status: 400 })).errors[0].pointer, '/recipe/0')
    const { draft, outdated } = await call('PUT', 'home/draft', { body: HOME, schema: 'DraftState' })
    assert.deepEqual([draft.base, draft.by, outdated, draft.placement.id], [undefined, 'key:k2', false, 'home'])
    assert.equal((await ask('home')).fallback, 'unknown_placement')
    assert.deepEqual(await state('home'), { version: 0, placement: null, revision: '', stopped: false, drafted: true })
    const { version } = await call('POST', 'home/publish', { schema: 'Published' })
    assert.equal(version, 1)
    assert.deepEqual((await ask('home')).items.map(({ itemId }) => itemId), ['i1', 'i2'])
    const { drafted, placement } = await state('home')
    assert.deepEqual([drafted, placement.count], [false, 2])
    await call('POST', 'home/publish', { status: 404 })
    await call('GET', 'home/draft', { status: 404 })
  })

  test('does not undo what was published meanwhile, until it is taken on from there', async () => {
    const { revision } = await state('home')
    assert.equal((await call('PUT', 'home/draft', { body: { ...HOME, count: 3 } })).draft.base, revision)
    await server.putPlacement('home', { ...HOME, name: 'Accueil' })
    assert.equal((await call('GET', 'home/draft', { schema: 'DraftState' })).outdated, true)
    await call('POST', 'home/publish', { status: 409 })
    assert.equal((await call('PUT', 'home/draft', { body: { ...HOME, count: 1 } })).outdated, true, 'saved again it still began there')
    await call('PUT', `home/draft?base=${revision}`, { body: HOME, status: 409 })
    const now = (await state('home')).revision
    assert.equal((await call('PUT', `home/draft?base=${now}`, { body: { ...HOME, name: 'Accueil', count: 1 } })).outdated, false)
    await call('POST', 'home/publish')
    assert.equal((await ask('home')).items.length, 1)
  })

  test('that another placement was published does not hold up; one that says the same goes quietly', async () => {
    await call('PUT', 'home/draft', { body: { ...HOME, name: 'Accueil', count: 1 } })
    await server.putPlacement('elsewhere', HOME)
    const { version } = await state('home')
    assert.equal((await call('POST', 'home/publish')).version, version)
    assert.equal((await state('home')).drafted, false)
  })

  test('is thrown away, survives a restart, and is no other workspace’s', async () => {
    await call('PUT', 'later/draft', { body: HOME })
    await call('GET', 'later/draft', { key: other, status: 404 })
    const drafts = async key => (await server.get('/api/v1/drafts', { key })).json
    assertValid('Drafts', await drafts(server.secretKey))
    assert.deepEqual((await drafts(server.secretKey)).drafts.map(({ id, name, by }) => [id, name, by]), [['later', 'later', 'key:k2']])
    assert.deepEqual(await drafts(other), { drafts: [] })
    await server.stop()
    await server.serve()
    assert.equal((await call('DELETE', 'later/draft', { schema: 'DraftState' })).draft.placement.count, 2)
    await call('DELETE', 'later/draft', { status: 404 })
    await call('GET', 'later', { status: 404 })
  })
})

describe('versions', () => {
  test('tell who changed what, newest first, and skip what concerns others', async () => {
    const { versions: list, next } = await versions('home')
    assert.deepEqual(list.map(({ version, by, change, changed }) => [version, by, change, changed]), [
      [3, 'key:k2', 'changed', ['count']], [2, 'key:k2', 'changed', ['name']], [1, 'key:k2', 'created', []]])
    assert.equal(next, undefined)
  })

  test('come in pages', async () => {
    const first = await versions('home', '?limit=2'), second = await versions('home', `?limit=2&after=${first.next}`)
    assert.deepEqual([...first.versions, ...second.versions].map(({ version }) => version), [3, 2, 1])
    for (const query of ['?limit=0', '?limit=201', '?after=0', '?after=x']) await call('GET', `home/versions${query}`, { status: 400 })
    assert.deepEqual(await versions('home', '?after=99'), await versions('home'))
    assert.deepEqual(await versions('nowhere'), { versions: [] })
  })

  test('can be seen and published again', async () => {
    const one = await call('GET', 'home/versions/1', { schema: 'PlacementVersion' })
    assert.deepEqual([one.version, one.placement.count, one.placement.name], [1, 2, 'home'])
    for (const version of [0, 99, -1, '4294967297']) await call('GET', `home/versions/${version}`, { status: 404 })
    await call('GET', 'home/versions/x', { status: 400 })
    const { version } = await call('POST', 'home/rollback', { body: { version: 1 }, schema: 'Published' })
    assert.deepEqual((await state('home')).placement, one.placement)
    assert.deepEqual([(await newestAudit()).action, (await newestAudit()).detail], ['policy.publish', `version ${version}, rollback home`])
    const [newest] = (await versions('home', '?limit=1')).versions
    assert.deepEqual([newest.change, newest.changed], ['changed', ['name', 'count']])
    await call('POST', 'home/rollback', { body: { version: 99 }, status: 404 })
    for (const body of [{}, { version: 'x' }, { version: 1, more: 1 }]) await call('POST', 'home/rollback', { body, status: 400 })
  })
})

describe('the switch', () => {
  test('stops at once: the page keeps its own content, and the decision says so', async () => {
    const { version } = await call('POST', 'home/stop', { schema: 'Published' })
    const decision = await ask('home', { explain: true, user: { anonymousId: 'someone' }, context: consented })
    assert.deepEqual([decision.fallback, decision.items, decision.policy], ['stopped', [], version])
    for (const [lang, words] of [['fr', /à l’arrêt/], ['en', /switched off/]]) {
      const { json } = await server.get(`/v1/decisions/${decision.id}?lang=${lang}`, { key: server.secretKey })
      assert.match(JSON.stringify(json), words)
    }
    const { status, json } = await server.get(`/v1/decisions/${decision.id}/why-not/i1?lang=en`, { key: server.secretKey })
    assert.equal(status, 200)
    assert.match(json.sentences.join(' '), /switched off/)
    assert.equal((await newestAudit()).detail, `version ${version}, stop home`)
    assert.equal((await call('POST', 'home/stop')).version, version, 'once is enough')
  })

  test('stays where it is while others publish, and turns back', async () => {
    await server.putPlacement('home', { ...HOME, name: 'Accueil' })
    assert.deepEqual([(await state('home')).stopped, (await ask('home')).fallback], [true, 'stopped'])
    await call('PUT', 'home/draft', { body: HOME })
    await call('POST', 'home/publish')
    await call('POST', 'home/rollback', { body: { version: 1 } })
    assert.equal((await state('home')).stopped, true)
    await call('POST', 'home/start', { schema: 'Published' })
    assert.deepEqual([(await state('home')).stopped, (await ask('home')).items.length], [false, 2])
    const changes = (await versions('home', '?limit=9')).versions.map(({ change }) => change)
    assert.deepEqual([changes[0], changes.filter(change => change === 'stopped').length], ['started', 1])
  })

  test('is nobody’s experiment: who is asked of a stopped placement has no arm', async () => {
    await server.putPlacement('tried', { ...HOME, objective: { kind: 'purchase', value: 1 }, holdout: { share: 0.5 }, stopped: true })
    await server.post('/v1/page', { anonymousId: 'someone', context: consented }, { key: server.writeKey })
    assert.equal((await ask('tried', { user: { anonymousId: 'someone' }, context: consented })).arm, undefined)
    await call('POST', 'tried/start')
    assert.match((await ask('tried', { user: { anonymousId: 'someone' }, context: consented })).arm, /chosen|holdout/)
  })

  test('needs the scope to publish, and a placement', async () => {
    const reader = await server.addKey('--secret', '--scope', 'decisions:read')
    for (const path of ['home/stop', 'home/start', 'home/publish', 'home/rollback']) await call('POST', path, { key: reader, body: { version: 1 }, status: 403 })
    await call('PUT', 'home/draft', { key: reader, body: HOME, status: 403 })
    await call('GET', 'home', { key: reader })
    for (const path of ['nowhere/stop', 'nowhere/start']) await call('POST', path, { status: 404 })
  })
})
