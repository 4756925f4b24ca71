// As much of IndexedDB as database.js needs: rows by recordingId, on a disk that a test can slow down or fill.
export class FakeDatabase {
  rows = new Map();
  broken = false; // whether opening it fails
  opened = null;
  written = () => Promise.resolve(); // awaited ahead of each write, which fails if it rejects

  open() {
    const request = {};
    const store = { put: (row) => this.#change(() => this.rows.set(row.recordingId, { ...row })),
                    delete: (id) => this.#change(() => this.rows.delete(id)),
                    get: (id) => ({ read: () => this.rows.get(id) }), getAll: () => ({ read: () => [...this.rows.values()] }) };
    request.result = { transaction: (name) => this.#transaction(name === 'takes' ? store : { put: () => ({}) }) };
    this.opened = request.result;
    queueMicrotask(() => (this.broken ? request.onerror() : request.onsuccess()));
    return request;
  }

  #change(write) {
    return { write };
  }

  #transaction(store) {
    const transaction = {
      objectStore: () => new Proxy(store, { get: (target, name) => (...words) => (transaction.request = target[name](...words)) }) };
    queueMicrotask(async () => {
      const { request } = transaction;
      try {
        if (request.write) await this.written();
        request.result = request.write?.() ?? request.read?.();
        transaction.oncomplete();
      } catch (error) {
        transaction.error = error;
        transaction.onabort();
      }
    });
    return transaction;
  }
}
