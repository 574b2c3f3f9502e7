/* Choices that follow each other within a millisecond. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { init, start, temporaryDirectory } from '../crash/server.mjs';

test('a choice that follows another within the same millisecond is the one that counts', async () => {
  const work = temporaryDirectory('consent-order');
  const data = join(work, 'data');
  const keys = await init(data);
  const server = await start(data, keys);
  try {
    for (let i = 0; i < 100; i++) {
      const anonymousId = `device-${i}`;
      for (const state of ['granted', 'denied']) {
        const answer = await server.call('POST', '/v1/consent', { anonymousId, purposes: { learn: state } }, keys.write);
        assert.equal(answer.code, 200);
      }
      const person = await server.call('GET', `/api/v1/people/anonymous_id:${anonymousId}`, undefined, keys.secret);
      const { purposes } = person.json.consents.find((consent) => consent.purposes.length > 0);
      assert.equal(purposes.find(({ purpose }) => purpose === 'learn').state, 'denied', `after ${i} pairs`);
    }
  } finally {
    await server.kill();
    rmSync(work, { recursive: true });
  }
});
