/**
 * Requests that end: repeated where that may help, with growing pauses; given up when nothing moves; cancelled by a
 * signal. Every failure is an AudioStoreError. What audiostore.js stands on; nothing in it knows about audio.
 */

/** @typedef {{now(): number, sleep(milliseconds: number, signal?: AbortSignal): Promise<void>}} Clock
 *   sleep resolves after the time, or as soon as the signal is aborted */
/**
 * @typedef {object} RequestSettings
 * @property {string} baseUrl of the service; '' for the page's own
 * @property {string} token sent as bearer; without one the session cookie counts
 * @property {number} attempts requests made for one call at most
 * @property {number} stallSeconds without any progress, after which a request is given up
 * @property {typeof fetch} fetch
 * @property {() => XMLHttpRequest} makeRequest
 * @property {Clock} clock
 * @property {() => number} random
 */
/** @typedef {'service'|'bucket'} Peer */

const LONGEST_PAUSE_MS = 20_000;
const REPEATABLE = new Set([408, 425, 429, 500, 502, 503, 504]);
const CODES = {
  400: 'invalid_argument', 401: 'unauthenticated', 403: 'permission_denied', 404: 'not_found', 409: 'conflict',
  411: 'length_required', 413: 'too_large', 415: 'unsupported_media_type', 429: 'rate_limited', 501: 'unsupported',
};

/** What went wrong: `code` to branch on (the service's word for it), `message` to read. */
export class AudioStoreError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{status?: number, retryable?: boolean, retryAfter?: number, at?: Peer}} [details]
   */
  constructor(code, message, { status = 0, retryable = false, retryAfter = 0, at = 'service' } = {}) {
    super(message);
    this.name = 'AudioStoreError';
    this.code = code;
    this.status = status; // of HTTP; 0 when there was no answer
    this.retryable = retryable; // the same call may succeed later
    this.retryAfter = retryAfter; // seconds that were asked for
    this.at = at;
  }
}

export const cancelled = () => new AudioStoreError('cancelled', 'Cancelled.');

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, milliseconds);
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done);
    }),
};

export class Requests {
  #settings;

  /** @param {RequestSettings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /** @returns {Record<string, string>} what the service knows the caller by, besides the cookie */
  get headers() {
    return this.#settings.token ? { Authorization: `Bearer ${this.#settings.token}` } : {};
  }

  /** @param {string} path @returns {string} */
  url(path) {
    return this.#settings.baseUrl + path;
  }

  /**
   * One JSON call to the service, repeated where that may help.
   * @param {string} method @param {string} path
   * @param {{body?: object, signal?: AbortSignal, attempts?: number, keepalive?: boolean}} [options]
   * @returns {Promise<any>} the answer, whose success is true
   */
  call(method, path, { body, signal, attempts, keepalive } = {}) {
    const headers = { ...this.headers, ...(body && { 'Content-Type': 'application/json' }) };
    const request = { method, headers, body: body && JSON.stringify(body), keepalive, credentials: 'same-origin' };
    const read = async (answer) => parseAnswer(answer.status, await answer.text(), retryAfter(answer.headers));
    return this.retrying(() => this.fetch(this.url(path), request, { signal, read }), { signal, attempts });
  }

