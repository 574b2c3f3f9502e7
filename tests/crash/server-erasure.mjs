#!/usr/bin/env node
/* Erasures under load, and a kill -9 soon after.
 *
 *     server-erasure.mjs [CYCLES=8] [SEED]
 *
 * Each person carries canaries: high-entropy texts in identifiers, traits, properties and addresses. Pass: an acknowledged
 * erasure is an erasure after the kill: nobody is known by any of the identifiers, and no canary stands in any file, in raw, in hex or
 * in any of the three base64 alignments, before the next start and after it. One that was not acknowledged is
 * asked for again: then nobody is known either, and the same holds (an erasure that had been written and was killed before its
 * rewrite answers 404, and the start has finished it). A person who was not erased is still there (the search can find). */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ITEMS, Oracle } from './oracle.mjs';
import { furnish, init, Random, replayAll, seedOf, sleep, start, temporaryDirectory } from './server.mjs';

const cycles = Number(process.argv[2] ?? 8);
const seed = seedOf(process.argv[3]);
const AT_ONCE = 4;
const work = temporaryDirectory('server-erasure');
const data = join(work, 'data');
const oracle = new Oracle(seed);
const random = new Random(seed);
let made = 0;
const interrupted = [];

/* --- people with canaries ----------------------------------------------------------------------------------- */

function canary(person, name) {
  return createHash('sha256').update(`${seed} ${person} ${name}`).digest('hex').slice(0, 32);
}

const names = ['device', 'user', 'mail', 'city', 'property', 'page', 'title', 'decision', 'consent'];

function canaries(person) {
  return names.map((name) => canary(person, name));
}

async function ask(server, method, path, body) {
  const answer = await server.call(method, path, body, server.keys.secret);
  if (answer.code !== 200 || answer.json?.success === false) fail(`${path} answered ${answer.code} ${answer.text}`);
}

async function make(server) {
  const person = made++;
  const c = (name) => canary(person, name);
  const anonymousId = c('device');
  const context = { consent: { categoryPreferences: { personalise: true } }, page: { url: `https://shop.example/${c('page')}`, title: c('title') } };
  const batch = Array.from({ length: 10 }, (_, i) => ({
    type: 'track', event: 'Product Viewed', messageId: `x${seed}-${person}-${i}`, anonymousId, context,
    properties: { product_id: `item-${i}`, note: c('property') },
  }));
  batch.push({ type: 'identify', messageId: `x${seed}-${person}-i`, anonymousId, userId: c('user'), context,
    traits: { email: `${c('mail')}@example.org`, firstName: 'Ada', address: { city: c('city') } } });
  for (const { messageId } of batch) oracle.sent.add(messageId);
  await ask(server, 'POST', '/v1/batch', { batch });
  await ask(server, 'POST', '/v1/consent', { anonymousId, purposes: { share: 'granted' }, text: c('consent') });
  await ask(server, 'POST', '/v1/decide', { user: { anonymousId, userId: c('user') },
    context: { page: { type: 'product', itemId: 'item-1', url: `https://shop.example/${c('decision')}` } }, placements: [{ id: 'home' }] });
  return person;
}

/* --- searching ------------------------------------------------------------------------------------------------ */

function formsOf(text) {
  const bytes = Buffer.from(text);
  const forms = [text, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), Buffer.from(text, 'hex')];
  for (let shift = 0; shift < 3; shift++) {
    const base64 = Buffer.concat([Buffer.alloc(shift, 'x'), bytes]).toString('base64');
    forms.push(base64.slice(4, -4));
  }
  return forms;
}

function filesUnder(directory) {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const about = statSync(path, { throwIfNoEntry: false });
    if (about?.isDirectory()) return filesUnder(path);
    return about?.isFile() ? [path] : [];
  });
}

/* Every place where a canary of these people stands: "file: what". */
function search(people) {
  const found = [];
  for (const path of filesUnder(data)) {
    let bytes;
    try {
      bytes = readFileSync(path);
    } catch {
      continue; /* it went while we looked */
    }
    for (const person of people) {
      for (const name of names) {
        if (formsOf(canary(person, name)).some((form) => bytes.includes(form))) found.push(`${path.slice(data.length + 1)}: ${name} of ${person}`);
      }
    }
  }
  return found;
}

