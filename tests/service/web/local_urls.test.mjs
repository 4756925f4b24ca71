// Whose object URLs are held, and until when: each holds a whole take in memory.   node --test
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeDatabase } from './fake_database.mjs';
import { LocalUrls } from '../../../examples/service/web/local_urls.js';
import { Outbox } from '../../../examples/service/web/outbox.js';

class FakeAudio extends EventTarget {
  currentTime = 0;
  duration = NaN;
  paused = true;
  removeAttribute() {}
  pause() {
    this.paused = true;
  }
}
Object.assign(globalThis, { Audio: FakeAudio, requestAnimationFrame: () => 0, cancelAnimationFrame: () => {}, indexedDB: new FakeDatabase() });
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {} });
const { Player } = await import('../../../examples/service/web/player.js');

const held = new Set();
let made = 0;
URL.createObjectURL = () => {
  held.add(`blob:${++made}`);
  return `blob:${made}`;
};
URL.revokeObjectURL = (url) => held.delete(url);

const settle = async () => { for (let turn = 0; turn < 50; ++turn) await new Promise(setImmediate); };
const take = (recordingId) => ({ recordingId, userId: 'u', projectId: 'p', blob: new Blob(['take']), name: '', durationSeconds: 1, peaks: null });
const playing = async (audio) => { audio.paused = false; };

/** Takes "a" and "b" in an outbox whose uploads end when a test says so. */
async function studio() {
  const uploads = {};
  const outbox = new Outbox((_, { recordingId, signal }) => new Promise((resolve, reject) => {
    uploads[recordingId] = resolve;
    signal.addEventListener('abort', () => reject(Object.assign(new Error('Cancelled.'), { code: 'cancelled' })));
  }));
  const player = new Player();
  const urls = new LocalUrls(outbox, player);
  await outbox.open('u');
  for (const id of ['a', 'b']) await outbox.add(take(id));
  outbox.start();
  await settle();
  return { outbox, player, urls, uploads };
}

beforeEach(() => {
  held.clear();
  globalThis.indexedDB.rows.clear();
});

test('a take has one object URL, until it is uploaded', async () => {
  const { urls, uploads } = await studio();
  assert.equal(urls.of('a', take('a').blob), urls.of('a', take('a').blob));
  const other = urls.of('b', take('b').blob);
  await settle();
  assert.equal(held.size, 2);
  uploads.a({});
  await settle();
  assert.deepEqual([...held], [other]);
});

test('a take that is discarded is not held any longer', async () => {
  const { outbox, player, urls } = await studio();
  await player.toggle('a', (audio) => (urls.of('a', take('a').blob), playing(audio)));
  await outbox.discard('a');
  player.stop('a');
  assert.equal(held.size, 0);
});

test('a take that is uploaded while it is played can be played on, and is let go with the next one', async () => {
  const { player, urls, uploads } = await studio();
  await player.toggle('a', (audio) => (urls.of('a', take('a').blob), playing(audio)));
  uploads.a({});
  await settle();
  assert.equal(held.size, 1);
  await player.toggle('b', playing);
  assert.equal(held.size, 0);
});
