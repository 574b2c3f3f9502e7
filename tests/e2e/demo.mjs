// `visavis demo` for the tests here: the demo workspace on a port of its own, and the demo shop's pages from another address.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { binary, root, sleep } from '../http/server.mjs'

const START_MS = 30000
const run = promisify(execFile)

async function firstLine(child) {
  const line = new Promise(resolve => createInterface({ input: child.stdout }).once('line', resolve))
  const told = await Promise.race([line, new Promise(resolve => child.once('exit', () => resolve(null))), sleep(START_MS, null, { ref: false })])
  assert.ok(told, `${child.spawnfile} did not start`)
  return told
}

export class Demo {
  constructor() {
    this.data = mkdtempSync(join(tmpdir(), 'visavis-e2e-'))
  }

  /** The same port after a restart; keys are new at each. */
  async start() {
    this.child = spawn(binary, ['demo', '--data', this.data, '--listen', `127.0.0.1:${this.port ?? 0}`, '--json'],
      { stdio: ['ignore', 'pipe', 'ignore'] })
    this.exit = new Promise(resolve => this.child.once('exit', resolve))
    Object.assign(this, JSON.parse(await firstLine(this.child)))
    this.port = new URL(this.url).port
    this.page = `${this.url}/#key=${this.secret_key}`
  }

  async stop() {
    this.child.kill('SIGTERM')
    return this.exit
  }

  remove() {
    rmSync(this.data, { recursive: true, force: true })
  }

  async decide(body) {
    const answer = await fetch(`${this.url}/v1/decide`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.write_key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200)
    return answer.json()
  }

  /** What `visavis NAME …` prints. */
  async command(...words) {
    return (await run(binary, [...words, '--workspace', 'demo', '--data', this.data], { maxBuffer: 1 << 28 })).stdout
  }
}

/** examples/shop/serve: the shop's own server, elsewhere. */
export class ShopServer {
  async start(visavis, key, port = 0) {
    this.child = spawn(join(root, 'examples', 'shop', 'serve'), ['--visavis', visavis, '--key', key, '--port', `${port}`],
      { stdio: ['ignore', 'pipe', 'inherit'] })
    this.exit = new Promise(resolve => this.child.once('exit', resolve))
    this.url = new URL(await firstLine(this.child)).origin
  }

  async stop() {
    this.child?.kill('SIGKILL')
    return this.exit
  }
}
