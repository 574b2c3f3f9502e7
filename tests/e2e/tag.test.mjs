// The browser tag on a shop's pages in Chromium: what it sends, what it must not send, what it shows and when it keeps out.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { after, before, describe, test } from 'node:test'
import { sleep, until } from '../http/server.mjs'
import { itemIds, person } from '../http/shop.mjs'
import { skip } from './browser.mjs'
import { TagShop } from './tag_shop.mjs'

const CORE_BYTES_MAX = 8000
const agree = "visavis('consent', true);"
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/
const home = '<div data-visavis-place="home" style="min-height:300px"><p id="own">Nos choix</p></div><p id="below">Dessous</p>'

describe('the tag', { skip, concurrency: 4 }, () => {
  let shop
  before(async () => { shop = await TagShop.open() })
  after(() => shop?.close())

  const named = event => list => list.some(message => message.event === event)

  test('is_small_cached_and_may_be_loaded_by_any_shop', async () => {
    const { server } = shop
    const plain = await server.get('/tag.js')
    assert.equal(plain.status, 200)
    assert.ok(gzipSync(plain.bytes, { level: 9 }).length <= CORE_BYTES_MAX, `${gzipSync(plain.bytes, { level: 9 }).length} bytes gzipped`)
    assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
    assert.equal(plain.headers['cross-origin-resource-policy'], 'cross-origin')
    assert.match(plain.headers['cache-control'], /^public, max-age=\d+, stale-while-revalidate/)
    assert.match(plain.headers.vary, /Accept-Encoding/)
    const zipped = await server.get('/tag.js', { headers: { 'accept-encoding': 'gzip, br' } })
    assert.equal(zipped.headers['content-encoding'], 'gzip')
    assert.ok(zipped.bytes.length < CORE_BYTES_MAX)
    const again = await server.get('/tag.js', { headers: { 'if-none-match': plain.headers.etag, 'accept-encoding': 'gzip' } })
    assert.deepEqual([again.status, again.bytes.length], [304, 0])
    assert.equal((await server.get('/tag/nothing.js')).status, 404)
    assert.equal((await server.get('/tag/demo-catalog.ndjson')).status, 404)
  })

  test('accepted_means_identifier_events_and_personal_decisions', async () => {
    const visit = await shop.visit({ body: home, calls: agree + "visavis('page', {type: 'home'}); visavis('track', 'Product Viewed', {product_id: 'i9'})" })
    await visit.shown()
    await visit.messages(list => list.some(({ type }) => type === 'page') && named('Product Viewed')(list) && named('Product List Viewed')(list))
    const { cookies, storage } = await visit.kept()
    assert.equal(cookies.length, 1)
    assert.equal(storage.length, 0)
    assert.equal(cookies[0].name, 'visavis_id')
    const [id, made] = cookies[0].value.split('.')
    assert.match(id, UUID)
    assert.ok(Math.abs(cookies[0].expires - (parseInt(made, 36) + 390 * 86400)) <= 2)
    const [asked] = visit.door.posted('/v1/decide')
    assert.equal(asked.user.anonymousId, id)
    assert.deepEqual(asked.context.consent.categoryPreferences, { measure: true, personalise: true, learn: true })
    assert.deepEqual(visit.door.posted('/v1/consent').map(({ anonymousId, purposes }) => [anonymousId, purposes.personalise]), [[id, 'granted']])
    assert.ok(visit.door.messages.every(({ anonymousId }) => anonymousId === id))
    const known = await until(() => person(shop.server, `anonymous_id:${id}`), ({ status, text }) => status === 200 && /i9/.test(text))
    assert.match(known.text, /i9/)
    await visit.end()
  })

  for (const [state, calls] of [['no_choice', ''], ['a_refusal', "visavis('consent', false);"]])
    test(`${state}_means_no_identifier_read_stored_or_sent`, async () => {
      const visit = await shop.visit({
        body: home + '<button id="add" data-visavis-event="Product Added" data-visavis-product-id="i3">Ajouter</button>',
        calls: calls + "visavis('page', {type: 'home'}); visavis('identify', 'zozime', {email: 'zozime@example.org'}); visavis('track', 'Product Viewed', {product_id: 'i9'})",
      }, { path: '/?email=zozime@example.org&utm_source=x' })
      await visit.shown()
      await visit.page.click('#add')
      await visit.page.click('[data-visavis-item] a')
      const found = await visit.messages(list => named('Product List Viewed')(list) && named('Product Added')(list) && named('Product Clicked')(list))
      assert.deepEqual(await visit.kept(), { cookies: [], storage: [] })
      assert.equal(await visit.page.evaluate(() => window.cookieReads), 0)
      const [asked] = visit.door.posted('/v1/decide')
      assert.deepEqual(Object.keys(asked).sort(), ['context', 'deadlineMs', 'details', 'placements', 'writeKey'])
      assert.deepEqual(asked.context.page, { type: 'home', url: `${visit.origin}/` })
      assert.deepEqual(visit.door.posted('/v1/consent'), [])
      for (const message of found) {
        assert.deepEqual(Object.keys(message).sort(), ['context', 'event', 'properties', 'type'])
        assert.deepEqual(Object.keys(message.context), ['consent'])
        assert.ok(!Object.values(message.context.consent.categoryPreferences).includes(true))
      }
      assert.deepEqual([...new Set(found.map(({ event }) => event))].sort(), ['Product Added', 'Product Clicked', 'Product List Viewed'])
      for (const { text, headers } of visit.door.requests) {
        assert.ok(!/zozime|email|anonymousId|messageId/.test(text), text)
        assert.equal(headers.cookie, undefined)
      }
      await visit.end()
    })

  test('what_nobody_agreed_to_is_counted_by_the_server_and_not_refused_nor_kept', async () => {
    const secret = 'commande-77'
    const visit = await shop.visit({ calls: `visavis('track', 'Order Completed', {order_id: '${secret}', total: 10})` })
    await visit.messages(named('Order Completed'))
    await visit.end()
    const answer = await shop.server.post('/v1/batch', { batch: visit.door.messages }, { key: shop.key })
    assert.deepEqual([answer.json.success, answer.json.accepted, answer.json.errors], [true, 0, undefined])
    assert.ok(!(await shop.server.exported()).some(({ properties }) => properties?.order_id === secret))
  })

  test('a_withdrawal_takes_the_identifier_away_at_once_and_what_was_chosen_for_it', async () => {
    const visit = await shop.visit({ body: home.replaceAll('home', 'again'), calls: agree + "visavis('track', 'Product Viewed', {product_id: 'i9'})" })
    const { page, context } = visit
    await visit.shown()
    const [{ value }] = await context.cookies()
    const [id] = value.split('.')
    await visit.messages(named('Product Viewed'))
    visit.door.requests.length = 0
    await page.evaluate(() => { window.visavis('track', 'Product Added', { product_id: 'i2' }); window.visavis('consent', false) })
    assert.equal(await page.evaluate(() => document.cookie), '')
    await until(() => visit.kept(), ({ cookies }) => cookies.length === 0) // the browser's own jar follows
    assert.deepEqual(await visit.kept(), { cookies: [], storage: [] })
    await page.waitForSelector('#own')
    await until(async () => visit.door.posted('/v1/consent'), list => list.length > 0)
    await page.evaluate(() => window.visavis('decide', ['home'], decisions => { window.answered = decisions }))
    await page.waitForFunction(() => window.answered)
    await sleep(1200) // what was queued would have gone
    const withId = visit.door.requests.filter(({ text }) => text.includes(id))
    assert.deepEqual(withId.map(({ path, json }) => [path, json.purposes?.personalise]), [['/v1/consent', 'denied']])
    assert.equal(visit.door.posted('/v1/decide')[0].user, undefined)
    await page.evaluate(() => window.visavis('consent', true))
    const [{ value: next }] = await until(() => context.cookies(), cookies => cookies.length > 0)
    assert.notEqual(next.split('.')[0], id)
    await visit.end()
  })

  test('the_identifier_keeps_its_first_date_through_visits_and_changes', async () => {
    const made = Math.floor(Date.now() / 1000) - 30 * 86400
    const id = '11111111-2222-4333-8444-555555555555'
    const visit = await shop.visit({ calls: agree }, { cookies: [{ name: 'visavis_id', value: `${id}.${made.toString(36)}.7`, expires: made + 390 * 86400 }] })
    await visit.messages(list => list.some(({ anonymousId }) => anonymousId === id))
    assert.deepEqual(visit.door.posted('/v1/consent'), []) // the server knows already
    await visit.page.evaluate(() => window.visavis('consent', { measure: true }))
    const [cookie] = await until(() => visit.context.cookies(), ([{ value }]) => value.endsWith('.1'))
    assert.equal(cookie.value, `${id}.${made.toString(36)}.1`)
    assert.ok(Math.abs(cookie.expires - (made + 390 * 86400)) <= 2)
    assert.equal(visit.door.messages.filter(({ type }) => type === 'page').length, 1)
    await visit.end()
  })

  test('behind_the_shops_own_domain_the_cookie_is_set_by_http_and_no_other_cookie_is_sent_on', async () => {
    const visit = await shop.visit({ calls: agree, body: home, source: '/visavis/tag.js' }, { cookies: [{ name: 'panier', value: 'secret' }] })
    await visit.shown()
    await visit.messages(list => list.length > 0)
    const cookies = await visit.context.cookies()
    assert.deepEqual(cookies.map(({ name }) => name).sort(), ['panier', 'visavis_id'])
    const { value } = cookies.find(({ name }) => name === 'visavis_id')
    const { answer } = await until(async () => visit.door.requests.find(({ path }) => path === '/v1/visitor'), request => request?.answer)
    assert.match(answer['set-cookie'][0], new RegExp(`^visavis_id=${value}; Path=/; Max-Age=\\d+; SameSite=Lax$`))
    const life = Number(/Max-Age=(\d+)/.exec(answer['set-cookie'][0])[1])
    assert.ok(life <= 390 * 86400 && life > 390 * 86400 - 60)
    for (const { path, headers } of visit.door.requests.filter(({ method }) => method === 'POST'))
      assert.ok(path === '/v1/visitor' || !headers.cookie, path)
    await visit.end()
  })

  test('commerce_is_told_by_calls_attributes_and_json_ld_each_thing_once', async () => {
    const product = { '@context': 'https://schema.org', '@graph': [{ '@type': 'BreadcrumbList' }, { '@type': 'Product', sku: 'i5', name: 'Lampe 5', brand: { name: 'Noé' }, offers: [{ price: '14.90', priceCurrency: 'EUR' }] }] }
    const visit = await shop.visit({
      calls: agree,
      head: `<script type="application/ld+json">${JSON.stringify(product)}</script><script type="application/ld+json">not json</script>`,
      body: `${home.replaceAll('home', 'product')}
        <div data-visavis-event="Cart Viewed" data-visavis-cart-id="c1"></div>
        <a id="pdf" href="/notice.PDF?x=1" onclick="event.preventDefault()">Notice</a>
        <button id="add" data-visavis-event="Product Added" data-visavis-product-id="5" data-visavis-price="14.90" data-visavis-quantity="2">+</button>
        <form id="ask" data-visavis-form="quiz" onsubmit="event.preventDefault()"><input name="free" value="ma vie"><textarea name="more">secret</textarea>
          <input type="password" name="pass" value="hunter2"><input type="hidden" name="csrf" value="tok"><input type="email" name="mail" value="a@b.fr">
          <input type="email" data-visavis-field="email" value="c@d.fr"><input type="number" name="cc" autocomplete="cc-csc" value="123">
          <select name="size"><option>42</option></select><input type="radio" name="sport" value="rando" checked><input type="checkbox" name="snow"><button>ok</button></form>`,
    })
    await visit.page.click('#add')
    await visit.page.click('#pdf')
    await visit.page.click('#ask button')
    const found = await visit.messages(list => ['Product Viewed', 'Cart Viewed', 'Product Added', 'File Downloaded', 'Form Submitted'].every(event => named(event)(list)))
    const of = event => found.filter(message => message.event === event).map(({ properties }) => properties)
    assert.deepEqual(of('Product Viewed'), [{ product_id: 'i5', name: 'Lampe 5', brand: 'Noé', price: 14.9, currency: 'EUR' }])
    assert.deepEqual(of('Product Added'), [{ product_id: '5', price: 14.9, quantity: 2 }])
    assert.deepEqual(of('Cart Viewed'), [{ cart_id: 'c1' }])
    assert.deepEqual(of('File Downloaded'), [{ file: `${visit.origin}/notice.PDF` }])
    assert.deepEqual(of('Form Submitted'), [{ form: 'quiz', answers: { email: 'c@d.fr', size: '42', sport: 'rando', snow: false } }])
    assert.equal(visit.door.posted('/v1/decide')[0].context.page.itemId, 'i5')
    assert.ok(!/hunter2|secret|ma vie|tok"|123|a@b.fr/.test(visit.door.requests.map(({ text }) => text).join()))
    await visit.end()
  })

  test('pages_of_an_application_are_told_with_the_time_they_were_looked_at', async () => {
    const visit = await shop.visit({ calls: agree, body: '<main></main>' })
    await visit.messages(list => list.length === 1)
    await sleep(1100)
    await visit.page.evaluate(() => {
      history.replaceState({}, '', location.href) // the same page
      history.pushState({}, '', '/lampes?utm_source=lettre&jeton=secret#haut')
      document.title = 'Lampes'
      document.querySelector('main').innerHTML = '<div data-visavis-place="home" style="min-height:300px">Choix</div>'
    })
    await visit.shown()
    await visit.page.goBack()
    const found = await visit.messages(list => list.filter(({ type }) => type === 'page').length === 3)
    const pages = found.filter(({ type }) => type === 'page')
    assert.deepEqual(pages.map(({ properties }) => properties.path), ['/', '/lampes', '/'])
    assert.equal(pages[1].name, 'Lampes')
    assert.equal(pages[1].properties.url, `${visit.origin}/lampes?utm_source=lettre`)
    assert.equal(pages[1].context.campaign.source, 'lettre')
    const [time] = found.filter(({ event }) => event === 'Page Time')
    assert.ok(time.properties.seconds >= 1 && time.properties.url === `${visit.origin}/`)
    assert.equal(await visit.page.evaluate(() => window.shifts), 0)
    await visit.end()
  })

  test('a_place_is_filled_from_the_shops_template_without_a_shift_and_links_stay_links_of_the_web', async () => {
    const evil = { title: '<img src=x onerror=alert(1)>', url: 'javascript:alert(1)', image: 'data:text/html,x' }
    const mode = {
      decisions: ['trap', 'second'].map(placement => ({ id: placement, placement, items: [{ itemId: 'evil' }, { itemId: 'good' }] })),
      details: { evil, good: { title: 'Lampe', url: '/lampe', price: '10.90', currency: 'EUR' } },
    }
    const visit = await shop.visit({
      mode, body: `<template data-visavis-template="trap"><article><a data-visavis-field="url"><b data-visavis-field="title"></b></a><i data-visavis-field="price"></i></article></template>
        ${home.replaceAll('home', 'trap')}<div id="anchor" style="margin-top:2000px">loin</div>`,
      calls: "visavis('place', {id: 'second', selector: '#anchor', how: 'before', reserve: 50})",
    })
    await visit.page.waitForSelector('article')
    const look = await visit.page.evaluate(() => {
      const [first, second] = document.querySelectorAll('article')
      return { text: first.querySelector('b').textContent, href: first.querySelector('a').href, price: second.querySelector('i').textContent, shifts: window.shifts }
    })
    assert.deepEqual(look, { text: '<img src=x onerror=alert(1)>', href: '', price: '10,90\u00a0€', shifts: 0 })
    await visit.page.waitForFunction(() => document.querySelector('#anchor').previousElementSibling?.matches('[data-visavis-decision]'))
    await visit.end()
  })

  test('a_decision_counts_as_seen_after_a_second_in_sight_and_not_before', async () => {
    const visit = await shop.visit({ body: `<div style="height:2000px"></div>${home}`, calls: agree })
    await visit.shown()
    await sleep(1500)
    assert.ok(!named('Product List Viewed')(visit.door.messages))
    await visit.page.evaluate(() => {
      document.querySelector('[data-visavis-place]').scrollIntoView()
      setTimeout(() => window.scrollTo(0, 0), 100)
    })
    await sleep(1500)
    assert.ok(!named('Product List Viewed')(visit.door.messages), 'a glance is not enough')
    await visit.page.evaluate(() => document.querySelector('[data-visavis-place]').scrollIntoView())
    const found = await visit.messages(named('Product List Viewed'))
    const { properties } = found.find(({ event }) => event === 'Product List Viewed')
    assert.equal(properties.list_id, 'home')
    assert.equal(properties.products.length, 4)
    assert.ok(properties.products.every(({ product_id: id }) => itemIds.includes(id)))
    await visit.end()
  })

  test('what_the_shops_server_drew_is_watched_and_left_alone', async () => {
    const id = '01a2005f-b64c-7000-b2fe-4b0a7181fd00'
    const visit = await shop.visit({ calls: agree, body: `<ul data-visavis-decision="${id}" data-visavis-list="home"><li data-visavis-item="i4">Lampe 4</li></ul>` })
    await visit.page.click('[data-visavis-item]')
    const found = await visit.messages(list => named('Product List Viewed')(list) && named('Product Clicked')(list))
    const clicked = found.find(({ event }) => event === 'Product Clicked').properties
    assert.deepEqual(clicked, { decisionId: id, list_id: 'home', product_id: 'i4', position: 1 })
    assert.deepEqual(visit.door.posted('/v1/decide'), [])
    await visit.end()
  })

  for (const mode of ['dead', 'slow', 'garbage', 'busy'])
    test(`with_a_server_that_is_${mode}_the_page_is_as_without_the_tag`, async () => {
      const visit = await shop.visit({ mode, body: home, deadline: 300, calls: agree + "visavis('track', 'Order Completed', {order_id: 'o'})" })
      await until(async () => visit.door.requests, list => list.some(({ path }) => path === '/v1/decide'))
      await sleep(400)
      const look = () => visit.page.evaluate(() => ({
        body: document.body.innerText, visible: getComputedStyle(document.querySelector('#own')).visibility, shifts: window.shifts,
        top: document.querySelector('#below').getBoundingClientRect().top,
      }))
      const seen = await look()
      visit.door.mode = 'passes'
      const bare = await shop.visit({ body: home, tag: false })
      const plain = await bare.page.evaluate(() => ({
        body: document.body.innerText, visible: 'visible', shifts: 0, top: document.querySelector('#below').getBoundingClientRect().top,
      }))
      assert.deepEqual(seen, plain)
      await bare.end()
      if (mode === 'busy') await visit.messages(named('Order Completed'), 10000) // comes again when the server does
      await visit.end()
    })

  test('two_tags_in_one_page_are_one', async () => {
    const visit = await shop.visit({ calls: agree, times: 2 })
    await visit.messages(list => list.length > 0)
    await sleep(500)
    assert.equal(visit.door.messages.filter(({ type }) => type === 'page').length, 1)
    await visit.end()
  })
})
