// A server of our own for a test file: a data directory, its keys, the program, calls over HTTP and commands.
// The program is TEST_BINARY (tools/test sets it), VISAVIS_BIN, or build/visavis.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export { sleep }
export const root = fileURLToPath(new URL('../..', import.meta.url))
export const binary = process.env.TEST_BINARY ?? process.env.VISAVIS_BIN ?? join(root, 'build', 'visavis')

/** Preloaded by tests/fault/memory.mjs; not built with a sanitizer, which has an allocator of its own. */
export const failingMalloc = join(dirname(binary), 'tests', 'libfailing_malloc.so')
/** A build with a sanitizer (its test programs lie beside it), for what only the release's pace can show. */
export const sanitized = existsSync(dirname(failingMalloc)) && !existsSync(failingMalloc)

/** Where the public test data lies, or null: what needs it is then skipped, visibly. */
export const sharedData = name => {
  const folder = join(root, '..', 'shared', 'data', name)
  return existsSync(folder) ? folder : null
}

export const basic = key => `Basic ${Buffer.from(`${key}:`).toString('base64')}`
export const granted = (...purposes) => ({
  consent: { categoryPreferences: Object.fromEntries(purposes.map(purpose => [purpose, true])) },
})

const READY_MS = 30000

// A test run that is cut short leaves no server behind.
const running = new Set()
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')))

export class Server {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
  #child = null

  constructor(options = {}) {
    this.options = options
    this.data = mkdtempSync(join(tmpdir(), 'visavis-http-'))
  }

  /** Makes the workspace `shop` and starts; `options.settings` are settings of serve, `options.under` a command to run it under. */
  static async start(options) {
    const server = new Server(options)
    const keys = await server.init('shop')
    server.writeKey = keys.write_key
    server.secretKey = keys.secret_key
    await server.serve()
    return server
  }

  async init(workspace, ...options) {
    const { code, stdout, stderr } = await this.command('init', '--workspace', workspace, '--json', ...options)
    assert.equal(code, 0, `${binary} init: ${stderr}`)
    return JSON.parse(stdout)
  }

