#!/usr/bin/env node
/* What a body costs the server to read, by its size and shape: JSON lines.
 *
 *     json.mjs [SECONDS=1]
 *
 * cpu_ns_byte is the server's processor time for each byte of body, all of the request included: a shape whose cost grows faster
 * than its size shows as a figure that rises down the list. Nothing here is kept: each body is refused for what it says, or dropped
 * as of no use. */
import { readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { init, start, temporaryDirectory } from '../tests/crash/server.mjs';

const [seconds = 1] = process.argv.slice(2).map(Number);
const BODY_BYTES_MAX = 512000, CLIENTS = 4;

const fill = (size, unit, wrap) => wrap(Array.from({ length: Math.floor(size / unit(0).length) }, (_, index) => unit(index)));
const shapes = {
  'one text': (size) => JSON.stringify({ event: 'x'.repeat(size) }),
  'text of escapes': (size) => `{"event":"${'\\u00e9'.repeat(size / 6)}"}`,
  'many keys': (size) => fill(size, (index) => `"k${`${index}`.padStart(6, '0')}":1`, (parts) => `{${parts.join()}}`),
  'one key again and again': (size) => fill(size, () => '"k":1', (parts) => `{${parts.join()}}`),
  'keys of one length': (size) => fill(size, (index) => `"${`${index}`.padStart(30, 'a')}":""`, (parts) => `{${parts.join()}}`),
  'numbers': (size) => fill(size, () => '1.7976931348623157e308', (parts) => `{"a":[${parts.join()}]}`),
  'nested arrays': (size) => '['.repeat(size),
  'nested objects': (size) => '{"a":'.repeat(size / 5),
  'messages': (size) => fill(size, () => '{"type":"dance","anonymousId":"a"}', (parts) => `{"batch":[${parts.slice(0, 2500).join()}]}`),
};
const sizes = [1000, 8000, 64000, BODY_BYTES_MAX - 64];

const cpuSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

async function measure(server, body, path) {
  const before = cpuSeconds(server.child.pid), end = performance.now() + seconds * 1000, codes = {};
  let calls = 0;
  const client = async () => {
    while (performance.now() < end) {
      const { code } = await server.call('POST', path, body, server.keys.write);
      codes[code] = (codes[code] ?? 0) + 1;
      calls++;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { calls, codes: Object.keys(codes).join(), cpu_ns_byte: Math.round((cpuSeconds(server.child.pid) - before) * 1e9 / calls / body.length) };
}

const work = temporaryDirectory('bench-json');
const data = join(work, 'data');
const keys = await init(data);
const server = await start(data, keys, ['--rate-per-second', '0']);
for (const [shape, make] of Object.entries(shapes)) {
  for (const size of sizes) {
    const body = make(size);
    const figures = await measure(server, body, shape === 'messages' ? '/v1/batch' : '/v1/track');
    console.log(JSON.stringify({ bench: 'json', shape, bytes: body.length, ...figures, load_average: Number(loadavg()[0].toFixed(2)) }));
  }
}
await server.stop();
rmSync(work, { recursive: true });