  /**
   * fetch(), and `read` of its answer, under one limit. Not repeated.
   * @template T
   * @param {string} url @param {RequestInit} request
   * @param {{signal?: AbortSignal, at?: Peer, read: (answer: Response, alive: () => void) => Promise<T>}} options
   * @returns {Promise<T>}
   */
  fetch(url, request, { signal, at = 'service', read }) {
    return this.#limited(signal, at, async (inner, alive) =>
      read(await this.#settings.fetch(url, { ...request, signal: inner }), alive));
  }

  /**
   * Sends a body by XMLHttpRequest, because fetch() tells no progress of uploads. Not repeated.
   * @param {{method: string, url: string, headers: Record<string, string>, body: FormData|Blob, size: number,
   *          onProgress: (progress: {loaded: number, total: number}) => void, signal?: AbortSignal, at?: Peer}} options
   * @returns {Promise<{status: number, text: string, retryAfter: number}>}
   */
  send({ method, url, headers, body, size, onProgress, signal, at = 'service' }) {
    return this.#limited(signal, at, (inner, alive) => new Promise((resolve, reject) => {
      const request = this.#settings.makeRequest();
      const loaded = (bytes) => onProgress({ loaded: Math.min(bytes, size), total: size }); // a form is a little longer
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => (alive(), loaded(event.loaded));
      request.onerror = () => reject(new TypeError('no answer'));
      request.onload = () => {
        const { status, responseText: text } = request;
        if (status < 300) loaded(size);
        // A bucket does not let pages see this header, and the browser complains about looking.
        resolve({ status, text, retryAfter: at === 'service' ? seconds(request.getResponseHeader('Retry-After')) : 0 });
      };
      inner.addEventListener('abort', () => (request.abort(), reject(inner.reason)));
      loaded(0);
      request.send(body);
    }));
  }

  /**
   * @template T
   * @param {(tries: number) => Promise<T>} attempt
   * @param {{signal?: AbortSignal, attempts?: number}} options
   * @returns {Promise<T>}
   */
  async retrying(attempt, { signal, attempts = this.#settings.attempts }) {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(tries);
      } catch (error) {
        if (!error.retryable || tries >= attempts) throw error;
        await this.#settings.clock.sleep(this.#pause(tries, error.retryAfter), signal); // cut short, the next try ends it
      }
    }
  }

  /** Anything up to a bound that doubles, at random, so that many pages do not come back at the same moment. */
  #pause(tries, asked) {
    const most = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** tries);
    return Math.max(this.#settings.random() * most, Math.min(asked * 1000, LONGEST_PAUSE_MS));
  }

  /** Runs one request, which `signal` or a time without progress ends, and makes every failure an AudioStoreError. */
  async #limited(signal, at, run) {
    const inner = linked(signal);
    const dog = watchdog(this.#settings.clock, this.#settings.stallSeconds * 1000, () =>
      inner.abort(new AudioStoreError('timed_out', 'There was no answer in time.', { retryable: true, at })));
    try {
      if (inner.signal.aborted) throw inner.signal.reason;
      return await run(inner.signal, dog.alive);
    } catch (error) {
      if (inner.signal.aborted) throw inner.signal.reason;
      if (error instanceof AudioStoreError) throw error;
      throw new AudioStoreError('network', 'There was no answer.', { retryable: true, at });
    } finally {
      dog.stop();
      inner.unlink();
    }
  }
}

/** An AbortController that `signal` aborts too, until it is unlinked. */
export function linked(signal) {
  const controller = new AbortController();
  const cancel = () => controller.abort(cancelled());
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  return Object.assign(controller, { unlink: () => signal?.removeEventListener('abort', cancel) });
}

/** Calls onStall once, when alive() has not been called for so long. */
function watchdog(clock, milliseconds, onStall) {
  let current = null;
  const stop = () => current?.abort();
  const alive = () => {
    stop();
    const { signal } = (current = new AbortController());
    clock.sleep(milliseconds, signal).then(() => signal.aborted || onStall());
  };
  alive();
  return { alive, stop };
}

const seconds = (text) => Math.max(0, Number(text)) || 0;

/** @param {Headers} headers @returns {number} */
export const retryAfter = (headers) => seconds(headers.get('Retry-After'));

/** The service's answer as an object, or its error thrown. @returns {any} */
export function parseAnswer(status, text, after) {
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's page: the status decides.
  }
  if (status >= 200 && status < 300 && body.success) return body;
  const { code = CODES[status] ?? 'unavailable', message = `The service answered ${status}.` } = body.error ?? {};
  throw new AudioStoreError(code, message, { status, retryAfter: after, retryable: REPEATABLE.has(status) });
}

/** @param {number} status that is no success @param {number} [after] @returns {AudioStoreError} */
export function bucketError(status, after = 0) {
  return new AudioStoreError(CODES[status] ?? 'unavailable', `The storage answered ${status}.`, {
    status, retryAfter: after, retryable: REPEATABLE.has(status), at: 'bucket' });
}
