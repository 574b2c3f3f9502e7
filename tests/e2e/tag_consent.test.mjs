// Consent managers as they come from npm, on a shop's page: the tag does what they were told, now and after every change.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { root, until } from '../http/server.mjs'
import { skip } from './browser.mjs'
import { TagShop } from './tag_shop.mjs'

/* global CookieConsent, gtag, tarteaucitron, iab */

const tcf = `
  const vendors = { gvlSpecificationVersion: 3, vendorListVersion: 1, tcfPolicyVersion: 5, lastUpdated: '2026-01-01T00:00:00Z', purposes: {}, specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {}, vendors: {}, dataCategories: {} }
  const api = new iab.CmpApi(2, 1, true)
  window.answer = (...purposes) => {
    const model = new iab.TCModel(new iab.GVL(vendors))
    Object.assign(model, { cmpId: 2, cmpVersion: 1, isServiceSpecific: true, consentLanguage: 'FR', publisherCountryCode: 'FR' })
    model.publisherConsents.set(purposes)
    api.update(iab.TCString.encode(model), false)
  }
  api.update('', true)`

// accept and refuse run in the page; partly grants measure alone. remembers: the manager says it again on the next page.
const managers = {
  'vanilla-cookieconsent': {
    head: `<script src="/npm/vanilla-cookieconsent/dist/cookieconsent.umd.js"></script><script>addEventListener('DOMContentLoaded', () => CookieConsent.run({
      hideFromBots: false, cookie: { secure: false }, categories: { necessary: { readOnly: true }, analytics: {}, personalization: {} },
      language: { default: 'fr', translations: { fr: { consentModal: { title: 'Cookies', acceptAllBtn: 'Oui', acceptNecessaryBtn: 'Non' }, preferencesModal: { sections: [] } } } } }))</script>`,
    accept: () => CookieConsent.acceptCategory('all'),
    partly: () => CookieConsent.acceptCategory(['analytics']),
    refuse: () => CookieConsent.acceptCategory([]),
    remembers: true,
  },
  tarteaucitronjs: {
    head: `<script src="/npm/tarteaucitronjs/tarteaucitron.js"></script><script>
      tarteaucitron.init({ hashtag: '#t', cookieName: 'tac', orientation: 'bottom', showAlertSmall: false, cookieslist: false, handleBrowserDNTRequest: false, highPrivacy: true, AcceptAllCta: true, DenyAllCta: true, useExternalCss: true })
      for (const key of ['measure', 'personalise']) {
        tarteaucitron.services[key] = { key, type: 'other', name: key, uri: '', needConsent: true, cookies: [], js() {}, fallback() {} };
        (tarteaucitron.job = tarteaucitron.job || []).push(key)
      }</script>`,
    ready: () => document.getElementById('tacCurrentStatusmeasure') !== null,
    accept: () => tarteaucitron.userInterface.respondAll(true),
    partly: () => tarteaucitron.userInterface.respond(document.getElementById('personaliseDenied'), false),
    refuse: () => tarteaucitron.userInterface.respondAll(false),
    remembers: true,
  },
  'IAB TCF by @iabtcf/cmpapi': {
    head: `<script src="/iab.js"></script><script>${tcf}</script>`,
    accept: () => window.answer(1, 5, 6, 8, 10),
    partly: () => window.answer(1, 8),
    refuse: () => window.answer(),
  },
  'Google Consent Mode': {
    head: `<script>window.dataLayer = []; function gtag() { dataLayer.push(arguments) }
      gtag('consent', 'default', { analytics_storage: 'granted', personalization_storage: 'granted' })</script>`,
    accept: () => gtag('consent', 'update', { analytics_storage: 'granted', personalization_storage: 'granted' }),
    partly: () => gtag('consent', 'update', { personalization_storage: 'denied' }),
    refuse: () => gtag('consent', 'update', { analytics_storage: 'denied', personalization_storage: 'denied' }),
  },
}

