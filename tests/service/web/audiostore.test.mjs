// What the client does when things go wrong, with a network and a clock that obey.   node --test
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioStore, newRecordingId } from '../../../examples/service/web/audiostore.js';
import { fixture, json, refusal, status } from './fakes.mjs';

const BUCKET = 'https://bucket.example/takes';
const take = new Blob([new Uint8Array(1000)], { type: 'audio/webm;codecs=opus' });
const uploaded = json({ url: `${BUCKET}/r1?sig=a`, expiresIn: 3600, key: 'k', size: 1000, contentType: 'audio/webm', recordingId: 'r1' });
const link = (mark, expiresIn = 3600) => json({ url: `${BUCKET}/${mark}`, expiresIn, expiresAt: 'unused' });
const plain = { projectId: 'p', recordingId: 'r1', via: 'service' };
const direct = { projectId: 'p', recordingId: 'r1', via: 'direct' };
const form = json({ ticket: { id: 't', mode: 'post', url: BUCKET, fields: [['key', 'staging/t'], ['policy', 'x']] } });
const put = json({ ticket: { id: 't', mode: 'put', url: BUCKET, headers: { 'Content-Type': 'audio/webm', 'x-amz-a': '1' } } });
const parts = json({ ticket: { id: 't', mode: 'multipart', partSize: 400, partCount: 3 } });
const signed = (number) => json({ parts: [{ partNumber: number, url: `${BUCKET}/part`, headers: {} }] });
const TICKET = 'POST /api/audio/ticket';
const COMPLETE = 'POST /api/audio/ticket/t/complete';
const DROP = 'DELETE /api/audio/ticket/t';

const fails = (promise, expected) => assert.rejects(promise, (error) => {
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, name);
  return true;
});

test('ids are what the service takes, and no two are equal', () => {
  const ids = Array.from({ length: 100 }, newRecordingId);
  assert.ok(ids.every((id) => /^[A-Za-z0-9_-]{1,64}$/.test(id)));
  assert.equal(new Set(ids).size, 100);
});

test('a plain upload sends the fields before the file, with the type that the recorder said', async () => {
  const { clock, network, store } = fixture();
  network.on('POST /api/audio/upload', uploaded);
  const progress = [];
  await clock.run(store.uploadRecording(take, { ...plain, onProgress: (at) => progress.push(at) }));
  const entries = [...network.requests[0].body.entries()];
  assert.deepEqual(entries.map(([name]) => name), ['projectId', 'recordingId', 'contentType', 'file']);
  assert.equal(entries[2][1], 'audio/webm;codecs=opus');
  assert.equal(entries[3][1].size, 1000);
  assert.deepEqual(progress.at(0), { loaded: 0, total: 1000 });
  assert.deepEqual(progress.at(-1), { loaded: 1000, total: 1000 });
});

