#!/usr/bin/env node
/* What the tag costs a page, and how the first pages fare in Lighthouse: JSON lines.
 *
 *     pages.mjs [ROUNDS=7] [tag|lighthouse]
 *
 * tag: the demo shop's home and a product page, served from an address of its own, each time in a fresh browser of somebody who agreed to
 * all, over a line of 10 Mbit/s and 40 ms (LOOPBACK=1: without one). The rounds go through: no tag; the tag with a server that answers, whose decisions take SLOW_MS, that is not there (refuses), that
 * takes calls and never answers. `lcp_change_ms` is the median of the rounds' differences to the same round without the tag, `cls` the worst.
 *
 * lighthouse: the shop's home as a newcomer gets it, banner included, and the console's first screen, signed in; desktop and mobile (slowed
 * four times, slow 4G). A score is the median of RUNS (3); `lost` names the audits that cost points. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, launchAt, skip } from '../tests/e2e/browser.mjs';
import { Demo } from '../tests/e2e/demo.mjs';

const SLOW_MS = 3000, SETTLED_MS = 1500, RUNS = Number(process.env.RUNS || 3), LOADED_MS = 20000;
const SITE = new URL('../examples/shop/site/', import.meta.url);
const PAGES = { home: '', product: 'product.html?id=hiking-shoes-01' };
const VIEW = { width: 1280, height: 800 };
/* Lighthouse's desktop line; what would go over loopback in no time at all is nobody's network. */
const LINE = { offline: false, latency: 40, downloadThroughput: 10240 * 128, uploadThroughput: 10240 * 128 };

const tell = (bench, row) => console.log(JSON.stringify({ bench, ...row, load_average: Number(loadavg()[0].toFixed(1)) }));
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

// -- the shop, elsewhere -----------------------------------------------------------------------------------------------------------

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml' };
const TAG = /<script>\n[^]*?<script async[^>]*><\/script>/;

const opened = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));

