// Today, the catalogue and the proof, in Debian's Chromium on a server of its own: a file of products that is dropped, tried, taken in
// and recommended; an item's page; an effect over time. Whatever the browser complains of fails the test.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { binary, Server, until } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'

const WAIT_MS = 15000
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const context = { consent: { categoryPreferences: { personalise: true, measure: true } } }

const products = ['Référence;Libellé;Prix TTC;Marque;Rayon;Stock',
  'B-1;Théière en fonte;39,90;Oka;Cuisine > Thé;4', 'B-2;Bouilloire émaillée;54,00;Oka;Cuisine > Thé;2',
  'B-3;Tasse à thé;9,50;Oka;Cuisine > Thé;30', 'B-4;Plateau de frêne;29,00;Ida;Cuisine > Service;7', 'B-5;Sans prix;cher;Ida;Cuisine > Service;1'].join('\n') + '\n'

function run(...parts) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, parts, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', part => { text += part })
    child.once('exit', code => (code === 0 ? resolve(text) : reject(new Error(`${parts.join(' ')} ended with ${code}`))))
  })
}

describe('the catalogue, the proof and today', { skip }, () => {
  let server, browser, signedIn, address

  before(async () => {
    server = await Server.start()
    address = `${server.url.replace('127.0.0.1', 'localhost')}/console`
    browser = await launch()
    const { token } = JSON.parse(await run('user', 'link', 'owner', '--data', server.data, '--json'))
    const { page, end } = await open(`/#login=${token}`)
    await page.getByRole('heading', { name: 'Qui reçoit quoi' }).waitFor()
    signedIn = await page.context().storageState()
    await end()
  })

  after(async () => {
    await browser?.close()
    await server?.end()
  })

  async function open(path, { language = 'fr', width = 1280, colorScheme = 'light' } = {}) {
    const window = await browser.newContext({ locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', viewport: { width, height: 900 }, colorScheme, storageState: signedIn })
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

  const key = () => ({ key: server.secretKey })
  const write = () => ({ key: server.writeKey })

  test('says_at_first_run_where_to_begin', async () => {
    const { page, end } = await open('/')
    await page.getByRole('heading', { name: 'Votre prochaine étape' }).waitFor()
    await page.getByText('Rien ne vous attend').waitFor()
    await page.getByText('Personne n’est encore connu').waitFor()
    await assertGood(page, 'today at first run')
    await page.getByRole('link', { name: 'Le catalogue est importé' }).click()
    await page.getByRole('heading', { name: 'Déposez ici' }).waitFor()
    await end()
  })

  test('tries_a_dropped_file_takes_it_in_and_recommends_it', async () => {
    const { page, end } = await open('/catalogue?view=file')
    await page.locator('input[type=file]').setInputFiles({ name: 'thé.csv', mimeType: 'text/csv', buffer: Buffer.from(products) })
    await page.getByRole('heading', { name: 'Quelle colonne est quel champ' }).waitFor()
    assert.equal(await page.getByLabel('Champ de «\u202fLibellé\u202f»').inputValue(), 'title')
    assert.equal(await page.getByLabel('Champ de «\u202fPrix TTC\u202f»').inputValue(), 'price')
    await assertGood(page, 'the columns')
    await page.reload() // nothing is lost
    await page.getByRole('button', { name: 'Essayer sans rien écrire' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('nouveaux 4').waitFor()
    await page.getByText('1 ligne refusée').click()
    await page.getByText('"cher"').waitFor()
    assert.equal((await server.get('/api/v1/catalog/items', key())).json.count, 0)
    await assertGood(page, 'a dry run')
    await page.getByRole('button', { name: 'Prendre en compte' }).click()
    await page.getByText('4 articles écrits').waitFor()
    assert.equal((await server.call('PUT', '/api/v1/placements/home', { ...key(), body: { name: 'Accueil', recipe: ['new_arrivals', 'similar'], count: 4 } })).status, 200)
    const shown = await until(() => server.post('/v1/decide', { placements: [{ id: 'home' }], deadlineMs: 2000 }, write()), ({ json }) => json.decisions[0].items.length > 0)
    assert.match(JSON.stringify(shown.json.decisions[0].items), /B-1/)
    await page.getByRole('link', { name: 'Théière en fonte' }).or(page.getByRole('link', { name: 'Tasse à thé' })).first().click()
    await page.getByRole('heading', { name: 'Ses voisins' }).waitFor()
    await end()
  })

  test('finds_an_item_and_shows_its_prices_neighbours_rules_and_moments', async () => {
    const { page, end } = await open('/catalogue', { language: 'en', width: 390, colorScheme: 'dark' })
    await page.getByRole('searchbox').fill('theiere')
    await page.getByText('1 of 4 items').waitFor()
    assert.match(page.url(), /q=theiere/)
    await assertGood(page, 'the search')
    await page.getByRole('link', { name: 'Théière en fonte' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-chart=prices]').waitFor()
    await page.getByText('No rule of a published placement').waitFor()
    await page.getByRole('heading', { name: 'Who is shown this' }).waitFor()
    await page.locator('article[data-moment]').first().waitFor()
    await assertGood(page, 'an item')
    await end()
  })

  test('names_a_feed_edits_it_takes_its_settings_back_and_undoes_its_removal', async () => {
    const { page, end } = await open('/catalogue?view=feeds')
    await page.getByRole('button', { name: 'Indiquer un flux' }).click()
    await page.getByLabel('Nom').fill('nuit')
    await page.getByLabel('Adresse').fill('https://shop.example/feed.xml')
    await page.getByLabel('Lu', { exact: true }).selectOption('0')
    await page.getByRole('button', { name: 'Enregistrer', exact: true }).click()
    const panel = page.locator('[data-feed=nuit]')
    await panel.getByRole('button', { name: 'Réglages' }).click()
    await panel.getByLabel('En pause').click()
    await panel.getByRole('button', { name: 'Enregistrer', exact: true }).click()
    await panel.getByText('en pause').waitFor()
    await panel.getByRole('button', { name: 'Réglages' }).click()
    await panel.getByText('Réglages précédents').click()
    await panel.getByRole('button', { name: 'Les reprendre' }).click()
    await panel.getByText('seulement sur demande').first().waitFor()
    await panel.getByRole('button', { name: 'Retirer' }).click()
    await page.getByRole('button', { name: 'Annuler' }).click()
    await panel.waitFor()
    await assertGood(page, 'feeds')
    await end()
  })

  test('draws_how_an_effect_came_to_be_and_saves_what_is_seen', async () => {
    assert.equal((await server.call('PUT', '/api/v1/placements/proved', { ...key(), body: { name: 'Prouvé', recipe: ['new_arrivals'], count: 4,
      objective: { kind: 'click', horizonDays: 1 }, holdout: { share: 0.5, arm: 'best_sellers' } } })).status, 200)
    const people = Array.from({ length: 280 }, (_, i) => `proof-${i}`)
    await server.post('/v1/batch', { batch: people.map(anonymousId => ({ type: 'page', anonymousId, context, messageId: anonymousId })) }, write())
    const clicks = []
    for (let at = 0; at < people.length; at += 20)
      await Promise.all(people.slice(at, at + 20).map(async (anonymousId, i) => {
        const answer = await until(() => server.post('/v1/decide', { user: { anonymousId }, context, placements: [{ id: 'proved' }], deadlineMs: 2000 }, write()), ({ status }) => status === 200)
        const [{ id, arm }] = answer.json.decisions
        if (arm === 'chosen' ? i % 4 > 0 : i % 4 === 0) clicks.push({ type: 'track', anonymousId, event: 'Product Clicked', messageId: `c-${anonymousId}`, context, properties: { decisionId: id, product_id: 'B-1' } })
      }))
    await server.post('/v1/batch', { batch: clicks }, write())
    await until(() => server.get('/api/v1/reports/placements/proved', key()), ({ json }) => json.series.length > 0)
    const { page, end } = await open('/proof?placement=proved', { language: 'en' })
    await page.locator('[data-report=proved] [data-chart=effect]').waitFor()
    await page.getByText('The same in figures').focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-chart=effect] table tbody tr').first().waitFor()
    await assertGood(page, 'proof')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).first().click()])
    const text = readFileSync(await file.path(), 'utf8')
    assert.match(text, /^\uFEFFPlacement,Verdict,/)
    assert.match(text, /Prouvé,/)
    await end()
  })
})
