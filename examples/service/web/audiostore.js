/**
 * The audio service's client for browsers. It needs requests.js beside it, and nothing else.
 *
 *   import { uploadRecording, playRecording, deleteRecording } from './audiostore.js';
 *
 * These three, and everything else, are methods of AudioStore, for a service elsewhere or with a bearer token. Every
 * failure is an AudioStoreError. What may be repeated is repeated; `signal` ends a call at once.
 */
import {
  AudioStoreError, Requests, bucketError, cancelled, linked, parseAnswer, retryAfter, systemClock,
} from './requests.js';

export { AudioStoreError } from './requests.js';

/** @typedef {{id: string, name: string}} User */
/** @typedef {{id: string, name: string, createdAt: string}} Project */
/**
 * @typedef {object} Recording
 * @property {string} recordingId
 * @property {string} projectId
 * @property {string} key
 * @property {number} size bytes
 * @property {string} contentType
 * @property {number|null} durationSeconds
 * @property {string} createdAt RFC 3339
 */
/** @typedef {{url: string, expiresIn: number, expiresAt: string, key: string, size: number, contentType: string,
 *             recordingId: string}} Uploaded */
/** @typedef {{loaded: number, total: number}} Progress bytes that have left, of how many */
/**
 * @typedef {object} UploadOptions
 * @property {string} projectId
 * @property {string} [recordingId] from newRecordingId(); a repetition under the same id is the same recording
 * @property {(progress: Progress) => void} [onProgress]
 * @property {AbortSignal} [signal]
 * @property {'auto'|'direct'|'service'} [via] straight to the bucket, or through the service; auto is direct, and
 *   through the service where that cannot be done
 */
/** @typedef {Pick<Storage, 'getItem'|'setItem'>} Keeper */
/**
 * @typedef {object} OwnSettings
 * @property {Keeper|null} storage keeps signed URLs over a reload
 * @property {number} serviceLimit bytes that the service's own upload takes at most
 */
/** @typedef {Partial<import('./requests.js').RequestSettings & OwnSettings>} Settings */

const URL_MARGIN_MS = 60_000; // a URL is not handed out when it has less than this left
const PARALLEL_PARTS = 3;
const COMPARED_AT_ONCE = 1 << 20; // bytes
const URL_CACHE = 'audiostore.urls';

