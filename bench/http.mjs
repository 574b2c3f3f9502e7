#!/usr/bin/env node
/* The whole server under load, with wrk as client on the same machine: JSON lines.
 *
 *     http.mjs [PEOPLE=10000] [ITEMS=5000] [SECONDS=5] [EVENTS_A_PERSON=4]
 *
 * A catalogue and people are loaded by HTTP in batches; then single messages from 64 clients, batches of 100, calls for three
 * placements at full and at half load; then kill -9, how long until /readyz answers 200, and the calls again, cold. Each line
 * carries the load average of the minute before, because others may be working.
 * cpu_us is the server's processor time a request. KEEP=DIR keeps the data there; PROFILE=1 says when to attach a profiler. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { furnish, init, Random, Server, shopMessage, sleep, start, temporaryDirectory } from '../tests/crash/server.mjs';

const [people = 10000, items = 5000, seconds = 5, eventsEach = 4] = process.argv.slice(2).map(Number);
const here = dirname(fileURLToPath(import.meta.url));
const BATCH = 400;
const LOADERS = 8;
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
        message.anonymousId = `p${i % people}`;
        message.timestamp = new Date(now - (count - i) * (86400000 / count)).toISOString();
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
async function wrk(server, script, { threads, connections, delayMs = 0, length = seconds }) {
  const authorization = `Basic ${Buffer.from(`${server.keys.write}:`).toString('base64')}`;
  const words = ['-t', threads, '-c', connections, '-d', `${length}s`, '--timeout', '10s',
    '-s', join(here, `wrk/${script}.lua`), `http://127.0.0.1:${server.port}`, '--', `authorization=${authorization}`, `people=${people}`, `items=${items}`,
    `seed=${process.pid}${runs++}`, `delay_ms=${delayMs}`];
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
  tell('collect_single', { clients: 64, ...await wrk(server, 'single', { threads: 1, connections: 64 }) });
  const batches = await wrk(server, 'batch', { threads: 1, connections: 16 });
  tell('collect_batch', { batch: 100, clients: 16, events_per_second: batches.per_second * 100, ...batches });
}

async function decisions(server, name) {
  const connections = 32;
  if (process.env.PROFILE) console.error(`deciding now: perf record -g -p ${server.child.pid}`);
  const full = await wrk(server, 'decide', { threads: 1, connections });
  tell(name, { placements: 3, clients: connections, ...full, server_memory_mb: Math.round(await server.memory()) });
  const delayMs = Math.max(1, (2 * connections * 1000) / full.per_second);
  const half = await wrk(server, 'decide', { threads: 1, connections, delayMs });
  tell(`${name}_half_load`, { placements: 3, clients: connections, ...half });
}

async function main() {
  mkdirSync(work, { recursive: true });
  const keys = await init(data);
  const first = await start(data, keys, settings);
  await furnish(first, items);
  await load(first);
  await collection(first);
  await decisions(first, 'decide');
  await first.kill();
  const second = new Server(data, keys, settings);
  await second.ready;
  tell('start_after_kill', { ms: Math.round(second.readyMs), server_memory_mb: Math.round(await second.memory()), bytes_on_disk: bytesOnDisk() });
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
