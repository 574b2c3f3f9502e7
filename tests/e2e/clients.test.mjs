// Browser clients that others wrote, unmodified from npm, on a shop's page in Chromium: the page has another origin than the
// server, the key is bound to it, and what a visitor did not agree to is not kept.
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assertEachOnce, root, Server, sleep, until } from '../http/server.mjs'
import { person } from '../http/shop.mjs'
import { launch, skip } from './browser.mjs'

const MESSAGES = 300
const modules = join(root, 'tests', 'node_modules')
const agreed = { measure: true, personalise: true }
const refused = { measure: false, personalise: false }

const segment = { script: '@segment/analytics-next/dist/umd/index.js', load: loadSegment }
const rudder = { script: '@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js', load: loadRudder }
const segmentBatches = config => ({ deliveryStrategy: { strategy: 'batching', config } })
const rudderBatches = (options, retry) => ({ queueOptions: { batch: { enabled: true, ...options }, ...retry } })

// Each way a client sends. `patient` ones keep what a server that is away did not take; `leaving` are the options of those
// that hold back a batch and send it when the page is left.
const clients = {
  'analytics-next, one by one': { ...segment, patient: {} },
  'analytics-next, in batches': {
    ...segment, options: segmentBatches({ size: 40, timeout: 200 }), patient: segmentBatches({ size: 40, timeout: 200 }),
    leaving: segmentBatches({ size: 1000, timeout: 60000 }),
  },
  'RudderStack, one by one': { ...rudder, patient: { queueOptions: { minRetryDelay: 100 } } },
  'RudderStack, in batches': {
    ...rudder, options: rudderBatches({ maxItems: 40, flushInterval: 200 }),
    patient: rudderBatches({ maxItems: 40, flushInterval: 200 }, { minRetryDelay: 100 }),
  },
  'RudderStack, by beacon': {
    ...rudder, options: { useBeacon: true, beaconQueueOptions: { maxItems: 10, flushQueueInterval: 200 } },
    leaving: { useBeacon: true, beaconQueueOptions: { maxItems: 100, flushQueueInterval: 60000 } },
  },
  Jitsu: { load: loadJitsu },
}
const those = what => Object.entries(clients).filter(([, client]) => client[what]).map(([name, client]) => [name, { ...client, options: client[what] }])

const brands = Object.entries(clients).filter(([name]) => !/in batches|by beacon/.test(name))

// These run in the page: a client is loaded with the shop's address, its key and the visitor's choice, and leaves itself
// behind as `shop`, for their calls are alike.
/* global AnalyticsNext, rudderanalytics */
async function loadSegment({ url, writeKey, choice, options = {} }) {
  const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: url }, { integrations: { 'Segment.io': options } })
  analytics.addSourceMiddleware(({ payload, next }) => {
    if (choice) payload.obj.context.consent = { categoryPreferences: choice }
    next(payload)
  })
  window.shop = analytics
  window.anonymousId = (await analytics.user()).anonymousId()
}

async function loadRudder({ url, writeKey, choice, options }) {
  const analytics = new rudderanalytics.RudderAnalytics()
  const chosen = wanted => Object.keys(choice).filter(name => choice[name] === wanted)
  analytics.load(writeKey, url, {
    configUrl: url,
    ...(choice && { consentManagement: { enabled: true, provider: 'custom', allowedConsentIds: chosen(true), deniedConsentIds: chosen(false) } }),
    ...options,
  })
  window.shop = analytics
  await new Promise(resolve => analytics.ready(resolve))
  window.anonymousId = analytics.getAnonymousId()
}

async function loadJitsu({ url, writeKey, choice }) {
  const { jitsuAnalytics } = await import('/npm/@jitsu/js/dist/jitsu.es.js')
  window.shop = jitsuAnalytics({ host: url, writeKey: `shop:${writeKey}`, privacy: { consentCategories: choice ?? {} } })
  window.anonymousId = window.shop.user().anonymousId
}

