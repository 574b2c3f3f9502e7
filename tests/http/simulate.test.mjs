// Simulated shoppers: what they send to a server that we play, and that a real one takes it.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { binary, Server, until } from './server.mjs'

const SEED = 7, PEOPLE = 40
const items = Array.from({ length: 24 }, (_, at) => ({
  id: `gear-${at}`, title: `Gear ${at}`, price: `${20 + at}.00`, brand: at % 3 ? 'Aro' : 'Nil', stock: 5,
  category: ['Montagne > Tentes', 'Montagne > Sacs', 'Route > Casques', 'Route > Gourdes'][at % 4],
  attributes: { color: at % 2 ? 'red' : 'blue' },
  ...(at % 4 === 2 && { variants: ['S', 'M', 'L'].map(size => ({ id: `gear-${at}-${size}`, stock: size === 'L' ? 0 : 3, attributes: { size } })) }),
}))

const folder = mkdtempSync(join(tmpdir(), 'visavis-simulate-'))
const catalog = join(folder, 'catalog.ndjson'), truth = join(folder, 'truth.ndjson')
writeFileSync(catalog, items.map(item => JSON.stringify(item)).join('\n'))
after(() => rmSync(folder, { recursive: true }))

const words = (url, key, ...more) => ['simulate', '--url', url, '--write-key', key, '--seed', `${SEED}`, '--people', `${PEOPLE}`,
  '--catalog', catalog, '--start', '2026-03-01T08:00:00Z', '--speed', '1000000000', '--rate', '100000', '--json', ...more]
const simulate = (...all) => new Promise(resolve =>
  execFile(binary, words(...all), (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr })))