/** The shop's files; `visavis` is the address that the tag comes from, null: a page without it. */
function shop(visavis, key) {
  return opened(http.createServer((request, response) => {
    const name = request.url.split('?')[0].replace('/shop/', '') || 'index.html';
    try {
      const file = readFileSync(new URL(name, SITE));
      const body = extname(name) !== '.html' ? file : visavis
        ? `${file}`.replaceAll('https://visavis.example', visavis).replaceAll('WRITE_KEY', key)
        : `${file}`.replace(TAG, '<script>window.visavis=function(){}</script>');
      response.writeHead(200, { 'content-type': TYPES[extname(name)] }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }));
}

/** Passes everything on; what is asked to decide waits. Whoever went away meanwhile is no matter. */
const slowed = (target) => opened(http.createServer((request, response) => {
  const pass = () => request.pipe(http.request(target + request.url, { method: request.method, headers: request.headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  }).on('error', () => response.destroy()));
  setTimeout(pass, request.url.startsWith('/v1/decide') ? SLOW_MS : 0);
}));

async function nobody() {
  const server = net.createServer(), address = await opened(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

const silent = () => opened(net.createServer((socket) => socket.on('error', () => {})));

// -- the tag -----------------------------------------------------------------------------------------------------------------------

/* In the page, before anything of it. */
function watch() {
  localStorage.setItem('visavis-choice', JSON.stringify({ at: Date.now(), choice: { measure: true, personalise: true, learn: true } }));
  const seen = window.seen = { lcp: 0, cls: 0, placed: [] };
  const each = (type, act) => new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
  each('largest-contentful-paint', (entry) => { seen.lcp = entry.startTime; seen.element = `${entry.element?.localName}.${entry.element?.className}`; });
  each('layout-shift', (entry) => { seen.cls += entry.value; });
}

async function visit(browser, address, stay) {
  const context = await browser.newContext({ viewport: VIEW, locale: 'fr-FR' });
  await context.addInitScript(watch);
  const page = await context.newPage();
  if (!process.env.LOOPBACK) await (await context.newCDPSession(page)).send('Network.emulateNetworkConditions', LINE);
  let decided = 0;
  page.on('response', (answer) => { if (answer.url().includes('/v1/decide') && answer.status() === 200) decided++; });
  await page.goto(address, { waitUntil: 'commit' });
  await page.locator('#bottom p').first().waitFor();
  await sleep(stay);
  const seen = await page.evaluate(() => ({ ...window.seen, filled: document.querySelectorAll('[data-visavis-decision]').length }));
  await context.close();
  return { ...seen, decided };
}

async function tagCost(demo, rounds) {
  const key = (await demo.command('keys', 'add', '--origin', '*')).trim();
  const servers = { none: null, healthy: demo.url, slow: await slowed(demo.url), dead: await nobody(), silent: await silent() };
  const shops = {};
  for (const [name, server] of Object.entries(servers)) shops[name] = await shop(server, key);
  const browser = await launch();
  for (const [page, path] of Object.entries(PAGES)) {
    const seen = Object.fromEntries(Object.keys(shops).map((name) => [name, []]));
    for (let round = -1; round < rounds; round++) { /* the first warms up and does not count */
      for (const [name, origin] of Object.entries(shops)) {
        const figures = await visit(browser, `${origin}/shop/${path}`, name === 'slow' ? SLOW_MS + SETTLED_MS : SETTLED_MS);
        if (round >= 0) seen[name].push(figures);
      }
    }
    for (const [server, list] of Object.entries(seen)) {
      tell('tag', { page, server, rounds, lcp_ms: Math.round(median(list.map(({ lcp }) => lcp))),
        lcp_change_ms: Math.round(median(list.map(({ lcp }, round) => lcp - seen.none[round].lcp))),
        cls: Number(Math.max(...list.map(({ cls }) => cls)).toFixed(4)), largest: list[0].element,
        decide_answers: median(list.map(({ decided }) => decided)), places_filled: median(list.map(({ filled }) => filled)) });
    }
  }
  await browser.close();
}

// -- Lighthouse ----------------------------------------------------------------------------------------------------------------------

const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

function lost({ categories, audits }) {
  const costs = (category) => category.auditRefs.filter(({ id, weight }) => weight && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => `${id} ${audits[id].displayValue ?? ''}`.trim());
  return ['performance', 'accessibility'].flatMap((name) => costs(categories[name]));
}

async function score(lighthouse, port, forget, { page, address, form, config }) {
  const runs = [];
  for (let run = 0; run < RUNS; run++) {
    await forget(); /* the cache, and not who is signed in */
    const { lhr } = await lighthouse(address, { port, logLevel: 'error', onlyCategories: CATEGORIES, disableStorageReset: true,
      maxWaitForLoad: LOADED_MS }, config); /* a live stream is never done */
    runs.push(lhr);
  }
  const scores = Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(100 * median(runs.map((lhr) => lhr.categories[name].score)))]));
  tell('lighthouse', { page, form, runs: RUNS, ...scores, lost: lost(runs.at(-1)), at: runs.at(-1).finalDisplayedUrl });
}

async function lighthouseScores(demo) {
  const { default: lighthouse, desktopConfig } = await import('lighthouse');
  const profile = mkdtempSync(join(tmpdir(), 'visavis-pages-'));
  const port = Number(new URL(await nobody()).port);
  const browser = await launchAt(profile, port);
  const here = demo.url.replace('127.0.0.1', 'localhost');
  const page = await browser.newPage();
  await page.goto(`${here}/console/#login=${demo.token}`);
  await page.locator('[data-moment]').first().waitFor();
  await page.goto('about:blank');
  const session = await browser.newCDPSession(page);
  const forget = () => session.send('Network.clearBrowserCache');
  for (const [name, path] of [['shop', '/shop/'], ['console', '/console/']]) {
    for (const [form, config] of [['desktop', desktopConfig], ['mobile', undefined]]) {
      await score(lighthouse, port, forget, { page: name, address: here + path, form, config });
    }
  }
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

if (skip) throw new Error(skip);
const [rounds, only] = process.argv.slice(2);
const demo = new Demo();
await demo.start();
try {
  if (only !== 'lighthouse') await tagCost(demo, Number(rounds || 7));
  if (only !== 'tag') await lighthouseScores(demo);
} finally {
  await demo.stop();
  demo.remove();
}
process.exit();
