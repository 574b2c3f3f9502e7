#!/usr/bin/env node
/* Backups taken under load, restored elsewhere.
 *
 *     server-backup.mjs [BACKUPS=20] [SEED]
 *
 * Pass: a restored copy holds all that was acknowledged before the backup began, nothing that was sent after it ended, each message
 * once, and of every client exactly the first so many of its batches (one moment, nothing after it); `check` and `replay --all`
 * find nothing. People erased after the backup stay erased when the lost directory's erasures are given to restore. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { check, exportedIds, furnish, init, must, Random, replayAll, seedOf, shopMessage, sleep, start, temporaryDirectory } from './server.mjs';

const backups = Number(process.argv[2] ?? 20);
const seed = seedOf(process.argv[3]);
const CLIENTS = 4;
const ITEMS = 100;
const work = temporaryDirectory('server-backup');
const data = join(work, 'data');
const random = new Random(seed);

function fail(sentence) {
  throw new Error(sentence);
}

/* A client sends one batch after the other; batch b of client c is messages "c-b-0" … */
class Client {
  constructor(number) {
    this.number = number;
    this.random = new Random(seed * 17 + number);
    this.sizes = []; /* of the batches sent */
    this.acknowledged = 0;
    this.stopped = false;
  }

  async run(server) {
    while (!this.stopped) {
      const size = this.random.between(1, 50);
      const number = this.sizes.push(size) - 1;
      const batch = Array.from({ length: size }, (_, i) => ({
        ...shopMessage(this.random, ITEMS), messageId: `${this.number}-${number}-${i}`,
        anonymousId: `p${this.random.below(300)}`, context: { consent: { categoryPreferences: { personalise: true } } },
      }));
      const answer = await server.call('POST', '/v1/batch', { batch }, server.keys.write);
      if (answer.code !== 200 || answer.json.accepted !== size) fail(`a batch answered ${answer.code} ${answer.text}`);
      this.acknowledged = number + 1;
      if (this.random.chance(0.2)) {
        await server.call('POST', '/v1/decide',
          { user: { anonymousId: `p${this.random.below(300)}` }, placements: [{ id: 'home' }, { id: 'basket' }] }, server.keys.write);
      }
    }
  }
}

/* How many batches of a client the copy holds; they are its first ones, whole. */
function batchesOf(client, there) {
  let held = 0;
  client.sizes.forEach((size, number) => {
    let count = 0;
    for (let i = 0; i < size; i++) count += there.get(`${client.number}-${number}-${i}`) ?? 0;
    if (count !== 0 && count !== size) fail(`batch ${number} of client ${client.number} is there with ${count} of ${size}`);
    if (count && held !== number) fail(`client ${client.number} has batch ${number} but only ${held} before it`);
    held += count > 0;
  });
  return held;
}

async function judge(copy, clients, bounds) {
  const there = await exportedIds(copy);
  for (const [id, count] of there) if (count !== 1) fail(`${id} is there ${count} times`);
  clients.forEach((client, i) => {
    const held = batchesOf(client, there);
    if (held < bounds[i].acknowledged) fail(`client ${i}: ${bounds[i].acknowledged} batches were acknowledged, ${held} are there`);
    if (held > bounds[i].sent) fail(`client ${i}: ${bounds[i].sent} batches were sent, ${held} are there`);
  });
  await check(copy);
  await replayAll(copy);
  return there.size;
}

async function backUp(number, clients) {
  const backup = join(work, `backup-${number}`);
  const bounds = clients.map((client) => ({ acknowledged: client.acknowledged }));
  const startedAt = performance.now();
  await must('backup', backup, '--data', data);
  const ms = performance.now() - startedAt;
  clients.forEach((client, i) => { bounds[i].sent = client.sizes.length; });
  return { backup, bounds, ms };
}

async function restoreAndJudge({ backup, bounds }, clients) {
  const copy = join(work, 'restored');
  await must('restore', backup, '--data', copy);
  const size = await judge(copy, clients, bounds);
  rmSync(copy, { recursive: true });
  return size;
}

async function judgeErasures(server, backup, keys) {
  const people = Array.from({ length: 5 }, () => `p${random.below(300)}`);
  for (const person of people) {
    const answer = await server.call('DELETE', `/api/v1/people/anonymous_id:${person}`, undefined, keys.secret);
    if (![200, 404].includes(answer.code)) fail(`erasing answered ${answer.code} ${answer.text}`);
  }
  await server.stop();
  const copy = join(work, 'copy');
  await must('restore', backup, '--data', copy, '--erasures', join(data, 'erasures'));
  const restored = await start(copy, keys);
  for (const person of people) {
    const answer = await restored.call('GET', `/api/v1/people/anonymous_id:${person}`, undefined, keys.secret);
    if (answer.code !== 404) fail(`${person}, erased after the backup, answered ${answer.code} ${answer.text}`);
  }
  const exported = await must('export', 'events', '--data', copy);
  const left = people.filter((person) => exported.includes(`"anonymousId":"${person}"`));
  if (left.length) fail(`events of ${left.join(' ')} came back`);
  await restored.stop();
  await check(copy);
  await replayAll(copy);
}

async function main() {
  console.log(`server-backup: ${backups} backups, seed ${seed}`);
  const keys = await init(data);
  const server = await start(data, keys);
  await furnish(server, ITEMS);
  const clients = Array.from({ length: CLIENTS }, (_, number) => new Client(number));
  let last;
  for (let number = 0; number < backups; number++) {
    for (const client of clients) client.stopped = false;
    const running = Promise.all(clients.map((client) => client.run(server)));
    await sleep(random.between(50, 400));
    if (last) rmSync(last.backup, { recursive: true });
    last = await backUp(number, clients);
    for (const client of clients) client.stopped = true;
    await running;
    last.size = await restoreAndJudge(last, clients);
  }
  await judgeErasures(server, last.backup, keys);
  console.log(`server-backup: passed; the last of ${last.size} messages took ${last.ms.toFixed(0)} ms`);
}

try {
  await main();
  rmSync(work, { recursive: true });
} catch (error) {
  console.log(`FAIL server-backup, seed ${seed}, kept in ${work}: ${error.stack}`);
  process.exit(1);
}