test('what passes by itself is repeated under the same id, with pauses that double up to 20 s', async () => {
  const { clock, network, store } = fixture({ attempts: 9 });
  network.on('POST /api/audio/upload', 'no network', status(503), status(500), status(502), status(504), status(429),
             status(408), 'no network', uploaded);
  await clock.run(store.uploadRecording(take, plain));
  const times = network.requests.map(({ time }) => time);
  assert.deepEqual(times.slice(1).map((time, index) => time - times[index]), [1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
  assert.ok(network.requests.every(({ body }) => body.get('recordingId') === 'r1'));
});

test('pauses are random below their bound, and not shorter than Retry-After', async () => {
  const { clock, network, store } = fixture({ random: () => 0.25 });
  network.on('GET /api/projects', status(503), status(503, { 'Retry-After': '7' }), status(503, { 'Retry-After': '86400' }),
             json({ projects: [] }));
  await clock.run(store.projects());
  const times = network.requests.map(({ time }) => time);
  assert.deepEqual(times.slice(1).map((time, index) => time - times[index]), [250, 7000, 20000]);
});

test('repeating ends, and the error tells what was last', async () => {
  const { clock, network, store } = fixture({ attempts: 3 });
  network.on('GET /api/projects', status(503), status(503), refusal(503, 'busy', 'Too many uploads.'));
  await fails(clock.run(store.projects()), { code: 'busy', status: 503, message: 'Too many uploads.', retryable: true });
  assert.equal(network.requests.length, 3);
});

test('a refusal is final: one request only', async () => {
  for (const [number, code] of [[400, 'invalid_argument'], [401, 'unauthenticated'], [403, 'permission_denied'],
                                [404, 'not_found'], [409, 'conflict'], [413, 'too_large'], [415, 'unsupported_media_type']]) {
    const { clock, network, store } = fixture();
    network.on('POST /api/audio/upload', status(number));
    await fails(clock.run(store.uploadRecording(take, plain)), { code, status: number, retryable: false });
    assert.equal(network.requests.length, 1, code);
  }
});

test('making a project is never repeated', async () => {
  const { clock, network, store } = fixture();
  network.on('POST /api/projects', 'no network', json({ project: {} }));
  await fails(clock.run(store.createProject('Demo')), { code: 'network' });
  assert.equal(network.requests.length, 1);
});

test('silence ends a call after a minute; progress of an upload puts that off', async () => {
  const { clock, network, store } = fixture({ attempts: 2 });
  network.on('GET /api/projects', 'silence', json({ projects: [] }));
  const before = clock.time;
  await clock.run(store.projects());
  assert.equal(clock.time - before, 61_000);

  network.on('POST /api/audio/upload', { ...uploaded, pauses: 5 });
  await clock.run(store.uploadRecording(take, plain));
  assert.equal(network.of('POST /api/audio/upload').length, 1);
  assert.ok(clock.time - before > 300_000);
});

test('an answer that says 200 without success is a failure', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/session', { status: 200, text: '<html>a hotel would like you to log in</html>' });
  await fails(clock.run(store.session()), { code: 'unavailable', status: 200 });
});

test('cancelling ends a request, a pause, and what has not begun', async () => {
  for (const answer of ['silence', status(503)]) {
    const { clock, network, store } = fixture();
    const controller = new AbortController();
    network.on('POST /api/audio/upload', answer);
    const upload = store.uploadRecording(take, { ...plain, signal: controller.signal });
    await new Promise(setImmediate);
    controller.abort();
    const before = clock.time;
    await fails(clock.run(upload), { code: 'cancelled' });
    assert.equal(clock.time, before);
    await fails(store.uploadRecording(take, { ...plain, signal: controller.signal }), { code: 'cancelled' });
    assert.equal(network.requests.length, 1);
  }
});

test('mode post: the fields of the ticket, the file last, nothing of the session', async () => {
  const { clock, network, store } = fixture({ token: 'bearer-token' });
  network.on(TICKET, form).on(`POST ${BUCKET}`, status(204)).on(COMPLETE, uploaded);
  const result = await clock.run(store.uploadRecording(take, direct));
  assert.equal(result.recordingId, 'r1');
  assert.deepEqual(JSON.parse(network.of(TICKET)[0].body),
                   { projectId: 'p', recordingId: 'r1', size: 1000, contentType: 'audio/webm;codecs=opus' });
  assert.equal(network.of(TICKET)[0].headers.Authorization, 'Bearer bearer-token');
  const [request] = network.of(`POST ${BUCKET}`);
  assert.deepEqual([...request.body.keys()], ['key', 'policy', 'file']);
  assert.deepEqual(request.headers, {});
});

test('mode put: exactly the headers of the ticket', async () => {
  const { clock, network, store } = fixture();
  network.on(TICKET, put).on(`PUT ${BUCKET}`, status(500), status(200)).on(COMPLETE, uploaded);
  await clock.run(store.uploadRecording(take, direct));
  const [, request] = network.of(`PUT ${BUCKET}`);
  assert.deepEqual(request.headers, { 'Content-Type': 'audio/webm', 'x-amz-a': '1' });
  assert.equal(request.body.type, '');
  assert.equal(request.body.size, 1000);
});

test('mode multipart: each part once, a broken one again, a URL that expired asked for anew', async () => {
  const { clock, network, store } = fixture();
  network.on(TICKET, parts).on('POST /api/audio/ticket/t/parts', signed(1)).on(COMPLETE, uploaded)
    .on(`PUT ${BUCKET}/part`, status(403), status(503), status(200));
  const progress = [];
  await clock.run(store.uploadRecording(take, { ...direct, onProgress: ({ loaded }) => progress.push(loaded) }));
  const asked = network.of('POST /api/audio/ticket/t/parts').map(({ body }) => JSON.parse(body).partNumbers[0]);
  assert.deepEqual(asked.sort(), [1, 1, 2, 2, 3]);
  assert.deepEqual(network.of(`PUT ${BUCKET}/part`).map(({ body }) => body.size).sort(), [200, 400, 400, 400, 400]);
  assert.equal(progress.at(-1), 1000);
  assert.equal(network.of(DROP).length, 0);
});

test('a part that is refused for good ends the others and drops the ticket', async () => {
  const { clock, network, store } = fixture();
  network.on(TICKET, parts).on('POST /api/audio/ticket/t/parts', signed(1)).on(`PUT ${BUCKET}/part`, status(400), 'silence')
    .on(DROP, json({}));
  const before = clock.time;
  await fails(clock.run(store.uploadRecording(take, direct)), { code: 'invalid_argument', at: 'bucket' });
  assert.equal(clock.time, before, 'nobody waited for the silent ones');
  assert.equal(network.of(DROP).length, 1);
  assert.equal(network.of(COMPLETE).length, 0);
});

test('cancelling a direct upload drops its ticket', async () => {
  for (const ticket of [form, put, parts]) {
    const { clock, network, store } = fixture();
    network.on(TICKET, ticket).on('POST /api/audio/ticket/t/parts', signed(1)).on(`POST ${BUCKET}`, 'silence')
      .on(`PUT ${BUCKET}`, 'silence').on(`PUT ${BUCKET}/part`, 'silence').on(DROP, json({}));
    const controller = new AbortController();
    const upload = store.uploadRecording(take, { ...direct, signal: controller.signal });
    for (let turn = 0; turn < 10; ++turn) await new Promise(setImmediate);
    controller.abort();
    await fails(clock.run(upload), { code: 'cancelled' });
    assert.equal(network.of(DROP).length, 1);
    assert.equal(network.of(COMPLETE).length, 0);
  }
});

test('a repetition of a direct upload whose answer was lost is that recording; of other bytes it is refused', async () => {
  const { clock, network, store } = fixture();
  const recording = { recordingId: 'r1', projectId: 'p', key: 'k', size: 1000, contentType: 'audio/webm' };
  const there = (facts) => network.on('GET /api/projects/p/recordings', json({ recordings: [{ ...recording, ...facts }] }));
  network.on(TICKET, refusal(409, 'already_exists')).on('GET /api/audio/url', link('r1'))
    .on(`GET ${BUCKET}/r1`, { status: 200, text: '\0'.repeat(1000) });
  there({});
  const result = await clock.run(store.uploadRecording(take, direct));
  assert.deepEqual([result.recordingId, result.key, result.size, result.url], ['r1', 'k', 1000, `${BUCKET}/r1`]);

  network.on(`GET ${BUCKET}/r1`, { status: 200, text: '\0'.repeat(999) + '1' });
  await fails(clock.run(store.uploadRecording(take, direct)), { code: 'already_exists' });
  const reads = network.of(`GET ${BUCKET}/r1`).length;
  for (const other of [{ size: 1001 }, { recordingId: 'r2' }]) {
    there(other);
    await fails(clock.run(store.uploadRecording(take, direct)), { code: 'already_exists' });
  }
  assert.equal(network.of(`GET ${BUCKET}/r1`).length, reads, 'what has another size is not read');
});

test('a ticket that expired in the queue is replaced once', async () => {
  const { clock, network, store } = fixture();
  network.on(TICKET, form).on(`POST ${BUCKET}`, status(403), status(204)).on(DROP, json({})).on(COMPLETE, uploaded);
  await clock.run(store.uploadRecording(take, direct));
  assert.equal(network.of(TICKET).length, 2);

  network.on(`POST ${BUCKET}`, status(204)).on(COMPLETE, refusal(404, 'not_found'), uploaded);
  await clock.run(store.uploadRecording(take, direct));
  assert.equal(network.of(TICKET).length, 4);

  network.on(`POST ${BUCKET}`, status(403));
  await fails(clock.run(store.uploadRecording(take, direct)), { code: 'permission_denied', at: 'bucket' });
  assert.equal(network.of(TICKET).length, 6);
});

test('auto goes through the service where the bucket cannot be reached, or there are no tickets', async () => {
  const unreachable = fixture();
  unreachable.network.on(TICKET, form).on(`POST ${BUCKET}`, 'no network').on(DROP, json({}))
    .on('GET /healthz', json({ status: 'ok' })).on('POST /api/audio/upload', uploaded);
  await unreachable.clock.run(unreachable.store.uploadRecording(take, { ...direct, via: 'auto' }));
  assert.equal(unreachable.network.of('POST /api/audio/upload').length, 1);

  const unsupported = fixture();
  unsupported.network.on(TICKET, refusal(501, 'unsupported')).on('POST /api/audio/upload', uploaded);
  await unsupported.clock.run(unsupported.store.uploadRecording(take, { ...direct, via: 'auto' }));
  assert.equal(unsupported.network.of('POST /api/audio/upload').length, 1);
});

test('auto does not, where the whole network is away, the take is too long for it, or it was refused', async () => {
  const there = json({ status: 'ok' });
  const cases = [[{}, 'no network', 'no network', 'network'], [{ serviceLimit: 999 }, 'no network', there, 'network'],
                 [{}, status(400), there, 'invalid_argument']];
  for (const [settings, answer, health, code] of cases) {
    const { clock, network, store } = fixture(settings);
    network.on(TICKET, form).on(`POST ${BUCKET}`, answer).on(DROP, json({})).on('GET /healthz', health);
    await fails(clock.run(store.uploadRecording(take, { ...direct, via: 'auto' })), { code, at: 'bucket' });
    assert.equal(network.of('POST /api/audio/upload').length, 0);
  }
});

test('a signed URL is asked for once, also by two at the same time, and kept over a reload', async () => {
  const { clock, network, store, client } = fixture();
  network.on('GET /api/audio/url', link('r1?sig=a'), link('r1?sig=b'));
  const both = await clock.run(Promise.all([store.recordingUrl('r1'), store.recordingUrl('r1')]));
  assert.deepEqual(both, [`${BUCKET}/r1?sig=a`, `${BUCKET}/r1?sig=a`]);
  assert.equal(await clock.run(client().recordingUrl('r1')), `${BUCKET}/r1?sig=a`);
  assert.equal(network.requests.length, 1);
});

test('a minute before it expires, by this clock, another is asked for', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/audio/url', link('r1?sig=a', 3600), link('r1?sig=b', 3600));
  await clock.run(store.recordingUrl('r1'));
  clock.time += 3600_000 - 60_001;
  assert.equal(await clock.run(store.recordingUrl('r1')), `${BUCKET}/r1?sig=a`);
  clock.time += 1;
  assert.equal(await clock.run(store.recordingUrl('r1')), `${BUCKET}/r1?sig=b`);
});

