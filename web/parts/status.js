/**
 * Whether a host is up, as a mark and words: colour is never the only sign. The server's `up` means that readings
 * arrive; where they are old ones, of an agent that catches up or of somebody who fills in a history, nobody would call
 * the host up.
 */

import { element, setAttribute, setText } from "./dom.js";
import { format, formatAgo } from "./format.js";

/** As the server reckons how long a host may be silent. */
const LEAST_SECONDS = 30;
const LONGEST_INTERVAL_SECONDS = 86_400;

/**
 * @typedef {"up"|"late"|"down"} Standing late: readings arrive, but the newest is older than a silence that would make
 *   it down
 */

/**
 * How old its newest reading is, by the clock that is kinder: one that goes wrong makes no reading old.
 * @param {any} host
 * @param {number} now Unix seconds
 */
function ageOf(host, now) {
  const age = now - host.last_seen;
  return host.status === "up" && Number.isFinite(host.clock_skew) ? Math.min(age, age + host.clock_skew) : age;
}

/**
 * @param {any} host of the server's list
 * @param {number} now the server's time when it told so
 * @returns {Standing}
 */
export function standingOf(host, now) {
  if (host.status !== "up") return "down";
  const interval = Math.min(Math.max(host.interval ?? 0, 0), LONGEST_INTERVAL_SECONDS);
  return ageOf(host, now) > Math.max(LEAST_SECONDS, 3 * interval) ? "late" : "up";
}

/**
 * When it was last seen, in words that are true beside its standing.
 * @param {any} host with its standing @param {number} now Unix seconds
 * @returns {{ago: string, sentence: string, title: string}} for a list, for its own view, and the whole of it
 */
export function lastSeen(host, now) {
  if (host.standing !== "late") {
    const ago = formatAgo(ageOf(host, now));
    return { ago, sentence: `Last seen ${ago}`, title: format.formatMoment(host.last_seen) };
  }
  const old = formatAgo(now - host.last_seen, "old");
  return {
    ago: old,
    sentence: `Its newest reading is ${old}`,
    title: `Old readings arrive from it: the newest is of ${format.formatMoment(host.last_seen)}`,
  };
}

const WORDS = { up: "Up", late: "Late", down: "Down" };

/** @returns {HTMLElement} */
export function statusBadge() {
  return element(
    "span",
    { class: "status" },
    element("span", { class: "status-mark", "aria-hidden": "true" }),
    element("span", { class: "status-word" }),
  );
}

/** @param {HTMLElement} badge @param {Standing} standing */
export function updateStatusBadge(badge, standing) {
  setAttribute(badge, "data-status", standing);
  setText(badge.lastElementChild, WORDS[standing]);
}
