/** The takes of a project: those on their way and those that are stored, newest first. */
import { byId, say, setText } from './dom.js';
import { TakeRow } from './take_row.js';
import { forgetShape, shapeOf } from './waveform.js';

export class TakeList {
  /** @type {Map<string, TakeRow>} */
  #rows = new Map();
  #list = byId('takes');
  #actions;
  #fetchBlob;
  #stored = new Map();
  #pending = new Map();
  #loaded = false;
  #visible = new Set();
  #asked = new Set();
  #seen = new IntersectionObserver((entries) => this.#look(entries));
  #sized = new ResizeObserver(() => this.#rows.forEach((row) => row.draw()));

  /** @param {import('./take_row.js').Actions} actions @param {(recordingId: string) => Promise<Blob>} fetchBlob */
  constructor(actions, fetchBlob) {
    this.#actions = { ...actions, remove: (recordingId) => this.#remove(recordingId, actions.remove) };
    this.#fetchBlob = fetchBlob;
    this.#sized.observe(this.#list);
    for (const name of ['change', 'time']) actions.player.addEventListener(name, () => this.#rows.forEach((row) => row.draw()));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#rows.forEach((row) => row.draw()));
  }

  clear() {
    this.#stored = new Map();
    this.#loaded = false;
    this.#arrange();
  }

  /** @param {import('./audiostore.js').Recording[]} recordings */
  setStored(recordings) {
    this.#stored = new Map(recordings.map((recording) => [recording.recordingId, recording]));
    this.#loaded = true;
    this.#arrange();
  }

  /** Shows what was uploaded just now, before the service is asked for its list. @param {import('./outbox.js').Take} take */
  addStored({ recordingId, projectId, blob, createdAt, durationSeconds }) {
    const { size, type: contentType } = blob;
    this.#stored.set(recordingId, { recordingId, projectId, key: '', size, contentType, createdAt, durationSeconds });
    this.#pending.delete(recordingId);
    this.#arrange();
  }

  /** @param {import('./take_row.js').Pending[]} takes */
  setPending(takes) {
    this.#pending = new Map(takes.map((take) => [take.recordingId, take]));
    this.#arrange();
  }

  #arrange() {
    const ids = new Set([...this.#pending.keys(), ...this.#stored.keys()]);
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#drop(id);
    for (const id of ids) {
      if (!this.#rows.has(id)) this.#rows.set(id, new TakeRow(id, this.#actions));
      this.#rows.get(id).update({ stored: this.#stored.get(id) ?? null, pending: this.#pending.get(id) ?? null });
    }
    this.#visible.forEach((id) => this.#findShape(id));
    const rows = [...this.#rows.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    rows.forEach((row, index) => this.#place(row, index));
    setText(byId('count'), ids.size ? String(ids.size) : '');
    byId('empty').hidden = ids.size > 0 || !this.#loaded;
  }

  #place(row, index) {
    if (this.#list.children[index] === row.element) return;
    this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
    row.draw();
    this.#seen.observe(row.element);
  }

  #drop(id) {
    const { element } = this.#rows.get(id);
    const hadFocus = element.contains(document.activeElement);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    for (const known of [this.#rows, this.#visible, this.#asked]) known.delete(id);
    this.#seen.unobserve(element);
    element.remove();
    this.#actions.player.stop(id);
    if (hadFocus) (next?.querySelector('button') ?? byId('takes-title')).focus();
  }

  /** Shapes are found for what is looked at. */
  #look(entries) {
    for (const { isIntersecting, target } of entries) {
      const id = target.dataset.recordingId;
      if (isIntersecting) this.#visible.add(id);
      else this.#visible.delete(id);
      this.#findShape(id);
    }
  }

  async #findShape(id) {
    const stored = this.#stored.get(id);
    const row = this.#rows.get(id);
    if (!stored || !this.#visible.has(id) || row.isPending || row.hasShape || this.#asked.has(id)) return;
    this.#asked.add(id);
    const shape = await shapeOf(stored, this.#fetchBlob);
    if (shape) row.setShape(shape);
    else if (!this.#actions.online()) this.#asked.delete(id);
  }

  async #remove(recordingId, remove) {
    await remove(recordingId);
    await forgetShape(recordingId);
    this.#stored.delete(recordingId);
    this.#arrange();
    say('Take deleted.');
  }
}