test('the URL that an upload answers with is used', async () => {
  const { clock, network, store } = fixture();
  network.on('POST /api/audio/upload', uploaded);
  await clock.run(store.uploadRecording(take, plain));
  assert.equal(await clock.run(store.recordingUrl('r1')), `${BUCKET}/r1?sig=a`);
  assert.equal(network.requests.length, 1);
});

test('logging in, logging out and deleting forget URLs', async () => {
  const { clock, network, store, storage } = fixture();
  network.on('GET /api/audio/url', link('r1?sig=a')).on('DELETE /api/audio/delete', json({}))
    .on('DELETE /api/session', json({})).on('POST /api/session', json({ user: { id: 'u', name: 'n' } }));
  for (const forget of [() => store.deleteRecording('r1'), () => store.logOut(), () => store.logIn('t')]) {
    await clock.run(store.recordingUrl('r1'));
    assert.match(storage.values.get('audiostore.urls'), /sig=a/);
    await clock.run(forget());
    assert.doesNotMatch(storage.values.get('audiostore.urls'), /sig=a/);
  }
  assert.equal(network.of('GET /api/audio/url').length, 3);
});

test('a storage that is full, forbidden or scribbled on is done without', async () => {
  const broken = [{ getItem: () => '{nonsense', setItem: () => { throw new Error('full'); } }, null,
                  { getItem: () => { throw new Error('forbidden'); }, setItem: () => {} }];
  for (const storage of broken) {
    const { clock, network, store } = fixture({ storage });
    network.on('GET /api/audio/url', link('r1?sig=a'));
    await clock.run(store.recordingUrl('r1'));
    await clock.run(store.recordingUrl('r1'));
    assert.equal(network.requests.length, 1);
  }
});