/** @returns {string} a fresh random id for a recording */
export function newRecordingId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class AudioStore {
  #settings;
  #requests;
  #urls;
  #asked = new Map(); // recordingId -> the URL request under way
  #played = new WeakMap(); // audio element -> recordingId
  #mended = new WeakMap(); // audio element -> where it broke last

  /** @param {Settings} [settings] */
  constructor(settings = {}) {
    this.#settings = {
      baseUrl: '', token: '', attempts: 5, stallSeconds: 60, serviceLimit: 100e6,
      storage: globalThis.sessionStorage, fetch: (...request) => globalThis.fetch(...request),
      makeRequest: () => new XMLHttpRequest(), clock: systemClock, random: Math.random, ...settings,
    };
    this.#requests = new Requests(this.#settings);
    this.#urls = new UrlCache(this.#settings.storage, this.#settings.clock);
  }

  // Session and projects

  /** @param {string} token @returns {Promise<User>} */
  async logIn(token) {
    this.#urls.clear();
    return (await this.#requests.call('POST', '/api/session', { body: { token } })).user;
  }

  /** @param {{signal?: AbortSignal}} [options] @returns {Promise<User>} unauthenticated when there is no session */
  async session(options) {
    return (await this.#requests.call('GET', '/api/session', options)).user;
  }

  async logOut() {
    this.#urls.clear();
    await this.#requests.call('DELETE', '/api/session');
  }

  /** @param {{signal?: AbortSignal}} [options] @returns {Promise<Project[]>} */
  async projects(options) {
    return (await this.#requests.call('GET', '/api/projects', options)).projects;
  }

  /** @param {string} name @returns {Promise<Project>} Sent once: a repetition would make a second one. */
  async createProject(name) {
    return (await this.#requests.call('POST', '/api/projects', { body: { name }, attempts: 1 })).project;
  }

  /** @param {string} projectId @param {{signal?: AbortSignal}} [options] @returns {Promise<Recording[]>} newest first */
  async recordings(projectId, options) {
    const path = `/api/projects/${encodeURIComponent(projectId)}/recordings`;
    return (await this.#requests.call('GET', path, options)).recordings;
  }

  // Upload

  /**
   * Stores `blob` as a recording. Its type is what the blob says, so give a recorder's blob the recorder's mimeType.
   * @param {Blob} blob @param {UploadOptions} options @returns {Promise<Uploaded>}
   */
  async uploadRecording(blob, { projectId, recordingId = newRecordingId(), onProgress = () => {}, signal, via = 'auto' }) {
    const take = { blob, projectId, recordingId, onProgress, signal };
    const sent = via === 'service' ? this.#throughService(take) : this.#direct(take, via);
    const uploaded = await sent.catch((error) => this.#madeBefore(take, error));
    this.#urls.set(recordingId, uploaded);
    return uploaded;
  }

  async #direct(take, via) {
    try {
      return await this.#byTicket(take);
    } catch (error) {
      if (via === 'direct' || take.blob.size > this.#settings.serviceLimit) throw error;
      if (!(await this.#serviceCanInstead(error, take.signal))) throw error;
      return this.#throughService(take);
    }
  }

  /** A bucket that cannot be reached while the service can is a CORS rule or a firewall; waiting would not mend it. */
  async #serviceCanInstead(error, signal) {
    if (error.at === 'service') return error.code === 'unsupported';
    if (error.code !== 'network') return false;
    return this.#requests.call('GET', '/healthz', { signal, attempts: 1 }).then(() => true, () => false);
  }

  /** The service does not know the bytes of a direct upload: whether these are they, when an answer was lost, is seen here. */
  async #madeBefore({ blob, projectId, recordingId, signal }, error) {
    if (error.code !== 'already_exists') throw error;
    const there = (await this.recordings(projectId, { signal })).find((recording) => recording.recordingId === recordingId);
    if (there?.size !== blob.size || !(await sameBytes(blob, await this.recordingBlob(recordingId, { signal })))) throw error;
    const query = new URLSearchParams({ recordingId });
    return { ...there, ...(await this.#requests.call('GET', `/api/audio/url?${query}`, { signal })) };
  }

  #throughService({ blob, projectId, recordingId, onProgress, signal }) {
    const form = new FormData(); // the service reads it as a stream: the fields come before the file
    form.append('projectId', projectId);
    form.append('recordingId', recordingId);
    if (blob.type) form.append('contentType', blob.type);
    form.append('file', blob, recordingId);
    const { headers } = this.#requests;
    const request = { method: 'POST', url: this.#requests.url('/api/audio/upload'), headers, body: form };
    return this.#requests.retrying(async () => {
      const answer = await this.#requests.send({ ...request, size: blob.size, onProgress, signal });
      return parseAnswer(answer.status, answer.text, answer.retryAfter);
    }, { signal });
  }

  async #byTicket(take) {
    const { blob, projectId, recordingId, signal } = take;
    const body = { projectId, recordingId, size: blob.size, contentType: blob.type };
    for (let renewals = 0; ; renewals++) {
      const { ticket } = await this.#requests.call('POST', '/api/audio/ticket', { body, signal });
      const path = `/api/audio/ticket/${encodeURIComponent(ticket.id)}`;
      try {
        await (ticket.mode === 'multipart' ? this.#sendParts(path, ticket, take) : this.#sendWhole(ticket, take));
        return await this.#requests.call('POST', `${path}/complete`, { body: {}, signal });
      } catch (error) {
        // Best effort: a ticket that nobody ends expires by itself.
        this.#requests.call('DELETE', path, { attempts: 1, keepalive: true }).catch(() => {});
        const expired = error.status === (error.at === 'bucket' ? 403 : 404); // the service does not know it any more
        if (!expired || renewals > 0) throw error;
      }
    }
  }

  #sendWhole(ticket, { blob, onProgress, signal }) {
    const request = ticket.mode === 'post' ? formRequest(ticket, blob) : putRequest(ticket, blob);
    return this.#requests.retrying(() => this.#toBucket({ ...request, size: blob.size, onProgress, signal }), { signal });
  }

  async #sendParts(path, { partSize, partCount }, { blob, onProgress, signal }) {
    const sent = new Array(partCount).fill(0);
    const report = (part) => ({ loaded }) => {
      sent[part - 1] = loaded;
      onProgress({ loaded: sent.reduce((sum, bytes) => sum + bytes, 0), total: blob.size });
    };
    const stop = linked(signal);
    let next = 1;
    const worker = async () => {
      while (next <= partCount && !stop.signal.aborted) {
        const part = next++;
        const bytes = blob.slice((part - 1) * partSize, Math.min(part * partSize, blob.size));
        await this.#sendPart(path, part, bytes, report(part), stop.signal);
      }
    };
    const workers = Array.from({ length: Math.min(PARALLEL_PARTS, partCount) }, worker);
    try {
      await Promise.all(workers);
    } finally {
      stop.abort(); // one part that failed for good ends the others
      await Promise.allSettled(workers);
      stop.unlink();
    }
    if (signal?.aborted) throw cancelled();
  }

  /** Each try asks for a URL of its own, so that one which has expired meanwhile is no matter. */
  #sendPart(path, partNumber, bytes, onProgress, signal) {
    return this.#requests.retrying(async (tries) => {
      const body = { partNumbers: [partNumber] };
      const { parts } = await this.#requests.call('POST', `${path}/parts`, { body, signal });
      try {
        await this.#toBucket({ ...putRequest(parts[0], bytes), size: bytes.size, onProgress, signal });
      } catch (error) {
        if (error.status === 403 && tries === 1) error.retryable = true;
        throw error;
      }
    }, { signal });
  }

  async #toBucket(request) {
    const answer = await this.#requests.send({ ...request, at: 'bucket' });
    if (answer.status < 200 || answer.status >= 300) throw bucketError(answer.status, answer.retryAfter);
  }

  // Listening

  /**
   * A signed URL of the recording, from the cache until a minute before it expires.
   * @param {string} recordingId @param {{fresh?: boolean}} [options] @returns {Promise<string>}
   */
  async recordingUrl(recordingId, { fresh = false } = {}) {
    if (fresh) this.#urls.delete(recordingId);
    const known = this.#urls.get(recordingId);
    if (known) return known;
    if (!this.#asked.has(recordingId)) {
      const asked = this.#askForUrl(recordingId).finally(() => this.#asked.delete(recordingId));
      this.#asked.set(recordingId, asked);
    }
    return this.#asked.get(recordingId);
  }

  async #askForUrl(recordingId) {
    const answer = await this.#requests.call('GET', `/api/audio/url?${new URLSearchParams({ recordingId })}`);
    this.#urls.set(recordingId, answer);
    return answer.url;
  }

  /** @param {string} recordingId @param {string} name of the file @returns {Promise<string>} a URL that saves to disk */
  async downloadUrl(recordingId, name) {
    const query = new URLSearchParams({ recordingId, download: name });
    return (await this.#requests.call('GET', `/api/audio/url?${query}`)).url;
  }

  /** @param {string} recordingId @param {{signal?: AbortSignal}} [options] @returns {Promise<Blob>} all its bytes */
  async recordingBlob(recordingId, { signal } = {}) {
    const get = async (fresh) => {
      const url = await this.recordingUrl(recordingId, { fresh });
      return this.#requests.fetch(url, {}, { signal, at: 'bucket', read: readBlob });
    };
    return this.#requests.retrying(() => get(false).catch((error) => {
      if (error.status !== 403 || error.at !== 'bucket') throw error;
      return get(true);
    }), { signal });
  }

  /**
   * Plays a recording, and resolves once it plays. A URL that has expired, also in the middle, is replaced and playing
   * goes on where it was. Recorder WebM, which does not say how long it is, is measured first: `audio.duration` is right.
   * The latest call for an element wins; an earlier one that still waits ends with `cancelled`.
   * @param {string} recordingId @param {{audio?: HTMLAudioElement, at?: number}} [options] at: seconds from the start
   * @returns {Promise<HTMLAudioElement>}
   */
  async playRecording(recordingId, { audio = new Audio(), at = 0 } = {}) {
    if (!this.#played.has(audio)) audio.addEventListener('error', () => this.#goOn(audio));
    this.#played.set(audio, recordingId);
    const play = (url) => {
      if (this.#played.get(audio) !== recordingId) throw cancelled();
      return playUrl(audio, url, at);
    };
    // Without a wait where the URL is known: some browsers play only in the same turn as the click.
    const url = this.#urls.get(recordingId) ?? (await this.recordingUrl(recordingId));
    await play(url)
      .catch(async (error) => {
        if (error.name !== 'NotSupportedError') throw error;
        await play(await this.#replacement(recordingId, url));
      })
      .catch((error) => {
        if (error.name === 'NotSupportedError') throw unplayable();
        throw error.name === 'AbortError' ? cancelled() : error;
      });
    return audio;
  }

  /** An error in the middle: the URL has expired, or the network went away. One at the start is playRecording's. */
  async #goOn(audio) {
    const { src, currentTime, paused } = audio;
    const recordingId = this.#played.get(audio);
    if (!currentTime || this.#mended.get(audio) === currentTime) return; // not for ever at one place
    this.#mended.set(audio, currentTime);
    const url = await this.#replacement(recordingId, src).catch(() => null);
    if (!url || audio.src !== src || this.#played.get(audio) !== recordingId) return;
    await playUrl(audio, url, currentTime).catch(() => {});
    if (paused) audio.pause();
  }

  /** A media element does not tell why it failed, so one byte is asked for. The same URL again where that is given. */
  async #replacement(recordingId, url) {
    const read = async (answer) => {
      if (!answer.ok && answer.status !== 403) throw bucketError(answer.status, retryAfter(answer.headers));
      return answer.ok;
    };
    const good = await this.#requests.fetch(url, { headers: { Range: 'bytes=0-0' } }, { at: 'bucket', read });
    return good ? url : this.recordingUrl(recordingId, { fresh: true });
  }

  /** @param {string} recordingId @param {{signal?: AbortSignal}} [options] Removing what is gone already succeeds. */
  async deleteRecording(recordingId, { signal } = {}) {
    this.#urls.delete(recordingId);
    await this.#requests.call('DELETE', '/api/audio/delete', { body: { recordingId }, signal }).catch((error) => {
      if (error.status !== 404) throw error;
    });
  }
}

