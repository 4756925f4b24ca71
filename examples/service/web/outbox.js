/**
 * Takes on their way to the service. A take is on this device's disk before anything of it is sent, and leaves the disk
 * only when the service has it, or when its owner says so. One goes up at a time, the oldest first.
 */
import * as database from './database.js';

/**
 * @typedef {object} Take
 * @property {string} recordingId
 * @property {string} userId
 * @property {string} projectId
 * @property {Blob} blob
 * @property {string} name of the file; '' for what was recorded here
 * @property {string} createdAt
 * @property {number|null} durationSeconds
 * @property {number[]|null} peaks
 * @property {'waiting'|'stopped'|'failed'} state stopped by its owner; failed for a reason that does not pass by itself
 * @property {{code: string, message: string}|null} error
 * @property {boolean} [unsaved] there was no room on the disk: it lives in this tab only
 */

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/** Events: `change` whenever a take or its progress is another; `uploaded` and `unauthenticated`. */
export class Outbox extends EventTarget {
  /** @type {Map<string, Take>} */
  #takes = new Map();
  #saving = new Set(); // ids of those that are on their way to the disk
  #upload;
  #current = null; // {recordingId, controller, progress, offline}
  #running = false;
  #timer = 0;
  #pause = FIRST_PAUSE_MS;
  #userId = '';

  /** @param {typeof import('./audiostore.js').uploadRecording} upload */
  constructor(upload) {
    super();
    this.#upload = upload;
  }

  /** Reads what this user left on the disk. Nothing is sent before start(), and nothing of anybody else at all. */
  async open(userId) {
    this.stop();
    this.#userId = userId;
    this.#takes = new Map([...this.#takes].filter(([id, take]) => take.unsaved || this.#saving.has(id))); // they are nowhere else
    const rows = await database.all('takes').catch(() => []);
    if (this.#userId !== userId) return;
    const mine = rows.filter((take) => take.userId === userId);
    this.#takes = new Map([...mine.map((take) => [take.recordingId, take]), ...this.#takes]);
    this.#changed();
    this.#next();
  }

  start() {
    this.#running = true;
    this.#pause = FIRST_PAUSE_MS;
    this.#next();
  }

  /** Nothing goes up until start(); what was on its way waits, whole. */
  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    if (this.#current) this.#current.offline = true;
    this.#current?.controller.abort();
  }

  /** @returns {(Take & {progress: {loaded: number, total: number}|null})[]} */
  get takes() {
    const { recordingId, progress } = this.#current ?? {};
    return this.#mine.map((take) => ({ ...take, progress: take.recordingId === recordingId ? progress : null }));
  }

  get userId() {
    return this.#userId;
  }

  /** Oldest first. */
  get #mine() {
    const mine = [...this.#takes.values()].filter(({ userId }) => userId === this.#userId);
    return mine.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  get hasUnsaved() {
    return this.#saving.size > 0 || [...this.#takes.values()].some((take) => take.unsaved);
  }

  /** @param {Pick<Take, 'recordingId'|'userId'|'projectId'|'blob'|'name'|'durationSeconds'|'peaks'>} take */
  async add(take) {
    const row = { ...take, createdAt: new Date().toISOString(), state: 'waiting', error: null };
    this.#takes.set(row.recordingId, row);
    this.#saving.add(row.recordingId);
    database.askToKeep().catch(() => {}); // not waited for: some browsers ask their user, who need not answer
    await database.put('takes', row).catch(() => (row.unsaved = true));
    this.#saving.delete(row.recordingId);
    this.#changed();
    this.#next();
  }

  cancel(recordingId) {
    if (this.#current?.recordingId === recordingId) this.#current.controller.abort();
    else this.#set(recordingId, { state: 'stopped', error: null });
  }

  async retry(recordingId) {
    await this.#set(recordingId, { state: 'waiting', error: null });
    this.#pause = FIRST_PAUSE_MS;
    this.#next();
  }

  /** The only way in which a take leaves this device without being stored. */
  async discard(recordingId) {
    this.#takes.delete(recordingId);
    if (this.#current?.recordingId === recordingId) this.#current.controller.abort();
    await database.remove('takes', recordingId);
    this.#changed();
  }

  async #next() {
    clearTimeout(this.#timer);
    if (!this.#running || this.#current) return;
    const take = this.#mine.find(({ recordingId, state }) => state === 'waiting' && !this.#saving.has(recordingId));
    if (!take) return;
    this.#current = { recordingId: take.recordingId, controller: new AbortController(), progress: null, offline: false };
    this.#changed();
    const outcome = await this.#send(take, this.#current).then(() => null, (error) => error);
    const { offline } = this.#current;
    this.#current = null;
    if (!outcome) await this.#done(take);
    else if (!offline) await this.#failed(take, outcome);
    this.#changed();
    if (!outcome?.retryable) this.#next();
  }

  /** Another tab that is sending the same take is left to it: what it has taken from the disk meanwhile is done. */
  #send({ recordingId, projectId, blob, unsaved }, current) {
    const onProgress = (progress) => {
      current.progress = progress;
      this.#changed();
    };
    const { signal } = current.controller;
    const isKept = () => unsaved || database.get('takes', recordingId).then(Boolean, () => true);
    return exclusively(`audiostore-${recordingId}`, signal, async () => {
      if (await isKept()) await this.#upload(blob, { projectId, recordingId, onProgress, signal });
      await database.remove('takes', recordingId).catch(() => {}); // if it stays, its repetition is the same recording
    });
  }

  async #done(take) {
    this.#pause = FIRST_PAUSE_MS;
    this.#takes.delete(take.recordingId);
    if (take.peaks) await database.put('shapes', shapeOf(take)).catch(() => {});
    this.dispatchEvent(new CustomEvent('uploaded', { detail: take }));
  }

  async #failed({ recordingId }, error) {
    const { code, message, name } = error;
    if (code === 'cancelled' || name === 'AbortError') return this.#set(recordingId, { state: 'stopped', error: null });
    if (code === 'unauthenticated') {
      this.#running = false;
      return this.dispatchEvent(new Event('unauthenticated'));
    }
    if (!error.retryable) return this.#set(recordingId, { state: 'failed', error: { code, message } });
    this.#timer = setTimeout(() => this.#next(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    return this.#set(recordingId, { error: { code, message } });
  }

  async #set(recordingId, change) {
    const take = Object.assign(this.#takes.get(recordingId) ?? {}, change);
    if (take.recordingId && !take.unsaved) await database.put('takes', take).catch(() => {});
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

const shapeOf = ({ recordingId, peaks, durationSeconds }) => ({ recordingId, peaks, durationSeconds });

/** In one tab at a time, where the browser can tell. */
const exclusively = (name, signal, action) => navigator.locks ? navigator.locks.request(name, { signal }, action) : action();
