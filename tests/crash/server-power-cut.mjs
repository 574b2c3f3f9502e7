#!/usr/bin/env node
/* The power goes under the whole server: ext4 on a loop device is shut down while it writes, mounted anew and judged.
 *
 *     server-power-cut.mjs [CYCLES=20] [SEED]
 *
 * Odd cycles cut without a word, even ones let the file system write its journal first. Pass: as for server-kill. Needs root, loop
 * devices and xfs_io; says SKIP and ends with 77 where they are missing. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ITEMS, Oracle } from './oracle.mjs';
import { furnish, init, Random, seedOf, sleep, start, temporaryDirectory } from './server.mjs';

const cycles = Number(process.argv[2] ?? 20);
const seed = seedOf(process.argv[3]);
const work = temporaryDirectory('server-power');
const image = join(work, 'image');
const disk = join(work, 'disk');
const data = join(disk, 'data');
const oracle = new Oracle(seed);
let mounted = false;

function does(...words) {
  return spawnSync(words[0], words.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] }).status === 0;
}

function plugIn() {
  mounted = does('mount', '-o', 'loop', image, disk);
  return mounted;
}

async function pull() {
  for (let tries = 0; tries < 100 && mounted; tries++) {
    mounted = !does('umount', disk);
    if (mounted) await sleep(50);
  }
}

async function cut(keys, random, number) {
  const server = await start(data, keys);
  const running = oracle.load(server);
  await sleep(random.between(50, 1200));
  const quiet = number % 2 ? 'shutdown' : 'shutdown -f';
  server.child.kill('SIGSTOP'); /* as in power-cut.sh: nothing answers once the power is gone */
  if (!does('xfs_io', '-x', '-c', quiet, disk)) fail('xfs_io could not cut the power');
  oracle.wrong.length = 0;
  await server.kill();
  await running;
  oracle.wrong.length = 0; /* after the cut anything but a 2xx is right */
  await pull();
  if (!plugIn()) fail('the disk cannot be mounted again');
}

async function main() {
  console.log(`server-power-cut: ${cycles} cuts, seed ${seed}`);
  const keys = await init(data);
  const first = await start(data, keys);
  await furnish(first, ITEMS);
  await first.stop();
  const random = new Random(seed);
  let verdict = '';
  for (let number = 1; number <= cycles; number++) {
    await cut(keys, random, number);
    verdict = await oracle.judge(data, keys);
  }
  console.log(`server-power-cut: passed; ${verdict}`);
}

function possible() {
  mkdirSync(disk);
  return does('xfs_io', '-V') && does('truncate', '-s', '1g', image) && does('mkfs.ext4', '-q', '-F', image) && plugIn();
}

let code = 0;
try {
  if (possible()) {
    await main();
  } else {
    console.log('SKIP server-power-cut: needs root, loop devices, xfs_io and mkfs.ext4');
    code = 77;
  }
} catch (error) {
  console.log(`FAIL server-power-cut, seed ${seed}: ${error.stack}`);
  code = 1;
}
await pull();
if (code !== 1) rmSync(work, { recursive: true });
else console.log(`the disk is kept in ${image}`);
process.exit(code);