/** Signed URLs until a minute before they expire, by this machine's clock: the service's may be another. */
class UrlCache {
  #storage;
  #clock;
  #entries = new Map();

  constructor(storage, clock) {
    this.#storage = storage;
    this.#clock = clock;
    try {
      this.#entries = new Map(JSON.parse(storage?.getItem(URL_CACHE) ?? '[]'));
    } catch {
      this.clear();
    }
  }

  get(id) {
    const entry = this.#entries.get(id);
    return entry && this.#clock.now() + URL_MARGIN_MS < entry.until ? entry.url : null;
  }

  set(id, { url, expiresIn }) {
    this.#entries.set(id, { url, until: this.#clock.now() + expiresIn * 1000 });
    this.#save();
  }

  delete(id) {
    this.#entries.delete(id);
    this.#save();
  }

  clear() {
    this.#entries = new Map();
    this.#save();
  }

  #save() {
    const alive = [...this.#entries].filter(([id]) => this.get(id));
    try {
      this.#storage?.setItem(URL_CACHE, JSON.stringify(alive));
    } catch {
      this.#storage = null; // full or forbidden: kept in memory only
    }
  }
}

const unplayable = () => new AudioStoreError('unplayable', 'This browser cannot play this kind of recording.');

/** Exactly the signed headers: a blob without a type brings no Content-Type of its own. */
function putRequest({ url, headers }, blob) {
  return { method: 'PUT', url, headers: headers ?? {}, body: blob.slice(0, blob.size, '') };
}

