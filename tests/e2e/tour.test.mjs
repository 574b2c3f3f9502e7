// The newcomer's path in Debian's Chromium: what `make run` prints last, and where it leads.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { binary, until } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const START_MS = 30000
const WAIT_MS = 20000

/** The demo as a person at a terminal starts it. */
class Terminal {
  data = mkdtempSync(join(tmpdir(), 'visavis-tour-'))

  async start() {
    this.text = ''
    this.child = spawn(binary, ['demo', '--data', this.data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.exit = new Promise(resolve => this.child.once('exit', resolve))
    this.child.stdout.on('data', part => { this.text += part })
    await until(() => this.text, text => /next start\)\n$/.test(text), { within: START_MS, every: 100 })
    this.lines = this.text.trimEnd().split('\n').slice(-4)
    this.addresses = this.lines.slice(0, 3).map(line => line.trim().split(/ {2,}/))
    this.login = this.addresses[2][1]
  }

  async stop() {
    this.child.kill('SIGTERM')
    return this.exit
  }
}

describe('the tour', { skip }, () => {
  const terminal = new Terminal()
  let browser
  let signedIn

  before(async () => {
    await terminal.start()
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    assert.equal(await terminal.stop(), 0)
    rmSync(terminal.data, { recursive: true, force: true })
  })

  async function open(address, { language = 'fr', ...options } = {}) {
    const context = await browser.newContext({ locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ...options })
    const page = await context.newPage(), complaints = []
    page.setDefaultTimeout(WAIT_MS)
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    const sent = []
    page.on('request', request => request.method() === 'POST' && sent.push({ frame: request.frame(), path: new URL(request.url()).pathname, body: request.postData() ?? '' }))
    await page.goto(address)
    return { page, context, sent, end: async () => { await context.close(); assert.deepEqual(complaints, []) } }
  }

  test('the_last_lines_are_where_to_go', () => {
    assert.deepEqual(terminal.addresses.map(([name]) => name), ['shop', 'console', 'sign in'])
    assert.match(terminal.addresses[0][1], /^http:\/\/localhost:\d+\/shop\/$/)
    assert.match(terminal.login, /^http:\/\/localhost:\d+\/console\/#login=[0-9a-f]{64}$/)
    assert.match(terminal.lines[3], /once, within \d+ minutes/)
  })

  test('the_link_signs_in_and_life_is_there_and_labelled', async () => {
    const { page, end } = await open(terminal.login)
    await page.locator('[data-moment]').first().waitFor()
    assert.doesNotMatch(page.url(), /login/)
    await page.getByText('sont simulés').waitFor()
    await page.getByRole('link', { name: 'La voir pour deux personnes' }).click()
    await page.locator('h1', { hasText: 'Que devient la même page' }).waitFor()
    signedIn = await page.context().storageState()
    await end()
  })

  const console_ = () => terminal.addresses[1][1].replace(/\/$/, '')

  test('two_visitors_of_one_shop_are_decided_for_apart', async () => {
    const { page, context, sent, end } = await open(`${console_()}/vis-a-vis`, { storageState: signedIn, viewport: { width: 1440, height: 1100 } })
    const you = page.frameLocator('iframe >> nth=0'), them = page.frameLocator('iframe >> nth=1')
    await you.locator('button[name=accept]').click()
    await you.locator('.menu a').nth(1).click()
    await you.locator('.grid .card a').first().click()
    await them.locator('[data-visavis-decision]').first().waitFor()
    await page.locator('[data-side=you]').first().waitFor()
    await page.locator('[data-side=them]').first().waitFor()
    const [left, right] = page.frames().filter(frame => frame.url().includes('/shop/'))
    assert.equal(new URL(left.url()).pathname + new URL(left.url()).search, new URL(right.url()).pathname + new URL(right.url()).search)
    const idOf = frame => frame.evaluate(() => /visavis_id=([0-9a-f-]{36})/.exec(document.cookie)?.[1])
    const [yours, theirs] = [await idOf(left), await idOf(right)]
    assert.match(theirs, /^51e0/)
    assert.notEqual(yours, theirs)
    assert.deepEqual((await context.cookies()).filter(({ value }) => value.includes(theirs)), [], 'the other visitor is no cookie of this browser')
    const followed = sent.filter(({ frame }) => frame === right)
    assert.ok(followed.length > 0)
    for (const { path, body } of followed) {
      assert.equal(path, '/v1/decide', 'who follows does nothing of their own')
      assert.equal(JSON.parse(body).context.simulated, true)
      assert.equal(JSON.parse(body).events, undefined)
    }
    const mine = sent.filter(({ frame, path }) => frame === left && path === '/v1/decide').map(({ body }) => JSON.parse(body))
    assert.ok(mine.every(({ context: { simulated } }) => simulated === undefined))
    await page.locator('.opinions .tag-good').first().waitFor()
    await page.locator('#level').focus()
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowLeft')
    await page.locator('[data-side=them]', { hasText: 'sans accord' }).first().waitFor()
    const last = JSON.parse(sent.filter(({ path, body }) => path === '/v1/decide' && JSON.parse(body).context.simulated).at(-1).body)
    assert.equal(last.user, undefined)
    assert.equal(new URL(page.url()).search, '?level=0')
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false }))
    assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id} ${nodes[0].html}`), [])
    await end()
  })

  test('only_a_frame_may_be_somebody_elses_page', async () => {
    const shop = terminal.addresses[0][1].replace('localhost', '127.0.0.1')
    const page = await fetch(shop), framed = await fetch(shop, { headers: { 'sec-fetch-dest': 'iframe' } })
    assert.doesNotMatch(await page.text(), /shop-as/)
    assert.match(await framed.text(), /shop-as\.js/)
    assert.match(framed.headers.get('content-security-policy'), /frame-ancestors 'self'$/)
  })

  test('vis_a_vis_fits_a_narrow_screen_in_english_and_dark', async () => {
    const { page, end } = await open(`${console_()}/vis-a-vis?level=3`, { language: 'en', colorScheme: 'dark', viewport: { width: 390, height: 800 }, storageState: signedIn })
    await page.getByText('Level 3: what they look at').waitFor()
    await page.frameLocator('iframe >> nth=1').locator('[data-visavis-decision]').first().waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
    await end()
  })

  test('the_next_start_prints_another_link', async () => {
    const used = terminal.login
    assert.equal(await terminal.stop(), 0)
    await terminal.start()
    assert.notEqual(terminal.login, used)
    const { page, end } = await open(terminal.login)
    await page.locator('[data-moment]').first().waitFor()
    await end()
  })
})