/** The shop's pages and its copy of the clients. */
async function openShop() {
  const types = { js: 'text/javascript', mjs: 'text/javascript' }
  const listener = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://shop')
    if (!pathname.startsWith('/npm/')) {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>Une boutique</title><link rel="icon" href="data:,">')
      return
    }
    response.setHeader('content-type', types[pathname.split('.').pop()] ?? 'application/octet-stream')
    createReadStream(join(modules, pathname.slice('/npm/'.length))).on('error', () => response.destroy()).pipe(response)
  })
  await new Promise(resolve => listener.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${listener.address().port}`, close: () => listener.closeAllConnections() || listener.close() }
}

describe('browser clients from npm', { skip }, () => {
  let server, shop, browser, browserKey

  before(async () => {
    shop = await openShop()
    server = await Server.start()
    browserKey = await server.addKey('--origin', shop.origin)
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    shop?.close()
    await server?.end()
  })

  /** A visitor with a browser profile of its own, on the shop's page with a client loaded. */
  async function visit({ script, load, options }, { choice = agreed, origin = shop.origin } = {}) {
    const context = await browser.newContext({ locale: 'fr-FR', timezoneId: 'Europe/Paris', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130' })
    const page = await context.newPage()
    const complaints = []
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    const underWay = new Set()
    page.on('request', request => request.method() === 'POST' && underWay.add(request))
    for (const ended of ['requestfinished', 'requestfailed']) page.on(ended, request => underWay.delete(request))
    await page.goto(origin)
    if (script) await page.addScriptTag({ url: `/npm/${script}` })
    const loaded = page.evaluate(load, { url: server.url, writeKey: browserKey, choice, options })
    return { page, complaints, loaded, underWay, end: () => context.close() }
  }

  /** Sends numbered messages of several kinds, a few at a time as a visitor does, and returns their numbers. A browser bounds what
   *  beacons are on their way, and the client drops what is beyond: so the next few wait for those before. */
  async function send({ page, loaded, underWay }, count) {
    await loaded
    const numbers = Array.from({ length: count }, () => next++)
    for (let from = 0; from < count; from += 10) {
      await page.evaluate(few => {
        for (const number of few) {
          if (number % 3 === 0) window.shop.track('Product Viewed', { number, product_id: `i${number % 7}` })
          else if (number % 3 === 1) window.shop.page('Accueil', { number })
          else window.shop.track('Product Added', { number, product_id: `i${number % 7}`, quantity: 1 })
        }
      }, numbers.slice(from, from + 10))
      await sleep(30)
      await until(() => underWay.size, under => under === 0)
    }
    return numbers
  }
  let next = 0

  const anonymousIdOf = ({ page }) => page.evaluate(() => window.anonymousId)
  const numberOf = row => row.properties?.number

  for (const [name, client] of Object.entries(clients))
    test(`${name}: ${MESSAGES} messages of two visitors, each once and to the right person`, async () => {
      const visitors = await Promise.all([visit(client), visit(client)])
      const numbers = await Promise.all(visitors.map(visitor => send(visitor, MESSAGES / 2)))
      await assertEachOnce(server, numbers.flat(), numberOf)
      for (const visitor of visitors) {
        const { json } = await person(server, `anonymous_id:${await anonymousIdOf(visitor)}`)
        assert.equal(json.events.count, MESSAGES / 2)
        const states = json.consents[0].purposes.map(({ purpose, state }) => [purpose, state])
        assert.deepEqual(Object.fromEntries(states), { measure: 'granted', personalise: 'granted' })
        assert.deepEqual(visitor.complaints, [])
        await visitor.end()
      }
    })

  for (const [name, client] of brands)
    test(`${name}: who refuses and who was not asked are counted and not kept`, async () => {
      const counted = async () => Number((await server.get('/metrics')).text.match(/^visavis_messages_counted_only_total (\d+)$/m)[1])
      const wanted = await counted() + 18
      const visitors = await Promise.all([refused, null].map(choice => visit(client, { choice })))
      for (const visitor of visitors) await send(visitor, 9)
      assert.equal(await until(counted, now => now >= wanted), wanted)
      for (const visitor of visitors) {
        assert.equal((await person(server, `anonymous_id:${await anonymousIdOf(visitor)}`)).status, 404)
        await visitor.end()
      }
    })

  for (const [name, client] of those('patient'))
    test(`${name}: what was said while the server was away arrives once`, async () => {
      const visitor = await visit(client)
      const before = await send(visitor, 20)
      await server.stop('SIGKILL')
      const meanwhile = await send(visitor, 20)
      await server.serve()
      await assertEachOnce(server, [...before, ...meanwhile], numberOf)
      await visitor.end()
    })

  for (const [name, client] of those('leaving'))
    test(`${name}: what waits when the page is left arrives`, async () => {
      const visitor = await visit(client)
      const numbers = await send(visitor, 15)
      await sleep(100) // the client hands on in steps of its own
      await visitor.page.goto(`${shop.origin}/autre-page`)
      await assertEachOnce(server, numbers, numberOf)
      await visitor.end()
    })

  const elsewhere = () => shop.origin.replace('127.0.0.1', 'localhost')

  for (const [name, client] of brands)
    test(`${name}: a page that the key is not bound to gets no further than the browser`, async () => {
      const before = (await server.exported()).length
      const visitor = await visit(client, { origin: elsewhere() })
      visitor.loaded.then(() => visitor.page.evaluate(() => window.shop.track('Tested'))).catch(() => {})
      const complaints = await until(() => visitor.complaints.join(), text => /CORS/.test(text))
      assert.match(complaints, /blocked by CORS policy/)
      await visitor.end()
      assert.equal((await server.exported()).length, before)
    })

  test('a beacon, which no browser asks about beforehand, is kept from the right page alone', async () => {
    for (const [origin, kept] of [[elsewhere(), 0], [shop.origin, 1]]) {
      const visitor = await visit({ load: () => {} }, { origin })
      const number = next++
      const accepted = visitor.page.evaluate(([url, body]) => new Promise(resolve => {
        new PerformanceObserver(list => list.getEntries().some(({ name }) => name === url) && resolve()).observe({ entryTypes: ['resource'] })
        navigator.sendBeacon(url, new Blob([body], { type: 'text/plain' }))
      }), [`${server.url}/beacon/v1/batch?writeKey=${browserKey}`, JSON.stringify({
        batch: [{ type: 'track', event: 'Tested', anonymousId: 'beacon', properties: { number }, context: { consent: { categoryPreferences: agreed } } }],
      })])
      await accepted
      assert.equal((await server.exported()).filter(row => numberOf(row) === number).length, kept, origin)
      await visitor.end()
    }
  })
})
