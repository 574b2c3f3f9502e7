// Server-side clients that others wrote, unmodified, from npm: none of their messages is lost, none is stored twice, each
// belongs to whom it names. Those of browsers are in tests/e2e.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Analytics as CustomerIo } from '@customerio/cdp-analytics-node'
import dittofeed from '@dittofeed/sdk-node'
import { jitsuAnalytics } from '@jitsu/js'
import Rudder from '@rudderstack/rudder-sdk-node'
import { Analytics as Segment } from '@segment/analytics-node'
import OldSegment from 'analytics-node'
import { assertEachOnce, basic, Server, sleep, until } from './server.mjs'
import { person } from './shop.mjs'

const MESSAGES = 1000
const VISITORS = 49

// The kinds of calls in turn: each visitor makes all of them, before and after it is known.
const kinds = {
  track: ({ anonymousId }, index) => ({ anonymousId, event: 'Product Viewed', properties: { product_id: `i${index % 7}`, price: 12.5 } }),
  identify: ids => ({ ...ids, traits: { firstName: 'Zoë', city: 'Besançon' } }),
  page: ({ anonymousId }, index) => ({ anonymousId, name: 'Accueil', properties: { url: `https://shop.example/${index}` } }),
  screen: ({ userId }) => ({ userId, name: 'Panier', properties: {} }),
  alias: ({ anonymousId, userId }) => ({ userId, previousId: anonymousId }),
}

const inBatches = { flushAt: 50, flushInterval: 200 }

// A client of Segment's own family tells a callback what became of each message.
function likeSegment(client, close) {
  const deliveries = []
  return {
    send: (type, message) => deliveries.push(new Promise(resolve => client[type](message, resolve))),
    async finish() {
      await close()
      assert.deepEqual((await Promise.all(deliveries)).filter(Boolean), [])
    },
  }
}

// How each is made, with patience for a server that comes back slowly. Jitsu and Dittofeed send once and forget.
const patient = {
  '@segment/analytics-node'({ writeKey, url }) {
    const client = new Segment({ writeKey, host: url, ...inBatches, maxRetries: 10 })
    return likeSegment(client, () => client.closeAndFlush({ timeout: 60000 }))
  },
  '@rudderstack/rudder-sdk-node'({ writeKey, url }) {
    const client = new Rudder(writeKey, { dataPlaneUrl: url, ...inBatches, retryCount: 8, logLevel: 'none' })
    return likeSegment(client, () => client.flush())
  },
  '@customerio/cdp-analytics-node'({ writeKey, url }) {
    const client = new CustomerIo({ writeKey, host: url, ...inBatches, maxRetries: 10 })
    return likeSegment(client, () => client.closeAndFlush({ timeout: 60000 }))
  },
  'analytics-node'({ writeKey, url }) {
    const client = new OldSegment(writeKey, { host: url, ...inBatches, retryCount: 8 })
    return likeSegment(client, () => client.flush())
  },
}

const hasty = {
  /* It remembers who is there, so it speaks for one visitor. */
  '@jitsu/js'({ writeKey, url }) {
    const client = jitsuAnalytics({ host: url, writeKey: `shop:${writeKey}`, s2s: true, errorPolicy: 'rethrow' })
    const deliveries = []
    const calls = {
      track: ({ event, properties }, ...ids) => client.track(event, properties, ...ids),
      identify: ({ userId, traits }, ...ids) => client.identify(userId, traits, ...ids),
      page: ({ name, properties }, ...ids) => client.page({ name, ...properties }, ...ids),
    }
    return {
      kinds: Object.keys(calls),
      visitors: 1,
      numberOf: row => row.properties?.number ?? row.traits?.number,
      send(type, { messageId: number, anonymousId, ...message }) {
        Object.assign(message.properties ?? message.traits, { number })
        deliveries.push(calls[type](message, { anonymousId }))
      },
      finish: () => Promise.all(deliveries),
    }
  },
  async '@dittofeed/sdk-node'({ writeKey, url }) {
    const client = await dittofeed.DittofeedSdk.init({ writeKey: basic(writeKey), host: url })
    assert.ok(client)
    return {
      kinds: ['track', 'identify', 'page', 'screen'],
      send: (type, message) => dittofeed.DittofeedSdk[type](message),
      finish: () => dittofeed.DittofeedSdk.flush(),
    }
  },
}

/** Sends all, and looks whether each message was stored once and lies with its user. */
async function deliverAll(server, name, make, { atHalf = async () => {}, writeKey = server.writeKey } = {}) {
  const { send, finish, numberOf, kinds: known = Object.keys(kinds), visitors = VISITORS } = await make({ url: server.url, writeKey })
  const user = visitor => `${name}-user-${visitor}`
  const ids = []
  for (let index = 0; index < MESSAGES; index++) {
    const visitor = index % visitors, type = known[index % known.length]
    const message = kinds[type]({ anonymousId: `${name}-visitor-${visitor}`, userId: user(visitor) }, index)
    ids.push(`${name}-${index}`)
    send(type, { ...message, messageId: ids.at(-1) })
    if (index % 100 === 99) await sleep(5) // a queue is bounded; a shop sends as things happen
    if (index === MESSAGES / 2) await atHalf()
  }
  await finish()
  await assertEachOnce(server, ids, numberOf)
  for (const visitor of new Set([0, visitors >> 1, visitors - 1])) {
    const { json } = await until(() => person(server, `user_id:${user(visitor)}`), ({ status }) => status !== 429)
    assert.equal(json.events.count, Math.ceil((MESSAGES - visitor) / visitors), user(visitor))
  }
}

describe('clients from npm', () => {
  let server
  before(async () => { server = await Server.start() })
  after(() => server.end())

  for (const [name, make] of Object.entries({ ...patient, ...hasty }))
    test(`${name} delivers ${MESSAGES} mixed messages, each once and to the right person`, () => deliverAll(server, name, make))
})

describe('clients from npm while the server is killed and comes back', () => {
  for (const [name, make] of Object.entries(patient))
    test(`${name} delivers ${MESSAGES} mixed messages, each once, over a kill -9`, async t => {
      const server = await Server.start()
      t.after(() => server.end())
      let back
      const atHalf = async () => {
        await sleep(20) // some batches are on their way
        await server.stop('SIGKILL')
        back = sleep(300).then(() => server.serve())
      }
      await deliverAll(server, name, make, { atHalf })
      await back
    })
})

test('a client that is too fast is told so, waits, and loses nothing', async t => {
  const server = await Server.start({ settings: { 'rate-per-second': 12 } })
  t.after(() => server.end())
  const limited = async () => Number((await server.get('/metrics')).text.match(/rate_limited_total (\d+)/)[1])
  await Promise.all(Object.entries(patient).map(async ([name, make]) => // the rate is each key's own
    deliverAll(server, name, make, { writeKey: await server.addKey() })))
  const key = await server.addKey() // on a slow machine no client of those above may be too fast
  await Promise.all(Array.from({ length: 100 }, () => server.post('/v1/track', { event: 'Hasty', anonymousId: 'hasty' }, { key })))
  assert.ok(await limited() > 0)
})
