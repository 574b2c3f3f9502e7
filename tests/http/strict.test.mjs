// What is sent wrongly is refused with its place and how to mend it: a row of the table is a call, and the pointer it must be told.
import assert from 'node:assert/strict'
import { writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assertProblem, Server } from './server.mjs'

let server
before(async () => {
  server = await Server.start({ settings: { 'rate-per-second': 100000 } })
  await server.putPlacement('home', { recipe: ['trending'], count: 4 })
})
after(() => server.end())

const many = count => Array.from({ length: count }, (_, n) => `i${n}`)
const placements = [{ id: 'home' }]

/** [body, pointer, what the sentence says] */
const tables = {
  'POST /v1/decide': [
    [{}, '/placements', /list of at least one/],
    [{ placements: 'home' }, '/placements', /list of at least one/],
    [{ placements: [] }, '/placements', /list of at least one/],
    [{ placements: many(21) }, '/placements', /at most 20, not 21/],
    [{ placements: [7] }, '/placements/0', /object/],
    [{ placements: [{ id: 'home' }, {}] }, '/placements/1', /"id"/],
    [{ placements: [{ id: 7 }] }, '/placements/0/id', /text/],
    [{ placements: [{ id: 'home', counts: 3 }] }, '/placements/0/counts', /not known here; there are id, count, exclude, order/],
    ['{"placements":[{"id":"home","id":"away"}]}', '/placements/0/id', /twice/],
    ...['4', 4.5, 0, -1, 51, 1e300, [4]].map(count => [{ placements: [{ id: 'home', count }] }, '/placements/0/count', /whole number from 1 to 50/]),
    [{ placements: [{ id: 'home', exclude: 'i1' }] }, '/placements/0/exclude', /list/],
    [{ placements: [{ id: 'home', exclude: many(501) }] }, '/placements/0/exclude', /at most 500, not 501/],
    [{ placements: [{ id: 'home', exclude: ['i1', { itemId: 'i2' }] }] }, '/placements/0/exclude/1', /text or a number/],
    [{ placements: [{ id: 'home', order: ['a'] }] }, '/placements/0/order', /object/],
    [{ placements: [{ id: 'home', order: { id: ['a'] } }] }, '/placements/0/order/id', /there are ids/],
    [{ placements: [{ id: 'home', order: { ids: ['a', 'a'] } }] }, '/placements/0/order/ids', /./],
    [{ placements: [{ id: 'home', order: { ids: many(101) } }] }, '/placements/0/order/ids', /./],
    [{ placements, placement: 'home' }, '/placement', /not known here; there are user, context, events/],
    [{ placements, deadlineMS: 5 }, '/deadlineMS', /deadlineMs/],
    ...['50', 0, 2001, 1.5, true].map(deadlineMs => [{ placements, deadlineMs }, '/deadlineMs', /whole number from 1 to 2000/]),
    [{ placements, explain: 'yes' }, '/explain', /true or false/],
    [{ placements, details: 'yes' }, '/details', /true or false/],
    [{ placements, user: 'ada' }, '/user', /object/],
    [{ placements, user: { anonymousId: {} } }, '/user/anonymousId', /text or a number/],
    [{ placements, user: { userId: true } }, '/user/userId', /text or a number/],
    [{ placements, user: { email: 7 } }, '/user/email', /text/],
    [{ placements, user: { anonymousId: 'a'.repeat(2000) } }, '/user/anonymousId', /over \d+ bytes/],
    [{ placements, context: [] }, '/context', /object/],
    [{ placements, context: { page: 'home' } }, '/context/page', /object/],
    [{ placements, context: { page: { itemId: ['i1'] } } }, '/context/page/itemId', /text or a number/],
    [{ placements, context: { page: { personalisedMax: 21 } } }, '/context/page/personalisedMax', /0 to 20/],
    [{ placements, context: { cart: 'i1' } }, '/context/cart', /list/],
    [{ placements, context: { cart: ['i1', { itemId: {} }] } }, '/context/cart/1/itemId', /text or a number/],
    [{ placements, context: { cart: [[]] } }, '/context/cart/0', /itemId/],
    [{ placements, context: { consent: true } }, '/context/consent', /object/],
    [{ placements, context: { locale: 5 } }, '/context/locale', /text/],
    [{ placements, events: {} }, '/events', /list of messages/],
    [{ placements, events: many(21) }, '/events', /at most 20, not 21/],
    [{ placements, events: ['seen'] }, '/events/0', /object/],
    ['[]', undefined, /not an object/],
    ['{"placements":[', undefined, /./],
  ],
  'POST /v1/consent': [
    [{}, '/anonymousId', /Name the person/],
    [{ anonymousId: 'a' }, '/purposes', /at least one/],
    [{ anonymousId: {}, purposes: { learn: 'denied' } }, '/anonymousId', /text or a number/],
    [{ anonymousId: 'a', purposes: ['learn'] }, '/purposes', /personalise/],
    [{ anonymousId: 'a', purposes: { telepathy: 'granted' } }, '/purposes/telepathy', /not a purpose/],
    [{ anonymousId: 'a', purposes: { learn: 'yes' } }, '/purposes/learn', /granted or denied/],
    [{ anonymousId: 'a', purposes: { learn: true } }, '/purposes/learn', /granted or denied/],
    [{ anonymousId: 'a', objections: { learn: 'granted' } }, '/objections/learn', /true or false/],
    [{ anonymousId: 'a', objections: true }, '/objections', /true/],
    [{ anonymousId: 'a', objection: { learn: true } }, '/objection', /there are .*objections/],
    [{ anonymousId: 'a', purposes: { learn: 'denied' }, timestamp: 'yesterday' }, '/timestamp', /instant/],
    [{ anonymousId: 'a', purposes: { learn: 'denied' }, text: ['no'] }, '/text', /text/],
    ['{"anonymousId":"a","anonymousId":"b","purposes":{"learn":"denied"}}', '/anonymousId', /twice/],
  ],
  'POST /v1/visitor': [
    [{}, '/visitor', /ID\.SECONDS\.PURPOSES/],
    ...['x', 'a.b.c', `${'0'.repeat(36)}.${(4e9).toString(36)}.7`, `${'0'.repeat(36)}.0.7`, `${'0'.repeat(36)}.1;x.7`,
      `${'0'.repeat(36)}.${Math.floor(Date.now() / 1000).toString(36)}.0`, `${'0'.repeat(35)};.${Math.floor(Date.now() / 1000).toString(36)}.7`]
      .map(visitor => [{ visitor }, '/visitor', /at most 390 days old/]),
    [{ visitor: `${'0'.repeat(36)}.${Math.floor(Date.now() / 1000).toString(36)}.7`, domain: 'a.fr; Path=/x' }, '/domain', /small letters/],
    [{ visitor: 7 }, '/visitor', /text/],
    [{ visitors: 'x' }, '/visitors', /there are visitor/],
  ],
  'PUT /api/v1/placements/home': [
    [{ recipe: 'everything' }, '/recipe', /./],
    [{ recipe: ['telepathy'] }, '/recipe/0', /./],
    [{ recipe: many(300) }, '/recipe', /./],
    [{ recipe: ['trending'], count: '4' }, '/count', /whole number/],
    [{ recipe: ['trending'], rule: [] }, '/rule', /unknown member/],
    [{ recipe: ['trending'], rules: [{ kind: 'exclude', items: many(501) }] }, '/rules/0/items', /500/],
    [{ recipe: ['trending'], rules: [{ kind: 'cap', attribute: 'brand', most: 2 }] }, '/rules/0/most', /unknown member/],
    [{ recipe: ['trending'], rules: ['in_stok'] }, '/rules/0', /./],
    [{ recipe: ['trending'], kind: 'menu' }, '/kind', /items .* or order/],
    [{ recipe: ['trending'], id: 'away' }, '/id', /path/],
    ['{"recipe":["trending"],"count":3,"count":4}', '/count', /twice/],
  ],
  'PUT /api/v1/feeds/night': [
    [{}, '/url', /missing/],
    [{ url: 7 }, '/url', /text/],
    [{ url: 'https://shop.example/f.csv', every: 5 }, '/every', /there are .*everyMinutes/],
    [{ url: 'https://shop.example/f.csv', mode: 'partial' }, '/mode', /full or delta/],
    [{ url: 'https://shop.example/f.csv', mode: 1 }, '/mode', /full or delta/],
    [{ url: 'https://shop.example/f.csv', format: 'doc' }, '/format', /csv, tsv/],
    [{ url: 'https://shop.example/f.csv', format: [] }, '/format', /csv, tsv/],
    [{ url: 'https://shop.example/f.csv', everyMinutes: '5' }, '/everyMinutes', /minutes/],
    [{ url: 'https://shop.example/f.csv', everyMinutes: 4 }, '/everyMinutes', /5 to/],
    [{ url: 'https://shop.example/f.csv', paused: 'no' }, '/paused', /true or false/],
    [{ url: 'https://shop.example/f.csv', holdPercent: 101 }, '/holdPercent', /0 to 100/],
    [{ url: 'https://shop.example/f.csv', locale: 'english' }, '/locale', /language/],
    [{ url: 'https://shop.example/f.csv', map: ['title'] }, '/map', /object/],
    [{ url: 'https://shop.example/f.csv', map: { title: { column: 'a' } } }, '/map/title', /name/],
    ['{"url":"https://shop.example/f.csv","url":"https://other.example/f.csv"}', '/url', /twice/],
  ],
}

for (const [route, rows] of Object.entries(tables))
  describe(route, () => {
    const [method, path] = route.split(' ')
    for (const [body, pointer, sentence] of rows) {
      const sent = typeof body === 'string' ? body : JSON.stringify(body)
      test(sent.length > 110 ? `${sent.slice(0, 110)}…` : sent, async () => {
        const answer = await server.call(method, path, { body: sent, key: server.secretKey })
        assertProblem(answer, 400)
        const [error] = answer.json.errors
        assert.equal(error.pointer, pointer, answer.text)
        assert.match(error.detail, sentence)
        assert.ok(error.detail.length > 10, answer.text)
      })
    }
  })

test('what a page says of itself may hold more than is known', async () => {
  const { status, text } = await server.post('/v1/decide', { placements: ['home', 'home'], user: { anonymousId: 'a', traits: {} }, explain: null,
    context: { library: { name: 'tag' }, page: { type: 'home', referrer: '' }, cart: [{ itemId: 'i1', price: 3 }, 'i2', 3] } }, { key: server.secretKey })
  assert.equal(status, 200, text)
})
