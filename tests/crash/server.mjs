/* What the crash tests and the replay workload share: a seeded generator, a visavis server as a child process, its commands and an
 * HTTP client that keeps its connections. No dependencies; node 20 or later.
 *
 * The program is VISAVIS_BIN, BINARY or TEST_BINARY of the environment, else build/visavis. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { VISAVIS_BIN, BINARY, TEST_BINARY } = process.env;
export const program = resolve(VISAVIS_BIN || BINARY || TEST_BINARY || join(root, 'build/visavis'));

const START_MS_MAX = 60000;
const STOP_MS_MAX = 60000;

/* --- chance --------------------------------------------------------------------------------------------- */

/** A small generator (mulberry32): the same seed, the same run. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  unit() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(count) {
    return Math.floor(this.unit() * count);
  }

  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(probability) {
    return this.unit() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Small numbers often, large ones seldom: how items and people are visited. */
  skewed(count) {
    return Math.floor(count * this.unit() ** 2.5);
  }
}

export function seedOf(text) {
  return text === undefined ? Date.now() % 4294967296 : Number(text);
}

/* --- commands ------------------------------------------------------------------------------------------- */

/** Runs `visavis …` and answers {code, signal, out, err}. */
export function visavis(...words) {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out = [];
    const err = [];
    child.stdout.on('data', (bytes) => out.push(bytes));
    child.stderr.on('data', (bytes) => err.push(bytes));
    child.on('error', fail);
    child.on('close', (code, signal) =>
      done({ code, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
  });
}

/** The same, a failure is an error. */
export async function must(...words) {
  const ended = await visavis(...words);
  if (ended.code !== 0) {
    throw new Error(`visavis ${words.join(' ')} ended with ${ended.signal ?? ended.code}: ${ended.err}${ended.out}`);
  }
  return ended.out;
}

export function temporaryDirectory(name) {
  return mkdtempSync(join(process.env.CRASH_TMP || tmpdir(), `visavis-${name}-`));
}

/** A data directory with a workspace: its keys. */
export async function init(data) {
  const keys = JSON.parse(await must('init', '--data', data, '--workspace', 'shop', '--json'));
  return { write: keys.write_key, secret: keys.secret_key };
}

/* --- a server ------------------------------------------------------------------------------------------- */

const running = new Set();
process.on('exit', () => { /* also after a failure: nothing is left behind */
  for (const child of running) child.kill('SIGKILL');
});

export class Server {
  /** Starts and waits for nothing: `ready` settles when /readyz answers 200. `under` is a command that runs the server in its place. */
  constructor(data, keys, options = [], under = []) {
    this.data = data;
    this.keys = keys;
    this.errors = '';
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
    this.startedAt = performance.now();
    const [first, ...rest] = [...under, program, 'serve', '--data', data, '--listen', '127.0.0.1:0', ...options];
    this.child = spawn(first, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.ended = new Promise((done) => {
      this.child.on('close', (code, signal) => {
        running.delete(this.child);
        this.exit = { code, signal };
        done(this.exit);
      });
      this.child.on('error', (error) => {
        this.exit = { code: -1, signal: String(error) };
        done(this.exit);
      });
    });
    const url = new Promise((found) => {
      for (const stream of [this.child.stdout, this.child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          const match = /"url":"http:\/\/[^":]+:(\d+)"/.exec(line);
          if (match) found(Number(match[1]));
          else if (!line.includes('"level":"info"')) this.errors += `${line}\n`;
        });
      }
    });
    this.ready = this.waitReady(url);
    this.ready.catch(() => {});
  }

  async waitReady(url) {
    const ended = this.ended.then((exit) => {
      throw new Error(`the server ended with ${exit.signal ?? exit.code} before it was ready: ${this.errors}`);
    });
    ended.catch(() => {});
    this.port = await Promise.race([url, ended, timeout(START_MS_MAX, 'the server does not say where it listens')]);
    for (;;) {
      const answer = await Promise.race([this.call('GET', '/readyz'), ended]);
      if (answer.code === 200) break;
      if (performance.now() - this.startedAt > START_MS_MAX) throw new Error(`never ready: ${answer.text}`);
      await sleep(2);
    }
    this.readyMs = performance.now() - this.startedAt;
  }

  /** Answers {code, headers, text, json}; code 0 when the connection broke. Never throws. */
  call(method, path, body, key) {
    return new Promise((done) => {
      const headers = {};
      let text;
      if (body !== undefined) {
        text = typeof body === 'string' ? body : JSON.stringify(body);
        headers['content-type'] = 'application/json';
        headers['content-length'] = Buffer.byteLength(text);
      }
      if (key) headers.authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
      const broken = (error) => done({ code: 0, headers: {}, text: String(error), json: undefined });
      const request = http.request(
        { host: '127.0.0.1', port: this.port, method, path, headers, agent: this.agent, timeout: 60000 },
        (response) => {
          const parts = [];
          response.on('data', (part) => parts.push(part));
          response.on('error', broken);
          response.on('aborted', () => broken('aborted'));
          response.on('end', () => {
            if (!response.complete) return broken('cut short');
            const all = Buffer.concat(parts).toString();
            let json;
            try {
              json = JSON.parse(all);
            } catch {
              json = undefined;
            }
            return done({ code: response.statusCode, headers: response.headers, text: all, json });
          });
        });
      request.on('error', broken);
      request.on('timeout', () => request.destroy(new Error('no answer within a minute')));
      request.end(text);
    });
  }

  kill() {
    this.child.kill('SIGKILL');
    return this.gone();
  }

  async stop() {
    this.child.kill('SIGTERM');
    const exit = await Promise.race([this.ended, timeout(STOP_MS_MAX, 'SIGTERM did not end the server')]);
    this.agent.destroy();
    return exit;
  }

  async gone() {
    const exit = await this.ended;
    this.agent.destroy();
    return exit;
  }

  /** Resident memory in MiB. */
  async memory() {
    const { readFileSync } = await import('node:fs');
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }
}

