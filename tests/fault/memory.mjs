// An allocation fails while a server starts, takes twenty requests and stops: it may answer with an error or end by its own abort,
// and nothing that it acknowledged is missing or doubled afterwards. A crash (SIGSEGV, SIGBUS) or a store that does not open fails,
// but for a few while it starts: RocksDB 7.8 does not look at what it is given for the shards of a cache (LRUCacheShard).
import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { failingMalloc, Server } from '../http/server.mjs'

/** Why there is nothing to preload, or false. */
export const skip = existsSync(failingMalloc) ? false : 'sanitizers have an allocator of their own'

const consent = { consent: { categoryPreferences: { personalise: true, measure: true } } }

/** Which messages were acknowledged; a request that gets no answer acknowledges nothing. */
async function work(server) {
  const acknowledged = []
  const ask = call => call().catch(() => ({ status: 0 }))
  const send = async (path, message, id) => {
    const answer = await ask(() => server.post(path, message, { key: server.writeKey }))
    if (answer.status === 200) acknowledged.push(id)
  }
  for (let index = 0; index < 6; index++) {
    const id = `m${index}`
    await send('/v1/track', { messageId: id, event: 'Product Viewed', anonymousId: 'ada', context: consent, properties: { product_id: 'i1' } }, id)
    await ask(() => server.post('/v1/decide', { user: { anonymousId: 'ada' }, placements: [{ id: 'home' }] }, { key: server.writeKey }))
  }
  await send('/v1/identify', { messageId: 'known', userId: 'ada', anonymousId: 'ada', traits: { email: 'ada@example.org' }, context: consent }, 'known')
  const batch = Array.from({ length: 50 }, (_, index) => ({ type: 'track', messageId: `b${index}`, event: 'E', anonymousId: `p${index}`, context: consent }))
  const answer = await ask(() => server.post('/v1/batch', { batch }, { key: server.writeKey }))
  if (answer.status === 200) acknowledged.push(...batch.map(({ messageId }) => messageId))
  const secret = { key: server.secretKey }
  await ask(() => server.post('/v1/consent', { anonymousId: 'ada', purposes: { learn: 'denied' } }, secret))
  await ask(() => server.post('/api/v1/catalog/items', { items: [{ id: 'i1', title: 'Lampe', price: '10' }] }, secret))
  await ask(() => server.call('PUT', '/api/v1/placements/home', { ...secret, body: { recipe: ['trending'] } }))
  await ask(() => server.get('/api/v1/people/user_id:ada', secret))
  await ask(() => server.get('/api/v1/audit', secret))
  await ask(() => server.get('/metrics'))
  return acknowledged
}

const said = (server, what) => Number(server.log.map(line => line.match(`failing_malloc: ${what} (\\d+)`)?.[1]).find(Boolean) ?? 0)

/** One life; answers whether the allocation was reached and how it ended. */
async function live(at, on) {
  const server = new Server({ under: ['env', `LD_PRELOAD=${failingMalloc}`, `FAIL_AT=${at}`, ...(on ? ['FAIL_ON=1'] : [])] })
  const keys = await server.init('shop')
  Object.assign(server, { writeKey: keys.write_key, secretKey: keys.secret_key })
  const started = await server.serve().then(() => true, () => false)
  const acknowledged = started ? await work(server) : []
  const { code, signal } = (await server.stop()) ?? await server.exit
  const what = `allocation ${at}${on ? ' and all after it' : ''}: ${signal ?? code}`
  const ends = [null, 'SIGABRT', 'SIGTERM', ...started ? [] : ['SIGSEGV']]
  assert.ok(ends.includes(signal), `${what}\n${server.log.join('\n')}`)
  const check = await server.command('check')
  assert.equal(check.code, 0, `${what}\n${check.stderr}`)
  const kept = (await server.exported()).map(({ messageId }) => messageId)
  assert.equal(new Set(kept).size, kept.length, `${what}: doubled`)
  assert.deepEqual(acknowledged.filter(id => !kept.includes(id)), [], `${what}: lost`)
  const result = { calls: said(server, 'calls'), reached: said(server, 'fails') > 0, ended: signal ?? code, acknowledged: acknowledged.length }
  rmSync(server.data, { recursive: true, force: true })
  return result
}

/** Fails so many, spread over the logarithm of their number: a start has most of them. Answers how they ended. */
export async function sweep(count, seed) {
  const whole = await live(0, false)
  assert.ok(whole.calls > 1000, 'the allocator is preloaded')
  assert.equal(whole.acknowledged, 57)
  const ends = {}
  let reached = 0
  for (let index = 0; index < count; index++) {
    const place = (index + ((seed * 0.618034 + index * 0.754877) % 1)) / count
    const { reached: hit, ended } = await live(Math.ceil(whole.calls ** (0.3 + 0.7 * place)), index % 2 === 1)
    reached += hit
    ends[ended] = (ends[ended] ?? 0) + 1
  }
  assert.ok((ends.SIGSEGV ?? 0) <= 1 + count / 100, `${ends.SIGSEGV} crashes at the start`)
  assert.ok(reached > count / 2, `${reached} of ${count} were reached`)
  return { calls: whole.calls, reached, ends }
}
