/**
 * How grave an alarm is, as a mark and a word: colour is never the only sign.
 */

import { element, setAttribute, setText } from "../parts/dom.js";
import { SEVERITY_WORDS } from "./alarm_words.js";

export class SeverityBadge {
  #word = element("span");
  element = element(
    "span",
    { class: "severity" },
    element("span", { class: "severity-mark", "aria-hidden": "true" }),
    this.#word,
  );

  /** @param {string} severity @param {boolean} [ended] */
  update(severity, ended = false) {
    setAttribute(this.element, "data-severity", severity);
    setAttribute(this.element, "data-ended", String(ended));
    setText(this.#word, SEVERITY_WORDS[severity] ?? severity);
  }
}

/** @param {string} severity @param {boolean} [ended] @returns {HTMLElement} */
export function severityBadge(severity, ended = false) {
  const badge = new SeverityBadge();
  badge.update(severity, ended);
  return badge.element;
}
