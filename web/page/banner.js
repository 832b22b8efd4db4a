/**
 * The strip that tells what is wrong, since when, and that the page keeps trying. It goes away by itself.
 */

import { element, setText } from "../parts/dom.js";
import { format } from "../parts/format.js";

export class Banner {
  /**
   * @type {Map<string, {message: string, since: number}>} by what failed; since in Unix seconds by the viewer's clock
   */
  #failures = new Map();
  #place;
  #message = element("strong");
  #detail = element("span");

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    place.append(
      element("span", { class: "banner-mark", "aria-hidden": "true" }, "!"),
      element("p", {}, this.#message, " ", this.#detail),
    );
  }

  /** @param {string} kind of request that failed @param {Error} error */
  fail(kind, error) {
    const since = this.#failures.get(kind)?.since ?? Date.now() / 1000;
    this.#failures.set(kind, { message: error.message, since });
    this.#show();
  }

  /** @param {string} kind of request that works (again), or is of no interest any more */
  recover(kind) {
    if (this.#failures.delete(kind)) this.#show();
  }

  /** Nothing is asked for any more. */
  clear() {
    this.#failures.clear();
    this.#show();
  }

  #show() {
    const failures = [...this.#failures.values()];
    if (failures.length > 0) {
      const first = failures.reduce((earliest, failure) => (failure.since < earliest.since ? failure : earliest));
      const message = `${first.message.replace(/[.!]$/, "")}.`;
      setText(this.#message, message);
      setText(
        this.#detail,
        `Since ${format.formatClock(first.since)}. What you see may be out of date; the page keeps trying.`,
      );
    }
    this.#place.hidden = failures.length === 0;
  }
}
