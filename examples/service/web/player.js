/** One take at a time to be heard. */

/** @typedef {(audio: HTMLAudioElement, at: number) => Promise<unknown>} Start plays a take from second `at` */

/** Events: `change` when another take, or none, is playing; `time` while it plays. */
export class Player extends EventTarget {
  #audio = new Audio();
  #id = '';
  #loading = false;
  #frame = 0;
  #positions = new Map(); // where each take was left

  constructor() {
    super();
    this.#audio.preload = 'auto';
    for (const name of ['play', 'pause']) this.#audio.addEventListener(name, () => this.#changed());
    this.#audio.addEventListener('seeked', () => this.#told());
    this.#audio.addEventListener('ended', () => {
      if (this.#loading) return; // only measured: sent beyond the end to see how long it is
      this.#audio.currentTime = 0;
      this.#changed();
    });
  }

  /** @returns {string} the take that was started last, though it may be paused; '' for none */
  get current() {
    return this.#id;
  }

  /** @param {string} id @returns {'idle'|'loading'|'playing'} */
  state(id) {
    if (id !== this.#id) return 'idle';
    if (this.#loading) return 'loading';
    return this.#audio.paused ? 'idle' : 'playing';
  }

  /** @param {string} id @returns {number} seconds */
  position(id) {
    const current = id === this.#id && !this.#loading;
    return current ? this.#audio.currentTime : this.#positions.get(id) ?? 0;
  }

  /** @param {string} id @returns {number|null} seconds, once it is known */
  duration(id) {
    return id === this.#id && !this.#loading && Number.isFinite(this.#audio.duration) ? this.#audio.duration : null;
  }

  /** @param {string} id @param {Start} start */
  async toggle(id, start) {
    if (id !== this.#id) return this.#begin(id, start);
    if (this.#loading) return;
    if (!this.#audio.paused) return this.#audio.pause();
    return this.#audio.error ? this.#begin(id, start) : this.#audio.play();
  }

  /** @param {string} id @param {number} seconds */
  seek(id, seconds) {
    this.#positions.set(id, seconds);
    if (id === this.#id && !this.#loading) this.#audio.currentTime = seconds;
    else this.#told();
  }

  /** @param {string} [id] only if it is this one; any otherwise */
  stop(id = this.#id) {
    this.#positions.delete(id);
    if (id !== this.#id) return;
    this.#id = '';
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    this.#changed();
  }

  async #begin(id, start) {
    this.#leave();
    this.#id = id;
    this.#loading = true;
    this.#changed();
    try {
      await start(this.#audio, this.#positions.get(id) ?? 0);
    } catch (error) {
      if (error.code === 'cancelled' || error.name === 'AbortError') return; // another take was started meanwhile
      if (id === this.#id) this.#id = '';
      throw error;
    } finally {
      if (id === this.#id || !this.#id) this.#loading = false;
      this.#changed();
      this.#follow();
    }
  }

  #leave() {
    if (this.#id && !this.#loading) this.#positions.set(this.#id, this.#audio.currentTime);
    this.#audio.pause();
  }

  #follow() {
    cancelAnimationFrame(this.#frame);
    if (this.#audio.paused || this.#loading) return;
    this.#told();
    this.#frame = requestAnimationFrame(() => this.#follow());
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
    this.#follow();
  }

  #told() {
    this.dispatchEvent(new Event('time'));
  }
}