  /** The same port again after a stop, so that clients find it. */
  async serve() {
    const settings = Object.entries(this.options.settings ?? {}).flatMap(([name, value]) => [`--${name}`, `${value}`])
    const listen = `127.0.0.1:${this.port ?? 0}`
    const [program, ...before] = [...this.options.under ?? [], binary]
    const child = spawn(program, [...before, 'serve', '--data', this.data, '--listen', listen, ...settings],
      { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    this.log = []
    running.add(child)
    const exit = new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })))
    this.exit = exit.finally(() => running.delete(child))
    const ready = new Promise(resolve => {
      createInterface({ input: child.stderr }).on('line', line => {
        this.log.push(line)
        const entry = line.startsWith('{') ? JSON.parse(line) : {}
        if (entry.event === 'ready') resolve(entry.url)
      })
    })
    this.url = await Promise.race([ready, exit.then(() => null), sleep(READY_MS, null, { ref: false })])
    assert.ok(this.url, `the server did not start:\n${this.log.join('\n')}`)
    this.port = Number(new URL(this.url).port)
  }

  async stop(signal = 'SIGTERM') {
    if (!this.#child) return null
    this.#agent.destroy()
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
    this.#child.kill(signal)
    const result = await this.exit
    this.#child = null
    return result
  }

  /** At the end of a test file: an orderly stop, and nothing left behind. */
  async end() {
    const result = await this.stop()
    rmSync(this.data, { recursive: true, force: true })
    if (result) assert.equal(result.code, 0, `the server ended badly:\n${this.log.join('\n')}`)
  }

  /** One request, unmended: { status, headers, bytes, text, json }. `body` is an object, a text or bytes. */
  call(method, path, { key, headers = {}, body } = {}) {
    const plain = typeof body === 'string' || body instanceof Uint8Array
    const bytes = body === undefined || plain ? body : JSON.stringify(body)
    const all = { ...headers }
    if (key) all.authorization ??= basic(key)
    if (bytes !== undefined) {
      all['content-type'] ??= 'application/json'
      all['content-length'] ??= Buffer.byteLength(bytes)
    }
    return new Promise((resolve, reject) => {
      const request = http.request(this.url + path, { method, headers: all, agent: this.#agent }, response => {
        const parts = []
        response.on('data', part => parts.push(part))
        response.on('error', reject)
        response.on('end', () => resolve(answerOf(response, Buffer.concat(parts))))
      })
      request.on('error', reject)
      request.end(bytes)
    })
  }

  /** Status and headers alone: a stream of events has no end. */
  head(method, path, { key, headers = {}, body } = {}) {
    const all = { ...headers, ...(key && { authorization: `Bearer ${key}` }), ...(body && { 'content-type': 'application/json' }) }
    return new Promise((resolve, reject) => {
      const request = http.request(this.url + path, { method, headers: all }, response => {
        resolve({ status: response.statusCode, headers: response.headers })
        response.destroy()
      })
      request.on('error', reject)
      request.end(body)
    })
  }

  get pid() {
    return this.#child.pid
  }

  /** One number of /metrics, its labels included in the name. */
  async metric(name) {
    const { text } = await this.get('/metrics')
    const line = text.split('\n').find(line => line.startsWith(`visavis_${name} `))
    assert.ok(line, `no metric ${name}`)
    return Number(line.split(' ')[1])
  }

  get(path, options) {
    return this.call('GET', path, options)
  }

  /** The next call comes in a later millisecond: within one, what happened has no order but that of message ids. */
  async post(path, body, options = {}) {
    const answer = await this.call('POST', path, { body, ...options })
    await sleep(1)
    return answer
  }

  /** `visavis NAME … --data`, wherever it runs: { code, stdout, stderr }. */
  command(name, ...words) {
    return new Promise(resolve => {
      execFile(binary, [name, ...words, '--data', this.data], { maxBuffer: 1 << 30 },
        (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }))
    })
  }

  /** The stored messages of a workspace. */
  async exported(workspace = 'shop') {
    const { code, stdout, stderr } = await this.command('export', 'events', '--workspace', workspace)
    assert.equal(code, 0, stderr)
    return stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
  }

  /** The files of the data directory that hold a text. The store may take one away while we look. */
  filesWith(text) {
    return readdirSync(this.data, { recursive: true }).filter(name => {
      try {
        return readFileSync(join(this.data, name)).includes(text)
      } catch (error) {
        if (['EISDIR', 'ENOENT', 'ENXIO'].includes(error.code)) return false
        throw error
      }
    })
  }

  /** A key with its own origins or scopes, as `visavis keys add` prints it. */
  async addKey(...options) {
    const { code, stdout, stderr } = await this.command('keys', 'add', '--workspace', 'shop', '--json', ...options)
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout).key
  }

  async addItems(items, key = this.secretKey) {
    const answer = await this.post('/api/v1/catalog/items', { items }, { key })
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.json.errors, undefined, answer.text)
  }

  async putPlacement(id, placement, key = this.secretKey) {
    const answer = await this.call('PUT', `/api/v1/placements/${id}`, { key, body: placement })
    assert.equal(answer.status, 200, answer.text)
    return answer.json.version
  }
}

function answerOf(response, bytes) {
  const text = bytes.toString()
  const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '')
  return { status: response.statusCode, headers: response.headers, bytes, text, json: isJson && text ? JSON.parse(text) : undefined }
}

/** Asks until the answer pleases, for what the promise says comes "within a second" (an ASan build is given more). */
export async function until(ask, pleases, { within = 5000, every = 25 } = {}) {
  const end = Date.now() + within
  for (;;) {
    const answer = await ask()
    if (pleases(answer) || Date.now() > end) return answer
    await sleep(every)
  }
}

/** Each of these messages was stored once. They are told apart by their id, or by what `numberOf` finds in a row. */
export async function assertEachOnce(server, numbers, numberOf = row => row.messageId) {
  const wanted = new Set(numbers)
  const count = async () => {
    const seen = new Map()
    for (const number of (await server.exported()).map(numberOf))
      if (wanted.has(number)) seen.set(number, (seen.get(number) ?? 0) + 1)
    return seen
  }
  const seen = await until(count, ({ size }) => size === wanted.size, { every: 200 })
  const lost = numbers.filter(number => !seen.has(number))
  const doubled = numbers.filter(number => seen.get(number) > 1)
  assert.deepEqual({ lost, doubled }, { lost: [], doubled: [] })
}

/** Each error is problem+json that says what, where and which request. */
export function assertProblem(answer, status) {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  const { type, title, instance, request_id: id } = answer.json
  assert.match(type, /^urn:visavis:problem:[a-z_]+$/)
  assert.equal(typeof title, 'string')
  assert.equal(answer.json.status, status)
  assert.equal(typeof instance, 'string')
  assert.equal(id, answer.headers['x-request-id'])
}
