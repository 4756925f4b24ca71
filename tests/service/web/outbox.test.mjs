// What becomes of takes when the disk is slow, the user silent, or a second tab open.   node --test
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeDatabase } from './fake_database.mjs';
import { Outbox } from '../../../examples/service/web/outbox.js';

const disk = new FakeDatabase();
const waits = (until = setImmediate) => new Promise(until);
const settle = async () => { for (let turn = 0; turn < 50; ++turn) await waits(); };
const take = (recordingId) => ({ recordingId, userId: 'u', projectId: 'p', blob: new Blob(['take']), name: '', durationSeconds: 1, peaks: null });

/** One lock, which is held for as long as its holder's promise lasts. */
class FakeLocks {
  #last = Promise.resolve();

  async request(name, { signal }, action) {
    const turn = this.#last;
    let free;
    this.#last = new Promise((resolve) => (free = resolve));
    try {
      await Promise.race([turn, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
      return await action();
    } finally {
      turn.then(free);
    }
  }
}

let persist = async () => true;
beforeEach(() => {
  disk.rows.clear();
  disk.written = () => Promise.resolve();
  persist = async () => true;
  globalThis.indexedDB = disk;
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { locks: new FakeLocks(), storage: { persist: () => persist() } } });
});

/** An outbox whose uploads are noted, and end when a test says so. */
async function outbox() {
  const sent = [];
  const box = new Outbox((blob, { recordingId, signal }) => new Promise((resolve, reject) => {
    sent.push({ recordingId, resolve, signal });
    signal.addEventListener('abort', () => reject(Object.assign(new Error('Cancelled.'), { code: 'cancelled' })));
  }));
  await box.open('u');
  box.start();
  return { box, sent };
}

test('a take is on the disk whatever the browser asks its user meanwhile', async () => {
  const answers = { never: () => new Promise(() => {}), fails: () => Promise.reject(new Error('no')), no: async () => false };
  for (const [id, answer] of Object.entries(answers)) {
    persist = answer;
    const { box } = await outbox();
    await box.add(take(id));
    assert.ok(disk.rows.has(id), id);
    assert.equal(box.hasUnsaved, false);
  }
});

test('nothing of a take is sent before it is on the disk, and until then the page is not left in silence', async () => {
  const { box, sent } = await outbox();
  let written;
  disk.written = () => new Promise((resolve) => (written = resolve));
  const added = box.add(take('r'));
  await settle();
  box.start();
  await settle();
  assert.equal(sent.length, 0);
  assert.equal(box.hasUnsaved, true);
  await box.open('u');
  assert.equal(box.takes.length, 1, 'logging in again loses nothing');
  box.start();
  written();
  await added;
  await settle();
  assert.equal(sent.length, 1);
  assert.equal(box.hasUnsaved, false);
});

test('of two tabs one sends a take, and the other one learns of it', async () => {
  disk.rows.set('r', { ...take('r'), createdAt: '2026-01-01T00:00:00Z', state: 'waiting', error: null });
  const one = await outbox();
  const two = await outbox();
  await settle();
  assert.equal(one.sent.length + two.sent.length, 1);
  one.sent[0].resolve({});
  await settle();
  assert.equal(one.sent.length + two.sent.length, 1);
  assert.deepEqual([one.box.takes, two.box.takes], [[], []]);
  assert.equal(disk.rows.size, 0);
});

test('an upload that waits for another tab can be cancelled', async () => {
  disk.rows.set('r', { ...take('r'), createdAt: '2026-01-01T00:00:00Z', state: 'waiting', error: null });
  const one = await outbox();
  const two = await outbox();
  await settle();
  two.box.cancel('r');
  await settle();
  assert.equal(two.box.takes[0].state, 'stopped');
  assert.equal(one.sent[0].signal.aborted, false);
});

test('a disk that failed once is asked again for the next take, and one that went away opened anew', async () => {
  const { box } = await outbox();
  disk.opened?.onclose();
  disk.broken = true;
  await box.add(take('r1'));
  assert.equal(box.hasUnsaved, true);
  disk.broken = false;
  await box.add(take('r2'));
  assert.deepEqual([...disk.rows.keys()], ['r2']);
});

test('what is discarded is not sent any further', async () => {
  const { box, sent } = await outbox();
  await box.add(take('r'));
  await settle();
  await box.discard('r');
  await settle();
  assert.equal(sent[0].signal.aborted, true);
  assert.deepEqual(box.takes, []);
  assert.equal(disk.rows.size, 0);
});