function judgeFiles(when, people) {
  const found = search(people);
  if (found.length) fail(`${when}, ${found.length} canaries of erased people: ${found.slice(0, 12).join('; ')}`);
}

/* --- the run ----------------------------------------------------------------------------------------------------- */

function identifiers(person) {
  return [`anonymous_id:${canary(person, 'device')}`, `user_id:${canary(person, 'user')}`, `email:${canary(person, 'mail')}@example.org`];
}

async function judgeUnknown(server, people) {
  for (const person of people) {
    for (const identifier of identifiers(person)) {
      const answer = await server.call('GET', `/api/v1/people/${identifier}`, undefined, server.keys.secret);
      if (answer.code !== 404) fail(`${identifier} of erased person ${person} answered ${answer.code} ${answer.text}`);
    }
  }
}

/* Asks for erasures and kills somewhere on the way. */
async function eraseAndKill(server, people, outcome) {
  const calls = people.map(async (person) => {
    await sleep(random.below(60));
    const path = `/api/v1/people/${random.pick(identifiers(person))}`;
    const answer = await server.call('DELETE', path, undefined, server.keys.secret);
    if (answer.code === 200) outcome.erased.push(person);
    else if (answer.code === 0) outcome.unanswered.push(person);
    else fail(`erasing answered ${answer.code} ${answer.text}`);
  });
  const all = Promise.all(calls);
  if (random.chance(0.5)) await all;
  else await sleep(random.between(20, 400));
  await server.kill();
  await all;
}

async function cycle(keys, gone, kept) {
  let server = await start(data, keys);
  const running = oracle.load(server);
  const people = [];
  for (let i = 0; i < AT_ONCE; i++) people.push(await make(server));
  kept.push(await make(server));
  const before = gone.length;
  const outcome = { erased: [], unanswered: [] };
  await eraseAndKill(server, people, outcome);
  await running;
  gone.push(...outcome.erased);
  judgeFiles('after the kill', outcome.erased);
  server = await start(data, keys);
  for (const person of outcome.unanswered) {
    const codes = [];
    for (const identifier of identifiers(person)) {
      const answer = await server.call('DELETE', `/api/v1/people/${identifier}`, undefined, keys.secret);
      if (![200, 404].includes(answer.code)) fail(`erasing again answered ${answer.code} ${answer.text}`);
      codes.push(answer.code);
    }
    (codes.includes(200) ? gone : interrupted).push(person);
  }
  await judgeUnknown(server, [...gone, ...interrupted]);
  judgeFiles('after the next start', [...gone.slice(before), ...interrupted]);
  await server.stop();
  return outcome;
}

async function main() {
  console.log(`server-erasure: ${cycles} cycles, seed ${seed}`);
  const keys = await init(data);
  const first = await start(data, keys);
  await furnish(first, ITEMS);
  await first.stop();
  const gone = [];
  const kept = [];
  let acknowledged = 0;
  for (let number = 1; number <= cycles; number++) {
    const { erased } = await cycle(keys, gone, kept);
    acknowledged += erased.length;
  }
  const control = new Set(search(kept).map((line) => line.split(': ')[1]));
  if (control.size < kept.length * 3) fail(`the search finds only ${control.size} canaries of ${kept.length} people who are there`);
  if (oracle.wrong.length) fail(oracle.wrong[0]);
  await oracle.judgeEvents(data);
  judgeFiles('at the end', [...gone, ...interrupted]);
  console.log(`  ${interrupted.length} were written, killed before their answer and finished at the next start`);
  console.log(`server-erasure: passed; ${gone.length} people erased, ${acknowledged} acknowledged before a kill; `
    + `${JSON.stringify(await replayAll(data))}`);
}

try {
  await main();
  rmSync(work, { recursive: true });
} catch (error) {
  console.log(`FAIL server-erasure, seed ${seed}, data kept in ${data}: ${error.stack}`);
  process.exit(1);
}
