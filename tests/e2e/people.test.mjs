// A person's page and a file that is brought in, in Debian's Chromium: the whole path, by keyboard where it counts, in both languages.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { Server } from '../http/server.mjs'
import { consented, decide, furnish, viewed } from '../http/shop.mjs'
import { launch, skip } from './browser.mjs'

const WAIT_MS = 20000
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ADA = '/people?who=user_id:ada'

describe('people in the console', { skip }, () => {
  let server, browser, signedIn

  before(async () => {
    server = new Server({})
    const made = await server.init('shop')
    Object.assign(server, { writeKey: made.write_key, secretKey: made.secret_key })
    await server.serve()
    await furnish(server)
    const batch = ['i1', 'i2', 'i3'].map(item => viewed(item, { userId: 'ada', anonymousId: 'tablet' }))
    await server.post('/v1/batch', { batch }, { key: server.secretKey })
    for (let i = 0; i < 2; i++) await decide(server, { key: server.secretKey, user: { userId: 'ada' }, deadlineMs: 2000 })
    browser = await launch()
    const { stdout } = await server.command('user', 'link', 'owner', '--json')
    const { page, end } = await open(`/#login=${JSON.parse(stdout).token}`)
    await page.getByRole('link', { name: 'Personnes' }).waitFor()
    signedIn = await page.context().storageState()
    await end()
  })
  after(async () => {
    await browser?.close()
    await server.end()
  })

  async function open(path, { language = 'fr', ...options } = {}) {
    const context = await browser.newContext({ locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    const complaints = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    await page.goto(`${server.url.replace('127.0.0.1', 'localhost')}/console${path}`)
    return { page, end: async () => { await context.close(); assert.deepEqual(complaints, []) } }
  }
  async function assertAccessible(page, where) {
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => window.axe.run())
    assert.deepEqual(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], where)
  }

  for (const language of ['fr', 'en'])
    test(`a person is told part by part (${language})`, async () => {
      const words = language === 'fr'
        ? { timeline: 'Ce qu’elle a fait', decisions: 'Ce qui lui a été montré', now: 'Ce qu’elle verrait maintenant', unseen: 'vue non constatée', personal: 'personnel', clear: 'Retirer les filtres' }
        : { timeline: 'What they did', decisions: 'What they were shown', now: 'What they would see now', unseen: 'not known to be seen', personal: 'personal', clear: 'Take the filters away' }
      const { page, end } = await open(ADA, { language, storageState: signedIn, ...(language === 'en' && { viewport: { width: 360, height: 780 }, colorScheme: 'dark' }) })
      await page.getByText('tablet').first().waitFor()
      await assertAccessible(page, 'profile')
      if (language === 'en') assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), 'wider than 360 px')
      await page.getByRole('link', { name: /Noé/ }).first().press('Enter') // an affinity opens its evidence
      await page.getByRole('button', { name: words.clear }).waitFor()
      assert.match(page.url(), /attribute=brand/)
      await page.getByText('Product Viewed').first().waitFor()
      await assertAccessible(page, 'timeline')
      await page.getByRole('link', { name: words.decisions }).press('Enter')
      await page.getByText(words.unseen).first().waitFor()
      await assertAccessible(page, 'decisions')
      await page.getByRole('link', { name: words.now }).press('Enter')
      await page.getByText(words.personal).first().waitFor()
      await assertAccessible(page, 'now')
      await end()
    })

  test('a file is tried, then brought in, and is still there on another page', async () => {
    const { page, end } = await open('/people', { storageState: signedIn })
    await page.locator('input[type=file]').setInputFiles({ name: 'clients.csv', mimeType: 'text/csv', buffer: Buffer.from('E-mail;Prénom\ngrace@example.org;Grace\n;Personne\n') })
    await page.getByRole('button', { name: 'Essai à blanc' }).press('Enter')
    await page.getByText('Ligne 3').waitFor()
    await assertAccessible(page, 'files')
    await page.reload()
    await page.getByRole('button', { name: 'Importer' }).press('Enter')
    await page.getByText(/1 écrites/).waitFor()
    await page.goto(page.url().replace(/people.*/, 'people?who=email:grace@example.org'))
    await page.getByText('Grace').first().waitFor()
    await end()
  })
})
