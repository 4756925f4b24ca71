/** What stays on this device over a reload: takes until they are uploaded, and the shapes of those that were drawn. */

const STORES = ['takes', 'shapes'];

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('audiostore', 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name, { keyPath: 'recordingId' }));
    request.onsuccess = () => resolve(Object.assign(request.result, { onclose: forget }));
    request.onerror = () => reject(request.error);
  });
}

/** @type {Promise<IDBDatabase>|undefined} */
let opened;
const forget = () => (opened = undefined); // the next one opens it anew

/** Runs one request, and resolves once its transaction is on the disk. */
async function run(store, mode, ask) {
  const database = await (opened ??= open().catch((error) => {
    forget();
    throw error;
  }));
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: 'strict' });
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error);
  });
}

/** @param {'takes'|'shapes'} store */
export const all = (store) => run(store, 'readonly', (rows) => rows.getAll());
/** @param {'takes'|'shapes'} store @param {string} recordingId */
export const get = (store, recordingId) => run(store, 'readonly', (rows) => rows.get(recordingId));
/** @param {'takes'|'shapes'} store @param {{recordingId: string}} row */
export const put = (store, row) => run(store, 'readwrite', (rows) => rows.put(row));
/** @param {'takes'|'shapes'} store @param {string} recordingId */
export const remove = (store, recordingId) => run(store, 'readwrite', (rows) => rows.delete(recordingId));

/** @returns {Promise<{free: number, kept: boolean}|null>} bytes that still fit, and whether the browser promised to keep them */
export async function room() {
  if (!navigator.storage?.estimate) return null;
  const [{ quota = 0, usage = 0 }, kept] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
  return { free: Math.max(0, quota - usage), kept };
}

/** Asks the browser not to clear this page's data when the disk runs short. */
export const askToKeep = () => navigator.storage?.persist?.() ?? Promise.resolve(false);
