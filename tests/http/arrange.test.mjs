// Rules that arrange, over HTTP: pins, boosts, caps, draws; and that nothing forbidden leaves, whatever is changed meanwhile.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Server } from './server.mjs'
import { decide, furnish, shown } from './shop.mjs'

let server
before(async () => {
  server = await Server.start()
  await furnish(server) // i1 to i8 are viewed, i9 to i12 by nobody
})
after(() => server.end())

let number = 0
const put = async (rules, fields = {}) => {
  const id = `place-${++number}`
  await server.putPlacement(id, { recipe: ['trending'], count: 4, rules, ...fields })
  return id
}
const ask = (placement, fields = {}) => decide(server, { placements: [{ id: placement, ...fields }] })
const explained = async placement => (await decide(server, { placements: [placement], explain: true })).json.decisions[0].explanation

describe('pins', () => {
  test('put into their slot what nobody proposed, and say so', async () => {
    const place = await put([{ kind: 'pin', slot: 2, item: 'i12' }])
    const answer = await ask(place)
    assert.equal(shown(answer).length, 4)
    assert.equal(shown(answer)[1], 'i12')
    assert.equal(answer.json.decisions[0].items[1].reason, 'Choisi par la boutique')
    const { operations, items } = await explained(place)
    assert.deepEqual(operations.filter(({ operation }) => operation === 'pinned').map(({ count }) => count), [1])
    assert.deepEqual([items[1].slot, items[1].probability, items[1].contributions], [2, 1, []])
  })

  test('by attribute take the best that has it', async () => {
    const answer = await ask(await put([{ kind: 'pin', slot: 1, attribute: 'brand', values: ['Ida'] }], { count: 8 }))
    assert.equal(Number(shown(answer)[0].slice(1)) % 2, 0, answer.text) // even ones are Ida's
  })

  const beaten = {
    'a list that excludes': [{ kind: 'exclude', items: ['i12'] }],
    'a list that includes others': [{ kind: 'include', items: ['i1', 'i2'] }],
    'a schedule that is over': [],
  }
  for (const [name, rules] of Object.entries(beaten))
    test(`never beat ${name}`, async () => {
      const until = rules.length ? {} : { until: '2026-01-01T00:00:00Z' }
      const answer = await ask(await put([{ kind: 'pin', slot: 1, item: 'i12', ...until }, ...rules]))
      assert.ok(shown(answer).length > 0 && !shown(answer).includes('i12'), answer.text)
    })

  test('never beat what the call excludes, nor the item of the page where it is excluded', async () => {
    const place = await put([{ kind: 'pin', slot: 1, item: 'i12' }, 'exclude_current'])
    assert.equal(shown(await ask(place))[0], 'i12')
    assert.ok(!shown(await ask(place, { exclude: ['i12'] })).includes('i12'))
    const there = await decide(server, { placements: [place], context: { page: { itemId: 'i12' } } })
    assert.ok(!shown(there).includes('i12'))
  })
})

describe('boosts, caps and draws', () => {
  test('a boost brings a brand to the front, a bury to the end', async () => {
    const rule = kind => [{ kind, attribute: 'brand', values: ['Ida'], factor: 10 }]
    for (const [kind, first] of [['boost', 0], ['bury', 1]]) {
      const list = shown(await ask(await put(rule(kind), { count: 8 })))
      assert.deepEqual(list.map(id => Number(id.slice(1)) % 2), [0, 0, 0, 0, 1, 1, 1, 1].map(odd => odd ^ first), list.join())
    }
  })

  test('contributions name the boost and still sum to the score', async () => {
    const { items } = await explained(await put([{ kind: 'boost', items: ['i3'], factor: 4 }], { count: 8 }))
    const boosted = items.find(({ itemId }) => itemId === 'i3')
    assert.deepEqual(boosted.contributions.map(({ name }) => name), ['trending', 'boost:item'])
    assert.ok(Math.abs(boosted.contributions.reduce((sum, { value }) => sum + value, 0) - boosted.score) < 1e-5)
  })

  test('a cap leaves so many of a value, and tells how many it left out', async () => {
    const place = await put([{ kind: 'cap', attribute: 'brand', max: 1 }], { count: 8 })
    const list = shown(await ask(place))
    assert.deepEqual(list.map(id => Number(id.slice(1)) % 2).sort(), [0, 1])
    const { operations } = await explained(place)
    assert.equal(operations.find(({ operation }) => operation === 'capped').count, 6)
  })

  test('a shuffle varies among the best, with the probability of each', async () => {
    const place = await put([{ kind: 'shuffle', among: 4 }], { count: 2 })
    const seen = new Set()
    for (let i = 0; i < 60; i++) for (const id of shown(await ask(place))) seen.add(id)
    assert.equal(seen.size, 4)
    const { items, operations } = await explained(place)
    assert.deepEqual(items.map(({ probability }) => probability), [0.5, 0.5])
    assert.ok(operations.some(({ operation, count }) => operation === 'shuffled' && count === 4))
  })

  test('new arrivals get their share of the places by lot, none that a rule forbids', async () => {
    const place = await put([{ kind: 'arrivals', share: 0.5, days: 1 }, { kind: 'exclude', items: ['i12'] }])
    const seen = new Set()
    for (let i = 0; i < 60; i++) {
      const list = shown(await ask(place))
      assert.equal(new Set(list).size, 4)
      for (const id of list) seen.add(id)
    }
    for (const id of ['i9', 'i10', 'i11']) assert.ok(seen.has(id), [...seen].join()) // that nobody ever viewed
    assert.ok(!seen.has('i12'))
    const { items, operations, sentences } = await explained(place)
    const invited = items.filter(item => item.invited)
    assert.deepEqual(invited.map(({ probability }) => probability), [2 / 7, 2 / 7].map(share => Number(share.toFixed(6))))
    assert.ok(invited.every(({ reason }) => reason === 'Nouveau dans la boutique, montré pour savoir s’il plaît'))
    assert.equal(operations.find(({ operation }) => operation === 'invited').count, 2)
    assert.ok(sentences.some(text => /^Nouveautés\s: 2 places sont revenues à des articles tirés au sort parmi 7/.test(text)), sentences.join('\n'))
  })

  test('what a rule says wrongly is told with its place', async () => {
    const wrong = { recipe: ['trending'], rules: [{ kind: 'boost', items: ['i1'], factor: 11 }] }
    const answer = await server.call('PUT', '/api/v1/placements/wrong', { key: server.secretKey, body: wrong })
    assert.equal(answer.status, 400)
    assert.match(answer.text, /rules\/0\/factor/)
  })
})

