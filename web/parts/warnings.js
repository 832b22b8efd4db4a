/**
 * What is wrong with a host although its readings arrive: another machine uses its name, or its clock differs.
 */

import { arrange, element, setText } from "./dom.js";
import { asSentence, formatDuration } from "./format.js";

/** Clocks that differ by no more than this many seconds are as good as equal. */
const TOLERATED_SKEW_SECONDS = 5;
const AGENTS_TOLERANCE_SECONDS = 240; // beyond it an agent goes by the server's clock: docs/agent.md, Clocks

/**
 * @typedef {object} Warning
 * @property {"conflict"|"clock"} kind
 * @property {string} label a few words, for a list of hosts
 * @property {string} title one sentence
 * @property {string} advice what it means and what to do
 */

/** @param {any} host of the server's list @returns {Warning[]} the gravest first */
export function warningsOf(host) {
  /** @type {Warning[]} */
  const warnings = [];
  if (typeof host.conflict === "string" && host.conflict !== "") {
    warnings.push({
      kind: "conflict",
      label: "Name used twice",
      title: "More than one machine reports under this name",
      advice: `${asSentence(host.conflict)} Until then the charts mix the values of both.`,
    });
  }
  // What was once measured says nothing of a host that is down.
  const skew = host.status === "up" && Number.isFinite(host.clock_skew) ? host.clock_skew : 0;
  if (Math.abs(skew) > TOLERATED_SKEW_SECONDS) {
    const distance = `${formatDuration(Math.abs(skew))} ${skew > 0 ? "ahead" : "behind"}`;
    warnings.push({
      kind: "clock",
      label: `Clock ${distance}`,
      title: `The clock of this host is ${distance}`,
      advice: `${Math.abs(skew) > AGENTS_TOLERANCE_SECONDS ? "Meanwhile its agent stamps readings by the server's clock." : "Its readings stand that far off in the charts."} Set the clock, best by a time service (NTP).`,
    });
  }
  return warnings;
}

/** A text whose options (`--hostname`) stay in one piece at the end of a line. @param {string} text */
function withOptions(text) {
  return text
    .split(/(--[a-z][a-z-]*)/)
    .map((part, index) => (index % 2 === 1 ? element("code", { class: "option" }, part) : part));
}

/** Badges for a list of hosts. */
export class WarningBadges {
  element = element("span", { class: "warning-badges" });

  /** @param {any} host */
  update(host) {
    const badges = warningsOf(host).map((warning, index) => {
      const badge =
        this.element.children[index] ??
        element(
          "span",
          { class: "warning-badge" },
          element("span", { class: "warning-mark", "aria-hidden": "true" }, "!"),
          element("span"),
        );
      setText(badge.lastElementChild, warning.label);
      return badge;
    });
    arrange(this.element, badges);
    this.element.hidden = badges.length === 0;
  }
}

/** The whole text, for a host's own view; a screen reader is told when one comes. */
export class WarningNotes {
  element = element("div", { class: "warning-notes", role: "status" });

  /** @param {any|undefined} host */
  update(host) {
    const notes = (host ? warningsOf(host) : []).map((warning, index) => {
      const note =
        this.element.children[index] ??
        element(
          "div",
          { class: "warning-note" },
          element("span", { class: "warning-mark", "aria-hidden": "true" }, "!"),
          element("p", {}, element("strong"), " ", element("span", { class: "name" })),
        );
      const [title, , advice] = note.lastElementChild.childNodes;
      setText(title, `${warning.title}.`);
      if (advice.textContent !== warning.advice) advice.replaceChildren(...withOptions(warning.advice));
      return note;
    });
    arrange(this.element, notes);
  }
}
