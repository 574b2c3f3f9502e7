#!/usr/bin/env node
/* A thousand clients where the process may have 64 file descriptors.
 *
 *     descriptors.mjs [SECONDS=60] [CLIENTS=1000]
 *
 * The crowd connects, says nothing, and connects again a second after it was let go. First the server's processor time is looked at
 * for SECONDS. Then one client that was there before writes BATCHES through its own connection while the crowd stays: more than the
 * log holds before it begins a new file. Then the crowd goes. Pass: under 20 % of a core; each batch is answered 200 and is there
 * after a restart; refusals are counted; a new client is let in within a second; `check` finds the store whole. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { Server, sleep, until } from '../http/server.mjs';

const [seconds = 60, clients = 1000] = process.argv.slice(2).map(Number);
const FILES = 64;
const BATCHES = 100;
const EVENTS = 20; /* of some 24 kB: a batch is 480 kB, and all are more than the log's 40 MiB */

const server = await Server.start({ under: ['prlimit', `--nofile=${FILES}:${FILES}`], settings: { 'memory-mb': 64 } });
const files = () => readdirSync(`/proc/${server.pid}/fd`).length;

/** User and system time of the server, in seconds. */
const cpu = () => {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

let here = true;
const crowd = new Set();
function come() {
  if (!here) return;
  const socket = net.connect(server.port, '127.0.0.1');
  crowd.add(socket);
  socket.on('error', () => {});
  socket.resume();
  socket.on('close', () => {
    crowd.delete(socket);
    setTimeout(come, 1000);
  });
}

const batch = (number) => ({ batch: Array.from({ length: EVENTS }, (_, index) => ({ type: 'track', event: 'E',
  messageId: `b${number}-${index}`, anonymousId: `a${index}`, properties: { text: 'x'.repeat(24000) } })) });

assert.equal((await server.post('/v1/batch', batch('first'), { key: server.writeKey })).status, 200);
for (let i = 0; i < clients; i++) come();
await sleep(1000);
const [cpuBefore, began] = [cpu(), performance.now()];
let most = 0; /* one more a thread is being turned away */
while (performance.now() - began < seconds * 1000) {
  await sleep(Math.min(5000, seconds * 250));
  most = Math.max(most, files());
  assert.equal((await server.get('/livez')).status, 200, 'its connection is kept'); /* else it would be closed as idle */
}
const share = (cpu() - cpuBefore) / ((performance.now() - began) / 1000);

let written = 0;
for (let number = 0; number < BATCHES; number++)
  written += (await server.post('/v1/batch', batch(number), { key: server.writeKey })).status === 200;
const refused = await server.metric('http_refused_overload_total');

here = false;
crowd.forEach((socket) => socket.destroy());
const gone = performance.now();
const fresh = () => new Promise((done) => {
  const socket = net.connect(server.port, '127.0.0.1', () => socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n'));
  socket.on('data', (bytes) => { done(String(bytes).startsWith('HTTP/1.1 200')); socket.destroy(); });
  socket.on('error', () => done(false));
  socket.on('close', () => done(false));
});
const letIn = await until(fresh, (yes) => yes);
const msToComeIn = Math.round(performance.now() - gone);
const ids = new Set((await server.exported()).map((row) => row.messageId));
const kept = [...Array(BATCHES).keys()].filter((number) => ids.has(`b${number}-0`) && ids.has(`b${number}-${EVENTS - 1}`)).length;
await server.stop();
const check = await server.command('check');
console.log(JSON.stringify({ test: 'descriptors', clients, seconds, files_max: FILES, files_open_most: most, cpu_share: Number(share.toFixed(3)),
  refused, batches: BATCHES, written, kept, ms_to_come_in: msToComeIn, check: check.code }));
assert.ok(share < 0.2, `${(share * 100).toFixed(1)} % of a core`);
assert.ok(most <= FILES - FILES / 4 + 2, `${most} files were open: none was left for the store`);
assert.equal(written, BATCHES);
assert.equal(kept, BATCHES);
assert.ok(refused > 0);
assert.ok(letIn);
assert.equal(check.code, 0, check.stderr);
await server.end();
process.exit(0);
