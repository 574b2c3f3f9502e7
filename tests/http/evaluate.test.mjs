// `visavis evaluate`: two files in, one JSON line out, no server and no data directory. Worlds whose answer is known.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { binary } from './server.mjs'

const room = mkdtempSync(join(tmpdir(), 'visavis-evaluate-'))
after(() => rmSync(room, { recursive: true }))

const file = (name, text) => (writeFileSync(join(room, name), text), join(room, name))
const evaluate = (...args) => spawnSync(binary, ['evaluate', ...args], { encoding: 'utf8', cwd: room, timeout: 120000 })
const figures = (...args) => {
  const run = evaluate(...args)
  assert.equal(run.status, 0, run.stderr)
  assert.match(run.stdout, /^\{.*\}\n$/)
  return JSON.parse(run.stdout)
}

// Everybody walks a ring of a hundred items, three steps at a time.
const ring = (from, steps) => Array.from({ length: steps }, (_, i) => `i${(from + i) % 100}`).join(' ')
const train = file('visits', Array.from({ length: 2000 }, (_, v) => `${ring(v * 37, 3)}\n`).join(''))
const questions = file('questions', Array.from({ length: 100 }, (_, q) => `${ring(q, 3)}\ti${(q + 3) % 100}\tmore\t1\n`).join(''))

for (const model of ['vmis', 'rules', 'blend']) {
  test(`${model} finds the way round a ring`, () => {
    const line = figures('sessions', '--train', train, '--test', questions, '--model', model, '-k', '5')
    assert.equal(line.model, model)
    assert.equal(line.n, 100)
    assert.ok(line.hr > 0.99, JSON.stringify(line))
    for (const name of ['mrr', 'train_seconds', 'p50_us', 'p99_us']) assert.equal(typeof line[name], 'number', name)
  })
}

test('what was just seen is answered or left out, as --repeats says', () => {
  const stay = file('stay', 'a a\n'.repeat(50))
  const asked = file('asked', 'a\ta\n')
  assert.equal(figures('sessions', '--train', stay, '--test', asked, '--model', 'vmis', '--repeats', 'keep').hr, 1)
  assert.equal(figures('sessions', '--train', stay, '--test', asked, '--model', 'vmis', '--repeats', 'drop').hr, 0)
})

// Two tastes that share nothing: each person keeps a fifth of their taste for the test.
const taste = kept => Array.from({ length: 200 }, (_, u) =>
  `u${u} ${Array.from({ length: 30 }, (_, i) => i).filter(i => ((i + u) % 5 === 0) !== kept).map(i => `t${u % 2}-${i}`).join(' ')}\n`).join('')
const had = file('had', taste(true))
const wanted = file('wanted', taste(false))

for (const model of ['graph', 'ease', 'popular', 'blend']) {
  test(`${model} ${model === 'popular' ? 'cannot tell' : 'tells'} two tastes apart`, () => {
    const line = figures('interactions', '--train', had, '--test', wanted, '--model', model, '-k', '6')
    assert.equal(line.model, model)
    assert.equal(line.users, 200)
    assert.equal(line.recall === 1 && line.ndcg === 1, model !== 'popular', JSON.stringify(line))
  })
}

test('--tune looks at train alone', () => {
  const other = file('other', 'u0 t1-3\n')
  const one = figures('interactions', '--train', had, '--test', wanted, '--tune')
  const two = figures('interactions', '--train', had, '--test', other, '--tune')
  for (const name of ['alpha', 'beta', 'neighbours']) assert.equal(one[name], two[name], name)
})

const long = 'x'.repeat(3 << 20)
const refusals = {
  'a missing file': [['sessions', '--train', 'nowhere', '--test', questions], /nowhere: No such file/, 1],
  'an empty file': [['sessions', '--train', file('empty', ''), '--test', questions], /empty: there is no visit/, 2],
  'a NUL byte': [['sessions', '--train', file('nul', 'a b\nc \0\n'), '--test', questions], /nul: line 2: a NUL byte/, 2],
  'no tab': [['sessions', '--train', train, '--test', file('tab', 'a\tb\na b\n')], /tab: line 2: no tab/, 2],
  'an id of megabytes': [['interactions', '--train', file('long', `u a\nv ${long}\n`), '--test', wanted], /long: line 2: an id is over/, 2],
  'k = 0': [['sessions', '--train', train, '--test', questions, '-k', '0'], /-k is a whole number from 1 to 10000/, 2],
  'a huge k': [['interactions', '--train', had, '--test', wanted, '-k', '99999999999999999999'], /-k is a whole number/, 2],
  'an unknown model': [['sessions', '--train', train, '--test', questions, '--model', 'oracle'], /--model is blend, vmis, rules/, 2],
  'no file': [['sessions', '--train', train], /--test FILE/, 2],
  'nothing to evaluate': [[], /sessions or interactions/, 2],
}
for (const [what, [args, said, status]] of Object.entries(refusals)) {
  test(`evaluate refuses ${what}`, () => {
    const run = evaluate(...args)
    assert.match(run.stderr, said)
    assert.equal(run.status, status)
    assert.equal(run.stdout, '')
  })
}

test('a line of megabytes is read', () => {
  const wide = file('wide', `u ${Array.from({ length: 200000 }, (_, i) => `w${i % 3000}`).join(' ')}\nv w1 w2\n`)
  assert.equal(figures('interactions', '--train', wide, '--test', file('next', 'v w3\n')).users, 1)
})

test('a catalogue too large for EASE is refused with what it would cost', () => {
  const many = file('many', Array.from({ length: 30000 }, (_, i) => `u${i % 50} n${i}\n`).join(''))
  const run = evaluate('interactions', '--train', many, '--test', wanted, '--model', 'ease')
  assert.match(run.stderr, /EASE of 30000 items would take 3\.4 GiB of memory \(at most 2\.0\) and about \d+ seconds/)
  assert.equal(run.status, 2)
})
