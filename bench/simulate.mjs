// What a blend earns over best sellers with simulated shoppers, told by the hold-out report, seed after seed; and once the same with
// best sellers in both arms, where there is nothing to find. docs/simulation.md quotes it; `make simulate-report` runs it.
//     node bench/simulate.mjs [SEEDS=1,2,3,4,5] [PEOPLE=8000] [DAYS=14] [CATALOG=FILE]
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { binary, root, Server, until } from '../tests/http/server.mjs'

const options = Object.fromEntries(process.argv.slice(2).map(word => word.split('=')))
const seeds = (options.SEEDS ?? '1,2,3,4,5').split(',')
const people = options.PEOPLE ?? '8000', days = options.DAYS ?? '14'
const catalog = options.CATALOG ?? join(root, 'examples', 'shop', 'catalog.ndjson')

const placement = recipe => ({
  recipe, rules: ['in_stock', 'exclude_current'], count: 8, deadlineMs: 1000,
  objective: { kind: 'purchase', value: 1, cap: 1 }, holdout: { share: 0.5, arm: 'best_sellers' } })
const runs = [...seeds.map(seed => ({ seed, name: 'blend', recipe: 'for_you' })), { seed: seeds[0], name: 'A/A', recipe: ['best_sellers'] }]

const simulate = (...words) => new Promise((resolve, reject) =>
  execFile(binary, ['simulate', ...words, '--json'], (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(JSON.parse(stdout)))))

async function run(server, seed, recipe) {
  const { code, stderr } = await server.command('import', 'catalog', catalog, '--workspace', 'shop')
  if (code !== 0) throw new Error(stderr)
  await server.putPlacement('here', placement(recipe))
  const common = ['--seed', seed, '--people', people, '--url', server.url, '--write-key', server.writeKey, '--catalog', catalog, '--rate', '10000']
  await simulate(...common, '--history', '14', '--days', '0')
  const question = { key: server.writeKey, body: { placements: [{ id: 'here' }] } }
  await until(() => server.call('POST', '/v1/decide', question), ({ json }) => json?.decisions[0].items.length === 8, { within: 60000, every: 200 })
  const present = await simulate(...common, '--days', days, '--speed', '1000000000', '--home', 'here', '--product', 'here')
  const report = await server.get('/api/v1/reports/placements/here?lang=en', { key: server.secretKey })
  return { present, report: report.json }
}

const rounded = value => Number(value.toFixed(3))
const interval = effect => effect && { low: rounded(effect.low), value: rounded(effect.value), high: rounded(effect.high) }

for (const { seed, name, recipe } of runs) {
  const server = await Server.start()
  try {
    const { present, report: { verdict, split, arms: { chosen, holdout }, effect } } = await run(server, seed, recipe)
    console.log(JSON.stringify({
      seed, name, verdict, splitOk: split.ok, people: [chosen.people, holdout.people], ordersAPerson: [rounded(chosen.mean), rounded(holdout.mean)],
      relative: interval(effect?.relative), visits: present.visits, decisions: present.decisions, orders: present.orders }))
  } finally {
    await server.end()
  }
}
