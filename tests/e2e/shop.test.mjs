// The demo shop in Debian's Chromium, from the server itself and from an address of its own: what is sent, kept and shown, with
// consent and without, and with the server dead.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertProblem, root, Server, until } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'
import { Demo, ShopServer } from './demo.mjs'

const PAGE_MS = 15000
/** What a busy machine may take to decide; the shop's own deadline is 300 ms. */
const PATIENCE_MS = 8000
const axe = readFileSync(join(root, 'tests', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')
const PAGES = ['', 'category.html?c=Campement+%3E+Tentes', 'product.html?id=rain-jacket-02', 'search.html?q=zzz', 'basket.html', 'checkout.html', 'account.html',
  'privacy.html']

test('a_server_without_the_demo_has_no_shop_and_says_what_has', async () => {
  const server = await Server.start()
  const answer = await server.get('/shop/')
  assertProblem(answer, 404)
  assert.match(answer.json.detail, /visavis demo --data DIR/)
  await server.end()
})

describe('the demo shop', { skip, concurrency: 2 }, () => {
  const demo = new Demo(), elsewhere = new ShopServer(), orphan = new ShopServer()
  let browser, origins

  before(async () => {
    await demo.start()
    const key = (await demo.command('keys', 'add', '--origin', '*')).trim()
    await elsewhere.start(demo.url, key)
    await orphan.start('http://127.0.0.1:1', key) // nobody listens there
    origins = { its_own_server: demo.url, another_origin: elsewhere.url }
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    await elsewhere.stop()
    await orphan.stop()
    const code = await demo.stop()
    demo.remove()
    assert.equal(code, 0)
  })

  /** A visitor of their own; whatever the browser complains of fails the test that ends the visit. */
  async function visit(origin, { path = '', lang = 'fr', storage = {}, dead = false, ...options } = {}) {
    const context = await browser.newContext({ locale: lang === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130', ...options })
    const page = await context.newPage(), complaints = [], sent = []
    page.setDefaultTimeout(PAGE_MS)
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => ['error', 'warning'].includes(message.type()) && !(dead && /ERR_/.test(message.text())) && complaints.push(message.text()))
    page.on('request', request => request.method() === 'POST' && sent.push({ path: new URL(request.url()).pathname, body: request.postData() ?? '', headers: request.headers() }))
    await page.addInitScript(([kept, deadline]) => {
      new MutationObserver(() => document.querySelector('script[data-key]')?.setAttribute('data-deadline', deadline))
        .observe(document, { childList: true, subtree: true })
      for (const [name, value] of Object.entries(kept)) localStorage.setItem(name, JSON.stringify(value))
      window.shifts = 0
      new PerformanceObserver(list => list.getEntries().forEach(({ value }) => { window.shifts += value })).observe({ type: 'layout-shift', buffered: true })
    }, [storage, PATIENCE_MS])
    const still = async () => assert.equal(await page.evaluate(() => window.shifts), 0, `${page.url()} shifted`)
    const open = async to => {
      await page.goto(`${origin}/shop/${to}`)
      await page.waitForSelector('h1')
    }
    await open(path)
    const end = async () => { await context.close(); assert.deepEqual(complaints, []) }
    return { page, context, sent, open, still, end, lang }
  }

  const filled = (page, place) => page.waitForSelector(`[data-visavis-place="${place}"][data-visavis-decision] [data-visavis-item] img`)

  /** From the home page to an order, by hand. */
  async function buy({ page, still }, place) {
    if (place) await filled(page, place)
    await still()
    await page.click('.menu a:has-text("Campement")')
    await page.click('.grid:not(.place) .card a')
    await page.click('.buy:enabled')
    await page.waitForSelector('.done a')
    await still()
    await page.click('.done a')
    await page.waitForSelector('.lines li')
    if (place) await filled(page, 'panier-complements')
    await still()
    await page.click('a.door[href*=checkout]')
    await page.click('form.paper button')
    await page.waitForSelector('h1:has-text("Merci")')
    await still()
  }

  for (const where of ['its_own_server', 'another_origin']) {
    test(`tells_what_an_accepting_visitor_does_and_fills_its_places_on_${where}`, async () => {
      const visitor = await visit(origins[where])
      const { page, context, open } = visitor
      await page.click('button[name=accept]')
      await buy(visitor, 'accueil-tendances')
      await open('product.html?id=rain-jacket-02')
      await filled(page, 'produit-souvent-avec')
      await page.waitForSelector('#lately[data-visavis-decision]')
      assert.equal(await page.locator('#lately h2').innerText(), 'Vus récemment')
      await page.locator('.why summary').first().click()
      assert.ok((await page.locator('.why[open] p').innerText()).length > 10)
      await visitor.still()
      const [cookie] = (await context.cookies()).filter(({ name }) => name === 'visavis_id')
      const [id] = cookie.value.split('.')
      await visitor.end()
      const wanted = ['Product Viewed', 'Product Added', 'Cart Viewed', 'Checkout Started', 'Order Completed']
      const mine = async () => (await demo.command('export', 'events')).split('\n').filter(line => line.includes(id)).map(line => JSON.parse(line))
      const told = await until(mine, list => wanted.every(name => list.some(({ event }) => event === name)), { within: PAGE_MS, every: 250 })
      assert.deepEqual(wanted.filter(name => !told.some(({ event }) => event === name)), [])
      const added = told.find(({ event }) => event === 'Product Added').properties
      const [bought] = told.find(({ event }) => event === 'Order Completed').properties.products
      assert.equal(bought.product_id, added.product_id)
      assert.equal(told.filter(({ event, properties }) => event === 'Product Viewed' && properties.product_id === added.product_id).length, 1)
    })

    test(`neither_keeps_nor_sends_an_identifier_of_who_refuses_on_${where}`, async () => {
      const visitor = await visit(origins[where])
      const { page, context, sent } = visitor
      await page.click('button[name=refuse]')
      await buy(visitor, 'accueil-tendances')
      assert.deepEqual(await context.cookies(), [])
      assert.deepEqual((await page.evaluate(() => Object.keys(localStorage))).sort(), ['shop-basket', 'shop-orders', 'visavis-choice'])
      assert.ok(sent.some(({ path }) => path === '/v1/decide'))
      for (const { body, headers } of sent) {
        assert.ok(!/anonymousId|userId|messageId|email/.test(body), body)
        assert.equal(headers.cookie, undefined)
      }
      await visitor.end()
    })
  }

  test('is_a_whole_shop_when_the_server_is_dead', async () => {
    const visitor = await visit(orphan.url, { dead: true })
    await visitor.page.waitForFunction(() => !document.querySelector('.waiting'))
    assert.equal(await visitor.page.locator('[data-visavis-place=accueil-tendances] .card').count(), 4)
    await buy(visitor, null)
    await visitor.end()
  })

  test('counts_a_return_and_its_first_page_as_the_visitors_own', async () => {
    const choice = { measure: true, personalise: true, learn: true }
    const visitor = await visit(demo.url, { path: 'product.html?id=headlamp-03', storage: { 'visavis-choice': { at: Date.now(), choice } } })
    await until(async () => visitor.sent.some(({ path, body }) => path === '/v1/batch' && /Product Viewed/.test(body)), Boolean, { within: PAGE_MS })
    assert.ok(visitor.sent.filter(({ path }) => path === '/v1/decide').every(({ body }) => JSON.parse(body).user.anonymousId))
    const viewed = visitor.sent.flatMap(({ body }) => JSON.parse(body).batch ?? JSON.parse(body).events ?? []).filter(({ event }) => event === 'Product Viewed')
    assert.ok(viewed.length > 0 && viewed.every(({ messageId }) => messageId === viewed[0].messageId), JSON.stringify(viewed))
    await visitor.end()
  })

  test('is_signed_in_by_a_claim_and_out_again_by_keyboard', async () => {
    const { page, end } = await visit(demo.url, { path: 'account.html' })
    await page.click('button[name=refuse]')
    await page.locator('.person').first().focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('h1:has-text("Bonjour Camille")')
    await page.locator('main button').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('.person')
    await end()
  })

  for (const [lang, width, paths] of [['fr', 1440, PAGES], ['en', 360, PAGES.slice(0, 5)]])
    test(`pages_are_accessible_and_fit_${width}_pixels_in_${lang}`, async () => {
      const storage = { 'shop-basket': [{ item: 'rain-jacket-02', variant: 'rain-jacket-02-m', quantity: 2 }] }
      const visitor = await visit(demo.url, { lang, storage, viewport: { width, height: 800 } })
      const { page, open, end, still } = visitor
      await page.waitForSelector('button[name=refuse]') // the banner is looked at on the first page
      for (const path of paths) {
        await open(path + (lang === 'en' ? `${path.includes('?') ? '&' : '?'}lang=en` : ''))
        if (!/checkout|account|privacy/.test(path)) await page.waitForSelector('[data-visavis-ready]')
        await page.evaluate(axe)
        const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
        assert.deepEqual(violations.map(({ id, nodes }) => [path, id, nodes[0].html]), [])
        assert.doesNotMatch(await page.locator('body').innerText(), /\b(null|undefined|NaN)\b/)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${path} is too wide`)
        await still()
      }
      await end()
    })
})