/** The bucket reads the form's fields up to the file, which is why the file is last. */
function formRequest({ url, fields }, blob) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  form.append('file', blob);
  return { method: 'POST', url, headers: {}, body: form };
}

/** @param {Blob} one @param {Blob} other of the same size @returns {Promise<boolean>} */
async function sameBytes(one, other) {
  for (let at = 0; at < one.size; at += COMPARED_AT_ONCE) {
    const pieces = [one, other].map((blob) => blob.slice(at, at + COMPARED_AT_ONCE).arrayBuffer());
    const [left, right] = (await Promise.all(pieces)).map((piece) => new Uint8Array(piece));
    if (left.length !== right.length || left.some((byte, index) => byte !== right[index])) return false;
  }
  return true;
}

/** @param {Response} answer @param {() => void} alive told of every piece */
async function readBlob(answer, alive) {
  if (!answer.ok) throw bucketError(answer.status, retryAfter(answer.headers));
  const reader = answer.body.getReader();
  const pieces = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    alive();
    pieces.push(piece.value);
  }
  return new Blob(pieces, { type: answer.headers.get('Content-Type') ?? '' });
}

/**
 * Plays `url` from second `at`, once it is known how long it is; `cancelled` if the element gets another source meanwhile.
 * @param {HTMLAudioElement} audio @param {string} url @param {number} [at]
 */
