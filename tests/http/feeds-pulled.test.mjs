// Feeds pulled by URL, from a real server of ours on a host that the settings name, and what is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Server, assertProblem, until } from './server.mjs'

// The shop's server: paths answer what the test puts there; every request is noted.
const seen = []
const pages = new Map()
const shop = http.createServer((request, response) => {
  seen.push({ path: request.url, headers: request.headers })
  const page = pages.get(request.url)
  if (!page) return response.writeHead(404).end('none')
  page(request, response)
})
let server, origin, other, hosts
before(async () => {
  await new Promise(resolve => shop.listen(0, '127.0.0.1', resolve))
  other = http.createServer((_, response) => { seen.push({ path: 'other' }); response.end('id,title\n1,x\n') })
  await new Promise(resolve => other.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${shop.address().port}`
  hosts = `127.0.0.1:${shop.address().port}`
  server = await Server.start({ settings: { 'feed-hosts': hosts } })
})
after(async () => { await server.end(); shop.close(); other.close() })

const secret = () => ({ key: server.secretKey })
const put = (id, body) => server.call('PUT', `/api/v1/feeds/${id}`, { ...secret(), body })
const ask = (id, verb) => server.call('POST', `/api/v1/feeds/${id}/${verb}`, secret())
const list = async () => (await server.get('/api/v1/feeds', secret())).json
const feed = async id => (await list()).feeds.find(one => one.id === id)
const item = id => server.get(`/api/v1/catalog/items/${id}`, secret())

/** Asks for a pull and waits for its report. */
async function pull(id) {
  const before = (await feed(id)).last.finished
  const answer = await ask(id, 'run')
  assert.equal(answer.status, 202, answer.text)
  const done = await until(() => feed(id), one => !one.running && one.last.finished && one.last.finished !== before, { within: 20000 })
  return done.last
}
async function newFeed(id, path, more = {}) {
  const answer = await put(id, { url: origin + path, everyMinutes: 0, ...more })
  assert.equal(answer.status, 200, answer.text)
  return pull(id)
}
const csv = rows => ['id,title,price', ...rows].join('\n') + '\n'
const plain = text => (_, response) => response.end(text)

test('a feed is pulled, and with its ETag not again', async () => {
  pages.set('/etag.csv', (request, response) => {
    if (request.headers['if-none-match'] === '"v1"') return response.writeHead(304).end()
    response.writeHead(200, { etag: '"v1"', 'last-modified': 'Sun, 22 Nov 2026 00:00:00 GMT' })
    response.end(csv(['E1,Robe,12.50', 'E2,Jupe,cher']))
  })
  const first = await newFeed('etag', '/etag.csv')
  assert.equal(first.outcome, 'taken')
  assert.deepEqual([first.rows, first.refused, first.written, first.new], [2, 1, 1, 1])
  assert.deepEqual([first.errors[0].line, first.errors[0].field], [3, 'price'])
  assert.equal((await item('E1')).json.price, '12.50')
  const again = await pull('etag')
  assert.equal(again.outcome, 'not_modified')
  assert.equal(seen.at(-1).headers['if-modified-since'], 'Sun, 22 Nov 2026 00:00:00 GMT')
  assert.match(seen.at(-1).headers['user-agent'], /^Visavis\//)
})

test('a scheduled feed is pulled without being asked, and a paused one is not', async () => {
  pages.set('/soon.csv', plain(csv(['S1,Robe,1'])))
  await put('paused', { url: `${origin}/soon.csv?paused`, everyMinutes: 5, paused: true })
  await put('soon', { url: `${origin}/soon.csv`, everyMinutes: 5 })
  const done = await until(() => feed('soon'), one => one.last.outcome === 'taken')
  assert.equal(done.last.outcome, 'taken')
  assert.ok(Date.parse(done.next) > Date.now() + 4 * 60000)
  assert.equal((await feed('paused')).last.outcome, 'never')
})

test('XML, gzip and a map of columns', async () => {
  pages.set('/shop.xml.gz', plain(gzipSync('<rss xmlns:g="http://base.google.com/ns/1.0"><item><g:id>X1</g:id><title>Cape</title></item></rss>')))
  assert.equal((await newFeed('xml', '/shop.xml.gz')).new, 1)
  pages.set('/map.csv', plain('Code;Libelle;Prix\nM7;Lampe;12,50\n'))
  const mapped = await newFeed('map', '/map.csv', { map: { id: 'Code', title: 'Libelle', price: 'Prix' } })
  assert.deepEqual([mapped.outcome, mapped.new], ['taken', 1])
  const wrong = await newFeed('map', '/map.csv', { map: { id: 'Nr' } })
  assert.match(wrong.detail, /there is no column "Nr"/)
})

test('an unchanged feed writes nothing, a broken one hides nothing', async () => {
  pages.set('/full.csv', plain(csv(['U1,A,1', 'U2,B,1'])))
  pages.set('/cut.xml', plain('<rss><item><id>U1</id><title>A</title></item><item><id>'))
  await newFeed('delta', '/full.csv')
  assert.deepEqual((({ written, unchanged }) => ({ written, unchanged }))(await pull('delta')), { written: 0, unchanged: 2 })
  const cut = await newFeed('cut', '/cut.xml', { mode: 'full' })
  assert.equal(cut.outcome, 'failed')
  assert.match(cut.detail, /ends in its middle/)
  assert.equal((await item('U2')).json.hidden, undefined)
})

test('a full feed that shrinks waits, and is approved or rejected over HTTP', async () => {
  pages.set('/small.csv', plain(csv(['E1,Robe,12.50'])))
  const held = await newFeed('small', '/small.csv', { mode: 'full' })
  assert.equal(held.outcome, 'held')
  assert.ok(held.gone > 1 && held.hidden === 0)
  assert.deepEqual((await list()).held, ['small'])
  assert.equal((await ask('small', 'reject')).status, 200)
  assert.deepEqual((await list()).held, [])
  assertProblem(await ask('small', 'approve'), 404)
  assert.equal((await pull('small')).outcome, 'held') // no ETag was kept of what was not taken
  assert.equal((await ask('small', 'approve')).status, 202)
  const done = await until(() => feed('small'), one => one.last.outcome === 'taken')
  assert.equal(done.last.hidden, held.gone)
  assert.equal((await item('U2')).json.hidden, true)
  assert.deepEqual((await list()).held, [])
})

test('what a feed was before a change is kept and can be put again', async () => {
  const versions = async id => (await server.get(`/api/v1/feeds/${id}/versions`, secret())).json.versions
  const first = { url: `${origin}/etag.csv`, everyMinutes: 0, map: { title: 'Libelle' } }
  await put('kept', first)
  assert.deepEqual(await versions('kept'), [])
  await put('kept', first) // unchanged: no version
  await put('kept', { ...first, mode: 'full', map: {} })
  const [before, ...more] = await versions('kept')
  assert.deepEqual([more.length, before.settings.mode, before.settings.map], [0, 'delta', { title: 'Libelle' }])
  assert.match(before.by, /^key:/)
  assert.ok(Date.parse(before.until) <= Date.now())
  assert.equal((await put('kept', before.settings)).status, 200)
  const { url, mode, map } = await feed('kept')
  assert.deepEqual({ url, mode, map }, { url: first.url, mode: 'delta', map: first.map })
  for (let hours = 1; hours <= 12; hours++) await put('kept', { ...first, everyMinutes: 60 * hours, paused: true })
  assert.deepEqual((await versions('kept')).map(({ settings }) => settings.everyMinutes), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map(hours => 60 * hours))
  assert.equal((await server.stop()).code, 0)
  await server.serve()
  assert.equal((await versions('kept')).length, 10)
  assertProblem(await server.get('/api/v1/feeds/nowhere/versions', secret()), 404)
  assertProblem(await server.get('/api/v1/feeds/kept/versions', { key: server.writeKey }), 403)
  assertProblem(await server.get('/api/v1/feeds/kept/versions'), 401)
})

test('hosts that are not named are refused, in whatever spelling', async () => {
  const port = other.address().port
  const mine = shop.address().port
  const forbidden = [`http://127.0.0.1/x`, 'http://localhost:8080/', 'http://0x7f.1/', 'http://2130706433/', 'http://[::1]/',
    'http://[::ffff:127.0.0.1]/', 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/', 'http://0/']
  for (const url of forbidden) {
    assert.equal((await put('bad', { url, everyMinutes: 0 })).status, 200, url) // its address is not known before it is resolved
    const report = await pull('bad')
    assert.equal(report.outcome, 'failed', url)
    assert.match(report.detail, /is not a public address/, url)
  }
  const invalid = [`http://127.0.0.1:${port}/x`, `http://localhost:${mine}/x`, 'file:///etc/passwd', 'gopher://8.8.8.8/', 'ftp://8.8.8.8/',
    'http://user:word@8.8.8.8/', 'http://8.8.8.8:22/', 'nonsense', '']
  for (const url of invalid) assertProblem(await put('bad', { url }), 400)
  assert.ok(!seen.some(one => one.path === 'other'))
})

test('redirects are followed where they may go, and no further', async () => {
  const to = location => (_, response) => response.writeHead(302, { location }).end()
  pages.set('/target.csv', plain(csv(['R1,Robe,1'])))
  pages.set('/hop3', to('/target.csv'))
  pages.set('/hop2', to('/hop3'))
  pages.set('/hop1', to(`${origin}/hop2`))
  pages.set('/hop0', to('/hop1'))
  pages.set('/loop', to('/loop'))
  pages.set('/away', to(`http://127.0.0.1:${other.address().port}/x`))
  pages.set('/inside', to('http://127.0.0.1/x'))
  pages.set('/metadata', to('http://169.254.169.254/'))
  pages.set('/file', to('file:///etc/passwd'))
  pages.set('/gopher', to('gopher://127.0.0.1:70/x'))
  assert.equal((await newFeed('hops', '/hop1')).outcome, 'taken')
  for (const [path, why] of [['/hop0', /more than 3 redirects/], ['/loop', /more than 3 redirects/], ['/away', /port \d+ is not taken/],
    ['/inside', /not a public address/], ['/metadata', /not a public address/], ['/file', /begins with https/], ['/gopher', /begins with https/]]) {
    const report = await newFeed('hops', path)
    assert.equal(report.outcome, 'failed', path)
    assert.match(report.detail, why, path)
  }
  assert.ok(!seen.some(one => one.path === 'other'))
})

test('an error, a bomb, a body that is no feed and a server that hangs up are told', async () => {
  pages.set('/500', (_, response) => response.writeHead(500).end('<rss>'))
  pages.set('/bomb.gz', plain(gzipSync(Buffer.concat([Buffer.from('id,title\n'), Buffer.alloc(64 << 20, 'x')]))))
  pages.set('/page', plain('<!DOCTYPE html><html></html>'))
  pages.set('/hangup', (_, response) => { response.writeHead(200, { 'content-length': 1000 }); response.write('id,title\n1,x\n'); setTimeout(() => response.destroy(), 20) })
  for (const [path, why] of [['/500', /answered 500/], ['/none', /answered 404/], ['/bomb.gz', /times its size/], ['/page', /document type/],
    ['/hangup', /./]]) {
    const report = await newFeed('odd', path)
    assert.equal(report.outcome, 'failed', path)
    assert.match(report.detail, why, path)
  }
})

test('a feed whose rows all lack a title says how to find the column', async () => {
  pages.set('/untitled.csv', plain('id,Bezeichnung,price\nN1,Lampe,5\nN2,Tisch,6\n'))
  const report = await newFeed('untitled', '/untitled.csv')
  assert.equal(report.outcome, 'failed')
  assert.match(report.detail, /no row has a title.*catalog\/guess/)
})

test('columns are guessed from the front of a file', async () => {
  const guess = body => server.call('POST', '/api/v1/catalog/guess?lang=fr', { ...secret(), body, headers: { 'content-type': 'application/octet-stream' } })
  const { status, json, text } = await guess('Référence;Libellé;Prix TTC\nA1;Lampe;12,50\n')
  assert.equal(status, 200, text)
  assert.deepEqual(json.map, { id: 'Référence', title: 'Libellé', price: 'Prix TTC' })
  assert.equal(json.columns[2].why, 'le nom veut dire price et 1 valeur sur 1 est un prix')
  assertProblem(await guess('<!DOCTYPE x><x/>'), 400)
})

test('feeds stand in the folder that apply publishes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-feeds-'))
  const apply = yaml => { writeFileSync(join(folder, 'feeds.yaml'), yaml); return server.command('apply', '-f', folder, '--workspace', 'shop') }
  pages.set('/applied.csv', plain(csv(['Y1,Robe,1'])))
  const settings = `feeds:\n  - id: applied\n    url: ${origin}/applied.csv\n    everyMinutes: 60\n`
  const good = `${settings}    holdPercent: 5\n`
  const first = await apply(good)
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /1 feed\n/)
  const done = await until(() => feed('applied'), one => one.last.outcome === 'taken')
  assert.deepEqual([done.holdPercent, done.everyMinutes], [5, 60])
  assert.equal((await apply(good)).code, 0)
  assert.equal((await feed('applied')).next, done.next) // unchanged: not pulled before its time
  for (const [line, why] of [['holdPercent: 101', /^\/.*\/feeds.yaml:5:5: \/feeds\/0\/holdPercent: must be 0 to 100/],
    ['evryMinutes: 5', /5:5: .*feeds\/0\/evryMinutes: "evryMinutes" is not known here; there are .*everyMinutes/],
    ['map: {title: [a]}', /5:11: .*feeds\/0\/map\/title/], ['mode: some', /5:5: .*feeds\/0\/mode: must be full or delta/]]) {
    const { code, stderr } = await apply(`${settings}    ${line}\n`)
    assert.equal(code, 2, line)
    assert.match(stderr, why)
  }
  assert.equal((await feed('applied')).holdPercent, 5)
  rmSync(folder, { recursive: true })
})

