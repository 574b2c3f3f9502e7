// What README and docs tell people to type is there: commands and their options, targets of make, routes, and files linked to.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { binary, root } from '../http/server.mjs'
import { operations } from '../http/spec.mjs'

const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CHANGELOG.md',
  ...['docs', 'docs/internals'].flatMap(folder => readdirSync(join(root, folder)).filter(name => name.endsWith('.md')).map(name => `${folder}/${name}`))]
const texts = new Map(pages.map(page => [page, readFileSync(join(root, page), 'utf8')]))

/** Each match in each page, without doubles: [page, groups…]. */
function found(pattern, only = pages) {
  const all = only.flatMap(page => [...texts.get(page).matchAll(pattern)].map(match => [page, ...match.slice(1)]))
  return [...new Map(all.map(one => [JSON.stringify(one.slice(1)), one])).values()]
}

const run = (...words) => spawnSync(binary, words, { encoding: 'utf8' })

describe('commands', () => {
  // In a block, with the lines that go on with it; or within a sentence.
  const block = /^(?: {4}|\$ | {4}\$ |)(?:build\/)?visavis +([a-z][^\n]*(?:\n {8,}\[?-[^\n]*)*)/gm, inline = /`visavis ([a-z][^`]+)`/g
  const lines = [...found(block), ...found(inline)]
  const words = run('help').stdout.match(/^  [a-z]+(?: placement)?(?= )/gm).map(word => word.trim())

  const nowhere = '/nowhere/at-all' // a command gets no further than its options
  const dashed = option => (option.length > 1 ? `--${option}` : `-${option}`)
  const ofServe = ['config', 'json', 'print-settings', ...run('help', 'serve').stdout.match(/^  [a-z_]+/gm).map(name => name.trim().replaceAll('_', '-'))]

  test('there are many', () => assert.ok(lines.length > 40 && words.length > 15, `${lines.length} ${words.length}`))
  for (const [page, line] of lines) {
    const [typed] = line.split(/ #|   +(?=[a-z])/)
    const name = typed.startsWith('evaluate placement') ? 'evaluate placement' : typed.split(/[\s|]/)[0]
    const options = [...typed.matchAll(/(?<=[\s[(|])--?([a-z][a-z-]*)/g)].map(match => match[1])
    test(`${page}: visavis ${typed.replaceAll(/\s+/g, ' ')}`, () => {
      const serves = ['serve', 'demo'].includes(name)
      assert.ok(words.includes(name) || name === 'help', `there is no command ${name}`)
      for (const option of options) {
        const { stderr } = serves ? {} : run(...name.split(' '), dashed(option), 'x=y', ...name === 'evaluate' ? [] : ['--data', nowhere])
        assert.ok(serves ? ofServe.includes(option) : !stderr.includes(`no option --${option};`), `${option}: ${stderr}`)
      }
    })
  }
})

test('targets of make', () => {
  const makefile = readFileSync(join(root, 'Makefile'), 'utf8')
  const named = found(/(?:`| {4}|^)make ([a-z][a-z-]*)/gm)
  assert.ok(named.length > 10)
  for (const [page, target] of named) assert.match(makefile, new RegExp(`^${target}:`, 'm'), `${page}: make ${target}`)
})

test('routes', () => {
  const named = found(/\b(GET|POST|PUT|DELETE) (\/(?:v1|api|livez|readyz|metrics|openapi|pixel|beacon)[^\s`'",;)?]*)/g)
  assert.ok(named.length > 15)
  const shape = path => path.replace(/[.:]$/, '').split('/').map(part => (/^[{<]|^[A-Z]+$/.test(part) ? '*' : part)).join('/')
  const known = operations.map(({ method, path }) => [method, shape(path).split('/')])
  const fits = (parts, wanted) => parts.length === wanted.length && parts.every((part, index) => part === wanted[index] || wanted[index] === '*')
  for (const [page, method, path] of named)
    assert.ok(known.some(([verb, wanted]) => verb === method && fits(shape(path).split('/'), wanted)), `${page}: ${method} ${path}`)
})

test('files that are linked to', () => {
  for (const [page, target] of found(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g))
    assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`)
})
