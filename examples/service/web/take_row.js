/** One take in the list: on its way, or stored. Keeps its element, so that the focus stays where it is. */
import { fromTemplate, save, setIcon, setText, show } from './dom.js';
import { day, explain, format, size, spokenTime, time } from './messages.js';
import { drawShape } from './waveform.js';

/** @typedef {import('./audiostore.js').Recording} Recording */
/** @typedef {import('./outbox.js').Take & {progress: {loaded: number, total: number}|null}} Pending */
/**
 * @typedef {object} Actions what the rows need from the page
 * @property {import('./player.js').Player} player
 * @property {(recordingId: string) => import('./player.js').Start} stored
 * @property {(take: Pending) => import('./player.js').Start} local
 * @property {(recordingId: string, name: string) => Promise<string>} downloadUrl
 * @property {(recordingId: string) => Promise<void>} remove
 * @property {import('./outbox.js').Outbox} outbox
 * @property {() => boolean} online
 */

export class TakeRow {
  element;
  #parts;
  #actions;
  #id;
  /** @type {Recording|null} */
  #stored = null;
  /** @type {Pending|null} */
  #pending = null;
  #shape = null;
  #removing = false;

  /** @param {string} recordingId @param {Actions} actions */
  constructor(recordingId, actions) {
    const { element, parts } = fromTemplate('take');
    this.element = element;
    this.#parts = parts;
    this.#id = recordingId;
    this.#actions = actions;
    this.element.dataset.recordingId = recordingId;
    this.#listen();
  }

  /** @param {{stored?: Recording|null, pending?: Pending|null}} facts what has changed */
  update(facts) {
    if ('stored' in facts) this.#stored = facts.stored;
    if ('pending' in facts) this.#pending = facts.pending;
    this.#describe();
    this.#showTransfer();
    this.draw();
  }

  /** @param {{peaks: number[], durationSeconds: number}|null} shape */
  setShape(shape) {
    this.#shape = shape;
    this.#describe();
    this.draw();
  }

  get hasShape() {
    return this.#shape !== null;
  }

  get isPending() {
    return this.#pending !== null;
  }

  get createdAt() {
    return (this.#pending ?? this.#stored).createdAt;
  }

  get #title() {
    return this.#pending?.name || day(this.createdAt);
  }

  get #duration() {
    const { player } = this.#actions;
    return player.duration(this.#id) ?? this.#stored?.durationSeconds ?? this.#pending?.durationSeconds ?? this.#shape?.durationSeconds ?? null;
  }

