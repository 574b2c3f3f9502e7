// No forbidden item ever leaves: random rules that remove and arrange, while stock changes, items are hidden and feeds come in.
// A change holds from its acknowledgement on (docs/catalog.md): no later answer may hold what it forbids.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Server, sleep } from './server.mjs'
import { decide, furnish, itemIds } from './shop.mjs'

const RUN_MS = 6000
const brandOf = id => (Number(id.slice(1)) % 2 ? 'Noé' : 'Ida')

let seed = 20260301
const below = bound => { // a linear congruential generator: the same rules in each run
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return Math.floor(seed / 2 ** 32 * bound)
}
const pick = list => list[below(list.length)]
const some = () => itemIds.filter(() => below(3) === 0)

const makers = [
  () => 'exclude_page',
  () => ({ kind: 'exclude', items: some() }),
  () => ({ kind: 'exclude', attribute: 'brand', values: [pick(['Ida', 'Noé'])] }),
  () => ({ kind: 'include', items: [...some(), 'i1', 'i2'] }),
  () => ({ kind: 'pin', slot: 1 + below(4), item: pick(itemIds) }),
  () => ({ kind: 'pin', slot: 1 + below(4), item: pick(itemIds) }),
  () => ({ kind: 'pin', slot: 1 + below(4), attribute: 'brand', values: [pick(['Ida', 'Noé'])] }),
  () => ({ kind: 'boost', factor: 1 + below(10), items: [pick(itemIds)] }),
  () => ({ kind: 'bury', factor: 1 + below(10), attribute: 'brand', values: ['Ida'] }),
  () => ({ kind: 'cap', attribute: 'brand', max: 1 + below(3) }),
  () => ({ kind: 'shuffle', among: 2 + below(8) }),
  () => ({ kind: 'diversity', weight: below(5) / 4 }),
  () => ({ kind: 'arrivals', share: (1 + below(5)) / 10, days: 1 + below(30) }),
  () => ({ kind: 'price', min: 0.5, max: 1 + below(2) }),
  () => ({ kind: 'stock', min: 1 + below(3) }),
  () => ({ kind: 'match', attribute: 'brand', with: pick(['current_item', 'person']), differs: below(2) === 0 }),
  () => pick(['exclude_current', 'exclude_viewed', 'exclude_basket', 'exclude_bought']),
]
const filling = () => ({
  ...(below(2) ? { fallback: [pick(['best_sellers', 'viewed_next', { strategy: 'manual', items: itemIds }])] } : {}),
  ...(below(2) ? { minimum: 1 + below(6), partial: below(3) > 0 } : {}),
})
const makePlacement = () => ({
  recipe: pick([['trending'], ['viewed_together', 'trending'], ['new_arrivals', 'trending']]), explore: below(3) ? 0 : 0.2,
  rules: ['in_stock', ...Array.from({ length: 1 + below(5) }, () => pick(makers)())], count: 2 + below(6), ...filling(),
})

const forbiddenBy = (rules, id) => rules.some(rule =>
  rule.kind === 'exclude' ? (rule.items ?? []).includes(id) || (rule.values ?? []).includes(brandOf(id))
  : rule.kind === 'include' ? !rule.items.includes(id) : rule === 'exclude_current' ? id === 'i3' : false)

/** What is known of an item's state: since when it surely shows, and whether a change is under way. */
const states = new Map(itemIds.map(id => [id, { available: true, from: 0, changing: false }]))

let server
before(async () => {
  server = await Server.start()
  await furnish(server)
})
after(() => server.end())

async function change(id, available, write) {
  const state = states.get(id)
  if (state.changing) return
  Object.assign(state, { changing: true })
  await write()
  Object.assign(state, { available, from: Date.now(), changing: false })
}

const row = (id, fields) => ({ id, title: id, price: '10.90', brand: brandOf(id), category: 'Maison > Lampes', stock: 5, ...fields })

async function changeByCall() {
  const id = pick(itemIds.slice(0, 6)), available = below(2) === 0
  const gone = pick([{ stock: 0 }, { hidden: true }])
  await change(id, available, () => server.addItems([row(id, available ? {} : gone)]))
}

async function changeByFeed() {
  const id = pick(itemIds.slice(6)), available = below(2) === 0
  const path = join(server.data, '..', `forbidden-${process.pid}-${id}.ndjson`)
  writeFileSync(path, `${JSON.stringify(row(id, available ? {} : { stock: 0 }))}\n`)
  await change(id, available, async () => {
    const { code, stderr } = await server.command('import', 'catalog', path, '--workspace', 'shop', '--mode', 'delta')
    assert.equal(code, 0, stderr)
  })
}

test('under random rules, stock changes and feeds', { timeout: 60000 }, async () => {
  const end = Date.now() + RUN_MS
  let asked = 0, shown = 0, gone = 0, fell = 0
  const until = async work => { while (Date.now() < end) await work() }
  const ask = async number => {
    const id = `random-${number}`, placement = makePlacement()
    await server.putPlacement(id, placement)
    const exclude = [pick(itemIds)]
    for (let i = 0; i < 10; i++) {
      const at = Date.now()
      const unavailable = itemIds.filter(item => !states.get(item).available && !states.get(item).changing && states.get(item).from <= at)
      const answer = await decide(server, { placements: [{ id, exclude }, id], context: { page: { itemId: 'i3' } } })
      assert.equal(answer.status, 200, answer.text)
      const still = unavailable.filter(item => !states.get(item).available && !states.get(item).changing)
      const [first, second] = answer.json.decisions.map(({ items }) => items.map(({ itemId }) => itemId))
      const why = () => JSON.stringify({ rules: placement.rules, exclude, first, second, still })
      for (const item of [...first, ...second]) {
        assert.ok(!still.includes(item), `${item} is not to be had: ${why()}`)
        assert.ok(!forbiddenBy(placement.rules, item), `${item} is excluded: ${why()}`)
      }
      assert.ok(!first.includes(exclude[0]), why())
      if (placement.rules.includes('exclude_page')) assert.ok(!second.some(item => first.includes(item)), why())
      asked++
      shown += first.length
      fell += answer.json.decisions[0].fallback === 'recipe_short'
      gone += still.length
    }
  }
  await Promise.all([0, 1, 2].map(number => until(() => ask(number)))
    .concat(until(async () => { await changeByCall(); await sleep(100) }), until(changeByFeed)))
  assert.ok(asked > 20 && shown > 20 && gone > 20 && fell > 0, `${asked} ${shown} ${gone} ${fell}`) // it could have failed
})
