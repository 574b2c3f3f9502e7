// The console's page and files as any client sees them: what is answered, with which headers, and for how long caches keep it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { assertProblem, Server } from './server.mjs'

const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data: https:", "connect-src 'self'",
  "frame-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
]
const headers = {
  'content-security-policy': policy.join('; '),
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex',
}

describe('the console over HTTP', () => {
  let server, page, assets
  before(async () => {
    server = await Server.start()
    page = await server.get('/console/')
    assets = [...page.text.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path)
    const styles = await server.get(assets.find(path => path.endsWith('.css')))
    assets.push(...[...styles.text.matchAll(/url\("?(\/console\/assets\/[^")]+)/g)].map(([, path]) => path))
  })
  after(() => server.end())

  test('names_a_script_a_style_a_mark_and_the_fonts_and_nothing_inline', () => {
    for (const ending of ['.js', '.css', '.svg', '.woff2'])
      assert.ok(assets.some(path => path.endsWith(ending)), `no ${ending} among ${assets}`)
    assert.doesNotMatch(page.text, /<style|style=|<script(?![^>]* src=)|\son\w+=/)
    assert.doesNotMatch(page.text, /https?:\/\//)
  })

  test('answers_every_screen_with_the_same_page_and_the_strict_headers', async () => {
    for (const path of ['/console', '/console/', '/console/proof', '/console/placements/home', '/console/catalogue/a%2Fb', '/console/nowhere']) {
      const answer = await server.get(path)
      assert.equal(answer.status, 200, path)
      assert.equal(answer.text, page.text, path)
      assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8')
      assert.equal(answer.headers['cache-control'], 'no-cache')
      for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value, `${path}: ${name}`)
    }
  })

  test('answers_each_file_with_the_same_headers_for_ever', async () => {
    for (const path of assets) {
      const answer = await server.get(path)
      assert.equal(answer.status, 200, path)
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable')
      for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value, `${path}: ${name}`)
      const zipped = await server.get(path, { headers: { 'accept-encoding': 'gzip' } })
      if (/\.(js|css)$/.test(path)) assert.deepEqual(gunzipSync(zipped.bytes), answer.bytes)
      const same = await server.get(path, { headers: { 'if-none-match': answer.headers.etag } })
      assert.equal(same.status, 304)
    }
  })

  test('has_no_file_of_another_name_and_takes_no_other_method', async () => {
    assertProblem(await server.get('/console/assets/index.html'), 404)
    assertProblem(await server.get('/console/assets/..%2Findex.html'), 404)
    assertProblem(await server.get('/console/a/b/c'), 404)
    assertProblem(await server.post('/console/', {}), 405)
  })

  test('lets_no_other_site_read_it', async () => {
    const answer = await server.get('/console/', { headers: { origin: 'https://shop.example' } })
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })
})
