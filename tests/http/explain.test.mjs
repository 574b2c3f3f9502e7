// Why this, why not that, and what would have changed it: told of a decision on record, by HTTP and by the command line.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Server, assertProblem, until } from './server.mjs'
import { consented, decide, furnish, shown, viewed } from './shop.mjs'

let server, count = 0
const fresh = name => `${name}-${++count}`
before(async () => {
  server = await Server.start()
  await furnish(server)
})
after(() => server.end())

const recorded = async answer => {
  await until(() => server.command('replay', answer.json.decisions[0].id), ({ code }) => code === 0)
  return answer
}
const explain = (answer, query = '', index = 0) => server.get(`/v1/decisions/${answer.json.decisions[index].id}${query}`, { key: server.secretKey })
const sum = (list, of) => list.reduce((total, each) => total + of(each), 0)

/** Somebody who looked at these, in this order. */
async function visitor(...seen) {
  const anonymousId = fresh('visitor')
  for (const item of seen)
    await server.post('/v1/track', viewed(item, { anonymousId }), { key: server.writeKey })
  return { anonymousId }
}

describe('because', () => {
  let answer
  before(async () => {
    const user = await visitor('i3', 'i5')
    answer = await recorded(await decide(server, { user, placements: ['product'], context: { ...consented, page: { type: 'product', itemId: 'i2' } } }))
  })

  test('what called an item is named with its share of the score', async () => {
    const { json } = await explain(answer, '?lang=fr')
    assert.ok(json.items.length > 0)
    for (const { because, why, contributions } of json.items) {
      assert.deepEqual([...because].sort((a, b) => b.share - a.share), because)
      assert.equal(because[0].itemId, 'i2')
      assert.equal(because[0].fact, 'page_item')
      assert.ok(because.some(({ itemId, fact }) => itemId === 'i5' && fact === 'recents'), JSON.stringify(because))
      const whole = sum(contributions, ({ value }) => value)
      assert.ok(Math.abs(sum(because, ({ share }) => share) - contributions[0].value / whole) < 1e-4)
      assert.match(why, /^Parce que la personne regardait Lampe 2 \(\d+\u202f%\)(, | et )avait vu Lampe [35] .*souvent vus avec cet article\.$/)
    }
  })

  test('in words for each, and to the shopper in words alone', async () => {
    const [agent, shopper] = [await explain(answer, '?as=agent&lang=en'), await explain(answer, '?as=shopper&lang=en')]
    assert.match(agent.json.items[0].why, /^Because this person was looking at Lampe 2 \(\d+%\)(, | and )had looked at Lampe/)
    assert.match(shopper.json.items[0].why, /^Because you are looking at Lampe 2 \(\d+%\)(, | and )looked at Lampe .*often viewed with this\.$/)
    assert.deepEqual(Object.keys(shopper.json.items[0]), ['itemId', 'title', 'reason', 'why'])
  })

  test('who called to several steps is named once, with the whole of it', async () => {
    await server.putPlacement('blended', { recipe: ['sessions', 'viewed_together', 'similar'], mix: 'blend', count: 2 })
    const ask = async () => decide(server, { user: await visitor('i3'), placements: ['blended'], context: { ...consented, page: { itemId: 'i2' } } })
    const several = ({ because }) => new Set(because.filter(({ itemId }) => itemId === 'i2').map(({ strategy }) => strategy)).size > 1
    const { json } = await until(async () => explain(await recorded(await ask()), '?lang=en'), each => each.json.items.some(several))
    for (const { because, why } of json.items.filter(several)) {
      const percent = Math.round(100 * sum(because.filter(({ itemId }) => itemId === 'i2'), ({ share }) => share))
      const told = why.match(/looking at Lampe 2 \((\d+)%\)/)
      assert.ok(told && Math.abs(told[1] - percent) <= 1, `${percent}: ${why}`)
      assert.doesNotMatch(why, /viewed with|similar to|Lampe 2.*Lampe 2/)
    }
  })

  test('nothing of a person is named without consent', async () => {
    const { anonymousId } = await visitor('i3', 'i5')
    await server.post('/v1/consent', { anonymousId, purposes: { personalise: 'denied' } }, { key: server.writeKey })
    const stranger = await recorded(await decide(server, { user: { anonymousId }, placements: ['product'], context: { page: { itemId: 'i2' } } }))
    const { json } = await explain(stranger)
    for (const { because } of json.items) assert.ok(because.every(({ fact }) => fact === 'page_item'), JSON.stringify(because))
  })
})

