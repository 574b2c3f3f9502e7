// A placement's whole life in the console, in Debian's Chromium: what is changed there is what the shop is answered.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { binary } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'

const WAIT_MS = 20000
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOME = 'accueil-tendances'
const TENT = 'Campement > Tentes'

describe('a placement in the console', { skip }, () => {
  const data = mkdtempSync(join(tmpdir(), 'visavis-placements-'))
  let child, exit, demo, browser, signedIn

  before(async () => {
    child = spawn(binary, ['demo', '--data', data, '--listen', '127.0.0.1:0', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    exit = new Promise(resolve => child.once('exit', resolve))
    const password = new Promise(resolve => createInterface({ input: child.stderr }).on('line', line => {
      const found = /with the password (\S+)/.exec(line)
      if (found) resolve(found[1])
    }))
    demo = JSON.parse(await new Promise(resolve => createInterface({ input: child.stdout }).once('line', resolve)))
    demo.console = `${demo.url.replace('127.0.0.1', 'localhost')}/console`
    browser = await launch()
    const { page, end } = await open('/placements')
    await page.locator('input[name=user]').fill('owner')
    await page.locator('input[name=password]').fill(await password)
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Accueil : tendances' }).waitFor()
    signedIn = await page.context().storageState()
    await end()
  })

  after(async () => {
    await browser?.close()
    child.kill('SIGTERM')
    assert.equal(await exit, 0)
    rmSync(data, { recursive: true, force: true })
  })

  async function open(path, { allowed = /^$/, language = 'fr', ...options } = {}) {
    const context = await browser.newContext({ locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    const complaints = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => ['error', 'warning'].includes(message.type()) && !allowed.test(message.text()) && complaints.push(message.text()))
    await page.goto(demo.console + path)
    return { page, end: async () => { await context.close(); assert.deepEqual(complaints, []) } }
  }

  async function assertAccessible(page, where) {
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    assert.deepEqual(serious.map(({ id, nodes }) => `${where}: ${id} ${nodes[0].html} ${nodes[0].failureSummary}`), [])
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} scrolls sideways`)
  }

  async function ask(id, user) {
    const answer = await fetch(`${demo.url}/v1/decide`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demo.write_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...(user && { user }), context: { page: { type: 'home' } }, placements: [{ id }], deadlineMs: 2000 }),
    })
    assert.equal(answer.status, 200)
    return (await answer.json()).decisions[0]
  }
  const firstOf = async id => (await ask(id)).items[0]?.itemId
  const kept = page => page.locator('[data-saving=kept]').waitFor()
  const button = (page, name) => page.getByRole('button', { name, exact: true })

  test('is_changed_on_a_draft_compared_published_rolled_back_stopped_and_started', async () => {
    const { page, end } = await open(`/placements/${HOME}`, { storageState: signedIn, allowed: /400/ }) // a pin without its item yet
    await page.getByRole('link', { name: 'Modifier' }).first().click()
    await button(page, 'Ajouter une règle').click()
    await page.getByRole('menuitem', { name: 'Une place fixe' }).click()
    await page.getByRole('combobox', { name: 'Article', exact: true }).fill('dôme Myr')
    await page.getByRole('option').filter({ hasText: 'dome-tent-04' }).click()
    await kept(page)
    const aside = page.getByRole('complementary')
    await aside.getByText('La place 1 est pour dome-tent-04.').waitFor()
    assert.notEqual(await firstOf(HOME), 'dome-tent-04', 'a draft decides nothing')
    await assertAccessible(page, 'the editor')
    await page.reload()
    await aside.getByText('La place 1 est pour dome-tent-04.').waitFor()
    await button(page, 'Publier').click()
    await page.getByRole('status').filter({ hasText: 'Publié, version 2' }).waitFor()
    assert.equal(await firstOf(HOME), 'dome-tent-04')
    await button(page, 'Annuler').click()
    await page.getByRole('status').filter({ hasText: 'Annulé' }).waitFor()
    assert.notEqual(await firstOf(HOME), 'dome-tent-04')
    await page.getByRole('navigation', { name: 'De cet emplacement' }).getByRole('link', { name: 'Versions' }).click()
    await page.getByRole('link', { name: 'Voir Version 2' }).click()
    await page.getByText('Y revenir changerait').waitFor()
    await assertAccessible(page, 'a version')
    await button(page, 'Y revenir').click()
    await page.getByRole('status').filter({ hasText: 'Comme en version 2' }).waitFor()
    assert.equal(await firstOf(HOME), 'dome-tent-04')
    await end()
  })

  test('is_previewed_for_a_real_visitor_without_a_name_beside_its_draft_and_tried_on_the_past', async () => {
    const { page, end } = await open(`/placements/${HOME}?tab=edit`, { storageState: signedIn, language: 'en' })
    await page.getByLabel('How many items').fill('2')
    await kept(page)
    await page.getByRole('link', { name: 'Preview it' }).click()
    await page.getByRole('region', { name: 'Draft' }).locator('.shown li').nth(1).waitFor()
    assert.equal(await page.getByRole('region', { name: 'Live', exact: true }).locator('.shown li').count(), 4)
    const shown = await fetch(`${demo.url}/v1/track`, {
      method: 'POST', headers: { authorization: `Bearer ${demo.write_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ anonymousId: 'e2e-preview', event: 'Product Viewed', properties: { product_id: 'hiking-shoes-01' }, context: { consent: { categoryPreferences: { personalise: true } } } }),
    })
    assert.equal(shown.status, 200)
    await ask(HOME, { anonymousId: 'e2e-preview' })
    await page.getByRole('button', { name: /: Home page/ }).first().click()
    await page.locator('.side-by-side > li').nth(1).getByText('agrees').waitFor()
    assert.doesNotMatch(await page.content(), /e2e-preview/)
    await page.locator('.side-by-side summary').first().click()
    await assertAccessible(page, 'a preview')
    await page.getByRole('link', { name: 'On the past' }).click()
    await button(page, 'Try it').click()
    await page.locator('[data-evaluation=done], [data-evaluation=failed]').waitFor()
    await assertAccessible(page, 'an evaluation')
    await end()
  })

  test('is_stopped_by_consequence_and_started_by_keyboard_alone', async () => {
    const { page, end } = await open(`/placements/${HOME}`, { storageState: signedIn })
    await button(page, 'Arrêter').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('personne n’est compté dans sa mesure').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Arrêté.' }).waitFor()
    const { items, fallback } = await ask(HOME)
    assert.deepEqual([items, fallback], [[], 'stopped'])
    await button(page, 'Démarrer').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Démarré' }).waitFor()
    assert.ok((await ask(HOME)).items.length > 0)
    await end()
  })

  test('is_made_new_says_what_is_wrong_at_the_field_and_loses_nothing', async () => {
    const { page, end } = await open('/placements?make=true', { storageState: signedIn, language: 'en', colorScheme: 'dark', viewport: { width: 360, height: 800 }, allowed: /400/ })
    await page.getByLabel('Its name').fill('Below the search')
    await page.getByRole('radio', { name: 'What moves now' }).check()
    await assertAccessible(page, 'a new one')
    await button(page, 'Begin the draft').click()
    await page.getByText('It is published for the first time').waitFor()
    assert.match(page.url(), /placements\/below-the-search/)
    await button(page, 'Add a rule').click()
    await page.getByRole('menuitem', { name: 'Never these' }).click()
    await page.getByRole('combobox', { name: 'Attribute' }).fill('')
    await page.locator('[data-saving=refused]').waitFor()
    await page.locator('.mantine-Autocomplete-error').filter({ hasText: 'the attribute is a name' }).waitFor()
    await page.reload()
    await page.locator('[data-saving=refused]').waitFor()
    await page.getByRole('combobox', { name: 'Attribute' }).fill('category')
    await page.getByRole('combobox', { name: 'Values' }).fill(TENT)
    await page.keyboard.press('Enter')
    await kept(page)
    await assertAccessible(page, 'the editor at 360 pixels')
    await page.goto(`${demo.console}/placements`)
    await page.getByRole('link', { name: 'Below the search' }).waitFor()
    assert.equal((await ask('below-the-search')).fallback, 'unknown_placement')
    await end()
  })

  test('tells_who_published_meanwhile_and_what_to_do', async () => {
    const { page, end } = await open(`/placements/${HOME}?tab=edit`, { storageState: signedIn, allowed: /409/ })
    await page.getByLabel('Nom', { exact: true }).fill('Accueil : le mien')
    await kept(page)
    const published = await fetch(`${demo.url}/api/v1/placements/${HOME}`, {
      method: 'PUT', headers: { authorization: `Bearer ${demo.secret_key}`, 'content-type': 'application/json' }, body: JSON.stringify({ recipe: ['best_sellers'], name: 'Accueil : le leur' }),
    })
    assert.equal(published.status, 200)
    await page.getByLabel('Nombre d’articles').fill('7')
    await page.getByRole('alert').filter({ hasText: 'a publié une autre version' }).waitFor()
    await button(page, 'Garder le mien, par-dessus').click()
    await kept(page)
    await page.getByRole('complementary').getByText('Accueil : le leur').waitFor()
    await button(page, 'Jeter le brouillon').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Jeter le brouillon' }).click()
    await page.getByRole('heading', { name: 'Accueil : le leur' }).waitFor()
    await end()
  })
})
