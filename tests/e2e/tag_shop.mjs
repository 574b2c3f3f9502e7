// What the tests of the tag stand on: a shop's pages on one origin, the real server behind a front on another, which writes down
// every request and can be slow, dead or talk nonsense.
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { furnish } from '../http/shop.mjs'
import { root, Server, sleep, until } from '../http/server.mjs'
import { launch } from './browser.mjs'

/** The stub of docs/tag.md: queues calls, and hides places for as long as the deadline. */
export const stub = deadline => `(function(w,d){w.visavis=w.visavis||function(){(w.visavis.q=w.visavis.q||[]).push(arguments)};
w.visavis.t=performance.now();var s=d.createElement('style');
s.textContent='[data-visavis-place]:not([data-visavis-ready]){visibility:hidden}';
d.head.appendChild(s);setTimeout(function(){s.remove()},${deadline})})(window,document)`

const modules = join(root, 'tests', 'node_modules')
/** What a busy machine may take; the shop's own is 300 ms. */
const PATIENCE_MS = 8000
const PAGE_MS = 15000

/** Whom the server does not take for a robot. */
export const visitor = { locale: 'fr-FR', timezoneId: 'Europe/Paris', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130' }

/** A browser that leaves a page may break off what it was sending: that is no fault of the handler's. */
const listen = handler => new Promise(resolve => {
  const listener = http.createServer(async (request, response) => {
    try {
      await handler(request, response)
    } catch (error) {
      if (error.code !== 'ECONNRESET') throw error
    }
  })
  listener.listen(0, '127.0.0.1', () => resolve({ listener, origin: `http://127.0.0.1:${listener.address().port}` }))
})

const bodyOf = async request => {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

/** Passes everything on; `mode` is what it does instead: slow, dead, garbage, busy, or an answer for decisions. The script itself always comes. */
class FrontDoor {
  requests = []
  mode = 'passes'

  async open(target) {
    Object.assign(this, await listen((request, response) => this.#serve(target, request, response)))
  }

  async #serve(target, request, response) {
    const body = await bodyOf(request)
    const record = { method: request.method, path: request.url, headers: request.headers, text: body.toString(), json: body.length ? JSON.parse(body) : undefined }
    this.requests.push(record)
    if (request.method === 'POST') {
      if (this.mode === 'dead') return request.socket.destroy()
      if (this.mode === 'slow') await sleep(2000, null, { ref: false })
      const cors = { 'access-control-allow-origin': request.headers.origin ?? '*' }
      if (this.mode.decisions && request.url === '/v1/decide') return response.writeHead(200, cors).end(JSON.stringify(this.mode))
      if (this.mode === 'busy') return response.writeHead(503, { ...cors, 'retry-after': '1' }).end()
      if (this.mode === 'garbage') return response.writeHead(200, cors).end('<html>{"decisions":[{"id":1,"placement":"home","items":"no"}]')
    }
    const on = http.request(target + request.url, { method: request.method, headers: request.headers }, answer => {
      record.answer = answer.headers
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    on.on('error', () => response.destroy())
    on.end(body)
  }

  /** What was posted to a path, each message apart. */
  posted(path) {
    return this.requests.filter(request => request.method === 'POST' && request.path === path).map(({ json }) => json)
  }

  get messages() {
    return this.posted('/v1/batch').flatMap(({ batch }) => batch)
  }
}

export class TagShop {
  visits = []

  static async open() {
    const shop = new TagShop()
    shop.server = await Server.start()
    shop.key = await shop.server.addKey('--origin', '*')
    await furnish(shop.server)
    shop.browser = await launch()
    return shop
  }

  async close() {
    await this.browser?.close()
    for (const visit of this.visits) visit.closeDoors() // also of those that failed
    await this.server?.end()
  }

  /** A visitor of their own on a page of a shop of its own: visits do not meet. */
  async visit(options, browsing) {
    const visit = new Visit(this)
    this.visits.push(visit)
    await visit.open(options, browsing)
    return visit
  }
}

class Visit {
  #faults = []

  constructor({ server, key, browser }) {
    Object.assign(this, { server, key, browser, door: new FrontDoor() })
  }

  async open(options, { path = '/', cookies = [], ...browsing } = {}) {
    await this.door.open(this.server.url)
    this.door.mode = options.mode ?? 'passes'
    Object.assign(this, await listen((request, response) => this.#serve(options, request, response)))
    this.context = await this.browser.newContext({ ...visitor, ...browsing })
    await this.context.addCookies(cookies.map(cookie => ({ domain: '127.0.0.1', path: '/', ...cookie })))
    this.page = await this.context.newPage()
    this.page.setDefaultTimeout(PAGE_MS)
    if (process.env.TAG_DEBUG) this.page.on('console', message => console.error(message.text()))
    this.page.on('pageerror', error => this.#faults.push(error.message))
    await this.page.addInitScript(observe)
    await this.page.goto(this.origin + path)
    if (options.tag !== false) await this.page.waitForFunction(() => window.visavis.loaded)
  }

  #serve(options, request, response) {
    const { pathname } = new URL(request.url, 'http://shop')
    if (pathname.startsWith('/visavis/')) return this.#proxy(request, response)
    if (options.files?.[pathname]) return response.end(options.files[pathname])
    if (pathname.startsWith('/npm/')) return createReadStream(join(modules, pathname.slice(5))).on('error', () => response.destroy()).pipe(response)
    response.writeHead(pathname === '/favicon.ico' ? 204 : 200, { 'content-type': 'text/html; charset=utf-8' })
    return response.end(pathname === '/favicon.ico' ? '' : this.html(options))
  }

  /** What docs/tag.md has nginx or Caddy do: the server behind a path of the shop's own domain. */
  async #proxy(request, response) {
    const body = await bodyOf(request)
    const headers = { ...request.headers, host: new URL(this.door.origin).host }
    http.request(this.door.origin + request.url.slice('/visavis'.length), { method: request.method, headers }, answer => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    }).on('error', () => response.destroy()).end(body)
  }

  html({ body = '', head = '', calls = '', attributes = '', source = `${this.door.origin}/tag.js`, times = 1, lang = 'fr', deadline = PATIENCE_MS, tag = true }) {
    const script = `<script async src="${source}" data-key="${this.key}" data-deadline="${deadline}" ${attributes}></script>`
    const scripts = `<script>${stub(deadline)};${calls}</script>${script.repeat(times)}`
    return `<!doctype html><html lang="${lang}"><head><title>Une boutique</title><style>body{margin:0}</style>${head}${tag ? scripts : ''}</head>
      <body><h1>Boutique</h1>${body}</body></html>`
  }

  /** The messages that came, once they please. */
  async messages(pleases, within = 15000) {
    const found = await until(async () => this.door.messages, pleases, { within })
    assert.ok(pleases(found), JSON.stringify(found.map(({ type, event, properties }) => ({ type, event, properties }))))
    return found
  }

  shown() {
    return this.page.waitForSelector('[data-visavis-decision] [data-visavis-item]')
  }

  /** All that the browser keeps for the shop. */
  async kept() {
    const storage = await this.page.evaluate(() => [...Object.entries(localStorage), ...Object.entries(sessionStorage)])
    return { cookies: await this.context.cookies(), storage }
  }

  closeDoors() {
    for (const listener of [this.door.listener, this.listener]) {
      listener?.closeAllConnections()
      listener?.close()
    }
  }

  async end() {
    await this.context.close()
    this.closeDoors()
    assert.deepEqual(this.#faults, [])
  }
}

/** In the page, before anything else: what shifts, and who reads or writes cookies and storage. */
function observe() {
  window.shifts = 0
  window.cookieReads = 0
  new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifts += entry.value }))
    .observe({ type: 'layout-shift', buffered: true })
  const { get, set } = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie')
  Object.defineProperty(document, 'cookie', {
    configurable: true,
    get() { window.cookieReads++; return get.call(document) },
    set(value) { set.call(document, value) },
  })
}