function timeout(ms, sentence) {
  return new Promise((_, fail) => {
    setTimeout(() => fail(new Error(sentence)), ms).unref();
  });
}

export async function start(data, keys, options) {
  const server = new Server(data, keys, options);
  await server.ready;
  return server;
}

/* --- a shop --------------------------------------------------------------------------------------------- */

const brands = ['Ida', 'Oslo', 'Marin', 'Petit Pas', 'Lune', 'Sable', 'Nord', 'Verger'];
const categories = ['Maison > Lampes', 'Maison > Tapis', 'Femme > Robes', 'Femme > Manteaux', 'Homme > Chemises',
  'Enfant > Jouets', 'Cuisine > Couteaux', 'Jardin > Pots'];
const colours = ['rouge', 'bleu', 'vert', 'noir', 'blanc', 'ocre'];

export function item(index) {
  return {
    id: `item-${index}`,
    title: `${categories[index % 8].split(' > ')[1]} n° ${index}`,
    price: (5 + (index * 37) % 195 + 0.9).toFixed(2),
    brand: brands[(index * 7) % 8],
    category: categories[index % 8],
    stock: index % 17 === 0 ? 0 : 1 + (index % 50),
    attributes: { colour: colours[index % 6] },
  };
}

export const placements = {
  home: { name: 'Accueil', recipe: ['viewed_together', 'trending', 'best_sellers'], rules: ['in_stock'], count: 8, affinityWeight: 1 },
  product: { name: 'Fiche produit', recipe: ['bought_together', 'viewed_together', 'trending'],
    rules: ['in_stock', 'exclude_bought', 'exclude_basket', 'exclude_page'], count: 6, affinityWeight: 0.5, explore: 0.05 },
  basket: { name: 'Panier', recipe: ['bought_together', 'recently_viewed', 'trending'], rules: ['in_stock'], count: 4 },
};

/** Catalogue and placements, by HTTP. */
export async function furnish(server, itemCount) {
  for (let from = 0; from < itemCount; from += 500) {
    const items = Array.from({ length: Math.min(500, itemCount - from) }, (_, i) => item(from + i));
    const answer = await server.call('POST', '/api/v1/catalog/items', { items }, server.keys.secret);
    if (answer.code !== 200 || !answer.json.success) throw new Error(`items refused: ${answer.code} ${answer.text}`);
  }
  for (const [id, definition] of Object.entries(placements)) {
    const answer = await server.call('PUT', `/api/v1/placements/${id}`, definition, server.keys.secret);
    if (answer.code !== 200) throw new Error(`placement ${id} refused: ${answer.code} ${answer.text}`);
  }
}

/** A message about an item: views mostly, baskets, orders and refunds. */
export function shopMessage(random, itemCount) {
  const index = random.skewed(itemCount);
  const { id, price } = item(index);
  const product = { product_id: id, price: Number(price), quantity: random.between(1, 3) };
  const draw = random.unit();
  if (draw < 0.62) return { type: 'track', event: 'Product Viewed', properties: { product_id: id } };
  if (draw < 0.72) return { type: 'page', name: 'Category', properties: { category: item(index).category } };
  if (draw < 0.84) return { type: 'track', event: 'Product Added', properties: product };
  if (draw < 0.88) return { type: 'track', event: 'Product Removed', properties: product };
  if (draw < 0.92) return { type: 'track', event: 'Products Searched', properties: { query: 'lampe' } };
  const orderId = `o${random.below(1e9)}`;
  const properties = { order_id: orderId, revenue: product.price * product.quantity, currency: 'EUR', products: [product] };
  return { type: 'track', event: draw < 0.98 ? 'Order Completed' : 'Order Refunded', properties };
}

/* --- what the program says of itself -------------------------------------------------------------------------- */

/** messageId → how often it stands in the export. */
export async function exportedIds(data) {
  const counts = new Map();
  const child = spawn(program, ['export', 'events', '--data', data, '--workspace', 'shop'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (bytes) => { errors += bytes; });
  const ended = new Promise((done) => child.on('close', done));
  for await (const line of createInterface({ input: child.stdout })) {
    const id = JSON.parse(line).messageId;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`export ended with ${code}: ${errors}`);
  return counts;
}

export async function check(data) {
  return (await must('check', '--data', data)).trim();
}

/** {identical, different, erased, damaged}; anything different or damaged is an error. */
export async function replayAll(data) {
  const ended = await visavis('replay', '--all', '--data', data, '--workspace', 'shop');
  const counts = ended.out ? JSON.parse(ended.out) : {};
  if (ended.code !== 0 || counts.different !== 0 || counts.damaged !== 0) {
    throw new Error(`replay --all ended with ${ended.signal ?? ended.code}: ${ended.out}${ended.err}`);
  }
  return counts;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : 0;
}

export { existsSync, sleep };
