// The console in Debian's Chromium, against a demo shop that is really running. Whatever the browser complains of fails the test.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { binary, sleep } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'

const START_MS = 30000
const WAIT_MS = 15000
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

class Demo {
  constructor() {
    this.data = mkdtempSync(join(tmpdir(), 'visavis-console-'))
  }

  /** `localhost`, because the session's cookie is for HTTPS or there. */
  async start() {
    this.child = spawn(binary, ['demo', '--data', this.data, '--listen', '127.0.0.1:0', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.exit = new Promise(resolve => this.child.once('exit', resolve))
    const password = new Promise(resolve => createInterface({ input: this.child.stderr }).on('line', line => {
      const found = /with the password (\S+)/.exec(line)
      if (found) resolve(found[1])
    }))
    const line = new Promise(resolve => createInterface({ input: this.child.stdout }).once('line', resolve))
    const told = await Promise.race([Promise.all([line, password]), this.exit.then(() => null), sleep(START_MS, null, { ref: false })])
    assert.ok(told, `${binary} demo did not start`)
    Object.assign(this, JSON.parse(told[0]))
    this.password = told[1]
    this.console = `${this.url.replace('127.0.0.1', 'localhost')}/console`
  }

  post(path, body) {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.write_key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  /** Somebody whom nobody simulates looks at two pairs of shoes and is shown something. */
  async visit(anonymousId, placement = 'produit-souvent-avec') {
    const context = { consent: { categoryPreferences: { personalise: true } } }
    for (const item of ['hiking-shoes-02', 'hiking-shoes-01'])
      assert.equal((await this.post('/v1/track', { anonymousId, event: 'Product Viewed', properties: { product_id: item }, context })).status, 200)
    const answer = await this.post('/v1/decide', {
      user: { anonymousId },
      context: { ...context, page: { type: 'product', itemId: 'hiking-shoes-01' } },
      placements: [{ id: placement }],
      deadlineMs: 2000,
    })
    assert.equal(answer.status, 200)
    return (await answer.json()).decisions[0].id
  }

  async stop() {
    this.child.kill('SIGTERM')
    const code = await this.exit
    rmSync(this.data, { recursive: true, force: true })
    return code
  }
}

describe('the console', { skip }, () => {
  const demo = new Demo()
  let browser
  let signedIn // cookies and storage of an owner

  before(async () => {
    await demo.start()
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    assert.equal(await demo.stop(), 0)
  })

  /** allowed: what this test provokes on purpose. */
  async function open(path, { allowed = /^$/, language = 'fr', ...options } = {}) {
    const context = await browser.newContext({ locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    const complaints = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => ['error', 'warning'].includes(message.type()) && !allowed.test(message.text()) && complaints.push(message.text()))
    page.on('request', request => request.url().startsWith(new URL(demo.console).origin) || request.url().startsWith('data:') || complaints.push(`asked ${request.url()}`))
    await page.goto(demo.console + path)
    return { page, end: async () => { await context.close(); assert.deepEqual(complaints, []) } }
  }

  async function signIn(page, password = demo.password) {
    await page.locator('input[name=user]').fill('owner')
    await page.locator('input[name=password]').fill(password)
    await page.keyboard.press('Enter')
  }

  /** Serious and critical ones; axe is put in by the browser's debugger, which no CSP binds. */
  async function assertAccessible(page, where) {
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    assert.deepEqual(serious.map(({ id, nodes }) => `${where}: ${id} ${nodes[0].html} ${nodes[0].failureSummary}`), [])
  }

  const heading = page => page.locator('h1')
  const card = (page, id) => page.locator(`[data-moment="${id}"]`)

  test('refuses_a_wrong_password_in_words_and_takes_the_right_one', async () => {
    const { page, end } = await open('/proof', { allowed: /401/ })
    await heading(page).filter({ hasText: 'Se connecter' }).waitFor()
    await assertAccessible(page, 'login')
    await signIn(page, 'not the password')
    await page.getByRole('alert').filter({ hasText: 'n’est pas le bon' }).waitFor()
    await signIn(page)
    await heading(page).filter({ hasText: /rapporte, et à quel point est-ce sûr\u202f\?/ }).waitFor() // where one wanted to go
    signedIn = await page.context().storageState()
    assert.equal(await page.evaluate(() => document.cookie), '')
    await end()
  })

  test('signs_in_by_a_link_and_leaves_no_trace_of_it_in_the_address', async () => {
    const token = await new Promise((resolve, reject) => {
      const child = spawn(binary, ['user', 'link', 'owner', '--data', demo.data, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
      let text = ''
      child.stdout.on('data', part => { text += part })
      child.once('exit', code => (code === 0 ? resolve(JSON.parse(text).token) : reject(new Error(`user link ended with ${code}`))))
    })
    const { page, end } = await open(`/#login=${token}`)
    await heading(page).filter({ hasText: 'Qui reçoit quoi' }).waitFor()
    await page.getByText('Articles à montrer').waitFor()
    await page.getByText('Votre prochaine étape').waitFor()
    assert.doesNotMatch(page.url(), /login/)
    await end()
  })

  test('shows_a_moment_as_it_happens_and_opens_its_whole_explanation_by_keyboard', async () => {
    const { page, end } = await open('/', { storageState: signedIn })
    await page.locator('[data-state=live]').waitFor()
    const id = await demo.visit('e2e-console')
    await card(page, id).waitFor()
    const button = card(page, id).getByRole('button', { name: 'Pourquoi' })
    await button.focus()
    await page.keyboard.press('Enter')
    const more = card(page, id).locator('.moment-more')
    await more.waitFor()
    assert.match(page.url(), new RegExp(`open=${id}`))
    const text = await card(page, id).innerText()
    for (const part of [/Produit : souvent avec/, /Page produit · Chaussures de randonnée Moraine, gris granit/, /Choisi/, /parce que/, /Dans ce cadre/, /Version publiée 1/, /En clair/])
      assert.match(text, part)
    for (const list of await card(page, id).locator('.parts').all()) {
      const values = (await list.locator('.number').allInnerTexts()).map(value => Number(value.replace(',', '.').replace('−', '-')))
      const total = values.pop()
      assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) - total) < 0.03, `${values} do not sum to ${total}`)
    }
    await assertAccessible(page, 'an opened moment')
    await end()
  })

  test('keeps_pause_and_filter_in_the_address', async () => {
    const { page, end } = await open('/?placement=recemment-vus&paused=true', { storageState: signedIn })
    await page.getByRole('status').filter({ hasText: 'En pause' }).waitFor()
    await page.getByRole('button', { name: /^Reprendre/ }).click()
    assert.doesNotMatch(page.url(), /paused/)
    const filtered = await demo.visit('e2e-filtered')
    await card(page, await demo.visit('e2e-recent', 'recemment-vus')).waitFor()
    assert.equal(await card(page, filtered).count(), 0)
    for (const where of await page.locator('article .where b').allInnerTexts())
      assert.equal(where, 'Vus récemment')
    await end()
  })

  for (const [language, scheme, width] of [['fr', 'light', 1280], ['en', 'dark', 360]])
    test(`has_every_screen_accessible_and_uncut_in_${language}_${scheme}_at_${width}_pixels`, async () => {
      const { page, end } = await open('/settings', { storageState: signedIn, language, colorScheme: scheme, viewport: { width, height: 800 } })
      const screens = {
        fr: { '/settings': 'Qui êtes-vous ici', '/settings/users': 'Qui peut faire', '/?paused=true&placement=recemment-vus': 'Qui reçoit quoi', '/placements': 'Que peut-on montrer', '/placements/produit-souvent-avec': 'Produit : souvent avec', '/proof': 'Qu’est-ce que cela rapporte', '/catalogue': 'Que peut-on montrer, et est-ce', '/catalogue/hiking-shoes-01': 'Chaussures de randonnée Moraine', '/people?who=anonymous_id:e2e-console': 'Qui est-ce', '/nowhere': 'Il n’y a pas de page' },
        en: { '/settings': 'Who are you here', '/settings/users': 'Who may do what', '/?paused=true&placement=recemment-vus': 'Who gets what', '/placements': 'What may be shown where', '/placements/produit-souvent-avec': 'Product', '/proof': 'What does it earn', '/catalogue': 'What can be shown', '/catalogue/hiking-shoes-01': 'Moraine', '/people?who=anonymous_id:e2e-console': 'Who is this', '/nowhere': 'There is no page' },
      }[language]
      for (const [path, title] of Object.entries(screens)) {
        await page.goto(demo.console + path)
        if (path.startsWith('/placements/')) await page.locator('.panel').nth(3).waitFor()
        else await heading(page).filter({ hasText: title }).waitFor()
        await page.locator('main [role=status] .mantine-Loader-root').first().waitFor({ state: 'detached' })
        assert.equal(await page.locator('html').getAttribute('lang'), language)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} scrolls sideways`)
        await assertAccessible(page, path)
      }
      await end()
    })

  test('goes_everywhere_by_keyboard_alone', async () => {
    const { page, end } = await open('/', { storageState: signedIn })
    await heading(page).waitFor()
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Aller à la page')
    await page.locator('.nav').getByRole('link', { name: 'Emplacements' }).focus()
    await page.keyboard.press('Enter')
    await heading(page).filter({ hasText: 'Que peut-on montrer' }).waitFor()
    await page.waitForFunction(() => document.activeElement.tagName === 'H1')
    assert.equal(await page.locator('nav [aria-current=page]').innerText(), 'Emplacements')
    await page.getByRole('link', { name: 'Accueil : tendances' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Jamais ce que ce visiteur a acheté.').waitFor()
    await end()
  })

  test('speaks_the_other_language_at_once_and_remembers_it_and_the_theme', async () => {
    const { page, end } = await open('/proof', { storageState: signedIn })
    await page.getByText('En', { exact: true }).click()
    await heading(page).filter({ hasText: 'What does it earn' }).waitFor()
    await page.getByText('Dark', { exact: true }).click()
    await page.reload()
    await heading(page).filter({ hasText: 'What does it earn' }).waitFor()
    assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark')
    await page.getByText('Not measured').first().waitFor()
    await end()
  })

  test('adds_a_user_whose_link_is_shown_once_and_removes_him_by_consequence', async () => {
    const { page, end } = await open('/settings/users', { storageState: signedIn })
    await page.getByLabel('Nouvel utilisateur').fill('ada@example.org')
    await page.getByRole('button', { name: 'Ajouter' }).click()
    await page.getByRole('status').filter({ hasText: 'Lien pour ada@example.org' }).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'ada@example.org' })
    await row.getByRole('button', { name: 'Désactiver' }).click()
    await row.getByText('désactivé').waitFor()
    await row.getByRole('button', { name: 'Retirer' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Ce qu’il a fait reste au journal').waitFor()
    await assertAccessible(page, 'a question by consequence')
    await dialog.getByRole('button', { name: 'Retirer' }).click()
    await row.waitFor({ state: 'detached' })
    await end()
  })

  test('looks_a_person_up_exactly_and_erases_by_consequence', async () => {
    await demo.visit('e2e-erased')
    const { page, end } = await open('/people?who=anonymous_id:e2e-erased', { storageState: signedIn })
    await page.getByRole('heading', { name: 'Goûts' }).waitFor()
    await page.getByRole('button', { name: 'Effacer cette personne' }).click()
    await page.getByText(/Efface 1 personne et 2 événements, sans retour/).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Effacer cette personne' }).click()
    await page.getByRole('heading', { name: 'Effacé' }).waitFor()
    await end()
  })

  test('asks_to_sign_in_again_over_the_page_when_the_session_ended', async () => {
    const { page, end } = await open('/people', { allowed: /401/, storageState: signedIn })
    await page.getByLabel('Exactement').fill('somebody@example.org')
    await page.evaluate(async () => {
      const { csrf } = await (await fetch('/api/v1/session')).json()
      await fetch('/api/v1/session', { method: 'DELETE', headers: { 'X-CSRF-Token': csrf } })
    })
    await page.getByRole('link', { name: 'Emplacements' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Votre session est terminée').waitFor()
    await dialog.locator('input[name=password]').fill(demo.password)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Accueil : tendances' }).waitFor()
    await end()
  })
})
