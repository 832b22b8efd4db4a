/**
 * What was posted here and refused lately, in words and as a list: other programs' agents log no refusal themselves.
 */

import { getRefusals } from "../history/api.js";
import { Poller } from "../history/poller.js";
import { element, setText } from "../parts/dom.js";
import { formatAgo } from "../parts/format.js";

const POLL_SECONDS = 5;
const MOST_SHOWN = 8;
const READINGS = "Readings are JSON posted to /metrics, as hostwatch-agent sends them.";

/**
 * @typedef {object} Refusal as the server lists it
 * @property {string} address of who posts
 * @property {"address"|"access"|"form"} reason
 * @property {string} where method and path
 * @property {number} status
 * @property {string} error the server's words
 * @property {string|null} program which other program it looks like
 * @property {number} first Unix seconds
 * @property {number} last Unix seconds
 * @property {number} count
 */

/** What would help, in a sentence. @param {Refusal} refusal */
export function describeHelp({ reason, status }) {
  if (reason !== "access") return READINGS;
  return status === 401
    ? '"Add a host" makes a token for its agent.'
    : 'If it is for its token: "Add a host" makes one for its agent.';
}

/** Which program, what it asked for, how often. @param {Refusal} refusal @param {number} now Unix seconds */
export function describeDetails({ where, status, program, count, last }, now) {
  const times = count === 1 ? "once" : `${count} times`;
  return `${program === null ? "" : `it looks like ${program}; `}${where}, ${status}, ${times}, last ${formatAgo(now - last)}`;
}

/** The server's words as a sentence's end. @param {Refusal} refusal */
function describeError({ error }) {
  return error === "" ? "." : `: ${/[.!?]$/.test(error) ? error : `${error}.`}`;
}

const keyOf = ({ address, reason }) => `${reason} ${address}`;

class RefusalItem {
  #address = element("strong", { class: "name" });
  #words = document.createTextNode("");
  #details = element("span", { class: "refusal-details" });

  constructor() {
    this.element = element("li", {}, this.#address, this.#words, " ", this.#details);
  }

  /** @param {Refusal} refusal @param {number} now Unix seconds */
  update(refusal, now) {
    setText(this.#address, refusal.address);
    setText(this.#words, ` is refused${describeError(refusal)} ${describeHelp(refusal)}`);
    setText(this.#details, `(${describeDetails(refusal, now)})`);
  }
}

/**
 * @typedef {object} Shown
 * @property {"h2"|"h3"} heading
 * @property {number} [most] how many are shown
 * @property {number} [seconds] how long ago they may have been seen last
 */

/** A list under its title; not there while it is empty. */
export class RefusalList {
  #most;
  #seconds;
  #list;
  #more = element("li", { class: "refusal-details" });
  #told = element("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  #section;
  /** @type {Map<string, RefusalItem>} */
  #items = new Map();

  /** @param {Shown} shown */
  constructor({ heading, most = MOST_SHOWN, seconds = Infinity }) {
    this.#most = most;
    this.#seconds = seconds;
    const title = element(heading, {}, "Refused lately");
    this.#list = element("ul", { class: "refusals", "aria-label": "Refused lately" });
    this.#section = element("section", { class: "refused", hidden: true }, title, this.#list);
    // What is told aloud is each new one by its name, once: not how long ago the others were, each time.
    this.element = element("div", { class: "refused-place" }, this.#told, this.#section);
  }

  /** @param {Refusal[]} refusals the latest first @param {number} now Unix seconds */
  update(refusals, now) {
    const recent = refusals.filter(({ last }) => now - last <= this.#seconds);
    const shown = recent.slice(0, this.#most);
    const items = new Map();
    for (const refusal of shown) {
      const item = this.#items.get(keyOf(refusal)) ?? new RefusalItem();
      item.update(refusal, now);
      items.set(keyOf(refusal), item);
    }
    const fresh = shown
      .filter((refusal) => !this.#items.has(keyOf(refusal)))
      .map(({ address }) => `${address} is refused.`);
    if (fresh.length > 0) setText(this.#told, [...new Set(fresh)].join(" "));
    this.#items = items;
    setText(this.#more, `and ${recent.length - shown.length} more`);
    this.#list.replaceChildren(
      ...[...items.values()].map((item) => item.element),
      ...(recent.length > shown.length ? [this.#more] : []),
    );
    this.#section.hidden = shown.length === 0;
  }
}

/**
 * A list that asks the server itself, from start() to stop(). What cannot be had is left as it is: it is told of
 * elsewhere.
 */
export class RefusalWatch {
  #list;
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => POLL_SECONDS,
  );

  /** @param {Shown} shown */
  constructor(shown) {
    this.#list = new RefusalList(shown);
  }

  get element() {
    return this.#list.element;
  }

  start() {
    this.#poller.start();
  }

  stop() {
    this.#poller.stop();
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    if (!this.element.isConnected) return this.stop(); // the view that it stood in was left
    try {
      const { refusals, now } = await getRefusals(signal);
      if (!signal.aborted) this.#list.update(refusals, now);
    } catch {
      // Where the server is away, the page's banner says so.
    }
  }
}
