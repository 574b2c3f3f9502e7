#!/usr/bin/env node
/* More than can be served, in an open loop (generator.mjs).
 *
 *     load.mjs [SECONDS=60]
 *
 * The server has one processor to itself and the generator another, so it takes two, and a machine that does nothing else. First the
 * saturation: how much a closed loop gets answered of a mix of 80 % decisions of three placements, 12 % batches of 20 events, 4 %
 * withdrawals of consent and 4 % reports. Then for each step SECONDS of 0.5, 1, 2 and 4 times that rate, at last 0.5 again.
 *
 * Goodput is the decisions answered 200 a second, its peak the best of what was seen while the whole mix was served: at saturation and
 * below. (Beyond it decisions push out what ranks lower, so it may be more.) Pass: at 2 times it is at least 90 % of the peak, at 4 times 80 %;
 * every withdrawal is answered 200; every refusal says Retry-After: 1 and was made within 5 ms, by the server's own figures; reports
 * are refused before events and events before decisions; 5 s after it all a decision is as quick as before, within a factor of two or
 * 5 ms. A step that the generator could not offer in full, or in which the server had no processor to itself, shows nothing and fails. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { item, placements } from '../crash/server.mjs';
import { basic, granted, Server, until } from '../http/server.mjs';
import { Generator } from './generator.mjs';

const seconds = Number(process.argv[2] ?? 60);
const STEPS = [0.5, 1, 2, 4, 0.5];
const ITEMS = 2000;
const PEOPLE = 20000; /* so many that none does enough to be taken for a robot */
const CLIENTS = 64; /* of the closed loop */
const POOL = 2000; /* requests of a kind, made beforehand */
const SETTLED_S = 5;
const BUSY = 0.8; /* of a processor: less, and something else was in the way */
const KINDS = ['decide', 'collect', 'consent', 'read']; /* as /metrics calls them */

if (availableParallelism() < 2) {
  console.log('SKIP load: it takes two processors, one for the server and one for who asks');
  process.exit(77);
}
execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
const server = await Server.start({ under: ['taskset', '-c', '0'], settings: { threads: 1, 'rate-per-second': 0, connections: 20000 } });
for (let from = 0; from < ITEMS; from += 500)
  await server.addItems(Array.from({ length: 500 }, (_, index) => item(from + index)));
for (const [id, placement] of Object.entries(placements)) await server.putPlacement(id, placement);
const generator = new Generator(server.port);

/* --- requests, as bytes --------------------------------------------------------------------------------- */

function bytesOf(method, path, key, body) {
  const text = body ? JSON.stringify(body) : '';
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic(key)}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

const person = (index) => `p${(index * 7919) % PEOPLE}`;
const viewed = (index) => ({ type: 'track', event: 'Product Viewed', anonymousId: person(index),
  context: granted('personalise', 'measure'), properties: { product_id: `item-${(index * 31) % ITEMS}` } });
const make = {
  decide: (index) => bytesOf('POST', '/v1/decide', server.writeKey, { user: { anonymousId: person(index) },
    context: granted('personalise'), placements: Object.keys(placements).map((id) => ({ id })) }),
  collect: (index) => bytesOf('POST', '/v1/batch', server.writeKey,
    { batch: Array.from({ length: 20 }, (_, one) => viewed(index * 20 + one)) }),
  consent: (index) => bytesOf('POST', '/v1/consent', server.secretKey,
    { anonymousId: `w${index}`, purposes: { email: 'denied' } }),
  read: () => bytesOf('GET', '/api/v1/refused', server.secretKey),
};
const pools = Object.fromEntries(KINDS.map((kind) =>
  [kind, Array.from({ length: POOL }, (_, index) => ({ kind, bytes: make[kind](index) }))]));
const kindOf = (index) => (index % 25 < 20 ? 'decide' : index % 25 < 23 ? 'collect' : index % 25 < 24 ? 'consent' : 'read');
let turn = 0;
const next = () => pools[kindOf((turn * 7) % 25)][Math.floor(turn++ / 25 * 20) % POOL];

/* --- what came back ------------------------------------------------------------------------------------- */

class Tally {
  constructor(from) {
    this.from = from; /* latencies count from here on, in ms of performance.now() */
    this.bare = 0; /* refusals that do not say when to come again */
    for (const kind of KINDS) this[kind] = { offered: 0, good: 0, refused: 0, unanswered: 0, ms: [] };
  }

