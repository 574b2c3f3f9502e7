// Server-side clients that others wrote, unmodified, from npm: none of their messages is lost, none is stored twice.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Analytics as CustomerIo } from '@customerio/cdp-analytics-node'
import dittofeed from '@dittofeed/sdk-node'
import { jitsuAnalytics } from '@jitsu/js'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics as Segment } from '@segment/analytics-node'
import OldSegment from 'analytics-node'
import { assertNoneLostNoneTwice, basic, Server, sleep } from './server.mjs'

// What a shop's server sends: the kinds of calls in turn, for fifty visitors.
const visitor = (name, index) => ({ anonymousId: `${name}-visitor-${index % 50}`, userId: `${name}-user-${index % 50}` })

function messageOf(name, index) {
  const { anonymousId, userId } = visitor(name, index)
  const number = `${name}-${index}`
  return [
    ['track', { anonymousId, event: 'Product Viewed', properties: { number, product_id: `i${index % 7}`, price: 12.5 } }],
    ['identify', { anonymousId, userId, traits: { number, firstName: 'Zoë', city: 'Besançon' } }],
    ['page', { anonymousId, name: 'Accueil', properties: { number, url: `https://shop.example/${index}` } }],
    ['track', { userId, event: 'Product Added', properties: { number, product_id: `i${index % 7}`, quantity: 1 } }],
  ][index % 4]
}

// A client of Segment's family hands each message to a callback when it is delivered.
const withCallback = client => {
  const deliveries = []
  return {
    send: ([type, message]) => deliveries.push(new Promise(resolve => client[type](message, resolve))),
    delivered: async () => assert.deepEqual((await Promise.all(deliveries)).filter(error => error instanceof Error), []),
  }
}

const inBatches = { flushAt: 50, flushInterval: 200 }

// How each is made, told to send a message, and to send the rest. `survives`: it keeps what a server that is away refuses.
const clients = {
  '@segment/analytics-node': {
    survives: true,
    make({ writeKey, url }) {
      const client = new Segment({ writeKey, host: url, ...inBatches, maxRetries: 10 })
      const { send, delivered } = withCallback(client)
      return { send, finish: async () => { await client.closeAndFlush({ timeout: 60000 }); await delivered() } }
    },
  },
  '@rudderstack/rudder-sdk-node': {
    survives: true,
    make({ writeKey, url }) {
      const client = new RudderAnalytics(writeKey, { dataPlaneUrl: url, ...inBatches, retryCount: 8, logLevel: 'none' })
      const { send, delivered } = withCallback(client)
      return { send, finish: async () => { await client.flush(); await delivered() } }
    },
  },
  '@customerio/cdp-analytics-node': {
    survives: true,
    make({ writeKey, url }) {
      const client = new CustomerIo({ writeKey, host: url, ...inBatches, maxRetries: 10 })
      const { send, delivered } = withCallback(client)
      return { send, finish: async () => { await client.closeAndFlush({ timeout: 60000 }); await delivered() } }
    },
  },
  'analytics-node': {
    survives: true,
    make({ writeKey, url }) {
      const client = new OldSegment(writeKey, { host: url, ...inBatches, retryCount: 8 })
      const { send, delivered } = withCallback(client)
      return { send, finish: async () => { await client.flush(); await delivered() } }
    },
  },
  '@jitsu/js': {
    make({ writeKey, url }) {
      const client = jitsuAnalytics({ host: url, writeKey: `shop:${writeKey}`, s2s: true, errorPolicy: 'rethrow' })
      const deliveries = []
      const calls = {
        track: ({ event, properties, ...ids }) => client.track(event, { ...properties, context: {} }, ids),
        identify: ({ userId, traits, ...ids }) => client.identify(userId, traits, ids),
        page: ({ name, properties, ...ids }) => client.page({ name, ...properties }, ids),
      }
      return { send: ([type, message]) => deliveries.push(calls[type](message)), finish: () => Promise.all(deliveries) }
    },
  },
  '@dittofeed/sdk-node': {
    make({ writeKey, url }) {
      const client = new dittofeed.DittofeedSdkBase({
      })
    },
  },
}
