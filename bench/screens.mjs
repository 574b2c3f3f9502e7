#!/usr/bin/env node
/* How long what the console's screens read takes, on a store as large as it is: a JSON line a route, the slowest last.
 *
 *     screens.mjs DATA [PEOPLE]        a data directory that no server holds; http.mjs calls it on its own server, cold after a start
 *
 * Every GET of /openapi.json under /api/v1 and of decisions, and the preview, with another person, item and decision each time, as a secret
 * key of all scopes reads them. `first_ms` is the first answer after the start, `median_ms` and `max_ms` those of the next ones. Routes of
 * users and sessions are no key's and as small as the number of users. */
import { fileURLToPath } from 'node:url';
import { Server, must } from '../tests/crash/server.mjs';

const AGAIN = 7;
const FIRST_ANSWER_MS = 500; /* what a screen may take to its first answer */

async function timed(server, method, path, body) {
  const startedAt = performance.now();
  const answer = await server.call(method, path, body, server.keys.secret);
  return { ...answer, ms: performance.now() - startedAt };
}

/** What stands in a path's braces, another one each time. */
function fills({ people, items, placements, decisions, version }) {
  const anyOf = (list) => list[Math.floor(Math.random() * list.length)];
  return (path) => path
    .replace('{identifier}', () => `anonymous_id:p${Math.floor(Math.random() * people)}`)
    .replace('{item}', () => anyOf(items))
    .replace('{version}', version)
    .replace('{id}', () => {
      if (path.includes('/decisions/')) return anyOf(decisions);
      return anyOf(path.includes('/catalog/items/') ? items : placements);
    });
}

async function someDecisions(server, people, placement) {
  const ids = [];
  for (let i = 0; i < AGAIN; i++) {
    const user = { anonymousId: `p${Math.floor(Math.random() * people)}` };
    const answer = await server.call('POST', '/v1/decide', { user, placements: [{ id: placement }] }, server.keys.write);
    ids.push(answer.json.decisions[0].id);
  }
  return ids;
}

/** Answers [{ route, first_ms, median_ms, max_ms, bytes, status }], the slowest first answer last. */
export async function screens(server, people) {
  const spec = (await server.call('GET', '/openapi.json')).json;
  const read = async (path) => (await server.call('GET', path, undefined, server.keys.secret)).json;
  const placements = (await read('/api/v1/placements')).placements.map(({ id }) => id);
  const fill = fills({ people, placements,
    items: (await read('/api/v1/catalog/items?limit=100')).items.map(({ id }) => id),
    version: (await read(`/api/v1/placements/${placements[0]}/versions`)).versions[0].version,
    decisions: await someDecisions(server, people, placements[0]) });
  const routes = Object.entries(spec.paths)
    .filter(([path, methods]) => methods.get && /^\/(api\/v1|v1\/decisions)\//.test(path) && !/session|user/.test(path))
    .map(([path]) => ({ route: `GET ${path}`, ask: () => timed(server, 'GET', fill(path)) }));
  const preview = () => ({ placements: [{ id: placements[0] }],
    people: [{}, ...Array.from({ length: 4 }, () => ({ identifier: fill('{identifier}') }))] });
  routes.push({ route: 'POST /api/v1/preview', ask: () => timed(server, 'POST', '/api/v1/preview', preview()) });
  routes.push({ route: 'GET /api/v1/catalog/items?q=', ask: () => timed(server, 'GET', '/api/v1/catalog/items?q=nothing-like-that') });
  const told = [];
  for (const { route, ask } of routes) {
    const first = await ask();
    const times = [];
    for (let i = 0; i < AGAIN; i++) times.push((await ask()).ms);
    times.sort((a, b) => a - b);
    told.push({ route, status: first.code, first_ms: Math.round(first.ms), median_ms: Math.round(times[AGAIN >> 1]),
      max_ms: Math.round(times.at(-1)), bytes: first.text.length, in_time: first.ms < FIRST_ANSWER_MS });
  }
  return told.sort((a, b) => a.first_ms - b.first_ms);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [data, people = 1000000] = process.argv.slice(2);
  const made = async (...more) => JSON.parse(await must('keys', 'add', '--data', data, '--workspace', 'shop', '--json', ...more)).key;
  const keys = { write: await made(), secret: await made('--secret') };
  const server = new Server(data, keys, ['--rate-per-second', '0', '--memory-mb', '1024']);
  await server.ready;
  for (const row of await screens(server, Number(people))) console.log(JSON.stringify({ bench: 'screen', ...row }));
  await server.stop();
  process.exit();
}
