// Why this, why not that, and what would have changed it: told of a decision on record, by HTTP and by the command line.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Server, until } from './server.mjs'
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
