// What would be shown to whom, side by side, without showing it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { assertProblem, Server } from './server.mjs'
import { consented, decide, furnish, viewed } from './shop.mjs'
import { spec } from './spec.mjs'

const ajv = new Ajv({ strict: false, formats: { uuid: true, 'date-time': true } })
ajv.addSchema({ $id: 'spec', components: spec.components })
const assertValid = (schema, value) => {
  const check = ajv.getSchema(`spec#/components/schemas/${schema}`)
  assert.ok(check(value), `${JSON.stringify(check.errors)}\n${JSON.stringify(value)}`)
}

const ADA = 'user_id:ada'
let server
before(async () => {
  server = await Server.start()
  await furnish(server)
  const mine = ['i9', 'i10', 'i11', 'i12'].map(item => viewed(item, { userId: 'ada' }))
  await server.post('/v1/batch', { batch: [{ type: 'identify', userId: 'ada', context: consented }, ...mine, { ...viewed('i9'), userId: 'bob', context: {} }] }, { key: server.secretKey })
})
after(() => server.end())

async function preview(body, { status = 200, key = server.secretKey } = {}) {
  const answer = await server.post('/api/v1/preview', body, { key })
  if (status !== 200) return assertProblem(answer, status), answer.json
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assertValid('Preview', answer.json)
  return answer.json
}
const ids = ({ answer }, index = 0) => answer.decisions[index].items.map(({ itemId }) => itemId)
const AGAIN = [{ id: 'again' }]

