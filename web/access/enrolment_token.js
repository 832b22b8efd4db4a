/**
 * The token by which the next host is added: made when it is asked for first, and the same again until it was used.
 */

import { getTokens } from "../history/api.js";
import { isSpent, tokenForOneHost } from "./tokens.js";

/** One that is over before somebody has gone to the machine is of no use. */
const LEAST_SECONDS_LEFT = 600;

export class EnrolmentToken {
  #session;
  #now;
  /**
   * What was made, with its secret, and whose session made it.
   * @type {{listed: import("./tokens.js").Token & {token: string}, csrf: string|null}|null}
   */
  #made = null;

  /** @param {import("./session.js").Session} session @param {() => number} now Unix seconds by the server's clock */
  constructor(session, now) {
    this.#session = session;
    this.#now = now;
  }

  /**
   * @returns {Promise<{token: string, expires: number, isNew: boolean}>} the secret, and whether it was made just now
   */
  async get() {
    const { csrf } = this.#session.current;
    const isNew = this.#made?.csrf !== csrf || !(await this.#isGood());
    if (isNew) this.#made = { listed: await this.#session.change("POST", "tokens", tokenForOneHost()), csrf };
    const { token, expires } = this.#made.listed;
    return { token, expires, isNew };
  }

  /** The secret is not kept for whoever comes next. */
  forget() {
    this.#made = null;
  }

  /** Whether the server still has it, unused. */
  async #isGood() {
    const { tokens } = await getTokens();
    const listed = tokens.find(({ id }) => id === this.#made?.listed.id);
    return listed !== undefined && !isSpent(listed, this.#now() + LEAST_SECONDS_LEFT);
  }
}