  #describe() {
    const { contentType = this.#pending?.blob.type ?? '', size: bytes = this.#pending?.blob.size ?? 0 } = this.#stored ?? {};
    setText(this.#parts.title, this.#title);
    setText(this.#parts.meta, [format(contentType), size(bytes)].filter(Boolean).join(' · '));
    this.#parts.download.setAttribute('aria-label', `Download ${this.#title}`);
    this.#parts.remove.setAttribute('aria-label', `Delete ${this.#title}`);
    this.#parts.seek.setAttribute('aria-label', `Position in ${this.#title}`);
    this.#parts.download.hidden = this.isPending;
    this.#parts.remove.hidden = this.#pending?.progress != null;
  }

  #showTransfer() {
    const { progress, cancel, retry, save: saveButton, transfer, note } = this.#parts;
    transfer.hidden = !this.isPending;
    if (!this.isPending) return this.#complain(null);
    const { progress: sent, state, error, unsaved } = this.#pending;
    const part = sent ? sent.loaded / sent.total : 0;
    transfer.classList.toggle('held', state !== 'waiting');
    progress.hidden = !sent;
    progress.value = part;
    progress.setAttribute('aria-label', `Upload of ${this.#title}`);
    setText(note, this.#noteOf(sent, part, state));
    cancel.hidden = state !== 'waiting';
    retry.hidden = state === 'waiting';
    saveButton.hidden = state === 'waiting' && !unsaved;
    this.#complain(unsaved && !error ? { code: 'unsaved' } : error);
  }

  #noteOf(sent, part, state) {
    if (sent) return part < 1 ? `Uploading ${Math.floor(part * 100)} %` : 'Checking';
    if (state === 'stopped') return 'Upload stopped. Kept on this device.';
    if (state === 'failed') return 'Not uploaded. Kept on this device.';
    return this.#actions.online() ? 'Next to upload' : 'Waiting for the network';
  }

  #complain(error) {
    const { what, todo } = error ? explain(error) : { what: '', todo: '' };
    show(this.#parts.problem, error ? `${what} ${todo}` : '');
  }

  draw() {
    const { player } = this.#actions;
    const state = player.state(this.#id);
    const duration = this.#duration;
    const at = player.position(this.#id);
    const { play, seek, clock, wave } = this.#parts;
    setIcon(play, state === 'playing' ? 'pause' : 'play', `${state === 'playing' ? 'Pause' : 'Play'} ${this.#title}`);
    play.classList.toggle('loading', state === 'loading');
    seek.disabled = !duration;
    seek.max = String(duration ?? 1);
    seek.value = String(at);
    seek.setAttribute('aria-valuetext', duration ? `${spokenTime(at)} of ${spokenTime(duration)}` : 'length not known yet');
    setText(clock, duration ? (state === 'idle' && !at ? time(duration) : `${time(at)} / ${time(duration)}`) : '–:––');
    if (wave.isConnected) drawShape(wave, this.#pending?.peaks ?? this.#shape?.peaks ?? null, duration ? at / duration : 0);
  }

  #listen() {
    const { play, seek, download, remove, cancel, retry, save: saveButton } = this.#parts;
    const { player, outbox } = this.#actions;
    const guarded = (action) => () => Promise.resolve(action()).catch((error) => this.#complain(error));
    play.addEventListener('click', guarded(() => this.#play()));
    seek.addEventListener('input', () => player.seek(this.#id, Number(seek.value)));
    download.addEventListener('click', guarded(async () =>
      save(await this.#actions.downloadUrl(this.#id, this.#fileName), this.#fileName)));
    remove.addEventListener('click', () => this.#ask());
    cancel.addEventListener('click', () => outbox.cancel(this.#id));
    retry.addEventListener('click', () => outbox.retry(this.#id));
    saveButton.addEventListener('click', () => this.#saveBlob());
  }

  #play() {
    this.#complain(null);
    const { player, stored, local } = this.#actions;
    return player.toggle(this.#id, this.#pending ? local(this.#pending) : stored(this.#id));
  }

  get #fileName() {
    const { contentType = this.#pending?.blob.type ?? '' } = this.#stored ?? {};
    return this.#pending?.name || `take-${this.createdAt.slice(0, 19).replace(/[T:]/g, '-')}.${format(contentType).toLowerCase()}`;
  }

  #saveBlob() {
    const url = URL.createObjectURL(this.#pending.blob);
    save(url, this.#fileName);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  /** Once, in place, and the safe answer has the focus. */
  #ask() {
    const { confirm, question, yes, no, remove } = this.#parts;
    setText(question, this.isPending ? 'It was never uploaded. Discard it for good?' : 'Delete it for good?');
    setText(yes, this.isPending ? 'Discard' : 'Delete');
    const close = () => {
      this.element.classList.remove('asking');
      confirm.hidden = true;
      remove.focus();
    };
    this.element.classList.add('asking');
    confirm.hidden = false;
    confirm.onkeydown = (event) => {
      if (event.key === 'Escape') close();
    };
    no.onclick = close;
    yes.onclick = () => this.#remove(close);
    no.focus();
  }

  async #remove(close) {
    if (this.#removing) return; // the button keeps the focus meanwhile
    this.#removing = true;
    try {
      await (this.isPending ? this.#actions.outbox.discard(this.#id) : this.#actions.remove(this.#id));
    } catch (error) {
      this.#complain(error);
      close();
    } finally {
      this.#removing = false;
    }
  }
}
