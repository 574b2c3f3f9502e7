#!/usr/bin/env node
/* The whole server under load, with wrk as client on the same machine: JSON lines.
 *
 *     http.mjs [PEOPLE=10000] [ITEMS=5000] [SECONDS=5] [EVENTS_A_PERSON=4]
 *
 * A catalogue and people, each with a visit, are loaded by HTTP in batches; then single messages from 64 clients, batches of 100,
 * calls for three placements at full and at half load: simple ones (decide), `for_you` blends (decide_blend), blends in visits
 * (decide_visits), and blends while 2,000 single events a second stream in (decide_streaming); blends at half load while models are
 * rebuilt; then kill -9, how long until /readyz answers 200, what the console's screens read (screens.mjs), and the calls again, cold.
 * `drawn` says whose calls they are: `uniform`, each call anybody of all people, the worst that any cache can meet; `visits`, 500
 * at once of about 8 calls each, their visitors at random from all people, as a shop has. Before the first calls the server may finish what
 * the load left it to compact and to prepare (a line says how long), which no shop in daily use would have at its back. Each line
 * carries the load average of the minute before, because others may be working. cpu_us is the server's processor time a request, the
 * events' included where they stream in. KEEP=DIR keeps the data there; PROFILE=1 says when to attach a profiler. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { screens } from './screens.mjs';
import { furnish, init, Random, Server, shopMessage, sleep, start, temporaryDirectory } from '../tests/crash/server.mjs';

const [people = 10000, items = 5000, seconds = 5, eventsEach = 4] = process.argv.slice(2).map(Number);
const here = dirname(fileURLToPath(import.meta.url));
const BATCH = 400;
const LOADERS = 8;
const VISIT_STEP_MS = 60000;
const STREAMED_PER_SECOND = 2000;
const SETTLED_S_MAX = 120;
const SETTLED_CPU_US = 50000; /* in a second */
const blends = { blend_home: 8, blend_product: 6, blend_basket: 4 }; /* items, as of the simple ones */
const work = process.env.KEEP || temporaryDirectory('bench');
const data = join(work, 'data');
const settings = ['--rate-per-second', '0', '--memory-mb', String(process.env.MEMORY_MB || 1024)];
let runs = 0;

function tell(bench, figures) {
  console.log(JSON.stringify({ bench, people, items, ...figures, load_average: Number(loadavg()[0].toFixed(2)) }));
}

function bytesOnDisk() {
  return Number(spawnSync('du', ['-sb', data], { encoding: 'utf8' }).stdout.split('\t')[0]);
}

