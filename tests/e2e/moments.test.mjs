// The page of moments in Debian's Chromium, against a demo shop that is really running.
// Without a Chromium every test here is skipped, visibly; CHROMIUM names another one.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, skip } from './browser.mjs'
import { Demo } from './demo.mjs'

const CARD_MS = 15000

describe('the page of moments', { skip }, () => {
  const demo = new Demo()
  let browser

  before(async () => {
    await demo.start()
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    const code = await demo.stop()
    demo.remove()
    assert.equal(code, 0)
  })

  /** A page of its own; whatever the browser complains of fails the test that closes it. */
  async function open(address, options = {}) {
    const context = await browser.newContext({ locale: 'fr-FR', timezoneId: 'Europe/Paris', ...options })
    const page = await context.newPage()
    const complaints = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => /Content Security Policy|Refused to/.test(message.text()) && complaints.push(message.text()))
    page.on('request', request => new URL(request.url()).origin === demo.url || request.url().startsWith('data:') || complaints.push(`asked ${request.url()}`))
    await page.goto(address)
    return { page, end: async () => { await context.close(); assert.deepEqual(complaints, []) } }
  }

  const firstCard = page => page.locator('article').first()

  test('asks_for_a_key_and_says_when_one_does_not_open_it', async () => {
    const { page, end } = await open(`${demo.url}/`)
    await page.locator('#key').fill('vv_sk_nobody')
    await page.locator('#open').click()
    await page.waitForFunction(() => document.querySelector('#key-error').textContent.length > 10)
    assert.ok(await page.locator('#ask').isVisible())
    await page.locator('#key').fill(demo.secret_key)
    await page.keyboard.press('Enter')
    await firstCard(page).waitFor({ timeout: CARD_MS })
    assert.ok(await page.locator('#ask').isHidden())
    await end()
  })

  test('takes_the_key_out_of_the_address_and_keeps_it_for_the_tab_alone', async () => {
    const { page, end } = await open(demo.page)
    await firstCard(page).waitFor({ timeout: CARD_MS })
    assert.equal(page.url(), `${demo.url}/`)
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), '{}')
    await page.reload()
    await firstCard(page).waitFor({ timeout: CARD_MS })
    await end()
  })

  test('shows_a_moment_with_who_where_what_and_reasons_that_sum', async () => {
    const { page, end } = await open(demo.page)
    await page.locator('#state[data-state=live]').waitFor({ timeout: CARD_MS })
    const { decisions } = await demo.decide({
      user: { anonymousId: 'e2e-moments' },
      context: { page: { type: 'product', itemId: 'hiking-shoes-01' }, consent: { categoryPreferences: { personnalisation: true } } },
      placements: ['produit-souvent-avec'],
    })
    assert.ok(decisions[0].items.length > 0)
    const card = page.locator('article', { has: page.locator('time') }).filter({ hasNot: page.locator('.label') }).first()
    await card.waitFor({ timeout: CARD_MS })
    const text = await card.innerText()
    for (const part of [/Produit : souvent avec/, /page produit/, /Chaussures de randonnée Moraine, gris granit/, /Choisi/, /Parce que/, /Dans ce cadre/, /Version publiée 1/])
      assert.match(text, part)
    assert.equal(await card.locator('.item').count(), Math.min(4, decisions[0].items.length))
    assert.ok(await card.locator('img').first().evaluate(image => image.complete && image.naturalWidth > 0))
    const values = (await card.locator('.part span:nth-child(2)').allInnerTexts()).map(value => Number(value.replace(',', '.')))
    const total = values.pop()
    assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) - total) < 0.03, `${values} do not sum to ${total}`)
    await end()
  })

  test('labels_simulated_visits_and_they_keep_coming', async () => {
    const { page, end } = await open(demo.page)
    await firstCard(page).waitFor({ timeout: CARD_MS })
    const count = await page.locator('article').count()
    assert.match(await page.locator('article .label').first().innerText(), /simulé/)
    await page.waitForFunction(before => document.querySelectorAll('article').length > before, count, { timeout: CARD_MS })
    await end()
  })

  test('opens_the_whole_explanation_by_keyboard_and_keeps_the_focus', async () => {
    const { page, end } = await open(demo.page)
    await firstCard(page).waitFor({ timeout: CARD_MS })
    await page.locator('#pause').click()
    const button = firstCard(page).locator('button')
    await button.focus()
    await page.keyboard.press('Enter')
    assert.equal(await button.getAttribute('aria-expanded'), 'true')
    assert.ok(await button.evaluate(element => element === document.activeElement))
    await firstCard(page).locator('summary').click()
    const raw = JSON.parse(await firstCard(page).locator('pre').innerText())
    assert.ok(raw.id && raw.sentences.length > 0)
    await end()
  })

  test('speaks_the_other_language_and_remembers_it', async () => {
    const { page, end } = await open(demo.page)
    await firstCard(page).waitFor({ timeout: CARD_MS })
    assert.match(await page.locator('h1').innerText(), /Qui reçoit quoi, et pourquoi\u202f\?/)
    await page.locator('#pause').click()
    await page.locator('#language').click()
    assert.equal(await page.locator('h1').innerText(), 'Who gets what, and why?')
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    const placement = firstCard(page).locator('header .facts').last()
    assert.match(await placement.innerText(), /Home: trending|Home: for you|Basket: to go with it|Product: often with it|Recently viewed/)
    await page.waitForFunction(() => /ften bought|opular right now|ecently viewed|best sellers|ften viewed/.test([...document.querySelectorAll('article .reason')].map(told => told.textContent).join(' ')), null, { timeout: CARD_MS })
    await page.reload()
    assert.equal(await page.locator('h1').innerText(), 'Who gets what, and why?')
    await end()
  })

  for (const width of [360, 1280])
    test(`fits_${width}_pixels_without_scrolling_sideways`, async () => {
      const { page, end } = await open(demo.page, { viewport: { width, height: 800 }, colorScheme: 'dark', reducedMotion: 'reduce' })
      await firstCard(page).waitFor({ timeout: CARD_MS })
      await firstCard(page).locator('button').click()
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
      await end()
    })

  test('says_that_the_connection_is_lost_and_comes_back_by_itself', async () => {
    const { page, end } = await open(demo.page)
    await page.locator('#state[data-state=live]').waitFor({ timeout: CARD_MS })
    assert.equal(await demo.stop(), 0)
    await page.locator('#state[data-state=waiting]').waitFor({ timeout: CARD_MS })
    assert.match(await page.locator('#state').innerText(), /Connexion perdue, nouvel essai/)
    await demo.start() /* with new keys: the old one is told to be one no more */
    await page.waitForFunction(() => document.querySelector('#key-error').textContent.length > 10, null, { timeout: 45000 })
    await page.goto(demo.page)
    await firstCard(page).waitFor({ timeout: CARD_MS })
    await end()
  })
})
