#!/usr/bin/env node
/* A server on a disk of 32 MiB that fills up, and is given room again.
 *
 *     server-small-disk.mjs [ROUNDS=2] [SEED]
 *
 * Pass: collection is refused with 503, problem+json and Retry-After; decisions go on; a withdrawal and an erasure succeed; collection
 * resumes within 5 s of space being freed, without a restart; every acknowledged message is there, once. Needs root (a tmpfs). */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  check, exportedIds, furnish, init, placements, Random, replayAll, seedOf, shopMessage, sleep, start, temporaryDirectory,
} from './server.mjs';

const rounds = Number(process.argv[2] ?? 2);
const seed = seedOf(process.argv[3]);
const ITEMS = 50;
const DISK_MB = 32;
const RESUME_MS_MAX = 5000;
const disk = temporaryDirectory('server-disk');
const data = join(disk, 'data');
const filler = join(disk, 'filler');
const random = new Random(seed);
const acknowledged = new Set();
let sent = 0;
let server;

function fail(sentence) {
  throw new Error(sentence);
}

function batch() {
  const list = Array.from({ length: 100 }, () => ({
    ...shopMessage(random, ITEMS), messageId: `m${sent++}`, anonymousId: `p${random.below(200)}`,
    context: { consent: { categoryPreferences: { personalise: true } } },
  }));
  for (const message of list) message.properties.noise = Array.from({ length: 10 }, () => random.unit().toString(36)).join('');
  return list;
}

async function collect(server) {
  const messages = batch();
  const startedAt = performance.now();
  const answer = await server.call('POST', '/v1/batch', { batch: messages }, server.keys.write);
  answer.ms = performance.now() - startedAt;
  if (answer.code === 200) {
    if (!answer.json.success) fail(`a batch answered ${answer.text}`);
    for (const { messageId } of messages) acknowledged.add(messageId);
  }
  return answer;
}

async function fill(server) {
  for (let i = 0; i < 5000; i++) {
    const answer = await collect(server);
    if (answer.code === 200) continue;
    if (answer.code !== 503) fail(`a full disk answered ${answer.code} ${answer.text} ${server.errors}`);
    if (!/^application\/problem\+json/.test(answer.headers['content-type'])) fail(`503 as ${answer.headers['content-type']}`);
    if (!(Number(answer.headers['retry-after']) > 0)) fail('503 without Retry-After');
    return answer.ms;
  }
  return fail('the disk never filled');
}

async function expect(server, what, method, path, body, key) {
  const answer = await server.call(method, path, body, key);
  if (answer.code !== 200) fail(`on a full disk ${what} answered ${answer.code} ${answer.text} ${server.errors}`);
  return answer.json;
}

async function useFull(server, round) {
  for (let i = 0; i < 50; i++) {
    const call = { user: { anonymousId: `p${i}` }, placements: Object.keys(placements).map((id) => ({ id })) };
    const { decisions } = await expect(server, 'a decision', 'POST', '/v1/decide', call, server.keys.write);
    if (!decisions[0].items.length) fail('a decision on a full disk is empty');
  }
  for (let i = 0; i < 10; i++) {
    const body = { anonymousId: `p${100 + round * 10 + i}`, purposes: { personalise: 'denied' } };
    await expect(server, 'a withdrawal', 'POST', '/v1/consent', body, server.keys.write);
  }
  for (let i = 0; i < 3; i++) {
    const path = `/api/v1/people/anonymous_id:p${round * 3 + i}`;
    await expect(server, 'an erasure', 'DELETE', path, undefined, server.keys.secret);
  }
}

async function resume(server) {
  const startedAt = performance.now();
  for (;;) {
    const answer = await collect(server);
    if (answer.code === 200) return performance.now() - startedAt;
    if (performance.now() - startedAt > RESUME_MS_MAX) fail(`collection does not resume: ${answer.code} ${answer.text}`);
    await sleep(50);
  }
}

async function judge(erased) {
  await check(data);
  const there = await exportedIds(data);
  const lost = [...acknowledged].filter((id) => !there.has(id));
  const doubled = [...there.values()].filter((count) => count > 1);
  if (lost.length > erased) fail(`${lost.length} acknowledged messages are not there, ${erased} were erased`);
  if (doubled.length) fail(`${doubled.length} are there twice`);
  return `${there.size} messages, ${erased} erased; ${JSON.stringify(await replayAll(data))}`;
}

async function main() {
  console.log(`server-small-disk: ${rounds} rounds on ${DISK_MB} MiB, seed ${seed}`);
  writeFileSync(filler, Buffer.alloc(8 << 20, 1));
  const keys = await init(data);
  server = await start(data, keys, ['--memory-mb', '64']);
  await furnish(server, ITEMS);
  for (let round = 0; round < rounds; round++) {
    const ms = await fill(server);
    await useFull(server, round);
    await fill(server); /* an erasure gives room back */
    rmSync(filler);
    const resumed = await resume(server);
    console.log(`  full after ${acknowledged.size} messages, refused in ${ms.toFixed(0)} ms, resumed after ${resumed.toFixed(0)} ms`);
    if (round + 1 < rounds) writeFileSync(filler, Buffer.alloc(4 << 20, 1));
  }
  const before = await exportedIds(data);
  const erased = [...acknowledged].filter((id) => !before.has(id)).length;
  const exit = await server.stop();
  if (exit.code !== 0) fail(`the server ended with ${exit.signal ?? exit.code}: ${server.errors}`);
  console.log(`server-small-disk: passed; ${await judge(erased)}`);
}

let code = 0;
if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk]).status !== 0) {
  console.log('SKIP server-small-disk: mounting a tmpfs needs root');
  code = 77;
} else {
  try {
    await main();
  } catch (error) {
    console.log(`FAIL server-small-disk, seed ${seed}: ${error.stack}`);
    spawnSync('sh', ['-c', `df ${disk}; ls -l ${data} ${data}/store`], { stdio: 'inherit' });
    code = 1;
    await server?.kill();
  }
  for (let tries = 0; tries < 40 && spawnSync('umount', [disk]).status !== 0; tries++) await sleep(100);
}
rmSync(disk, { recursive: true, force: true });
process.exit(code);