test('bytes behind a URL that was refused come by a fresh one; a second refusal is told', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/audio/url', link('old'), link('new')).on(`GET ${BUCKET}/old`, status(403))
    .on(`GET ${BUCKET}/new`, { status: 200, text: 'RIFF', headers: { 'Content-Type': 'audio/wav' } }, status(403));
  const blob = await clock.run(store.recordingBlob('r1'));
  assert.equal(await blob.text(), 'RIFF');
  assert.equal(blob.type, 'audio/wav');
  await fails(clock.run(store.recordingBlob('r1')), { code: 'permission_denied', at: 'bucket' });
});

test('deleting what is gone already succeeds, deleting what is not ours does not', async () => {
  const { clock, network, store } = fixture();
  network.on('DELETE /api/audio/delete', 'no network', refusal(404, 'not_found'));
  await clock.run(store.deleteRecording('r1'));
  assert.equal(network.requests[0].body, '{"recordingId":"r1"}');
  network.on('DELETE /api/audio/delete', refusal(403, 'permission_denied'));
  await fails(clock.run(store.deleteRecording('r1')), { code: 'permission_denied' });
});

/** An audio element for which some URLs fail, as a browser fails them: without a reason. */
class FakeAudio extends EventTarget {
  src = '';
  currentTime = 0;
  readyState = 1;
  duration = 3;
  paused = true;
  broken = new Set();
  played = [];