  take = ({ kind }, code, head, ms) => {
    const sum = this[kind];
    sum.offered++;
    if (code === 200) {
      sum.good++;
      if (performance.now() >= this.from) sum.ms.push(ms);
    } else if (code === 503) {
      sum.refused++;
      this.bare += !/\r\nretry-after: 1\r\n/i.test(head);
    } else {
      sum.unanswered++;
    }
  };

  told() {
    return Object.fromEntries(KINDS.map((kind) => {
      const { offered, good, refused, unanswered, ms } = this[kind];
      const at = (share) => (ms.length ? Number(ms[Math.min(ms.length - 1, Math.floor(ms.length * share))].toFixed(1)) : null);
      ms.sort((a, b) => a - b);
      return [kind, { offered, good, refused, unanswered, p50_ms: at(0.5), p99_ms: at(0.99) }];
    }));
  }
}

/** Refusals of all kinds so far, as the server counts and times them, and its processor time. */
async function figures() {
  const { text } = await server.get('/metrics');
  const number = (name) => Number(text.split('\n').find((line) => line.startsWith(`visavis_${name} `))?.split(' ')[1] ?? 0);
  const sum = (name) => KINDS.reduce((all, one) => all + number(`${name}{class="${one}",code="5xx"}`), 0);
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { refused: sum('http_requests_total'), seconds: sum('http_request_seconds_total'),
    cpu: (Number(fields[11]) + Number(fields[12])) / 100 };
}

async function saturation(length) {
  const tally = new Tally(0);
  await generator.closed(length, CLIENTS, next, tally.take);
  const { decide } = tally;
  return { requests: KINDS.reduce((all, kind) => all + tally[kind].good, 0) / length, decisions: decide.good / length };
}

async function step(times, rate) {
  const tally = new Tally(performance.now() + Math.min(SETTLED_S, seconds / 2) * 1000);
  const before = await figures();
  const { latest, took } = await generator.steady(seconds, rate, next, tally.take);
  const after = await figures();
  const refused = after.refused - before.refused;
  const line = { test: 'load', times, offered_per_second: Math.round(rate), seconds: Math.round(took), latest_ms: Math.round(latest),
    decisions_per_second: Math.round(tally.decide.good / took), cpu_share: Number(((after.cpu - before.cpu) / took).toFixed(2)),
    refusal_ms: refused ? Number((((after.seconds - before.seconds) / refused) * 1000).toFixed(3)) : null, bare: tally.bare, ...tally.told() };
  console.log(JSON.stringify(line));
  return line;
}

/* --- the run -------------------------------------------------------------------------------------------- */

await saturation(seconds); /* people are known, and the store has tables to merge, as it will have from now on */
const saturated = await saturation(Math.min(10, seconds));
console.log(JSON.stringify({ test: 'saturation', requests_per_second: Math.round(saturated.requests), decisions_per_second: Math.round(saturated.decisions) }));
const lines = [];
for (const times of STEPS) lines.push(await step(times, times * saturated.requests));
await until(() => server.get('/livez'), ({ status }) => status === 200);

const peak = Math.max(saturated.decisions, ...lines.filter((line) => line.times <= 1).map((line) => line.decisions_per_second));
const share = ({ offered, refused }) => refused / offered;
for (const line of lines) {
  const at = `at ${line.times} times`;
  const wanted = line.times >= 4 ? 0.8 : line.times >= 2 ? 0.9 : 0;
  assert.ok(line.seconds <= seconds * 1.05 + 1, `${at} the generator needed ${line.seconds} s: nothing is shown`);
  assert.ok(line.times < 2 || line.cpu_share > BUSY, `${at} the server had ${line.cpu_share} of its processor: nothing is shown`);
  for (const kind of KINDS) assert.equal(line[kind].unanswered, 0, `${at} ${kind}: requests without an answer`);
  assert.equal(line.bare, 0, `${at} a refusal says not when to come again`);
  assert.equal(line.consent.refused, 0, `${at} a withdrawal was refused`);
  assert.ok(line.refusal_ms === null || line.refusal_ms < 5, `${at} a refusal took ${line.refusal_ms} ms`);
  assert.ok(share(line.decide) <= share(line.collect) + 0.02, `${at} decisions were refused before events`);
  assert.ok(share(line.collect) <= share(line.read) + 0.02, `${at} events were refused before reports`);
  assert.ok(line.decisions_per_second >= wanted * peak, `${at} ${line.decisions_per_second} decisions a second of ${Math.round(peak)}`);
}
const [first, last] = [lines[0], lines.at(-1)].map((line) => line.decide.p99_ms);
assert.ok(last <= Math.max(2 * first, first + 5), `after it all p99 is ${last} ms, it was ${first}`);
await server.end();
process.exit(0);