describe('a preview', () => {
  test('puts a person, a stranger and an example side by side, each explained', async () => {
    const { people, drafts } = await preview({ placements: [{ id: 'again' }, { id: 'home' }], lang: 'en',
      people: [{ identifier: ADA }, {}, { profile: { viewed: ['i3', 'i4'] } }] })
    assert.deepEqual(people.map(({ who, known, basis }) => [who, known, basis]),
      [['named', true, 'granted'], ['nobody', false, 'contextual'], ['example', false, 'granted']])
    assert.deepEqual(ids(people[0]).toSorted(), ['i10', 'i11', 'i12', 'i9'])
    assert.deepEqual(ids(people[2]).slice(0, 2), ['i3', 'i4'])
    assert.deepEqual(people.map(({ answer }) => answer.decisions[0].personalised), [true, false, true])
    for (const { answer, explanations } of people) {
      assert.deepEqual(explanations.map(({ placement }) => placement), ['again', 'home'])
      assert.ok(explanations[0].items.every(({ contributions }) => contributions.length > 0) && explanations[0].sentences.length > 0)
      assert.ok(answer.details && Object.keys(answer.details).length > 0)
    }
    assert.deepEqual(drafts, [])
  })

  test('is what a decision shows', async () => {
    const { people } = await preview({ placements: AGAIN, people: [{ identifier: ADA }] })
    const { json } = await decide(server, { placements: ['again'], key: server.secretKey, user: { userId: 'ada' }, deadlineMs: 2000 })
    assert.deepEqual(ids(people[0]), json.decisions[0].items.map(({ itemId }) => itemId))
  })

  test('reads nothing of who gave no consent, nor of nobody', async () => {
    const { people } = await preview({ placements: AGAIN, people: [{ identifier: 'user_id:bob' }, { identifier: 'user_id:nobody' }] })
    assert.deepEqual(people.map(({ known, answer }) => [known, answer.decisions[0].personalised]), [[true, false], [false, false]])
    assert.notEqual(people[0].basis, 'granted')
  })

  test('decides by a draft, given or kept, and by nothing of it afterwards', async () => {
    const draft = { id: 'again', recipe: [{ strategy: 'manual', items: ['i7', 'i8'] }], count: 2 }
    const given = await preview({ draft, people: [{}, { identifier: ADA }] })
    assert.deepEqual(given.people.map(person => ids(person)), [['i7', 'i8'], ['i7', 'i8']])
    assert.deepEqual(given.drafts, ['again'])
    const { id, ...body } = draft
    await server.call('PUT', '/api/v1/placements/again/draft', { key: server.secretKey, body })
    assert.deepEqual((await preview({ placements: AGAIN, drafts: true })).drafts, ['again'])
    assert.deepEqual(ids((await preview({ placements: AGAIN, drafts: true })).people[0]), ['i7', 'i8'])
    assert.deepEqual((await preview({ placements: AGAIN })).drafts, [])
    assert.deepEqual(ids((await preview({ draft: { ...draft, id: 'brand-new' } })).people[0]), ['i7', 'i8'])
  })

  test('shows another day: rules act by the instant asked for', async () => {
    const draft = { id: 'xmas', recipe: [{ strategy: 'manual', items: ['i7', 'i8'] }], count: 2,
      rules: [{ kind: 'exclude', items: ['i7'], from: '2031-12-01', until: '2031-12-26' }] }
    assert.deepEqual(ids((await preview({ draft, at: '2031-12-24T18:00:00Z' })).people[0]), ['i8'])
    const { people, at } = await preview({ draft, at: '2031-11-24T18:00:00Z' })
    assert.deepEqual([ids(people[0]), at], [['i7', 'i8'], '2031-11-24T18:00:00.000Z'])
  })

  test('leaves no trace but the look-up', async () => {
    const counts = async () => ['decisions_total', 'decision_records_total'].map(async name => (await server.get('/metrics')).text.match(new RegExp(`^visavis_${name}.*$`, 'mg'))?.join())
    const activity = async () => (await server.get('/api/v1/overview', { key: server.secretKey })).json.placements.map(({ week }) => week.decisions)
    const shown = async () => (await server.get(`/api/v1/people/${ADA}`, { key: server.secretKey })).json
    const earlier = [await Promise.all(await counts()), await activity()]
    const { node } = await shown()
    const { people } = await preview({ placements: AGAIN, people: [{ identifier: ADA }, { identifier: 'user_id:nobody' }] })
    const { audit: [second, first] } = (await server.get('/api/v1/audit?limit=2', { key: server.secretKey })).json
    assert.deepEqual([first.action, first.by, first.node], ['person.preview', 'key:k2', node])
    assert.deepEqual([second.action, second.node, second.detail], ['person.preview', undefined, 'not_found'])
    assert.deepEqual([await Promise.all(await counts()), await activity()], earlier)
    assertProblem(await server.get(`/v1/decisions/${people[0].answer.decisions[0].id}`, { key: server.secretKey }), 404)
  })

  test('names people only to who may look them up', async () => {
    const marketer = await server.addKey('--secret', '--scope', 'placements:write')
    await preview({ placements: AGAIN, people: [{}] }, { key: marketer })
    await preview({ placements: AGAIN, people: [{ identifier: ADA }] }, { key: marketer, status: 403 })
    await preview({ placements: AGAIN }, { key: server.writeKey, status: 403 })
  })

  test('shows the visitor of a decision as they are now, without a name, to whom may read decisions', async () => {
    const met = (await decide(server, { placements: ['again'], key: server.secretKey, user: { userId: 'ada' }, deadlineMs: 2000 })).json.decisions[0]
    const stranger = (await decide(server, { placements: ['again'], deadlineMs: 2000 })).json.decisions[0]
    const marketer = await server.addKey('--secret', '--scope', 'placements:write', '--scope', 'decisions:read')
    const { node, person } = (await server.get(`/api/v1/people/${ADA}`, { key: server.secretKey })).json
    const { people } = await preview({ placements: AGAIN, people: [{ decision: met.id }, { decision: stranger.id }] }, { key: marketer })
    assert.deepEqual(people.map(({ who, known, basis }) => [who, known, basis]), [['visitor', true, 'granted'], ['visitor', false, 'contextual']])
    assert.deepEqual(ids(people[0]), met.items.map(({ itemId }) => itemId))
    for (const name of ['ada', node, person]) assert.ok(!JSON.stringify(people).includes(name), name)
    const { audit } = (await server.get('/api/v1/audit?limit=2', { key: server.secretKey })).json
    assert.deepEqual(audit.map(row => [row.action, row.node, row.detail]), [['person.preview', undefined, 'decision'], ['person.preview', node, 'decision']])
    const blind = await server.addKey('--secret', '--scope', 'placements:write')
    await preview({ placements: AGAIN, people: [{ decision: met.id }] }, { key: blind, status: 403 })
    const none = await preview({ placements: AGAIN, people: [{}, { decision: '01900000-0000-7000-8000-000000000000' }] }, { key: marketer, status: 404 })
    assert.equal(none.errors[0].pointer, '/people/1/decision')
  })

  const wrong = {
    'a decision that is none': [{ placements: AGAIN, people: [{ decision: 'x' }] }, 400, '/people/0/decision'],
    'a visitor who is named': [{ placements: AGAIN, people: [{ decision: '01900000-0000-7000-8000-000000000000', identifier: ADA }] }, 400, '/people/0'],
    'nothing to decide': [{}, 400, '/placements'],
    'a member that is not known': [{ placements: AGAIN, more: 1 }, 400, '/more'],
    'too many people': [{ placements: AGAIN, people: [{}, {}, {}, {}, {}, {}] }, 400, '/people'],
    'people times placements': [{ placements: Array(11).fill({ id: 'again' }), people: [{}, {}] }, 413, '/placements'],
    'an identifier without a type': [{ placements: AGAIN, people: [{ identifier: 'ada' }] }, 400, '/people/0/identifier'],
    'a person who is an example': [{ placements: AGAIN, people: [{ identifier: ADA, profile: {} }] }, 400, '/people/0'],
    'a person who is a text': [{ placements: AGAIN, people: [{}, 'ada'] }, 400, '/people/1'],
    'a like without weight': [{ placements: AGAIN, people: [{ profile: { likes: [{ attribute: 'brand', value: 'Ida', weight: 0 }] } }] }, 400, '/people/0/profile/likes'],
    'an item that is none': [{ placements: AGAIN, people: [{ profile: { viewed: [{}] } }] }, 400, '/people/0/profile/viewed'],
    'a level beyond four': [{ placements: AGAIN, people: [{ profile: { level: 5 } }] }, 400, '/people/0/profile/level'],
    'no instant': [{ placements: AGAIN, at: 'tomorrow' }, 400, '/at'],
    'no role': [{ placements: AGAIN, as: 'king' }, 400, '/as'],
    'a draft that cannot be read': [{ draft: { id: 'x', recipe: ['nothing'] } }, 400, '/draft/recipe/0'],
  }
  for (const [what, [body, status, pointer]] of Object.entries(wrong))
    test(`refuses ${what}`, async () => assert.equal((await preview(body, { status })).errors[0].pointer, pointer))
})
