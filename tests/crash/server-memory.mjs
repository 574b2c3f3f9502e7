/* Failing allocations, one a life: server-memory.mjs [COUNT] [SEED]. See tests/fault/memory.mjs. */
process.env.TEST_BINARY ??= process.env.BINARY;
const { skip, sweep } = await import('../fault/memory.mjs');
const [count = 300, seed = Date.now() % 100000] = process.argv.slice(2).map(Number);
if (skip) {
  console.log(`SKIP server-memory: ${skip}`);
  process.exit(77);
}
console.log(`server-memory: ${count} failing allocations, seed ${seed}`);
const { calls, reached, ends } = await sweep(count, seed);
console.log(`server-memory: passed; ${reached} of ${count} reached among ${calls} calls, ended ${JSON.stringify(ends)}`);
