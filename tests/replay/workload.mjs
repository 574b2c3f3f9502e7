#!/usr/bin/env node
/* A seeded random workload over HTTP, then every decision made again.
 *
 *     workload.mjs [EVENTS=100000] [DECISIONS=10000] [SEED]
 *
 * A synthetic catalogue and people with consents granted, denied and withdrawn, late events, merges (by a server's identify and by a
 * signed user), erasures and a new policy half-way. Pass: `replay --all` finds nothing different and nothing damaged, the
 * erased ones counted, also after kill -9 and after a stop; `replay DECISION --refold` of a sample of personal decisions
 * proves what was read; `check` finds every profile equal to its re-fold. */
import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  check, furnish, init, placements, Random, replayAll, seedOf, shopMessage, start, temporaryDirectory, visavis,
} from '../crash/server.mjs';

const eventCount = Number(process.argv[2] ?? 100000);
const decisionCount = Number(process.argv[3] ?? 10000);
const seed = seedOf(process.argv[4]);
const CLIENTS = 6;
const ITEMS = Math.min(2000, eventCount / 10);
const PEOPLE = Math.min(5000, eventCount / 20);
const ERASURES = 20;
const REFOLDS = Math.min(200, decisionCount / 10);
const DAY_MS = 86400000;

const work = temporaryDirectory('replay');
const data = join(work, 'data');
const startedAt = Date.now();
const counts = { events: 0, decisions: 0, personal: 0, erased: 0, merges: 0, choices: 0 };
const personal = []; /* decisions in which something of a person was read, with whom */
const erased = new Set();

function fail(sentence) {
  throw new Error(sentence);
}

async function ask(server, method, path, body, key) {
  const answer = await server.call(method, path, body, key);
  if (answer.code !== 200) fail(`${method} ${path} answered ${answer.code} ${answer.text} ${server.errors}`);
  return answer.json;
}

/* --- one client -------------------------------------------------------------------------------------------- */

class Client {
  constructor(number, server) {
    this.random = new Random(seed * 131 + number);
    this.number = number;
    this.server = server;
    this.sent = 0;
  }

  /* A person's habit is fixed by the number: a third grants, a third denies, a third changes its mind. */
  consentOf(person) {
    const habit = person % 3;
    return { categoryPreferences: { personalise: habit === 0 || (habit === 2 && this.random.chance(0.5)) } };
  }

  person() {
    return this.random.skewed(PEOPLE);
  }

  message(person) {
    const message = shopMessage(this.random, ITEMS);
    message.messageId = `${this.number}-${this.sent++}`;
    message.anonymousId = `p${person}-${this.random.below(2)}`; /* two devices */
    if (this.random.chance(0.3)) message.timestamp = new Date(Date.now() - this.random.below(20 * DAY_MS)).toISOString();
    if (this.random.chance(0.5)) message.context = { consent: this.consentOf(person) };
    if (this.random.chance(0.03)) {
      counts.merges++;
      message.type = 'identify';
      message.userId = `u${person}`;
      message.traits = { email: `u${person}@example.org`, firstName: 'Ada', city: this.random.pick(['Lyon', 'Paris', 'Lille']) };
    }
    return message;
  }

  async collect(count) {
    const batch = Array.from({ length: count }, () => this.message(this.person()));
    const key = this.random.chance(0.7) ? this.server.keys.secret : this.server.keys.write;
    const { accepted, errors } = await ask(this.server, 'POST', '/v1/batch', { batch }, key);
    if (accepted !== count) fail(`a batch of ${count}: ${accepted} accepted, ${JSON.stringify(errors)}`);
    counts.events += count;
  }

  async choose() {
    const anonymousId = `p${this.person()}-0`;
    const objects = this.random.chance(0.1);
    const body = objects
      ? { anonymousId, objections: { personalise: this.random.chance(0.7) } }
      : { anonymousId, purposes: { personalise: this.random.pick(['granted', 'granted', 'denied']) } };
    await ask(this.server, 'POST', '/v1/consent', body, this.server.keys.write);
    counts.choices++;
  }

  signature(userId, anonymousId) {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    return signatureOf(this.server.keys.secret, { userId, anonymousId, expires });
  }