describe('variety', () => {
  test('parts what is alike and says of each what it was too like', async () => {
    const place = await put([{ kind: 'diversity', weight: 1 }], { mix: 'weighted' })
    const answer = await ask(place), { moved, operations } = await explained(place)
    const odd = shown(answer).map(id => Number(id.slice(1)) % 2)
    assert.notEqual(odd[0], odd[1], answer.text) // another brand comes second
    const told = operations.find(({ operation }) => operation === 'diversified')
    assert.equal(told?.count ?? 0, moved?.length ?? 0)
    for (const { to, from, like, likeness, sentence } of moved ?? [])
      if (!to || to > from) assert.ok(like && likeness > 0 && sentence.includes('trop proche'), sentence)
  })

  test('caps come before it', async () => {
    const rules = [{ kind: 'diversity', weight: 0.5 }, { kind: 'cap', attribute: 'brand', max: 1 }]
    assert.equal(shown(await ask(await put(rules, { count: 8 }))).length, 2)
  })
})

describe('a recipe that gives too few', () => {
  const manual = (items, fields) => ({ recipe: [{ strategy: 'manual', items }], count: 4, ...fields })

  test('is completed by its fallback, under the same rules', async () => {
    const place = await put([{ kind: 'exclude', items: ['i3'] }], manual(['i10', 'i3'], { fallback: ['trending'] }))
    const [decision] = (await ask(place)).json.decisions
    assert.equal(decision.fallback, 'recipe_short')
    assert.equal(decision.items[0].itemId, 'i10')
    assert.equal(decision.items.length, 4)
    assert.ok(decision.items.every(({ itemId }) => itemId !== 'i3'))
    assert.ok((await explained(place)).operations.some(({ operation, count }) => operation === 'fell_back' && count === 3))
  })

  test('shows what there is, or nothing', async () => {
    const some = await ask(await put([], manual(['i10', 'i11'], { minimum: 3 })))
    assert.deepEqual(shown(some), ['i10', 'i11'])
    assert.equal(some.json.decisions[0].fallback, 'below_minimum')
    const none = await ask(await put([], manual(['i10', 'i11'], { minimum: 3, partial: false })))
    assert.deepEqual(shown(none), [])
    assert.equal(none.json.decisions[0].fallback, 'too_few')
    const { whatIf } = (await server.call('GET', `/v1/decisions/${none.json.decisions[0].id}?as=marketer`, { key: server.secretKey })).json
    assert.deepEqual(whatIf.changes.map(({ kind, come }) => [kind, come]), [['partial', ['i10', 'i11']]])
  })
})

test('every decision is made again as it was', async () => {
  const { code, stdout } = await server.command('replay', '--all', '--workspace', 'shop')
  assert.equal(code, 0, stdout)
  const { identical, ...rest } = JSON.parse(stdout)
  assert.ok(identical > 60, stdout) // the last ones may still be on their way to the log
  assert.deepEqual(rest, { different: 0, erased: 0, damaged: 0 })
})

test('a rule that a folder writes wrongly is refused at file:line:column, and nothing changes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-arrivals-'))
  const published = async () => (await server.get('/api/v1/placements', { key: server.secretKey })).json.version
  const before = await published()
  for (const [rule, place, member, why] of [
    ['share: 0.9', '6:26', '/share', 'share is how much of the places'], ['share: 0.2, days: 91', '6:38', '/days', 'a whole number from 1 to 90'],
    ['days: 3', '6:9', '/share', 'share is how much of the places'], ['share: 0.2, day: 3', '6:38', '/day', "unknown member 'day'"]]) {
    writeFileSync(join(folder, 'shop.yaml'), `placements:\n  - id: fresh\n    recipe: [trending]\n    rules:\n      - in_stock\n      - {kind: arrivals, ${rule}}\n`)
    const { code, stderr } = await server.command('apply', '-f', folder, '--workspace', 'shop')
    assert.equal(code, 2, rule)
    assert.ok(stderr.startsWith(`${folder}/shop.yaml:${place}: /placements/0/rules/1${member}: `) && stderr.includes(why), stderr)
  }
  assert.equal(await published(), before)
  rmSync(folder, { recursive: true })
})
