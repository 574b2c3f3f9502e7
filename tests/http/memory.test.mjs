// A dozen failing allocations; `make crash` has three hundred.
import { test } from 'node:test'
import { skip, sweep } from '../fault/memory.mjs'

test('an allocation that fails ends in an error or an abort, and nothing acknowledged is lost', { skip }, async t => {
  t.diagnostic(JSON.stringify(await sweep(12, 1)))
})
