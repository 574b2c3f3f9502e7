#!/usr/bin/env node
/* SIGTERM under load.
 *
 *     server-stop.mjs [CYCLES=20] [SEED]
 *
 * Pass: the server ends by itself with 0 within 30 s, nothing but 200 and 503 was answered while it drained, and what was
 * acknowledged is there, once. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ITEMS, Oracle } from './oracle.mjs';
import { furnish, init, median, Random, seedOf, sleep, start, temporaryDirectory } from './server.mjs';

const STOP_MS_MAX = 30000;
const cycles = Number(process.argv[2] ?? 20);
const seed = seedOf(process.argv[3]);
const work = temporaryDirectory('server-stop');
const data = join(work, 'data');
const oracle = new Oracle(seed);

async function cycle(keys, random) {
  const server = await start(data, keys);
  const running = oracle.load(server);
  await sleep(random.between(20, 500));
  const startedAt = performance.now();
  const exit = await server.stop();
  const ms = performance.now() - startedAt;
  await running;
  if (exit.code !== 0) fail(`SIGTERM ended the server with ${exit.signal ?? exit.code}: ${server.errors}`);
  if (ms > STOP_MS_MAX) fail(`the server took ${ms.toFixed(0)} ms to stop`);
  const wrong = oracle.wrong.filter((sentence) => !sentence.includes(' answered 503 '));
  if (wrong.length) fail(wrong[0]);
  oracle.wrong.length = 0;
  return ms;
}

async function main() {
  console.log(`server-stop: ${cycles} stops, seed ${seed}`);
  const keys = await init(data);
  const first = await start(data, keys);
  await furnish(first, ITEMS);
  await first.stop();
  const random = new Random(seed);
  const took = [];
  for (let number = 1; number <= cycles; number++) took.push(await cycle(keys, random));
  console.log(`server-stop: passed; a stop took ${median(took).toFixed(0)} ms, the longest ${Math.max(...took).toFixed(0)} ms; `
    + `${await oracle.judge(data, keys)}`);
}

try {
  await main();
  rmSync(work, { recursive: true });
} catch (error) {
  console.log(`FAIL server-stop, seed ${seed}, data kept in ${data}: ${error.stack}`);
  process.exit(1);
}
