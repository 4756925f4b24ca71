/** Object URLs for takes that are on this device. Each keeps its take in memory until it is revoked. */
export class LocalUrls {
  #urls = new Map(); // by recordingId
  #outbox;
  #player;

  /** @param {import('./outbox.js').Outbox} outbox @param {import('./player.js').Player} player */
  constructor(outbox, player) {
    this.#outbox = outbox;
    this.#player = player;
    for (const source of [outbox, player]) source.addEventListener('change', () => this.#revokeUnneeded());
  }

  /** @param {string} recordingId @param {Blob} blob @returns {string} the same one until the take is uploaded or discarded */
  of(recordingId, blob) {
    if (!this.#urls.has(recordingId)) this.#urls.set(recordingId, URL.createObjectURL(blob));
    return this.#urls.get(recordingId);
  }

  /** A take that was uploaded while it is played plays on, to be sought in: its URL goes with the next one's start. */
  #revokeUnneeded() {
    if (!this.#urls.size) return;
    const needed = new Set(this.#outbox.takes.map(({ recordingId }) => recordingId)).add(this.#player.current);
    for (const [recordingId, url] of this.#urls) {
      if (needed.has(recordingId)) continue;
      this.#urls.delete(recordingId);
      URL.revokeObjectURL(url);
    }
  }
}
