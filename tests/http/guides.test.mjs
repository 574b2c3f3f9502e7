// The guides are run as a reader would: every block marked `sh`, in its order, in one shell, with the program on the path. And in every
// page of docs, the README included, what is said of commands is held against what the program knows.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { binary, root } from './server.mjs'
import { spec } from './spec.mjs'

const GUIDE_MS = 120000
const page = path => readFileSync(join(root, path), 'utf8')
const fenced = (text, language) => [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(match => match[1])

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Runs a guide's blocks in one shell that ends at the first command that fails; what each block printed. */
async function follow(path) {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-guide-'))
  const mark = '=== next block ==='
  const blocks = fenced(page(path), 'sh')
  const port = await freePort()
  const script = ['set -eo pipefail', ...blocks.map(block => `${block}\necho '${mark}'`)].join('\n').replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
  symlinkSync(binary, join(folder, 'visavis'))
  const shell = spawn('bash', ['-c', script],
    { cwd: folder, detached: true, env: { ...process.env, PATH: `${folder}:${process.env.PATH}` }, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    let out = '', errors = ''
    shell.stdout.on('data', bytes => { out += bytes })
    shell.stderr.on('data', bytes => { errors += bytes })
    const timer = setTimeout(() => process.kill(-shell.pid, 'SIGKILL'), GUIDE_MS)
    const code = await new Promise(resolve => shell.once('exit', resolve))
    clearTimeout(timer)
    const log = existsSync(join(folder, 'server.log')) ? readFileSync(join(folder, 'server.log'), 'utf8') : ''
    assert.equal(code, 0, `${path} stopped after:\n${out}\n${errors}\n${log}`)
    return { printed: out.split(`${mark}\n`).slice(0, -1), blocks, folder: name => readFileSync(join(folder, name), 'utf8') }
  } finally {
    try { process.kill(-shell.pid, 'SIGKILL') } catch { /* all of it has ended */ }
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the guides', () => {
  test('a developer gets from nothing to a decision, its reasons, and what was refused', { timeout: GUIDE_MS }, async () => {
    const { printed } = await follow('docs/guides/developer.md')
    const all = printed.join('\n')
    assert.match(all, /--map '?id=Référence/)
    assert.match(all, /"items":6,"written":6/)
    assert.match(all, /"itemId": "CH-0[23]"/)
    assert.match(printed.at(-2), /"accepted":0.*"reason":"a track message needs the name of its event/s)
  })

  test('an operator backs up, brings it back, and answers a request', { timeout: GUIDE_MS }, async () => {
    const { printed } = await follow('docs/guides/operator.md')
    const all = printed.join('\n')
    assert.match(all, /memory_mb: 512/)
    assert.match(all, /ada@example\.org/)
    assert.match(all, /grace@example\.org/)
  })
})

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'ARCHITECTURE.md', 'examples/shop/README.md',
  ...['docs', 'docs/guides', 'docs/internals'].flatMap(folder => readdirSync(join(root, folder)).filter(name => name.endsWith('.md')).map(name => `${folder}/${name}`))]

describe('every page', () => {
  // As the hosts of repositories make them: lower case, spaces to hyphens, no other marks.
  const anchors = text => [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase().replace(/[`*]/g, '').replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))

  test('links to what is there', () => {
    const broken = []
    for (const path of pages) {
      for (const [, target] of page(path).replace(/^```.*?^```/gms, '').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [file, anchor] = target.split('#')
        const full = file ? join(dirname(path), file) : path
        if (!existsSync(join(root, full))) broken.push(`${path}: ${target}`)
        else if (anchor && !anchors(page(full)).includes(anchor)) broken.push(`${path}: ${target} (no such heading)`)
      }
    }
    assert.deepEqual(broken, [])
  })

  // A line of a block that begins with the program: its command and options must be those of `visavis help COMMAND`.
  test('names commands and options that the program has', () => {
    const usages = new Map([['help', execFileSync(binary, ['help'], { encoding: 'utf8' })]]), unknown = []
    const usage = command => {
      if (!usages.has(command)) usages.set(command, execFileSync(binary, ['help', command], { encoding: 'utf8' }))
      return usages.get(command)
    }
    const all = usages.get('help')
    let seen = 0
    for (const path of pages) {
      for (const [, line] of page(path).replace(/\\\n/g, ' ').matchAll(/^(?: {4,}|(?=visavis|build\/))(?:\$ )?(?:build\/)?visavis (.*)$/gm)) {
        const words = line.replace(/\s{2,}.*| #.*/, '')
        const command = words.split(' ')[0]
        seen++
        if (!new RegExp(`^  ${command} `, 'm').test(all)) { unknown.push(`${path}: visavis ${command}`); continue }
        for (const [, option] of words.matchAll(/(?<=\s|\[)(--?[a-z][a-z-]*)/g)) {
          const setting = option.slice(2).replaceAll('-', '_')
          if (!usage(command).includes(option) && !(command === 'serve' && new RegExp(`^  ${setting} `, 'm').test(usage('serve')))) unknown.push(`${path}: visavis ${command} ${option}`)
        }
      }
    }
    assert.deepEqual(unknown, [])
    assert.ok(seen > 50, `${seen} commands found`)
  })

  test('names routes that the interface has', () => {
    const routes = Object.entries(spec.paths).flatMap(([path, item]) => Object.keys(item).map(method => `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, '*')}`))
    const unknown = []
    let seen = 0
    for (const path of pages) {
      for (const [, methods, route] of page(path).matchAll(/\b((?:GET|POST|PUT|PATCH|DELETE)(?:, (?:GET|POST|PUT|PATCH|DELETE))*) (\/[^\s`?,;)"']*)/g)) {
        const asked = route.replace(/[.:]$/, '').split('/').map(part => (/[A-Z{…]/.test(part) || part === 'home' || part === 'night' ? '*' : part)).join('/')
        for (const method of methods.split(', ')) {
          seen++
          if (!routes.includes(`${method} ${asked}`)) unknown.push(`${path}: ${method} ${route}`)
        }
      }
    }
    assert.deepEqual(unknown, [])
    assert.ok(seen > 40, `${seen} routes found`)
  })
})
