// A network and a clock that do what a test says, at once.
import { webcrypto } from 'node:crypto';
import { AudioStore } from '../../../examples/service/web/audiostore.js';

globalThis.crypto ??= webcrypto; // browsers and later nodes have it, node 18 does not

/** Time that jumps to the next sleeper whenever nothing else is left to happen. */
export class FakeClock {
  time = 1_000_000;
  #sleepers = new Set();

  now = () => this.time;

  sleep = (milliseconds, signal) => new Promise((resolve) => {
    const sleeper = { until: this.time + milliseconds, wake: () => (this.#sleepers.delete(sleeper), resolve()) };
    if (signal?.aborted) return resolve();
    signal?.addEventListener('abort', sleeper.wake);
    this.#sleepers.add(sleeper);
  });

  /** @template T @param {Promise<T>} promise @returns {Promise<T>} its outcome, time passing as needed */
  async run(promise) {
    let settled = false;
    promise.then(() => (settled = true), () => (settled = true));
    for (;;) {
      for (let turn = 0; turn < 20 && !settled; ++turn) await new Promise(setImmediate);
      if (settled) return promise;
      const first = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
      if (!first) throw new Error('the call waits for nothing');
      this.time = first.until;
      first.wake();
    }
  }
}

/** Answers in the order in which they were told, per method and path; the last one stays. */
export class FakeNetwork {
  requests = []; // {method, path, url, body, headers, time}
  #answers = new Map();

  constructor(clock) {
    this.clock = clock;
  }

  /** @param {string} route "METHOD /path" or "METHOD https://..." @param {...any} answers see `json`, `status`, ... */
  on(route, ...answers) {
    this.#answers.set(route, answers);
    return this;
  }

  of = (route) => this.requests.filter(({ method, path }) => `${method} ${path}` === route);

  answer(method, url, body, headers) {
    const path = url.split('?')[0];
    this.requests.push({ method, path, url, body, headers, time: this.clock.time });
    const answers = this.#answers.get(`${method} ${path}`);
    if (!answers) throw new Error(`nothing was told about ${method} ${path}`);
    return answers.length > 1 ? answers.shift() : answers[0];
  }

  fetch = async (url, { method = 'GET', body, headers = {}, signal } = {}) => {
    const answer = this.answer(method, url, body, headers);
    if (answer === 'silence') return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    if (answer === 'no network') throw new TypeError('Failed to fetch');
    return new Response(answer.status === 204 ? null : answer.text, answer);
  };

  makeRequest = () => new FakeRequest(this);
}

/** As much of XMLHttpRequest as an upload needs. */
class FakeRequest {
  upload = {};
  headers = {};
  aborted = false;
  #network;

  constructor(network) {
    this.#network = network;
  }

  open(method, url) {
    Object.assign(this, { method, url });
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  getResponseHeader(name) {
    return this.answer.headers?.[name] ?? null;
  }

  async send(body) {
    this.answer = this.#network.answer(this.method, this.url, body, this.headers);
    await null;
    if (this.answer === 'silence' || this.aborted) return;
    if (this.answer === 'no network') return this.onerror();
    this.upload.onprogress({ loaded: (body.size ?? 100) / 2 });
    for (let pause = 0; pause < (this.answer.pauses ?? 0); ++pause) {
      await this.#network.clock.sleep(50_000);
      this.upload.onprogress({ loaded: (body.size ?? 100) / 2 + pause });
    }
    await null;
    Object.assign(this, { status: this.answer.status, responseText: this.answer.text });
    if (!this.aborted) this.onload();
  }

  abort() {
    this.aborted = true;
  }
}

export const json = (body) => ({ status: 200, text: JSON.stringify({ success: true, ...body }) });
export const status = (number, headers = {}) => ({ status: number, text: '', headers });
export const refusal = (number, code, message = 'Refused.', headers = {}) =>
  ({ status: number, text: JSON.stringify({ success: false, error: { code, message } }), headers });

export function fakeStorage() {
  const values = new Map();
  return { values, getItem: (name) => values.get(name) ?? null, setItem: (name, value) => values.set(name, value) };
}

/** A client on a network of its own. */
export function fixture(settings = {}) {
  const clock = new FakeClock();
  const network = new FakeNetwork(clock);
  const storage = fakeStorage();
  const client = () => new AudioStore({
    clock, storage, random: () => 1, fetch: network.fetch, makeRequest: network.makeRequest, ...settings });
  return { clock, network, storage, client, store: client() };
}