test('what similar items have in common is named', async () => {
  await server.putPlacement('alike', { recipe: ['similar'], count: 3 })
  const ask = () => decide(server, { placements: ['alike'], context: { page: { itemId: 'i2' } } })
  const answer = await recorded(await until(ask, each => shown(each).length === 3))
  const { json } = await explain(answer, '?lang=en')
  const { alike, why } = json.items[0]
  assert.ok(alike.some(({ kind }) => kind === 'category') && alike.some(({ kind }) => kind === 'brand'), JSON.stringify(alike))
  assert.ok(Math.abs(sum(alike, ({ share }) => share) - 1) < 1e-4)
  assert.match(why, /^Because the person was looking at Lampe 2, similar to this: .*same category.*\.$/)
})

describe('why not', () => {
  const whyNot = (answer, item, query = '') => server.get(`/v1/decisions/${answer.json.decisions[0].id}/why-not/${encodeURIComponent(item)}${query}`, { key: server.secretKey })
  let answer
  before(async () => {
    await server.addItems([{ id: 'a b/c', title: 'Vase', price: '12.00', stock: 5 }, { id: 'gone', title: 'Fini', price: '12.00', stock: 0 }])
    await server.putPlacement('few', { recipe: ['trending'], rules: ['in_stock', { kind: 'exclude', items: ['i4', 'gone'] }], count: 2 })
    answer = await recorded(await decide(server, { placements: ['few'] }))
  })

  test('what was shown, with its slot', async () => {
    const { status, json } = await whyNot(answer, shown(answer)[1], '?lang=en')
    assert.equal(status, 200)
    assert.deepEqual([json.standing, json.slot, json.rank], ['shown', 2, 2])
    assert.equal(json.id, answer.json.decisions[0].id)
  })

  test('what ranked below, and what makes the gap', async () => {
    const below = ['i1', 'i2', 'i3', 'i5', 'i6', 'i7', 'i8'].find(item => !shown(answer).includes(item))
    const { json } = await whyNot(answer, below, '?lang=en')
    assert.equal(json.standing, 'below')
    assert.ok(json.rank > 2 && json.rank <= json.eligible)
    assert.equal(json.lastShown, shown(answer)[1])
    assert.ok(Math.abs(sum(json.differences, ({ difference }) => difference) + json.gap) < 1e-5, JSON.stringify(json))
    assert.match(json.sentences[0], /^Lampe \d was a candidate, ranked \d of \d, [\d.]+ behind the last one shown, Lampe \d\.$/)
  })

  test('what a rule removed, which rule that is, and what to change', async () => {
    const { json } = await whyNot(answer, 'i4')
    assert.deepEqual([json.standing, json.reason, json.rule], ['removed', 'excluded', { position: 2, kind: 'exclude' }])
    assert.deepEqual(json.sentences, ['Lampe 4 était proposé et a été écarté\u00a0: sur la liste d’exclusion.',
      'C’est la règle n°\u00a02 de l’emplacement, «\u00a0exclude\u00a0».', 'Pour qu’il puisse être montré\u00a0: ôtez-le de la liste de la règle n°\u00a02.'])
  })

  test('what was not proposed, and what a rule bars anyway', async () => {
    const [vase, gone] = [await whyNot(answer, 'a b/c', '?lang=en'), await whyNot(answer, 'gone')]
    assert.equal(vase.json.standing, 'not_proposed')
    assert.equal(vase.json.itemId, 'a b/c')
    assert.match(vase.json.sentences.join(' '), /No source of the recipe had proposed Vase\. “Trending” proposed \d+ other items\./)
    assert.deepEqual([gone.json.standing, gone.json.reason, gone.json.rule.position], ['barred', 'excluded', 2])
  })

  test('what would hold today is told apart', async () => {
    await server.putPlacement('few', { recipe: ['new_arrivals'], rules: ['in_stock', { kind: 'include', items: ['a b/c'] }], count: 2 })
    const { json } = await until(() => whyNot(answer, 'a b/c', '?lang=en'), each => each.json.today?.standing === 'shown')
    assert.equal(json.standing, 'not_proposed')
    assert.deepEqual([json.today.standing, json.today.slot], ['shown', 1], JSON.stringify(json))
    assert.match(json.today.sentences.join(' '), /^What follows holds today.*the decision knew nothing of it\. Vase would be shown, in slot 1\.$/)
    const barred = await whyNot(answer, shown(answer)[0])
    assert.deepEqual([barred.json.standing, barred.json.today.standing, barred.json.today.rule.kind], ['shown', 'removed', 'include'])
  })

  test('to the shopper in a sentence, without rules or scores', async () => {
    for (const lang of ['fr', 'en'])
      for (const item of [...shown(answer), 'i4', 'i5', 'a b/c']) {
        const { json } = await whyNot(answer, item, `?as=shopper&lang=${lang}`)
        assert.deepEqual(Object.keys(json), ['id', 'itemId', 'title', 'sentences'])
        assert.equal(json.sentences.length, 1)
        assert.doesNotMatch(json.sentences[0], /rule|règle|score|list|rank|rang/)
      }
  })

  test('over the command line too', async () => {
    const { code, stdout } = await server.command('explain', answer.json.decisions[0].id, '--why-not', 'i4', '--as', 'agent', '--lang', 'en')
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout), (await whyNot(answer, 'i4', '?as=agent&lang=en')).json)
    const unknown = await server.command('explain', answer.json.decisions[0].id, '--why-not', 'nothing')
    assert.notEqual(unknown.code, 0)
    assert.match(unknown.stderr, /nor does the catalogue/)
  })

  test('an unknown item, an unknown decision, a write key, an erased decision', async () => {
    assertProblem(await whyNot(answer, 'nothing'), 404)
    assertProblem(await whyNot(answer, 'i4', '?as=boss'), 400)
    assertProblem(await server.get('/v1/decisions/01a2005f-b64c-7000-b2fe-4b0a7181fd00/why-not/i4', { key: server.secretKey }), 404)
    assertProblem(await server.get(`/v1/decisions/${answer.json.decisions[0].id}/why-not/i4`, { key: server.writeKey }), 403)
    const user = await visitor('i1', 'i2')
    const theirs = await recorded(await decide(server, { user, placements: ['product'], context: { ...consented, page: { itemId: 'i3' } } }))
    const erased = await server.call('DELETE', `/api/v1/people/anonymous_id:${user.anonymousId}`, { key: server.secretKey })
    assert.equal(erased.status, 200, erased.text)
    assertProblem(await whyNot(theirs, 'i4'), 410)
  })
})

