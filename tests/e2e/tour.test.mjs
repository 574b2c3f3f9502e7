// The newcomer's path in Debian's Chromium: what `make run` prints last, and where it leads.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { binary, until } from '../http/server.mjs'
import { launch, skip } from './browser.mjs'

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
    await page.goto(address)
    return { page, end: async () => { await context.close(); assert.deepEqual(complaints, []) } }
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
    assert.match(await page.locator('body').innerText(), /simul/i)
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
