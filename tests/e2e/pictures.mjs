#!/usr/bin/env node
/* The pictures of docs/guides, taken of the demo shop as it runs: `make pictures`. Not a test; whoever changes a screen that is shown
 * there takes them again and looks at them. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, sleep } from '../http/server.mjs'
import { launch } from './browser.mjs'
import { Demo } from './demo.mjs'

const pictures = join(root, 'docs', 'pictures')
const LIFE_MS = 15000 /* visits arrive a few seconds apart */
const screens = {
  today: '/',
  draft: '/placements/accueil-pour-vous?tab=edit',
  preview: '/placements/accueil-pour-vous?tab=preview',
  catalogue: '/catalogue',
  integration: '/settings/integration',
  'vis-a-vis': '/vis-a-vis',
}

const demo = new Demo()
await demo.start()
const browser = await launch()
try {
  mkdirSync(pictures, { recursive: true })
  await sleep(LIFE_MS)
  for (const language of ['en', 'fr']) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: language === 'fr' ? 'fr-FR' : 'en-GB', colorScheme: 'light', storageState: demo.state })
    const page = await context.newPage()
    const home = `${demo.url.replace('127.0.0.1', 'localhost')}/console`
    if (!demo.state) {
      await page.goto(`${home}/#login=${demo.token}`)
      await page.locator('h1').first().waitFor()
      await page.waitForURL(url => !url.hash)
      demo.state = await context.storageState()
    }
    for (const [name, path] of Object.entries(screens)) {
      await page.goto(home + path)
      await page.locator('h1').first().waitFor()
      await page.waitForLoadState('load')
      await sleep(2000)
      await page.screenshot({ path: join(pictures, `${name}-${language}.png`) })
    }
    await context.close()
  }
} finally {
  await browser.close()
  await demo.stop()
  demo.remove()
}
