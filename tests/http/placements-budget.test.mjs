// One page budget for all placements of a call: served by priority, so many personalised, the rest as for a stranger.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Server, until } from './server.mjs'
import { assertAlike, decide, furnish, shown, viewed } from './shop.mjs'

let server
before(async () => {
  server = await Server.start()
  await furnish(server)
  const recent = { recipe: ['recently_viewed', 'trending'], count: 4, affinityWeight: 1 }
  await server.putPlacement('low', { ...recent, priority: -1 })
  await server.putPlacement('high', { ...recent, priority: 3 })
  await server.putPlacement('alike', { recipe: [{ strategy: 'similar', weight: 2 }, 'viewed_together', 'trending'], mix: 'weighted', count: 5 })
  await server.putPlacement('blended', { recipe: 'for_you', count: 5 })
  await server.putPlacement('menu', { kind: 'order', items: ['Jardin', 'Maison'], priority: -2 })
  await server.putPlacement('high-page', { ...recent, rules: ['exclude_page'], priority: 2 })
  const views = ['i11', 'i12', 'i10'].map(id => viewed(id, { anonymousId: 'zoe' }))
  assert.equal((await server.post('/v1/batch', { batch: views }, { key: server.writeKey })).json.accepted, 3)
})
after(() => server.end())

const ask = (anonymousId, placements, personalisedMax, context = {}) =>
  decide(server, { placements, user: { anonymousId }, context: { ...context, page: { itemId: 'i1', type: 'product', ...(personalisedMax === undefined ? {} : { personalisedMax }) } } })
const told = (answer, member) => answer.json.decisions.map(decision => decision[member])

test('those of higher priority are served first, answers stay in the order asked', async () => {
  const answer = await ask('zoe', ['low', 'again', 'high'], 1)
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(told(answer, 'placement'), ['low', 'again', 'high'])
  assert.deepEqual(told(answer, 'personalised'), [false, false, true], answer.text)
  assert.deepEqual(told(answer, 'fallback'), ['page_budget', 'page_budget', ''])
  assert.deepEqual(told(await ask('zoe', ['low', 'again', 'high'], 2), 'personalised'), [false, true, true])
  assert.deepEqual(told(await ask('zoe', ['low', 'again', 'high']), 'fallback'), ['', '', ''])
})

test('beyond the budget the answer is a stranger’s, byte for byte but for the fallback', async () => {
  const placements = ['again', 'alike', 'blended', 'menu']
  const free = await ask('zoe', placements)
  assert.ok(told(free, 'personalised').every(Boolean), free.text)
  for (const explain of [false, true]) {
    const body = anonymousId => decide(server, { placements, user: { anonymousId }, explain, context: { page: { itemId: 'i1', type: 'product', personalisedMax: 0 } } })
    const plain = async who => {
      const answer = await body(who)
      for (const decision of answer.json.decisions) {
        assert.equal(decision.fallback === 'page_budget', who === 'zoe')
        decision.fallback = ''
        if (explain) { delete decision.explanation.fallback; decision.explanation.sentences = decision.explanation.sentences.filter(text => !text.startsWith('Repli')); decision.explanation.at = '' }
      }
      return { ...answer, text: JSON.stringify(answer.json) }
    }
    const answer = await assertAlike(() => plain('zoe'), () => plain('a stranger'))
    assert.ok(told(answer, 'personalised').every(one => !one))
  }
})

test('the page leaves out what was served before, not what was asked before', async () => {
  const answer = await ask('zoe', ['again', 'high-page'])
  assert.deepEqual(shown(answer, 1).slice(0, 3), ['i10', 'i12', 'i11'])
})

test('it is on record: a replay answers the same, and everybody is told', async () => {
  const { json } = await ask('zoe', ['high', 'low'], 1)
  const path = `/v1/decisions/${json.decisions[1].id}`
  const cases = [['marketer', 'en', /enough placements of this page were personalised already/], ['agent', 'fr', /Assez d’emplacements de la page/], ['shopper', 'fr', /La boutique ne personnalise qu’une partie/]]
  for (const [as, lang, sentence] of cases) {
    const answer = await until(() => server.get(`${path}?as=${as}&lang=${lang}`, { key: server.secretKey }), ({ status }) => status === 200)
    assert.match(answer.text, sentence)
  }
  const { stdout, code } = await server.command('replay', json.decisions[1].id)
  assert.equal(code, 0, stdout)
  assert.deepEqual(JSON.parse(stdout), json)
})

test('the shop’s own budget counts, and the smaller of the two', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-budget-'))
  const apply = text => { writeFileSync(join(folder, 'page.yaml'), text); return server.command('apply', '-f', folder, '--workspace', 'shop') }
  const { code, stderr } = await apply('page: {personalisedMax: 1}\n')
  assert.equal(code, 0, stderr)
  await until(() => ask('zoe', ['high', 'again', 'low']), answer => told(answer, 'fallback')[1] === 'page_budget')
  assert.deepEqual(told(await ask('zoe', ['high', 'again', 'low'], 2), 'fallback'), ['', 'page_budget', 'page_budget'])
  assert.deepEqual(told(await ask('zoe', ['high', 'again'], 0), 'fallback'), ['page_budget', 'page_budget'])
  assert.deepEqual(told(await ask('a stranger', ['high', 'again']), 'fallback').includes('page_budget'), false)
  assert.deepEqual((await server.get('/api/v1/placements', { key: server.secretKey })).json.page, { personalisedMax: 1 })
  for (const [text, place] of [['page: 3\n', 'page'], ['page: {personalisedMax: -1}\n', 'personalisedMax'], ['page: {personalizedMax: 1}\n', 'personalizedMax']]) {
    const wrong = await apply(text)
    assert.ok(wrong.code > 0 && wrong.stderr.includes(place), wrong.stderr)
  }
  const wrong = await ask('zoe', ['high'], 1.5)
  assert.equal(wrong.status, 400)
  assert.match(wrong.text, /whole number of placements from 0 to 20/)
})