  async decide() {
    const person = this.person();
    const anonymousId = `p${person}-${this.random.below(2)}`;
    const user = this.random.chance(0.05) ? {} : { anonymousId };
    const context = { page: { type: this.random.pick(['home', 'product', 'basket']), itemId: `item-${this.random.skewed(ITEMS)}` } };
    if (this.random.chance(0.3)) context.cart = [{ itemId: `item-${this.random.skewed(ITEMS)}`, quantity: 1 }];
    if (this.random.chance(0.2)) context.locale = this.random.pick(['fr', 'en']);
    let key = this.server.keys.write;
    const draw = this.random.unit();
    if (draw < 0.2) {
      key = this.server.keys.secret;
      if (this.random.chance(0.5)) user.userId = `u${person}`;
    } else if (draw < 0.3 && user.anonymousId) {
      user.userId = `u${person}`;
      context.userSignature = this.signature(user.userId, anonymousId);
    }
    const events = [];
    while (user.anonymousId && this.random.chance(0.4) && events.length < 5) {
      const message = shopMessage(this.random, ITEMS);
      events.push({ ...message, messageId: `${this.number}-${this.sent++}`, anonymousId, context: { consent: this.consentOf(person) } });
    }
    const wanted = Object.keys(placements).slice(0, this.random.between(1, 3));
    const body = { user, context, events, placements: wanted.map((id) => ({ id, count: this.random.between(1, 8) })), deadlineMs: 2000 };
    const { decisions } = await ask(this.server, 'POST', '/v1/decide', body, key);
    counts.decisions++;
    if (decisions.some(({ personalised }) => personalised)) personal.push({ id: decisions[0].id, person });
  }

  async run(share) {
    const wanted = { events: eventCount * share, decisions: decisionCount * share };
    let events = 0;
    let decisions = 0;
    while (events < wanted.events || decisions < wanted.decisions) {
      const behind = decisions / wanted.decisions <= events / wanted.events;
      if (behind) {
        await this.decide();
        decisions++;
      } else {
        const count = Math.min(this.random.between(1, 100), Math.ceil(wanted.events - events));
        await this.collect(count);
        events += count;
      }
      if (this.random.chance(0.05)) await this.choose();
    }
  }
}

/* HMAC-SHA-256 over workspace, user, anonymous id and expiry, each ended by a line feed. */
function signatureOf(secret, { userId, anonymousId, expires }) {
  const text = `shop\n${userId}\n${anonymousId}\n${expires}\n`;
  return `${expires}.${createHmac('sha256', secret).update(text).digest('hex')}`;
}

async function erase(server, random) {
  while (erased.size < ERASURES) {
    const person = random.skewed(PEOPLE);
    if (erased.has(person)) continue;
    for (const identifier of [`anonymous_id:p${person}-0`, `anonymous_id:p${person}-1`, `user_id:u${person}`]) {
      const answer = await server.call('DELETE', `/api/v1/people/${identifier}`, undefined, server.keys.secret);
      if (![200, 404].includes(answer.code)) fail(`erasing ${identifier} answered ${answer.code} ${answer.text}`);
      counts.erased += answer.json?.decisions ?? 0;
    }
    erased.add(person);
  }
}

/* --- judging -------------------------------------------------------------------------------------------------- */

async function judge(when) {
  const replayed = await replayAll(data);
  if (replayed.identical + replayed.erased < counts.decisions * 0.99) fail(`${when}: few were replayed: ${JSON.stringify(replayed)}`);
  if (replayed.erased < counts.erased) fail(`${when}: ${counts.erased} were erased, ${replayed.erased} are counted`);
  console.log(`  ${when}: ${JSON.stringify(replayed)}`);
}

async function refold(random) {
  const kept = personal.filter(({ person }) => !erased.has(person));
  const others = [];
  let same = 0;
  for (let i = 0; i < REFOLDS && kept.length; i++) {
    const [{ id, person }] = kept.splice(random.below(kept.length), 1);
    const ended = await visavis('replay', id, '--refold', '--data', data);
    if (ended.code !== 0) others.push(`${id} of p${person}: ${ended.err.trim()}`);
    same += ended.err.includes('recorded values');
  }
  console.log(`  ${same} decisions folded again give the recorded values`);
  if (others.length) fail(`${others.length} do not: ${others.slice(0, 5).join('; ')}`);
  if (same === 0) fail('no decision had anything to fold again');
}

/* --- the run --------------------------------------------------------------------------------------------------- */

async function main() {
  console.log(`replay: ${eventCount} events, ${decisionCount} calls, ${ITEMS} items, ${PEOPLE} people, seed ${seed}`);
  const keys = await init(data);
  let server = await start(data, keys);
  const random = new Random(seed);
  await furnish(server, ITEMS);
  const clients = Array.from({ length: CLIENTS }, (_, number) => new Client(number, server));
  await Promise.all(clients.map((client) => client.run(0.5 / CLIENTS)));
  await ask(server, 'PUT', '/api/v1/placements/home', { ...placements.home, affinityWeight: 2, explore: 0.1 }, keys.secret);
  await erase(server, random);
  await Promise.all(clients.map((client) => client.run(0.5 / CLIENTS)));
  counts.personal = personal.length;
  console.log(`  ${JSON.stringify(counts)} in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
  await judge('while it serves');
  await refold(random);
  await server.kill();
  await judge('after kill -9');
  server = await start(data, keys);
  await erase(server, random);
  await refold(random);
  await server.stop();
  await judge('after a stop');
  console.log(`  ${await check(data)}`);
  console.log(`replay: passed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}

try {
  await main();
  rmSync(work, { recursive: true });
} catch (error) {
  console.log(`FAIL replay, seed ${seed}, data kept in ${data}: ${error.stack}`);
  process.exitCode = 1;
  process.exit();
}
