/**
 * What may become an alarm: its limit is passed, and not for long enough yet.
 */

import { arrange, element, setText } from "../parts/dom.js";
import { formatDuration } from "../parts/format.js";
import { SEVERITY_WORDS } from "./alarm_words.js";

const MOST_SHOWN = 8;

/**
 * @typedef {object} Pending as the server lists it
 * @property {string} rule
 * @property {string} name
 * @property {string} host
 * @property {string} instance
 * @property {string} severity
 * @property {number} held seconds
 * @property {number} for seconds
 */

/** "Disk almost full / on web-1: 2 min of 5 min". @param {Pending} pending */
export function describePending({ name, host, instance, severity, held, for: hold }) {
  const what = [name, instance].filter(Boolean).join(" ");
  const word = SEVERITY_WORDS[severity]?.toLowerCase() ?? severity;
  return `${what}${host ? ` on ${host}` : ""}: ${word} in ${formatDuration(Math.max(hold - held, 0))}`;
}

/** A list under its title; not there while it is empty. */
export class PendingList {
  #list = element("ul", { class: "pending-list" });
  element = element(
    "section",
    { class: "pending", hidden: true, "aria-label": "If it lasts" },
    element("h2", {}, "If it lasts"),
    this.#list,
  );

  /** @param {Pending[]} pending */
  update(pending) {
    this.element.hidden = pending.length === 0;
    const texts = pending.slice(0, MOST_SHOWN).map(describePending);
    if (pending.length > MOST_SHOWN) texts.push(`and ${pending.length - MOST_SHOWN} more`);
    const items = texts.map((text, index) => {
      const item = this.#list.children[index] ?? element("li", { class: "name" });
      setText(item, text);
      return item;
    });
    arrange(this.#list, items);
  }
}
