/* The replay workload at a size for every test run; the full one belongs to `make crash`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const workload = fileURLToPath(new URL('workload.mjs', import.meta.url));

test('every decision of a seeded workload of 10,000 events is replayed identically, also after kill -9 and erasures', () => {
  const ended = spawnSync(process.execPath, [workload, '10000', '1000', '1'], { encoding: 'utf8' });
  assert.equal(ended.status, 0, ended.stdout + ended.stderr);
});
