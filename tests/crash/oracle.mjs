/* An oracle of acknowledged writes: clients that send batches, single messages, choices and decisions, and remember what was
 * answered; judges that hold a data directory against what they remember. */
import { isDeepStrictEqual } from 'node:util';
import {
  check, exportedIds, must, placements, Random, replayAll, shopMessage, sleep, start,
} from './server.mjs';

const CLIENTS = 4;
const PEOPLE = 40; /* a client: each person is spoken for by one client, so that its last choice is known */
const PURPOSES = ['learn', 'measure', 'share'];
export const ITEMS = 300;

/* --- a client --------------------------------------------------------------------------------------------- */

class Client {
  constructor(oracle, number) {
    this.oracle = oracle;
    this.random = new Random(oracle.seed * 31 + number);
    this.number = number;
    this.count = 0;
    this.unanswered = []; /* as a client library that tries again */
    this.answered = []; /* a few, sent again on purpose */
  }

  /* One key a client: a message counts once a source. */
  key(server) {
    return this.number % 2 ? server.keys.secret : server.keys.write;
  }

  person() {
    return `c${this.number}-p${this.random.skewed(PEOPLE)}`;
  }

  message(anonymousId = this.person(), plain = false) {
    const message = shopMessage(this.random, ITEMS);
    message.messageId = `c${this.number}-${this.count++}`;
    message.anonymousId = anonymousId;
    message.context = { consent: { categoryPreferences: { personalise: !this.random.chance(0.1) } } };
    const draw = plain ? 1 : this.random.unit();
    const userId = message.anonymousId.replace('p', 'u');
    if (draw < 0.05) {
      message.type = 'identify';
      message.userId = userId;
      message.traits = { email: `${userId}@example.org`, firstName: 'Ada', city: 'Lyon' };
    } else if (draw < 0.07) {
      message.type = 'alias';
      message.previousId = message.anonymousId;
      message.userId = userId;
    }
    this.oracle.sent.add(message.messageId);
    return message;
  }

  batch() {
    const messages = [];
    const count = this.random.between(1, 40);
    for (let i = 0; i < count; i++) {
      if (this.answered.length && this.random.chance(0.05)) messages.push(this.random.pick(this.answered));
      else if (messages.length && this.random.chance(0.02)) messages.push(this.random.pick(messages));
      else messages.push(this.message());
    }
    return messages;
  }

  async send(server, path, body, messages) {
    const answer = await server.call('POST', path, body, this.key(server));
    if (answer.code === 0) {
      this.unanswered.push(...messages);
      return false;
    }
    if (answer.code !== 200 || !answer.json.success || answer.json.accepted + answer.json.duplicates !== messages.length) {
      this.oracle.wrong.push(`${path} of ${messages.length} answered ${answer.code} ${answer.text}`);
      return false;
    }
    for (const { messageId } of messages) this.oracle.acknowledged.add(messageId);
    for (const message of messages) if (this.random.chance(0.1)) this.answered.push(message);
    this.answered.splice(0, this.answered.length - 50);
    return true;
  }

  async sendBatch(server) {
    const again = this.unanswered.splice(0, 40);
    const batch = again.length && this.random.chance(0.7) ? again : this.batch();
    return this.send(server, '/v1/batch', { batch }, batch);
  }

  async sendOne(server) {
    const message = this.message();
    return this.send(server, `/v1/${message.type}`, message, [message]);
  }

  async choose(server) {
    const anonymousId = this.person();
    const purpose = this.random.pick(PURPOSES);
    const state = this.random.pick(['granted', 'denied']);
    const name = `${anonymousId} ${purpose}`;
    const before = this.oracle.choices.get(name) ?? new Set(['unknown']);
    this.oracle.choices.set(name, new Set([...before, state]));
    const answer = await server.call('POST', '/v1/consent', { anonymousId, purposes: { [purpose]: state } }, server.keys.write);
    if (answer.code === 0) return false;
    if (answer.code !== 200) {
      this.oracle.wrong.push(`/v1/consent answered ${answer.code} ${answer.text}`);
      return false;
    }
    this.oracle.choices.set(name, new Set([state]));
    return true;
  }

  async decide(server) {
    const anonymousId = this.person();
    const events = [];
    while (this.random.chance(0.5) && events.length < 5) events.push(this.message(anonymousId, true));
    const answer = await server.call('POST', '/v1/decide', {
      user: { anonymousId },
      context: { page: { type: 'product', itemId: `item-${this.random.below(ITEMS)}` } },
      events,
      placements: Object.keys(placements).map((id) => ({ id })),
    }, this.key(server));
    if (answer.code === 0) return false;
    if (answer.code !== 200 || answer.json.decisions.length !== 3) {
      this.oracle.wrong.push(`/v1/decide answered ${answer.code} ${answer.text}`);
      return false;
    }
    /* A decision acknowledges no event; the shop's page sends them too, and each counts once. */
    return events.length && this.random.chance(0.5) ? this.send(server, '/v1/batch', { batch: events }, events) : true;
  }