describe('what would have changed the outcome', () => {
  let answer
  const changes = async (query = '', of = answer) => (await explain(of, query)).json.whatIf.changes
  before(async () => {
    await server.putPlacement('mine', { recipe: ['recently_viewed', 'trending'], rules: ['in_stock', { kind: 'exclude', items: ['i6'] }], count: 3 })
    answer = await recorded(await decide(server, { user: await visitor('i7', 'i6'), placements: ['mine'] }))
    assert.equal(shown(answer)[0], 'i7', answer.text)
  })

  test('without a rule: what would come in, and what would drop out', async () => {
    const change = (await changes('?lang=en')).find(({ kind }) => kind === 'without_rule')
    assert.deepEqual([change.position, change.rule, change.come, change.certain], [2, 'exclude', ['i6'], true])
    assert.deepEqual(change.gone, [shown(answer)[2]])
    assert.match(change.sentence, /^Without rule 2 \(“exclude”\): Lampe 6 would come in, Lampe \d would drop out\.$/)
  })

  test('without consent: what anybody would have seen', async () => {
    const [change] = (await changes('?lang=fr')).filter(({ kind }) => kind === 'without_consent')
    const anybody = shown(await decide(server, { placements: ['mine'] }))
    if (!anybody.includes('i7')) assert.ok(change.gone.includes('i7'), JSON.stringify(change))
    assert.match(change.sentence, /^Sans personnalisation\u00a0: .*\.$/)
  })

  test('the smallest change first, and what changes nothing apart', async () => {
    const { json } = await explain(answer)
    const sizes = json.whatIf.changes.map(({ come, gone }) => Math.max(come.length, gone.length))
    assert.deepEqual([...sizes].sort((a, b) => a - b), sizes)
    assert.equal(json.whatIf.tried, json.whatIf.changes.length + json.whatIf.unknown.length + json.whatIf.same.length)
    assert.ok(json.whatIf.same.some(({ kind, rule }) => kind === 'without_rule' && rule === 'in_stock'), JSON.stringify(json.whatIf))
  })

  test('not for the shopper, not in answers, without rules for the agent', async () => {
    assert.equal((await explain(answer, '?as=shopper')).json.whatIf, undefined)
    const explained = await decide(server, { placements: ['home'], explain: true })
    assert.equal(explained.json.decisions[0].explanation.whatIf, undefined)
    const agent = await changes('?as=agent&lang=en')
    assert.ok(agent.some(({ sentence }) => sentence.startsWith('Without a rule of the shop: Lampe 6 would come in')), JSON.stringify(agent))
    assert.doesNotMatch(JSON.stringify(agent), /position|exclude/)
  })
})

test('every decision told of is decided again, bit for bit', async () => {
  const { code, stdout } = await server.command('replay', '--all')
  const counts = JSON.parse(stdout)
  assert.deepEqual([code, counts.different, counts.damaged], [0, 0, 0], stdout)
})
