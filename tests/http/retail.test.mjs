// A real shop's year of invoices: imported as a file, and sent as messages over HTTP, they make the same people.
import assert from 'node:assert/strict'
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { granted, Server, sharedData, until } from './server.mjs'

const BYTES = 1 << 20 // of 45 MB: some 12,000 lines
const ORDER_PRODUCTS_MAX = 200 // a larger order is cut by an import
const CONSENT = ['--consent', 'personalise=granted', '--consent-source', 'a test', '--consent-date', '2010-01-01']
const retail = sharedData('online-retail')

/** Whole lines of the file's front, as fields. */
function read(name) {
  const bytes = Buffer.alloc(BYTES), file = openSync(name, 'r')
  const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, BYTES, 0))
  const front = text.slice(0, text.lastIndexOf('\n') + 1)
  const field = /("(?:[^"]|"")*"|[^,\n\r]*)(,|\r?\n)/y
  const rows = [[]]
  for (let match; (match = field.exec(front));) {
    rows.at(-1).push(match[1].replace(/^"|"$/g, '').replaceAll('""', '"'))
    if (match[2] !== ',') rows.push([])
    if (field.lastIndex === front.length) break
  }
  return { front, rows: rows.slice(1, -1) }
}

/** The messages that a shop's own server would send, by our own reckoning: one an invoice and person. */
function messagesOf(rows) {
  const orders = new Map()
  for (const [invoice, item, , quantity, date, price, customer, country] of rows) {
    if (!customer) continue
    const key = `${invoice} ${customer}`
    if (!orders.has(key)) orders.set(key, { invoice, date, userId: customer.replace(/\.0$/, ''), country, lines: [] })
    orders.get(key).lines.push({ product_id: item, quantity: Number(quantity), price: Number(price) })
  }
  return [...orders.values()].map(({ invoice, date, userId, country, lines }, index) => {
    const back = invoice.startsWith('C') || lines.every(({ quantity }) => quantity < 0)
    const sum = lines.reduce((all, { quantity, price }) => all + Math.round(price * 100) * quantity, 0) / 100
    const products = lines.filter(({ quantity }) => back || quantity > 0).map(line => ({ ...line, quantity: Math.abs(line.quantity) }))
    return { type: 'track', messageId: `order-${index}`, event: back ? 'Order Refunded' : 'Order Completed', userId,
      timestamp: `${date.replace(' ', 'T')}Z`, context: { ...granted('personalise'), traits: { address: { country } } },
      properties: { order_id: invoice, currency: 'GBP', ...back ? { total: Math.abs(sum) } : { revenue: sum }, products } }
  })
}

describe('a real shop', { skip: retail ? false : 'shared/data/online-retail is not here' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-retail-'))
  const file = join(folder, 'front.csv')
  let server, sent, imported, messages
  const catalogue = workspace => server.command('import', 'catalog', file, '--workspace', workspace, '--map', 'item=StockCode,title=Description,price=UnitPrice')
  before(async () => {
    const { front, rows } = read(join(retail, 'online_retail.csv'))
    writeFileSync(file, front)
    messages = messagesOf(rows)
    server = await Server.start()
    sent = await server.init('sent', '--timezone', 'Europe/London', '--currency', 'GBP')
    imported = await server.init('imported', '--timezone', 'Europe/London', '--currency', 'GBP')
  })
  after(async () => {
    await server.end()
    rmSync(folder, { recursive: true })
  })

  test('its products are a catalogue, in both shops the same', async () => {
    const [one, two] = [await catalogue('sent'), await catalogue('imported')].map(({ code, stdout }) => ({ code, ...JSON.parse(stdout) }))
    assert.equal(one.code, 0)
    assert.ok(one.written > 1000, `${one.written}`)
    assert.deepEqual(two, one)
  })

  test('its invoices, imported or sent, make the same people', async () => {
    const map = 'order=InvoiceNo,item=StockCode,user=CustomerID,time=InvoiceDate,quantity=Quantity,price=UnitPrice,country=Country'
    const run = await server.command('import', 'events', file, '--workspace', 'imported', '--map', map, ...CONSENT)
    assert.equal(run.code, 0, run.stderr)
    const people = [...new Set(messages.map(({ userId }) => userId))]
    const told = JSON.parse(run.stdout)
    assert.deepEqual([told.written, told.people], [messages.length, people.length])
    for (let from = 0; from < messages.length; from += 100) {
      const batch = messages.slice(from, from + 100)
      const { json } = await until(() => server.post('/v1/batch', { batch }, { key: sent.secret_key }), ({ status }) => status !== 503)
      assert.deepEqual([json.accepted + json.duplicates, json.errors], [batch.length, undefined])
    }
    const cut = new Set(messages.filter(({ properties }) => properties.products.length > ORDER_PRODUCTS_MAX).map(({ userId }) => userId))
    const whole = people.filter(userId => !cut.has(userId))
    assert.ok(whole.length > 300, `${whole.length}`)
    for (const userId of whole.filter((_, index) => index % 10 === 0)) {
      const shown = async ({ secret_key: key }) => {
        const { level, events, sessions, affinities, bought, orders, place, basket } = (await server.get(`/api/v1/people/user_id:${userId}`, { key })).json
        return { level, events, sessions, affinities: affinities.map(({ attribute, value }) => [attribute, value]), bought, orders, place, basket }
      }
      assert.deepEqual(await shown(sent), await shown(imported), userId)
    }
  })
})