  async run(server) {
    let going = true;
    while (going && !server.exit && this.oracle.wrong.length === 0) {
      const draw = this.random.unit();
      if (draw < 0.4) going = await this.sendBatch(server);
      else if (draw < 0.65) going = await this.sendOne(server);
      else if (draw < 0.8) going = await this.choose(server);
      else going = await this.decide(server);
    }
  }
}

/* --- judging ---------------------------------------------------------------------------------------------- */

export function fail(sentence) {
  throw new Error(sentence);
}

function sample(list) {
  return `${list.length}: ${list.slice(0, 10).join(' ')}`;
}

/* The device's own node: an anonymous id's choices stay on it. */
function shownChoice(person, anonymousId, purpose) {
  const { node } = person.identifiers.find(({ type, value }) => type === 'anonymous_id' && value === anonymousId) ?? {};
  const { purposes } = person.consents.find((consent) => consent.node === node) ?? { purposes: [] };
  return purposes.find((choice) => choice.purpose === purpose)?.state ?? 'unknown';
}

export class Oracle {
  constructor(seed) {
    this.seed = seed;
    this.acknowledged = new Set();
    this.sent = new Set();
    this.choices = new Map(); /* "anonymous id purpose" → the states it may be in: one when the last call was acknowledged */
    this.wrong = []; /* answers that should not have been */
    this.clients = Array.from({ length: CLIENTS }, (_, number) => new Client(this, number));
  }

  /** Until the server is gone, or a client meets an answer that is wrong. */
  async load(server) {
    await Promise.all(this.clients.map((client) => client.run(server)));
  }

  /** The export against what was acknowledged and sent: how many events there are. */
  async judgeEvents(data) {
    const there = await exportedIds(data);
    const lost = [...this.acknowledged].filter((id) => !there.has(id));
    const doubled = [...there].filter(([, count]) => count > 1).map(([id, count]) => `${id}×${count}`);
    const invented = [...there.keys()].filter((id) => !this.sent.has(id));
    if (lost.length) fail(`acknowledged and lost, ${sample(lost)}`);
    if (doubled.length) fail(`there more than once, ${sample(doubled)}`);
    if (invented.length) fail(`never sent, ${sample(invented)}`);
    return there.size;
  }

  async judgeChoices(server) {
    const wrong = [];
    const shown = new Map();
    for (const [name, states] of this.choices) {
      const [anonymousId, purpose] = name.split(' ');
      if (!shown.has(anonymousId)) {
        const path = `/api/v1/people/anonymous_id:${anonymousId}`;
        shown.set(anonymousId, await server.call('GET', path, undefined, server.keys.secret));
      }
      const answer = shown.get(anonymousId);
      const state = answer.code === 200 ? shownChoice(answer.json, anonymousId, purpose) : 'unknown';
      if (!states.has(state)) wrong.push(`${name} is ${state}, not ${[...states].join(' or ')};`);
      else this.choices.set(name, new Set([state])); /* it is known now */
    }
    if (wrong.length) fail(`choices, ${sample(wrong)}`);
  }

  /** Everything, the server started and stopped for it; a sentence of what was found. */
  async judge(data, keys) {
    await check(data);
    const events = await this.judgeEvents(data);
    const server = await start(data, keys);
    await this.judgeChoices(server);
    const checked = await judgeProfiles(server);
    const shown = await server.call('GET', '/api/v1/people/anonymous_id:c0-p0', undefined, keys.secret);
    const exit = await server.stop(); /* profiles are written back: the next kills find them behind the log */
    if (exit.code !== 0) fail(`SIGTERM ended the server with ${exit.signal ?? exit.code}: ${server.errors}`);
    const told = shown.code === 200 ? await must('person', 'show', 'anonymous_id:c0-p0', '--data', data) : '';
    if (told && !isDeepStrictEqual(JSON.parse(told), shown.json)) fail('person show says something else through the server');
    const { identical } = await replayAll(data);
    const counts = `${this.acknowledged.size} acknowledged, ${this.choices.size} choices, ${identical} calls replayed`;
    return `${events} events, ${counts}; ${checked}; after a stop ${await check(data)}`;
  }
}

/* Reads every person, so that there are profiles to compare; one after the other, since a busy machine refuses many at once. */
async function touchPeople(server) {
  for (let client = 0; client < CLIENTS; client++) {
    for (let i = 0; i < PEOPLE; i++) {
      const call = { user: { anonymousId: `c${client}-p${i}` }, placements: [{ id: 'home' }] };
      let answer;
      do { /* a slow machine may be too busy for all at once, and says when to come again */
        answer = await server.call('POST', '/v1/decide', call, server.keys.secret);
        if (answer.code === 503) await sleep(1000);
      } while (answer.code === 503);
      if (answer.code !== 200) fail(`/v1/decide answered ${answer.code} ${answer.text}`);
    }
  }
}

async function judgeProfiles(server) {
  await touchPeople(server);
  const checked = await check(server.data);
  if (!/ [1-9]\d* profiles/.test(checked)) fail(`nothing was compared: ${checked}`);
  return checked;
}