async function load(server) {
  const startedAt = performance.now();
  const count = people * eventsEach;
  let next = 0;
  const now = Date.now();
  const loader = async (number) => {
    const random = new Random(number + 1);
    while (next < count) {
      const from = next;
      next = Math.min(count, next + BATCH);
      const batch = [];
      for (let i = from; i < next; i++) {
        const message = shopMessage(random, items);
        message.messageId = `l${i}`;
        message.anonymousId = `p${Math.floor(i / eventsEach)}`; /* one after the other, each in a visit of their own */
        message.timestamp = new Date(now - (count - i) * (86400000 / count) + (i % eventsEach) * VISIT_STEP_MS).toISOString();
        batch.push(message);
      }
      const body = { context: { consent: { categoryPreferences: { personalise: true } } }, batch };
      const answer = await server.call('POST', '/v1/batch', body, server.keys.write);
      if (answer.code === 503) {
        next = Math.min(next, from); /* told to come again: duplicates count once */
        await sleep(1000);
      } else if (answer.code !== 200 || !answer.json.success) {
        throw new Error(`a batch answered ${answer.code} ${answer.text.slice(0, 300)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: LOADERS }, (_, number) => loader(number)));
  const ms = performance.now() - startedAt;
  tell('load', { events: count, seconds: Math.round(ms / 1000), per_second: Math.round(count / (ms / 1000)),
    server_memory_mb: Math.round(await server.memory()), bytes_on_disk: bytesOnDisk() });
}

/* Processor time of the server so far, in microseconds: it says the same whoever else is working. */
function cpuUs(server) {
  const fields = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10000; /* ticks of 10 ms */
}

/** One run of wrk; {per_second, p50_ms, p99_ms, …, cpu_us: of the server, a request}. */
async function wrk(server, script, { threads = 1, connections, delayMs = 0, length = seconds, placements, drawn = 'uniform' }) {
  const authorization = `Basic ${Buffer.from(`${server.keys.write}:`).toString('base64')}`;
  const words = ['-t', threads, '-c', connections, '-d', `${length}s`, '--timeout', '10s',
    '-s', join(here, `wrk/${script}.lua`), `http://127.0.0.1:${server.port}`, '--', `authorization=${authorization}`, `people=${people}`, `items=${items}`,
    `seed=${process.pid}${runs++}`, `delay_ms=${delayMs}`,
    `drawn=${drawn}`, ...(placements ? [`placements=${placements}`] : [])];
  const before = cpuUs(server);
  const child = spawn('wrk', words.map(String), { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (bytes) => { out += bytes; });
  await new Promise((done) => child.on('close', done));
  const line = out.split('\n').find((text) => text.startsWith('{'));
  if (!line) throw new Error(`wrk ${script} said: ${out}`);
  const figures = JSON.parse(line);
  return { ...figures, cpu_us: Math.round((cpuUs(server) - before) / Math.max(1, figures.requests)) };
}

async function collection(server) {
  tell('collect_single', { clients: 64, ...await wrk(server, 'single', { connections: 64 }) });
  const batches = await wrk(server, 'batch', { connections: 16 });
  tell('collect_batch', { batch: 100, clients: 16, events_per_second: batches.per_second * 100, ...batches });
}

/** Until the server has next to nothing to do of its own accord, or for SETTLED_S_MAX seconds. */
async function settle(server) {
  const startedAt = performance.now();
  const passed = () => (performance.now() - startedAt) / 1000;
  let before = cpuUs(server);
  for (let quiet = 0; quiet < 2 && passed() < SETTLED_S_MAX;) {
    await sleep(1000);
    const now = cpuUs(server);
    quiet = now - before < SETTLED_CPU_US ? quiet + 1 : 0;
    before = now;
  }
  tell('settle', { seconds: Math.round(passed()) });
}

/** Calls at full and at half load, a line each. Answers the delay of the half. */
async function atBothLoads(server, name, placements, { run = wrk, drawn = 'uniform' } = {}) {
  const connections = 32;
  const full = await run(server, 'decide', { connections, placements, drawn });
  tell(name, { placements: 3, drawn, clients: connections, ...full, server_memory_mb: Math.round(await server.memory()) });
  const delayMs = Math.max(1, (2 * connections * 1000) / full.per_second);
  const half = await run(server, 'decide', { connections, placements, delayMs, drawn });
  tell(`${name}_half_load`, { placements: 3, drawn, clients: connections, ...half });
  return delayMs;
}

/** The same calls while all models are made anew from the log; what there was of it is told. */
async function rebuilding(server, options) {
  const metric = async (name) => Number(new RegExp(`^visavis_${name} (\\d+)$`, 'm').exec((await server.call('GET', '/metrics')).text)[1]);
  const before = await metric('model_rebuilds_total');
  const answer = await server.call('POST', '/api/v1/models/rebuild', {}, server.keys.secret);
  if (answer.code >= 300) throw new Error(`a rebuild answered ${answer.code} ${answer.text}`);
  const figures = await wrk(server, 'decide', options);
  tell('decide_blend_rebuilding', { placements: 3, clients: options.connections, ...figures,
    ended: (await metric('model_rebuilds_total')) - before, rebuild_mb: Math.round((await metric('model_rebuild_bytes')) / 1048576) });
}

/** A run while single events stream in, and how many did. */
async function streaming(server, script, options) {
  const connections = 64;
  const events = wrk(server, 'single', { connections, delayMs: (connections * 1000) / STREAMED_PER_SECOND });
  const figures = await wrk(server, script, options);
  return { ...figures, events_per_second: (await events).per_second };
}

async function decisions(server, name) {
  const ids = Object.keys(blends).join(',');
  if (process.env.PROFILE) console.error(`deciding now: perf record -g -p ${server.child.pid}`);
  await atBothLoads(server, name);
  const delayMs = await atBothLoads(server, `${name}_blend`, ids);
  await atBothLoads(server, `${name}_visits`, ids, { drawn: 'visits' });
  await atBothLoads(server, `${name}_streaming`, ids, { run: streaming });
  return { connections: 32, delayMs, placements: ids };
}

async function furnishBlends(server) {
  for (const [id, count] of Object.entries(blends)) {
    const definition = { recipe: ['for_you'], rules: ['in_stock', 'exclude_page'], count };
    const answer = await server.call('PUT', `/api/v1/placements/${id}`, definition, server.keys.secret);
    if (answer.code !== 200) throw new Error(`placement ${id} refused: ${answer.code} ${answer.text}`);
  }
}

async function main() {
  mkdirSync(work, { recursive: true });
  const keys = await init(data);
  const first = await start(data, keys, settings);
  await furnish(first, items);
  await furnishBlends(first);
  await load(first);
  await collection(first);
  await settle(first);
  await rebuilding(first, await decisions(first, 'decide'));
  await first.kill();
  const second = new Server(data, keys, settings);
  await second.ready;
  tell('start_after_kill', { ms: Math.round(second.readyMs), server_memory_mb: Math.round(await second.memory()), bytes_on_disk: bytesOnDisk() });
  for (const row of await screens(second, people)) tell('screen', row);
  await decisions(second, 'decide_after_start');
  const memory = await second.memory();
  tell('memory', { server_memory_mb: Math.round(memory) });
  const startedAt = performance.now();
  await second.stop();
  const stopMs = performance.now() - startedAt;
  const third = await start(data, keys, settings);
  tell('start_after_stop', { ms: Math.round(third.readyMs), stop_ms: Math.round(stopMs) });
  await third.kill();
}

try {
  await main();
} catch (error) {
  console.log(`FAIL bench, data in ${data}: ${error.stack}`);
  process.exitCode = 1;
}
if (!process.env.KEEP) rmSync(work, { recursive: true });
process.exit();
