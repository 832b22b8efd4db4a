/**
 * Whether a host is up, as a mark and a word: colour is never the only sign.
 */

import { element, setAttribute, setText } from "./dom.js";

/** @returns {HTMLElement} */
export function statusBadge() {
  return element("span", { class: "status" }, element("span", { class: "status-mark", "aria-hidden": "true" }), element("span", { class: "status-word" }));
}

/** @param {HTMLElement} badge @param {string} status of the server's host list */
export function updateStatusBadge(badge, status) {
  const up = status === "up";
  setAttribute(badge, "data-status", up ? "up" : "down");
  setText(badge.lastElementChild, up ? "Up" : "Down");
}