export async function playUrl(audio, url, at = 0) {
  audio.src = url;
  const { src } = audio;
  const check = () => {
    if (audio.src !== src) throw cancelled(); // the element plays something else by now
  };
  const playing = audio.play();
  playing.catch(() => {}); // awaited below, unless pause() ends it
  if (audio.readyState < 1) await Promise.race([happens(audio, 'loadedmetadata'), playing]);
  check();
  if (audio.duration !== Infinity) {
    await playing;
    check();
    if (at) audio.currentTime = at;
    return;
  }
  audio.pause();
  await measure(audio);
  check();
  audio.currentTime = at;
  await audio.play();
}

/** Browsers learn the length of a recorder's WebM when they are sent beyond its end. */
async function measure(audio) {
  const known = happens(audio, 'durationchange');
  const patience = new AbortController();
  audio.currentTime = Number.MAX_SAFE_INTEGER;
  await Promise.race([known, happens(audio, 'error'), systemClock.sleep(10_000, patience.signal)]);
  patience.abort();
}

const happens = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

/** @type {AudioStore|undefined} */
let own;

/** @returns {AudioStore} of the page's own service, by its session cookie; what the three functions below use */
export const audioStore = () => (own ??= new AudioStore());

/** @type {AudioStore['uploadRecording']} */
export const uploadRecording = (blob, options) => audioStore().uploadRecording(blob, options);
/** @type {AudioStore['playRecording']} */
export const playRecording = (recordingId, options) => audioStore().playRecording(recordingId, options);
/** @type {AudioStore['deleteRecording']} */
export const deleteRecording = (recordingId, options) => audioStore().deleteRecording(recordingId, options);
