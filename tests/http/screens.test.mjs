// What the console's screens read and command: the overview, and (in files of their own) what a placement goes through.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server, until } from './server.mjs'
import { consented, decide, furnish } from './shop.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { uuid: true, 'date-time': true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
const assertValid = (schema, value) => {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value)}`)
}

let server
before(async () => {
  server = await Server.start()
})
after(() => server.end())

const overview = async (key = server.secretKey) => {
  const answer = await server.get('/api/v1/overview', { key })
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assertValid('Overview', answer.json)
  return answer.json
}
const goals = ({ path }) => Object.fromEntries(path.steps.flatMap(step => step.goals.map(({ code, done }) => [code, done])))

describe('the overview', () => {
  test('of an empty workspace says where to begin, for each role', async () => {
    const json = await overview()
    assert.deepEqual([json.workspace, json.version, json.placementCount, json.catalog.items, json.needs], ['shop', 0, 0, 0, []])
    assert.deepEqual([json.people.count, json.people.levels], [0, [0, 0, 0, 0]])
    assert.deepEqual(json.path.steps.map(({ step, done }) => [step, done]), [['crawl', false], ['walk', false], ['run', false]])
    assert.deepEqual(json.path.next, { owner: 'events_arrive', marketer: 'placement_published', analyst: 'effect_known', agent: null,
      privacy: 'consent_given', developer: 'events_arrive' })
  })

  test('counts decisions a placement, people by level, and what is live', async () => {
    await furnish(server)
    const before = await overview()
    const visitor = { user: { anonymousId: 'crowd-1' }, context: consented, deadlineMs: 2000 }
    for (let i = 0; i < 3; i++) await decide(server, { placements: ['again', 'second'], ...visitor })
    await decide(server, { placements: ['again', 'nowhere'], deadlineMs: 2000 })
    const json = await overview()
    const of = (from, id) => from.placements.find(placement => placement.id === id)
    for (const span of ['hour', 'day', 'week']) {
      assert.equal(of(json, 'again')[span].decisions - of(before, 'again')[span].decisions, 4)
      assert.equal(of(json, 'second')[span].decisions - of(before, 'second')[span].decisions, 3)
    }
    assert.equal(of(json, 'again').hour.personalised, 3)
    assert.deepEqual(json.placements.map(({ id }) => id), ['again', 'home', 'product', 'second'])
    const { effect, effectAt } = of(json, 'again')
    assert.deepEqual([effect.verdict, effect.relative, typeof effectAt], ['not_measured', null, 'string'])
    const { events_arrive, catalog_loaded, placement_published, placement_shown, recipe_personal, effect_measured } = goals(json)
    assert.deepEqual({ events_arrive, catalog_loaded, placement_published, placement_shown, recipe_personal, effect_measured },
      { events_arrive: true, catalog_loaded: true, placement_published: true, placement_shown: true, recipe_personal: true, effect_measured: false })
    assert.equal(json.path.next.marketer, 'effect_measured')
    assert.equal(json.catalog.items, 12)
  })

  test('what is refused shows as a need, with its number and its screen', async () => {
    const { json } = await server.post('/v1/batch', { batch: [{ type: 'odd', userId: 'ada' }, { type: 'track', userId: 'ada' }] }, { key: server.secretKey })
    assert.equal(json.errors.length, 2)
    const { needs } = await until(overview, ({ needs }) => needs.length > 0)
    assert.deepEqual(needs, [{ code: 'events_refused', severity: 'soon', screen: 'settings', count: 2 }])
  })

  test('opens with the scope for decisions alone', async () => {
    await overview(await server.addKey('--secret', '--scope', 'decisions:read'))
    assertProblem(await server.get('/api/v1/overview', { key: server.writeKey }), 403)
    assertProblem(await server.get('/api/v1/overview'), 401)
  })
})

describe('the people of the overview', () => {
  test('are counted anew with the server, each once however many identifiers name them', async () => {
    const traits = { email: 'ada@example.org', firstName: 'Ada' }
    await server.post('/v1/identify', { userId: 'ada', anonymousId: 'ada-phone', traits, context: consented }, { key: server.secretKey })
    await server.stop()
    await server.serve()
    const { people } = await overview()
    assert.deepEqual([people.count, people.sampled, people.asked, people.levelsSampled, people.recognised], [15, false, 15, false, 15])
    assert.deepEqual(people.levels, [14, 1, 0, 0])
  })
})
