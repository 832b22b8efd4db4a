/**
 * Who looks at the page and what that person may do, as the server tells it; and what changes that.
 */

import { getSession, sendChange } from "../history/api.js";

/**
 * @typedef {object} SessionState the server's answer
 * @property {"required"|"open"|"insecure"} authentication
 * @property {boolean} encrypted
 * @property {boolean} setup_needed there is no user yet
 * @property {boolean} guest who has not signed in may read
 * @property {{name: string, role: "admin"|"viewer", via: "session"|"proxy"|"token"}|null} user
 * @property {boolean} can_read
 * @property {boolean} can_manage
 * @property {string|null} csrf
 */

export class Session {
  /** @type {SessionState|null} */
  #current = null;
  #listener;
  #loading = null;

  /** @param {() => void} listener is called when the server has told who one is */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Null until the server has told. */
  get current() {
    return this.#current;
  }

  /** Asks the server; whoever asks meanwhile gets the same answer. @returns {Promise<SessionState>} */
  load() {
    this.#loading ??= getSession()
      .then((state) => this.#set(state))
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  /** @param {string} user @param {string} password */
  async signIn(user, password) {
    this.#set(await this.change("POST", "session", { user, password }));
  }

  async signOut() {
    await this.change("DELETE", "session");
    await this.load();
  }

  /** Makes the first administrator. @param {string} code @param {string} user @param {string} password */
  async setUp(code, user, password) {
    this.#set(await this.change("POST", "setup", { code, user, password }));
  }

  /** @param {string} current @param {string} password */
  async changePassword(current, password) {
    await this.change("POST", "password", { current, password });
    await this.load(); // the server may have given this session another CSRF token
  }

  /**
   * A change in this person's name.
   * @param {"POST"|"PUT"|"DELETE"} method @param {string} address relative to the page @param {object} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<any>} the decoded JSON
   */
  async change(method, address, body, headers) {
    const before = this.#current;
    try {
      return await sendChange(method, address, { body, csrf: before?.csrf, headers });
    } catch (error) {
      if (error.status !== 403) throw error;
      // The same person may have signed in anew in another tab: then what this page holds is of a session that is over.
      const after = await this.load().catch(() => before);
      const isRenewed = after?.user && after.user.name === before?.user?.name && after.csrf !== before.csrf;
      if (!isRenewed) throw error;
      return sendChange(method, address, { body, csrf: after.csrf, headers });
    }
  }

  /** @param {SessionState} state */
  #set(state) {
    this.#current = state;
    this.#listener();
    return state;
  }
}