  async play() {
    this.played.push(this.src);
    if (this.broken.has(this.src)) throw Object.assign(new Error('no source'), { name: 'NotSupportedError' });
    this.paused = false;
  }

  pause() {
    this.paused = true;
  }
}

test('playing replaces a URL that is refused, at the start and in the middle', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/audio/url', link('old'), link('new'), link('newer')).on(`GET ${BUCKET}/old`, status(403))
    .on(`GET ${BUCKET}/new`, status(403));
  const audio = new FakeAudio();
  audio.broken.add(`${BUCKET}/old`);
  await clock.run(store.playRecording('r1', { audio, at: 1 }));
  assert.deepEqual(audio.played, [`${BUCKET}/old`, `${BUCKET}/new`]);
  assert.equal(audio.currentTime, 1);

  audio.currentTime = 2.5;
  audio.dispatchEvent(new Event('error'));
  for (let turn = 0; turn < 50; ++turn) await new Promise(setImmediate);
  assert.equal(audio.src, `${BUCKET}/newer`);
  assert.equal(audio.currentTime, 2.5);
  assert.equal(audio.paused, false);
});

test('what is there and still does not play is told apart from what is gone', async () => {
  for (const [answer, code] of [[{ status: 206, text: 'x' }, 'unplayable'], [status(404), 'not_found'], ['no network', 'network']]) {
    const { clock, network, store } = fixture();
    network.on('GET /api/audio/url', link('r1')).on(`GET ${BUCKET}/r1`, answer);
    const audio = new FakeAudio();
    audio.broken.add(`${BUCKET}/r1`);
    await fails(clock.run(store.playRecording('r1', { audio })), { code });
    assert.equal(network.of(`GET ${BUCKET}/r1`)[0].headers.Range, 'bytes=0-0');
    assert.equal(network.of('GET /api/audio/url').length, 1);
  }
});

test('of two calls for one element the later wins', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/audio/url', link('a'), link('b'));
  const audio = new FakeAudio();
  const first = store.playRecording('ra', { audio });
  const second = store.playRecording('rb', { audio });
  await fails(clock.run(first), { code: 'cancelled' });
  await clock.run(second);
  assert.deepEqual(audio.played, [`${BUCKET}/b`]);
});

test('a length that the file does not tell is found before it plays', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/audio/url', link('r1'));
  const audio = new FakeAudio();
  let position = 0;
  audio.duration = Infinity;
  Object.defineProperty(audio, 'currentTime', { get: () => position, set(value) {
    position = Math.min(value, 7);
    if (value > 1e6) queueMicrotask(() => (audio.duration = 7, audio.dispatchEvent(new Event('durationchange'))));
  } });
  await clock.run(store.playRecording('r1', { audio, at: 2 }));
  assert.equal(audio.duration, 7);
  assert.equal(position, 2);
  assert.equal(audio.paused, false);
});

test('what is still being measured leaves the element to what is played next', async () => {
  const { clock, network, store } = fixture();
  network.on('GET /api/audio/url', link('a'), link('b'));
  const audio = new FakeAudio();
  audio.duration = Infinity;
  const first = store.playRecording('ra', { audio, at: 30 });
  first.catch(() => {});
  for (let turn = 0; turn < 20; ++turn) await new Promise(setImmediate);
  audio.duration = 5;
  await clock.run(store.playRecording('rb', { audio }));
  audio.currentTime = 1;
  audio.dispatchEvent(new Event('durationchange'));
  await fails(first, { code: 'cancelled' });
  assert.equal(audio.currentTime, 1);
  assert.deepEqual(audio.played, [`${BUCKET}/a`, `${BUCKET}/b`]);
});

test('settings are optional', () => {
  assert.ok(new AudioStore());
});
