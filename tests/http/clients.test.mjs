// Clients that others wrote, unmodified, from npm: none of their messages is lost, none is stored twice.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Analytics as CustomerIo } from '@customerio/cdp-analytics-node'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics as Segment } from '@segment/analytics-node'
import { Server, sleep } from './server.mjs'

const MESSAGES = 1000

// What each client sends: the kinds of calls in turn, each under an id of its own.
function send(client, name, index, delivered) {
  const messageId = `${name}-${index}`
  const anonymousId = `${name}-visitor-${index % 50}`
  const userId = `${name}-user-${index % 50}`
  const calls = {
    track: { anonymousId, event: 'Product Viewed', properties: { product_id: `i${index % 7}`, price: 12.5 } },
    identify: { anonymousId, userId, traits: { firstName: 'Zoë', city: 'Besançon' } },
    page: { anonymousId, name: 'Accueil', properties: { url: `https://shop.example/${index}` } },
    alias: { userId, previousId: anonymousId },
  }
  const [type, message] = Object.entries(calls)[index % 4]
  client[type]({ ...message, messageId }, delivered)
  return messageId
}

// How each is made, with patience for a server that comes back slowly, and how it is told to send the rest.
const clients = {
  segment: {
    make: server => new Segment({ writeKey: server.writeKey, host: server.url, flushAt: 50, flushInterval: 200, maxRetries: 10 }),
    finish: client => client.closeAndFlush({ timeout: 60000 }),
  },
  rudder: {
    make: server => new RudderAnalytics(server.writeKey,
      { dataPlaneUrl: server.url, flushAt: 50, flushInterval: 200, retryCount: 8, logLevel: 'none' }),
    finish: client => client.flush(),
  },
  customerio: {
    make: server => new CustomerIo({ writeKey: server.writeKey, host: server.url, flushAt: 50, flushInterval: 200, maxRetries: 10 }),
    finish: client => client.closeAndFlush({ timeout: 60000 }),
  },
}

async function sendAll(server, name, atHalf = async () => {}) {
  const { make, finish } = clients[name]
  const client = make(server)
  const ids = [], deliveries = []
  for (let index = 0; index < MESSAGES; index++) {
    deliveries.push(new Promise(resolve => ids.push(send(client, name, index, resolve))))
    if (index % 100 === 99) await sleep(5) // a queue is bounded; a shop sends as things happen
    if (index === MESSAGES / 2) await atHalf()
  }
  await finish(client)
  const failures = (await Promise.all(deliveries)).filter(Boolean)
  assert.deepEqual(failures, [])
  return ids
}

async function assertEachOnce(server, ids) {
  const seen = new Map()
  const wanted = new Set(ids)
  for (const { messageId } of await server.exported())
    if (wanted.has(messageId)) seen.set(messageId, (seen.get(messageId) ?? 0) + 1)
  const lost = ids.filter(id => !seen.has(id))
  const doubled = ids.filter(id => seen.get(id) > 1)
  assert.deepEqual({ lost, doubled }, { lost: [], doubled: [] })
}

describe('clients from npm', () => {
  let server
  before(async () => { server = await Server.start() })
  after(() => server.end())

  for (const name of Object.keys(clients))
    test(`${name} delivers ${MESSAGES} mixed messages, each once`, async () => {
      await assertEachOnce(server, await sendAll(server, name))
    })
})

describe('clients from npm while the server is killed and comes back', () => {
  for (const name of Object.keys(clients))
    test(`${name} delivers ${MESSAGES} mixed messages, each once, over a kill -9`, async t => {
      const server = await Server.start()
      t.after(() => server.end())
      let back
      const ids = await sendAll(server, name, async () => {
        await sleep(20) // some batches are on their way
        await server.stop('SIGKILL')
        back = sleep(300).then(() => server.serve())
      })
      await back
      await assertEachOnce(server, ids)
    })
})