const summary = async (...all) => {
  const { code, stdout, stderr } = await simulate(...all)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

/** A server that keeps what it hears and always shows the same; the first calls are told to come again. */
async function listen({ busy = 0 } = {}) {
  const heard = []
  const server = http.createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const body = JSON.parse(text), answers = {
      '/v1/decide': () => ({ decisions: [{ id: '00000000-0000-7000-8000-000000000001', placement: 'here', personalised: false,
        items: items.slice(0, 8).map(({ id }) => ({ itemId: id })) }] }),
      '/v1/batch': () => ({ accepted: body.batch.length }), '/v1/consent': () => ({}) }
    if (busy-- > 0) return response.writeHead(503, { 'retry-after': '1' }).end('{}')
    heard.push({ path: request.url, key: request.headers.authorization, body })
    response.end(JSON.stringify(answers[request.url]()))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { heard, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
const messages = heard => heard.filter(({ path }) => path === '/v1/batch').flatMap(({ body }) => body.batch)
const questions = heard => heard.filter(({ path }) => path === '/v1/decide').map(({ body }) => body)

/** What each person did, without what is new in each run: ids of messages and orders. */
function walks(heard) {
  const walks = {}
  for (const { anonymousId, type, event = type, properties = {} } of messages(heard))
    (walks[anonymousId] ??= []).push([event, properties.product_id, properties.total, properties.products?.map(({ product_id }) => product_id)])
  return walks
}

describe('to a server that always shows the same', () => {
  let played, told, people
  before(async () => {
    played = await listen()
    told = await summary(played.url, 'a-key', '--days', '20', '--home', 'here', '--product', 'here', '--truth', truth)
    people = readFileSync(truth, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  })
  after(() => played.close())

  test('every message is labelled and of somebody who agrees, and so is every question with a name', () => {
    const agreeing = new Set(people.filter(({ agreement }) => agreement === 'agrees').map(({ anonymousId }) => anonymousId))
    assert.ok(agreeing.size > PEOPLE / 2 && agreeing.size < PEOPLE)
    for (const { anonymousId, context } of messages(played.heard)) {
      assert.ok(agreeing.has(anonymousId), anonymousId)
      assert.equal(context.simulated, true)
    }
    for (const { user, context } of questions(played.heard)) {
      assert.equal(context.simulated, true)
      assert.equal('anonymousId' in user, 'consent' in context)
      if (user.anonymousId) assert.ok(agreeing.has(user.anonymousId))
    }
    assert.ok(played.heard.every(({ key }) => key === 'Bearer a-key'))
  })

  test('who refuses or has not chosen sends no identifier anywhere, and asks from the page alone', () => {
    const others = people.filter(({ agreement }) => agreement !== 'agrees')
    const text = JSON.stringify(played.heard)
    for (const { anonymousId } of others) assert.ok(!text.includes(`"${anonymousId}"`), anonymousId)
    const nameless = questions(played.heard).filter(({ user }) => Object.keys(user).length === 0)
    assert.ok(told.namelessVisits > 0 && nameless.length >= told.namelessVisits)
    assert.ok(nameless.every(({ context }) => ['home', 'product'].includes(context.page.type)))
  })

  test('a yes is told once, before anything else of that person', () => {
    const said = played.heard.filter(({ path }) => path === '/v1/consent').map(({ body }) => body.anonymousId)
    assert.equal(new Set(said).size, said.length)
    assert.deepEqual(new Set(said), new Set(Object.keys(walks(played.heard))))
    const first = name => played.heard.findIndex(({ body }) => JSON.stringify(body).includes(`"${name}"`))
    for (const name of said) assert.equal(played.heard[first(name)].path, '/v1/consent')
  })

  test('the summary counts what was sent', () => {
    const sent = messages(played.heard), count = event => sent.filter(message => message.event === event).length
    assert.equal(told.messages, sent.length)
    assert.equal(told.decisions, questions(played.heard).length)
    assert.equal(told.requests, played.heard.length)
    assert.ok(told.orders >= count('Order Completed') && count('Order Completed') > 0) // who sends no identifier orders too
    assert.ok(told.clicks >= count('Product Clicked') && count('Product Clicked') > 0)
    assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, sent.length)
  })

  test('nobody puts into the basket what is not there in their size', () => {
    const bought = messages(played.heard).filter(({ event }) => event === 'Product Added')
    const sized = bought.filter(({ properties }) => properties.variant_id)
    assert.ok(sized.filter(({ properties }) => properties.variant_id.endsWith('-L')).length <= sized.length / 4)
  })

  test('the same seed and the same answers give the same walks; another seed does not', async () => {
    const [again, other] = [await listen(), await listen()]
    const second = await summary(again.url, 'a-key', '--days', '20', '--home', 'here', '--product', 'here')
    assert.deepEqual(walks(again.heard), walks(played.heard))
    assert.deepEqual({ ...second }, told)
    const { stdout } = await simulate(other.url, 'a-key', '--days', '20', '--home', 'here', '--seed', '8')
    assert.notEqual(JSON.parse(stdout).views, told.views)
    for (const server of [again, other]) server.close()
  })

  test('the truth holds what is hidden', () => {
    assert.equal(people.length, PEOPLE)
    for (const { discounts, tone, channel, budget, tastes } of people) {
      assert.ok(['persuadable', 'sure_thing', 'lost_cause', 'put_off'].includes(discounts))
      assert.ok(tone && channel && budget > 0)
      assert.deepEqual(tastes.map(({ taste }) => taste), tastes.map(({ taste }) => taste).sort((a, b) => b - a))
      assert.ok(tastes.some(({ attribute, value }) => attribute === 'brand' && value === 'Nil'))
    }
  })
})

describe('at its edges', () => {
  test('a busy server is asked again', async () => {
    const played = await listen({ busy: 3 })
    const { retries, messages: sent } = await summary(played.url, 'a-key', '--days', '1')
    assert.equal(retries, 3)
    assert.equal(sent, messages(played.heard).length)
    played.close()
  })

  test('how long it will take is said before it begins', async () => {
    const played = await listen()
    const half = await simulate(played.url, 'a-key', '--days', '0.5', '--speed', '86400')
    assert.match(half.stderr, /at --speed 86400 this takes 0\.5 s; --speed tells/)
    const bounded = await simulate(played.url, 'a-key', '--days', '30', '--speed', '60', '--for', '1s')
    assert.match(bounded.stderr, /this takes 1 s/)
    played.close()
  })

  test('an interrupt ends it with its summary', async () => {
    const played = await listen()
    const child = spawn(binary, words(played.url, 'a-key', '--history', '9', '--speed', '1', '--for', '1h'), { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', part => { text += part })
    await until(() => played.heard.length, heard => heard > 0) // the past is told, the present goes on for an hour
    child.kill('SIGINT')
    const code = await new Promise(resolve => child.once('exit', resolve))
    assert.equal(code, 0)
    assert.equal(JSON.parse(text).people, PEOPLE)
    played.close()
  })

  test('what is wrong is said: a missing key, a number, a server that is not there', async () => {
    const cases = [
      [['http://127.0.0.1:1', ''], /--write-key/],
      [['http://127.0.0.1:1', 'k', '--people', 'many'], /--people is a whole number from 1/],
      [['http://127.0.0.1:1', 'k', '--for', 'ever'], /--for is a duration/],
      [['http://127.0.0.1:1', 'k', '--days', '1'], /127\.0\.0\.1:1/],
      [['http://127.0.0.1:1', 'k', '--catalog', join(folder, 'none')], /none/],
    ]
    for (const [args, expected] of cases) {
      const { code, stderr } = await simulate(...args)
      assert.notEqual(code, 0)
      assert.match(stderr, expected)
    }
  })
})

describe('to a real server', () => {
  let server
  before(async () => {
    server = await Server.start()
    await server.addItems(items)
    await server.putPlacement('here', { recipe: 'for_you', count: 6, deadlineMs: 2000 })
  })
  after(() => server.end())

  test('a past and a present arrive, each message once, and people are recognised', async () => {
    const past = await summary(server.url, server.writeKey, '--history', '10', '--days', '0')
    const present = await summary(server.url, server.writeKey, '--days', '10', '--home', 'here', '--product', 'here')
    assert.ok(past.messages > 0 && past.decisions === 0)
    assert.equal(past.refusedMessages + present.refusedMessages, 0)
    const stored = (await server.exported()).filter(({ messageId }) => messageId?.startsWith('sim-'))
    assert.equal(stored.length, past.messages + present.messages)
    assert.ok(stored.every(({ context }) => context.simulated === true))
    assert.ok(present.decisions > 0 && present.personalised > 0)
  })

  test('a key that is not one ends it and says so', async () => {
    const { code, stderr } = await simulate(server.url, 'nonsense', '--days', '3')
    assert.notEqual(code, 0)
    assert.match(stderr, /the server answered 401/)
  })
})