describe('the tag obeys', { skip, concurrency: 4 }, () => {
  let shop, iab
  before(async () => {
    const entry = "export { CmpApi } from '@iabtcf/cmpapi'; export { GVL, TCModel, TCString } from '@iabtcf/core'"
    iab = execFileSync('esbuild', ['--bundle', '--format=iife', '--global-name=iab', '--log-level=error'], { cwd: join(root, 'tests'), input: entry })
    shop = await TagShop.open()
  })
  after(() => shop?.close())

  for (const [name, manager] of Object.entries(managers))
    test(`${name}, also when the choice changes`, async () => {
      const visit = await shop.visit({ head: manager.head, files: { '/iab.js': iab } })
      const { page } = visit
      const cookie = async () => (await visit.context.cookies()).find(({ name }) => name === 'visavis_id')?.value.split('.')
      const becomes = async pleases => {
        const found = await until(cookie, pleases, { within: 15000 })
        assert.ok(pleases(found), `the cookie is ${found}`)
        return found
      }
      await page.waitForLoadState('load')
      await until(async () => visit.door.requests, requests => requests.some(({ path, answer }) => path === '/tag/cmp.js' && answer))
      if (manager.ready) await page.waitForFunction(manager.ready)
      assert.equal(await cookie(), undefined)
      assert.deepEqual(visit.door.posted('/v1/consent'), [])
      await page.evaluate(manager.accept)
      const [id, , purposes] = await becomes(found => found)
      assert.equal(purposes, '7')
      await visit.messages(list => list.some(({ anonymousId, type }) => anonymousId === id && type === 'page'))
      if (manager.remembers) {
        await page.reload()
        await visit.messages(list => list.filter(({ anonymousId, type }) => anonymousId === id && type === 'page').length === 2)
        if (manager.ready) await page.waitForFunction(manager.ready)
      }
      await page.evaluate(manager.partly)
      assert.equal((await becomes(found => found?.[2] === '1'))[0], id)
      await page.evaluate(manager.refuse)
      await becomes(found => !found)
      await page.evaluate(manager.accept)
      assert.notEqual((await becomes(found => found?.[2] === '7'))[0], id)
      await visit.end()
    })

  test('the_shop_itself_before_any_manager', async () => {
    const visit = await shop.visit({ head: managers['Google Consent Mode'].head, calls: "visavis('consent', false);" })
    await visit.page.evaluate(managers['Google Consent Mode'].accept)
    await visit.page.waitForLoadState('load')
    await visit.page.evaluate(() => new Promise(resolve => setTimeout(resolve, 300)))
    assert.ok(!visit.door.requests.some(({ path }) => path === '/tag/cmp.js'))
    assert.deepEqual(await visit.context.cookies(), [])
    await visit.end()
  })

  describe('our own banner', { concurrency: 4 }, () => {
    const banner = { attributes: 'data-consent="banner" data-privacy="/vie-privee"', body: '<p>Une page</p><a href="#">Lien</a>' }
    const dialog = page => page.getByRole('dialog')
    const button = (page, name) => page.getByRole('button', { name, exact: true })
    const identified = async (visit, wanted) => {
      const cookies = await until(() => visit.context.cookies(), found => (found.length > 0) === wanted, { within: 15000 })
      assert.equal(cookies.length > 0, wanted)
    }

    test('refuses_as_easily_as_it_accepts', async () => {
      const visit = await shop.visit(banner)
      const { page } = visit
      await dialog(page).waitFor()
      const look = name => button(page, name).evaluate(element => {
        const { width, height, top } = element.getBoundingClientRect()
        const { fontSize, fontWeight, color, backgroundColor, borderColor } = getComputedStyle(element)
        return { area: width * height, top, style: { fontSize, fontWeight, color, backgroundColor, borderColor } }
      })
      const [refuse, accept] = [await look('Tout refuser'), await look('Tout accepter')]
      assert.ok(refuse.area / accept.area >= 0.95 && refuse.area / accept.area <= 1.05)
      assert.deepEqual([refuse.top, refuse.style], [accept.top, accept.style])
      assert.equal(await page.evaluate(() => window.shifts), 0)
      assert.deepEqual(await visit.kept(), { cookies: [], storage: [] })
      assert.equal(await page.evaluate(() => window.cookieReads), 0)
      await page.keyboard.press('Tab') // the banner comes first by keyboard, refusing before accepting
      await page.keyboard.press('Enter')
      await dialog(page).waitFor({ state: 'hidden' })
      const { cookies, storage } = await visit.kept()
      assert.deepEqual(cookies, [])
      assert.deepEqual(storage.map(([name, value]) => [name, JSON.parse(value).choice]), [['visavis-choice', { measure: false, personalise: false, learn: false }]])
      assert.deepEqual(visit.door.requests.filter(({ method }) => method === 'POST'), [])
      await visit.end()
    })

    test('remembers_six_months_and_a_link_opens_it_again', async () => {
      const visit = await shop.visit(banner)
      const { page } = visit
      await button(page, 'Tout refuser').click()
      await page.reload()
      await button(page, 'Mes choix de cookies').click()
      await button(page, 'Tout accepter').click()
      await identified(visit, true)
      const told = await until(async () => visit.door.posted('/v1/consent'), list => list.length > 0)
      assert.match(told[0].text, /Personnalisation\u00a0: Choisir les produits/)
      await page.reload()
      await button(page, 'Mes choix de cookies').click()
      await button(page, 'Choisir').click()
      await page.getByLabel('Personnalisation').uncheck()
      await page.getByLabel('Apprentissage').uncheck()
      await button(page, 'Enregistrer ces choix').click()
      await until(() => visit.context.cookies(), ([{ value }]) => value.endsWith('.1'), { within: 15000 })
      await page.evaluate(() => {
        const memory = JSON.parse(localStorage.getItem('visavis-choice'))
        localStorage.setItem('visavis-choice', JSON.stringify({ ...memory, at: Date.now() - 181 * 86400e3 }))
      })
      await page.reload()
      await dialog(page).waitFor()
      await button(page, 'Tout refuser').click()
      await identified(visit, false)
      await visit.end()
    })

    test('takes_global_privacy_control_for_an_answer_and_uses_the_shops_own_link', async () => {
      const visit = await shop.visit({
        ...banner, head: '<script>Object.defineProperty(navigator, "globalPrivacyControl", { value: true })</script>',
        body: '<a href="/cookies" data-visavis-consent>Cookies</a>',
      })
      const { page } = visit
      await until(async () => visit.door.requests, list => list.some(({ path, answer }) => path === '/tag/banner.js' && answer))
      await page.waitForFunction(() => document.body.firstElementChild.shadowRoot)
      assert.ok(await dialog(page).isHidden())
      assert.ok(await page.getByRole('button').first().isHidden())
      assert.deepEqual(await visit.kept(), { cookies: [], storage: [] })
      await page.getByText('Cookies', { exact: true }).click()
      await button(page, 'Tout accepter').click() // this visitor may still say yes on this site
      await identified(visit, true)
      await visit.end()
    })

    for (const [width, lang, title] of [[360, 'fr', 'Vos données, votre choix'], [1280, 'en', 'Your data, your choice']])
      test(`fits_${width}_pixels_in_${lang}`, async () => {
        const visit = await shop.visit({ ...banner, lang }, { viewport: { width, height: 640 } })
        const { page } = visit
        await page.getByRole('dialog', { name: title }).waitFor()
        const box = await dialog(page).boundingBox()
        assert.ok(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= 640)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
        if (process.env.TAG_PICTURES) await page.screenshot({ path: join(process.env.TAG_PICTURES, `banner-${width}-${lang}.png`) })
        await visit.end()
      })
  })
})
