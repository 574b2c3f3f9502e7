// The project's own tools: what they derive, and that they refuse what they are there to refuse.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'visavis-tools-'))
after(() => rmSync(room, { recursive: true }))

const tool = (name, ...args) => spawnSync(join(root, 'tools', name), args, { encoding: 'utf8' })
const file = (name, text) => (writeFileSync(join(room, name), text), join(room, name))
const read = name => readFileSync(join(room, name), 'utf8')

const operation = (fields = {}) => JSON.stringify({
  openapi: '3.1.0',
  paths: {
    '/v1/things/{id}': {
      put: { operationId: 'putThing', 'x-handler': 'thing_put', 'x-scopes': ['a:write', 'b'], 'x-cost': 'write', ...fields },
    },
  },
})

test('gen-openapi gives a row an operation and a document without our own fields', () => {
  const spec = file('good.yaml', operation({ summary: 'Été' }))
  const run = tool('gen-openapi', spec, join(room, 'routes.inc'), join(room, 'openapi.json'))
  assert.equal(run.status, 0, run.stderr)
  assert.match(read('routes.inc'), /^ROUTE\(HTTP_PUT, "\/v1\/things\/\{id\}", api_thing_put, "write", "a:write b"\)$/m)
  assert.deepEqual(JSON.parse(read('openapi.json')).paths['/v1/things/{id}'].put, { operationId: 'putThing', summary: 'Été' })
})

const wrongOperations = {
  'without a handler': { 'x-handler': undefined },
  'with a handler that is no C name': { 'x-handler': 'thing-put' },
  'without an operationId': { operationId: undefined },
  'with scopes that are no list': { 'x-scopes': 'a b' },
  'with a reference that leads nowhere': { requestBody: { $ref: '#/components/requestBodies/Thing' } },
}
for (const [what, fields] of Object.entries(wrongOperations)) {
  test(`gen-openapi refuses an operation ${what}`, () => {
    const run = tool('gen-openapi', file('wrong.yaml', operation(fields)), join(room, 'r'), join(room, 'o'))
    assert.equal(run.status, 1)
    assert.match(run.stderr, /^spec\/openapi\.yaml: /)
  })
}

const purpose = (fields = {}) => JSON.stringify({
  purposes: [{
    name: 'measure', bases: ['consent'], default: 'denied', objection: true, kept_on: 'device', age_from: 15,
    label: { fr: 'a', en: 'b' }, meaning: { fr: 'a.', en: 'b.' }, ...fields,
  }],
})
const wrongPurposes = {
  'that rests on consent and is granted by default': { default: 'granted' },
  'with a basis the law does not know': { bases: ['habit'] },
  'that does not speak French': { meaning: { en: 'b.' } },
}
for (const [what, fields] of Object.entries(wrongPurposes)) {
  test(`gen-purposes refuses a purpose ${what}`, () => {
    assert.equal(tool('gen-purposes', file('p.yaml', purpose()), join(room, 'p.h'), join(room, 'p.c')).status, 0)
    const run = tool('gen-purposes', file('p.yaml', purpose(fields)), join(room, 'p.h'), join(room, 'p.c'))
    assert.equal(run.status, 1)
    assert.match(run.stderr, /measure: /)
  })
}

const faults = {
  'a banned function': ['static void f(char *a)\n{\n    strcpy(a, "b");\n}\n', /3: strcpy is banned/],
  'a mark of unfinished work': [`int a; /* ${'TO'}DO */\n`, /1: unfinished work/],
  'a typedef of a struct': ['typedef struct a b;\n', /1: no typedef/],
  'a function over a screen': [`static void f(void)\n{\n${'    g();\n'.repeat(60)}}\n`, /1: f has 63 lines/],
  'six parameters': ['static void f(int a, int b, int c, int (*d)(int, int), int e, int f)\n{\n}\n', /1: f has 6 parameters/],
  'a line over 100 columns': [`int a; /* ${'word '.repeat(20)}*/\n`, /1: 1\d\d columns/],
}
for (const [what, [text, expected]] of Object.entries(faults)) {
  test(`check-style finds ${what}`, { skip: spawnSync('ctags', ['--version']).error ? 'no ctags here' : false }, () => {
    const run = tool('check-style', file('fault.c', text))
    assert.equal(run.status, 1)
    assert.match(run.stdout, expected)
  })
}

test('check-style lets a banned word in a comment or a text pass', t => {
  if (spawnSync('ctags', ['--version']).error) return t.skip('no ctags here')
  const run = tool('check-style', file('fine.c', '/* not strcpy(a, b) */\nstatic const char *const a = "atoi(b)";\n'))
  assert.equal(run.status, 0, run.stdout)
})

test('wrap-comments fills wide prose, keeps lists and lifts comments from behind code, and does so once', () => {
  const wide = 'word '.repeat(30).trim()
  const path = file('wide.c', `/* ${wide}\n *\n *  1. ${wide}\n *  2. short */\nint a;${' '.repeat(90)}/* ${'why '.repeat(5).trim()} */\n`)
  assert.equal(tool('wrap-comments', path).status, 0)
  const once = read('wide.c')
  assert.ok(once.split('\n').every(line => line.length <= 100), once)
  assert.match(once, /^ \* {2}2\. short \*\/$/m)
  assert.match(once, /^\/\* why why why why why \*\/\nint a;$/m)
  assert.equal(once.match(/word/g).length, 60)
  tool('wrap-comments', path)
  assert.equal(read('wide.c'), once)
})

for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']) {
  const text = readFileSync(join(root, page), 'utf8')
  test(`${page} links to what is there`, () => {
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      assert.ok(existsSync(join(dirname(join(root, page)), target)), `${page} links to ${target}`)
    }
  })
  test(`${page} names make targets that exist`, () => {
    const makefile = readFileSync(join(root, 'Makefile'), 'utf8')
    for (const [, target] of text.matchAll(/(?:`|^ {4})make ([a-z-]+)/gm)) {
      assert.match(makefile, new RegExp(`^${target}:`, 'm'))
    }
  })
}

test('the lock names the optional packages of every platform, which a newer npm ci insists on', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'tests', 'package-lock.json'), 'utf8'))
  for (const [name, entry] of Object.entries(packages)) {
    for (const wanted of Object.keys(entry.optionalDependencies ?? {})) {
      const there = `node_modules/${wanted}` in packages || `${name}/node_modules/${wanted}` in packages
      assert.ok(there, `${name} may want ${wanted}, which the lock does not name`)
    }
  }
})

test('a need that cannot be met is named with the command that meets it, and nothing is installed', t => {
  const nobody = (...command) => spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...command],
    { encoding: 'utf8', input: '', env: { PATH: '/usr/bin:/bin' } })
  const need = join(root, 'tools', 'need')
  if (spawnSync('dpkg-query', ['--version']).error) return t.skip('not a Debian')
  if (nobody('test', '-x', need).status !== 0) return t.skip('only root can become nobody, and nobody must reach the clone')
  const packages = file('packages-unmet.txt', 'visavis-needs-this  # a package that no Debian has\n')
  chmodSync(room, 0o755)
  const run = nobody(need, packages)
  assert.equal(run.status, 1)
  assert.match(run.stderr, /packages that are not here: visavis-needs-this\n/)
  assert.match(run.stderr, /apt-get install --no-install-recommends visavis-needs-this\n/)
})
