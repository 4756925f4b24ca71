/** Who is here, and whether the service can be reached. */
import { byId, setText, show } from './dom.js';
import * as database from './database.js';
import { sentence } from './messages.js';

const REMEMBERED = 'audiostore.user'; // so that the page opens without a network; the service still asks for the cookie
const LOOK_AGAIN_MS = 15_000;

/** Events: `entered` and `left` (detail: the user), `online`, `offline`. */
export class Session extends EventTarget {
  /** @type {import('./audiostore.js').User|null} */
  user = null;
  online = false;
  #store;
  #timer = 0;
  #loggingIn = false;
  #look = new AbortController();

  /** @param {import('./audiostore.js').AudioStore} store */
  constructor(store) {
    super();
    this.#store = store;
    byId('login-form').addEventListener('submit', (event) => this.#logIn(event));
    byId('log-out').addEventListener('click', () => this.#logOut());
    addEventListener('online', () => this.confirm());
    addEventListener('offline', () => this.#setOnline(false, 'Offline'));
  }

  /** Opens for whom it was last open for, and then asks the service. */
  async begin() {
    const known = remembered();
    if (known) this.#enter(known);
    await this.confirm();
    if (!this.user) await this.#showLogin();
  }

  /** Asks the service who is logged in; again after a while when it cannot be reached. */
  async confirm() {
    clearTimeout(this.#timer);
    this.#look.abort();
    const { signal } = (this.#look = new AbortController());
    if (!navigator.onLine) return this.#setOnline(false, 'Offline');
    try {
      const user = await this.#store.session({ signal });
      if (user.id !== this.user?.id) this.#enter(user);
      this.#setOnline(true);
    } catch (error) {
      if (error.code === 'unauthenticated') return this.leave();
      if (error.code === 'cancelled') return;
      this.#setOnline(false, navigator.onLine ? 'Service not reachable' : 'Offline');
      this.#timer = setTimeout(() => this.confirm(), LOOK_AGAIN_MS);
    }
  }

  /** The session has ended. Takes that wait on this device stay. */
  async leave() {
    const { user } = this;
    this.user = null;
    localStorage.removeItem(REMEMBERED);
    this.dispatchEvent(new CustomEvent('left', { detail: user }));
    await this.#showLogin();
  }

  #enter(user) {
    this.user = user;
    localStorage.setItem(REMEMBERED, JSON.stringify(user));
    setText(byId('user-name'), user.name);
    byId('login').hidden = true;
    byId('account').hidden = byId('studio').hidden = false;
    this.dispatchEvent(new CustomEvent('entered', { detail: user }));
  }

  async #showLogin() {
    byId('studio').hidden = byId('account').hidden = true;
    const waiting = (await database.all('takes').catch(() => [])).length;
    const takes = waiting === 1 ? 'One take waits' : `${waiting} takes wait`;
    show(byId('login-kept'), waiting ? `${takes} on this device, and will be uploaded once whoever recorded it logs in.` : '');
    byId('login').hidden = false;
    byId('token').focus();
  }

  #setOnline(online, why = '') {
    this.online = online;
    show(byId('network'), why);
    this.dispatchEvent(new Event(online ? 'online' : 'offline'));
  }

  async #logIn(event) {
    event.preventDefault();
    const field = byId('token');
    const token = field.value.trim();
    if (!token) return this.#refuse('Enter your access token.');
    if (this.#loggingIn) return;
    this.#loggingIn = true;
    try {
      const user = await this.#store.logIn(token);
      field.value = '';
      this.#refuse('');
      this.#enter(user);
      this.#setOnline(true);
      byId('record').focus();
    } catch (error) {
      this.#refuse(error.code === 'unauthenticated' ? 'Nobody has this token. Check that all of it was copied.' : sentence(error));
    } finally {
      this.#loggingIn = false;
    }
  }

  #refuse(problem) {
    show(byId('login-problem'), problem);
    byId('token').setAttribute('aria-invalid', String(Boolean(problem)));
    if (problem) byId('token').focus();
  }

  async #logOut() {
    try {
      await this.#store.logOut();
      await this.leave();
    } catch (error) {
      if (error.code === 'unauthenticated') return this.leave();
      show(byId('list-problem'), `You are still logged in: ${sentence(error)}`);
    }
  }
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED));
  } catch {
    return null;
  }
}
