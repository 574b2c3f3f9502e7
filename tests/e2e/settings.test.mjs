// The console's settings in Debian's Chromium on a server of its own: a key that is shown once, an origin that is allowed, what arrives as
// it arrives, a backup, somebody who was invited. Whatever the browser complains of fails the test.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { granted, Server } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'

const WAIT_MS = 15000
const STRANGER = 'https://new.shop.example'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describe('the settings', { skip }, () => {
  let server, browser, signedIn, address

  before(async () => {
    server = await Server.start()
    address = `${server.url.replace('127.0.0.1', 'localhost')}/console`
    browser = await launch()
    const { stdout } = await server.command('user', 'link', 'owner', '--json')
    const { page, end } = await open(`/#login=${JSON.parse(stdout).token}`)
    await page.getByRole('heading', { name: 'Qui reçoit quoi' }).waitFor()
    signedIn = await page.context().storageState()
    await end()
  })

  after(async () => {
    await browser?.close()
    await server?.end()
    if (server) rmSync(`${server.data}-backups`, { recursive: true, force: true })
  })

  async function open(path, { language = 'fr', width = 1280, colorScheme = 'light', storageState = signedIn } = {}) {
    const window = await browser.newContext({ locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', viewport: { width, height: 900 }, colorScheme, storageState })
    const page = await window.newPage()
    page.setDefaultTimeout(WAIT_MS)
    const complaints = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    await page.goto(address + path)
    return { page, end: async () => { await window.close(); assert.deepEqual(complaints, []) } }
  }

  async function assertGood(page, where) {
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} scrolls sideways`)
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    assert.deepEqual(serious.map(({ id, nodes }) => `${where}: ${id} ${nodes[0].html} ${nodes[0].failureSummary}`), [])
  }

  const collect = (key, headers = {}) => server.post('/v1/track', { userId: 'e2e', event: 'Live Arrival', context: granted('measure') }, { key, headers })

  test('makes_a_key_that_is_told_once_and_works_until_it_is_revoked', async () => {
    const { page, end } = await open('/settings/keys')
    await page.getByLabel('À quoi sert-elle').fill('Stocks')
    await page.getByLabel('Utilisée par').first().click()
    await page.getByRole('option', { name: 'un programme qui a ses propres droits' }).click()
    await page.getByLabel('dire ce qui se passe').check()
    await page.getByRole('button', { name: 'Créer la clé' }).click()
    const told = page.getByRole('status').filter({ hasText: 'La nouvelle clé : Stocks' })
    const key = await told.locator('pre').innerText()
    assert.match(key, /^vv_sk_\w{70}$/)
    assert.equal((await collect(key)).status, 200)
    await assertGood(page, 'a key that is told')
    await page.reload()
    const row = page.getByRole('row').filter({ hasText: 'Stocks' })
    await row.waitFor()
    assert.ok(!(await page.content()).includes(key))
    await row.getByRole('button', { name: 'Révoquer' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Révoquer' }).click()
    await row.waitFor({ state: 'detached' })
    assert.equal((await collect(key)).status, 401)
    await end()
  })

  test('allows_an_origin_that_was_refused_by_one_click_and_shows_what_then_arrives', async () => {
    const key = await server.addKey('--origin', 'https://shop.example')
    assert.equal((await collect(key, { origin: STRANGER })).status, 403)
    const { page, end } = await open('/settings/integration')
    await page.getByRole('button', { name: `Admettre ${STRANGER}` }).click()
    await page.getByText(`${STRANGER} est admise.`).waitFor()
    assert.equal((await server.post('/v1/track', { anonymousId: 'e2e-visitor', event: 'Arrived Just Now', context: granted('measure') }, { key, headers: { origin: STRANGER } })).status, 200)
    const arrived = page.getByRole('row').filter({ hasText: 'Arrived Just Now' })
    await arrived.getByText('gardé').waitFor()
    await arrived.getByText('accepte la mesure').waitFor()
    await assertGood(page, 'what arrives')
    await end()
  })

  test('takes_a_backup_and_reads_it_through', async () => {
    const { page, end } = await open('/settings/backup')
    await page.getByText('Il n’y a pas encore de sauvegarde').waitFor()
    await page.getByRole('button', { name: 'Sauvegarder maintenant' }).click()
    await page.getByText('La sauvegarde est faite').waitFor()
    await page.getByRole('button', { name: /^Relire visavis-/ }).click()
    await page.getByRole('status').filter({ hasText: 'est entière' }).waitFor()
    await page.getByRole('cell', { name: /^entière/ }).waitFor()
    await end()
  })

  test('invites_somebody_who_chooses_a_password_and_sees_what_the_role_may', async () => {
    const { page, end } = await open('/settings/users')
    await page.getByLabel('Nouvel utilisateur').fill('ada@example.org')
    await page.getByLabel('Rôle', { exact: true }).first().click()
    await page.getByRole('option', { name: 'Analyste' }).click()
    await page.getByRole('button', { name: 'Ajouter' }).click()
    const link = await page.getByRole('status').filter({ hasText: 'Lien pour ada@example.org' }).locator('pre').innerText()
    await end()

    const hers = await open(link.slice(link.indexOf('/console/') + '/console'.length), { storageState: { cookies: [], origins: [] } })
    await hers.page.getByText(/Vous êtes invité comme ada@example\.org, rôle.: Analyste/).waitFor()
    await assertGood(hers.page, 'an invitation')
    await hers.page.locator('input[name=password]').fill('quatorze sous-marins jaunes')
    await hers.page.keyboard.press('Enter')
    await hers.page.getByRole('heading', { name: 'Qui reçoit quoi' }).waitFor()
    assert.doesNotMatch(hers.page.url(), /invite/)
    assert.deepEqual(await hers.page.locator('.nav a').allInnerTexts(), ['Aujourd’hui', 'Emplacements', 'Preuves', 'Réglages'])
    await hers.page.goto(`${address}/settings/keys`)
    await hers.page.getByRole('heading', { name: 'Clés' }).waitFor()
    assert.equal(await hers.page.getByRole('button', { name: 'Créer la clé' }).count(), 0)
    assert.equal(await hers.page.locator('.subnav').count(), 0)
    await hers.end()
  })

  const pages = {
    '': 'Qui êtes-vous ici', '/users': 'Qui peut faire quoi', '/keys': 'Quels programmes', '/integration': 'La boutique est-elle',
    '/workspace': 'Quel jour', '/health': 'Le serveur va-t-il', '/backup': 'Que resterait-il',
  }
  async function look(page, path, title) {
    await page.goto(`${address}/settings${path}`)
    await page.locator('h1').filter({ hasText: title }).waitFor()
    await page.locator('.panel').first().waitFor()
    await page.locator('main [role=status] .mantine-Loader-root').first().waitFor({ state: 'detached' })
    await assertGood(page, `/settings${path}`)
  }

  test('has_every_page_accessible_and_uncut', async () => {
    const { page, end } = await open('/settings')
    for (const [path, title] of Object.entries(pages)) await look(page, path, title)
    await end()
  })

  test('has_the_page_of_backups_accessible_in_dark_english_at_360_pixels', async () => {
    const { page, end } = await open('/settings', { language: 'en', colorScheme: 'dark', width: 360 })
    await look(page, '/backup', 'What would be left')
    await page.getByRole('button', { name: /^Read through visavis-/ }).waitFor()
    await end()
  })
})