test('settings are checked, audited, and there after a restart', async () => {
  for (const body of [{}, { url: `${origin}/a`, everyMinutes: 1 }, { url: `${origin}/a`, mode: 'some' }, { url: `${origin}/a`, map: [] },
    { url: `${origin}/a`, format: 'xls' }, { url: `${origin}/a`, wrong: 1 }]) assertProblem(await put('x', body), 400)
  assertProblem(await put('.hidden', { url: `${origin}/a` }), 400)
  assertProblem(await ask('never', 'run'), 404)
  assertProblem(await server.call('DELETE', '/api/v1/feeds/never', secret()), 404)
  assertProblem(await server.get('/api/v1/feeds', { key: server.writeKey }), 403)
  assert.equal((await server.call('DELETE', '/api/v1/feeds/odd', secret())).status, 200)
  const moved = { url: `${origin}/b?key=secret`, everyMinutes: 30, paused: true }
  for (const settings of [{ ...moved, url: `${origin}/a?key=secret`, everyMinutes: 60 }, { ...moved, map: { title: 'Libellé' } },
    { ...moved, map: { title: 'Titre' } }, { ...moved, map: { title: 'Titre' } }]) assert.equal((await put('moved', settings)).status, 200)
  const before = (await list()).feeds.map(one => [one.id, one.url, one.mode, one.map])
  assert.equal((await server.stop()).code, 0)
  await server.serve()
  assert.deepEqual((await list()).feeds.map(one => [one.id, one.url, one.mode, one.map]), before)
  assert.ok(!before.some(([id]) => id === 'odd'))
  const { stdout } = await server.command('audit', '--workspace', 'shop', '--limit', '200')
  const rows = stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
  const told = id => rows.filter(({ detail }) => new RegExp(`^feed ${id}\\b`).test(detail)).map(({ by, detail }) => [by, detail]).reverse()
  assert.ok(rows.some(({ detail }) => detail === 'feed etag added'))
  assert.ok(rows.some(({ detail }) => detail.startsWith(`feed odd removed, url was "${origin}/`)), stdout)
  assert.deepEqual(told('moved'), [['key:k2', 'feed moved added'],
    ['key:k2', `feed moved, url was "${origin}/a?…", everyMinutes was 60, map was {}`],
    ['key:k2', 'feed moved, map was {"title":"Libellé"}']]) // nothing of what lets its bearer in
  assert.match(stdout, /"detail":"feed approve small"/)
})
