#!/usr/bin/env node
/* A disk that is slow, and one that stands still: strace holds syncs back.
 *
 *     server-slow-disk.mjs [SECONDS=15]
 *
 * First one sync of the ledger takes STALL_MS, then for SECONDS every sync takes SLOW_MS, while clients send in and others ask. Pass: all
 * decisions are answered 200, those during the stall too, and none waits for it; what is sent in is answered 200 or 503 with
 * Retry-After; memory does not grow; what was acknowledged is there, once. */
import { readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fail } from './oracle.mjs';
import { furnish, init, must, Server, sleep, temporaryDirectory } from './server.mjs';

const STALL_MS = 5000;
const STALL_AT = 60; /* of the ledger's syncs */
const SLOW_MS = 300;
const WRITERS = 16;
const ANSWER_MS_MAX = STALL_MS / 2;
const GROWTH_MIB_MAX = 64;
const seconds = Number(process.argv[2] ?? 15);
const work = temporaryDirectory('server-slow-disk');
const data = join(work, 'data');
const acked = new Set();
let number = 0;

async function send(server, sums) {
  const id = `m${number++}`;
  const { code, headers } = await server.call('POST', '/v1/track', { messageId: id, event: 'Product Viewed', anonymousId: `p${number % 100}`,
    context: { consent: { categoryPreferences: { personalise: true } } }, properties: { product_id: 'item-1' } }, server.keys.write);
  if (code === 200) {
    acked.add(id);
    const now = performance.now();
    sums.quiet = Math.max(sums.quiet, now - sums.lastAck);
    sums.lastAck = now;
  } else if (code !== 503 || headers['retry-after'] !== '1') {
    fail(`an event was answered ${code}`);
  }
}

async function ask(server, sums) {
  const began = performance.now();
  const body = { user: { anonymousId: `p${number % 100}` }, placements: [{ id: 'home' }] };
  const { code } = await server.call('POST', '/v1/decide', body, server.keys.write);
  if (code !== 200) fail(`a decision was answered ${code}`);
  sums.asked++;
  sums.longest = Math.max(sums.longest, performance.now() - began);
}

const mib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function round(keys, inject, until) {
  const strace = ['strace', '-D', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${inject}`];
  const server = new Server(data, keys, [], strace);
  await server.ready;
  const sums = { asked: 0, longest: 0, quiet: 0, lastAck: performance.now() };
  let going = true;
  const loop = async (what, pause) => {
    while (going) {
      await what(server, sums);
      await sleep(pause);
    }
  };
  const clients = [...Array.from({ length: WRITERS }, () => loop(send, 5)), loop(ask, 10)];
  await sleep(1000);
  const before = mib(server.child.pid);
  await until(sums);
  const growth = mib(server.child.pid) - before;
  going = false;
  await Promise.all(clients);
  await server.stop();
  if (sums.longest > ANSWER_MS_MAX) fail(`a decision took ${sums.longest.toFixed(0)} ms`);
  if (growth > GROWTH_MIB_MAX) fail(`memory grew by ${growth.toFixed(0)} MiB`);
  return `${sums.asked} decisions, the longest ${sums.longest.toFixed(0)} ms, no event acknowledged for ${sums.quiet.toFixed(0)} ms, `
    + `memory ${growth.toFixed(0)} MiB more`;
}

/** Until a pause as long as the stall was seen between two acknowledgements. */
async function stall(sums) {
  for (let waited = 0; sums.quiet < STALL_MS * 0.9; waited += 100) {
    if (waited > 120000) fail('no sync was held back');
    await sleep(100);
  }
}

async function main() {
  const keys = await init(data);
  const first = new Server(data, keys);
  await first.ready;
  await furnish(first, 50);
  await first.stop();
  console.log(`  one sync of ${STALL_MS} ms: ${await round(keys, `delay_enter=${STALL_MS * 1000}:when=${STALL_AT}`, stall)}`);
  console.log(`  each sync ${SLOW_MS} ms: ${await round(keys, `delay_enter=${SLOW_MS * 1000}`, () => sleep(seconds * 1000))}`);
  const rows = (await must('export', 'events', '--data', data, '--workspace', 'shop')).split('\n').filter(Boolean);
  const kept = rows.map((row) => JSON.parse(row).messageId);
  const there = new Set(kept);
  const lost = [...acked].filter((id) => !there.has(id));
  if (there.size !== kept.length || lost.length) fail(`${lost.length} lost of ${acked.size}, ${kept.length} kept`);
  console.log(`server-slow-disk: passed; ${acked.size} acknowledged, none lost or doubled; ${await must('check', '--data', data)}`.trim());
}

if (spawnSync('strace', ['-V']).error) {
  console.log('SKIP server-slow-disk: strace is not installed');
  process.exit(77);
}
try {
  await main();
  rmSync(work, { recursive: true });
} catch (error) {
  console.log(`FAIL server-slow-disk, data kept in ${data}: ${error.stack}`);
  process.exit(1);
}
