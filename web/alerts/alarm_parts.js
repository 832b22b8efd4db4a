/**
 * What the view of one alarm is made of: its facts, what happened when, who was told and why, and what to do.
 */

import { element } from "../parts/dom.js";
import { format, formatDuration } from "../parts/format.js";
import { describeEnd, describeEvent, describeTold, describeValue, safeLink } from "./alarm_words.js";
import { NO_VALUE } from "../parts/format.js";

/** @typedef {import("./alerts_api.js").Alarm} Alarm */

/** What was decided so many seconds after the reading's own time is told. */
const WORTH_TELLING_SECONDS = 60;

/** @param {Alarm} alarm @param {number} now Unix seconds @returns {[string, string][]} names and texts */
export function factsOf(alarm, now) {
  const { value, value_fired: fired, value_worst: worst, limit, unit, started, ended } = alarm;
  const tell = (number) => describeValue(number, alarm);
  const delay = alarm.fired - started;
  /** @type {[string, string][]} */
  const facts = [
    [ended === null ? "Value" : "Last value", tell(value)],
    ["Limit", limit === null ? "" : format.formatTick(limit, unit)],
    ["When it fired", tell(fired)],
    ["Worst", tell(worst)],
    ["Began", format.formatMoment(started)],
    ["Fired", delay > 0 ? `${format.formatMoment(alarm.fired)}, after ${formatDuration(delay)}` : ""],
    ["Lasted", ended === null ? `${formatDuration(now - started)} so far` : formatDuration(ended - started)],
    ["Ended", ended === null ? "" : `${format.formatMoment(ended)}: ${describeEnd(alarm)}`],
    ["Told", describeTold(alarm).replace(/^told: /, "")],
  ];
  return facts.filter(([, text]) => text !== "" && text !== NO_VALUE);
}

/** @param {[string, string][]} facts @returns {HTMLElement} */
export function factList(facts) {
  return element(
    "dl",
    { class: "facts" },
    ...facts.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", { class: "name" }, text))),
  );
}

/** What happened, the latest last. @param {Alarm} alarm @returns {HTMLElement} */
export function timeline(alarm) {
  const { events = [] } = alarm;
  return element(
    "ol",
    { class: "timeline" },
    ...events.map((event) => {
      const { at, decided, kind, value } = event;
      const told = describeValue(value, alarm);
      const isLate = decided - at > WORTH_TELLING_SECONDS;
      return element(
        "li",
        { "data-kind": kind },
        element("time", {}, format.formatDateTime(at)),
        element(
          "span",
          { class: "name" },
          `${describeEvent(event)}${told === NO_VALUE ? "" : ` at ${told}`}`,
          isLate
            ? element("span", { class: "timeline-decided" }, ` (known ${formatDuration(decided - at)} later)`)
            : "",
        ),
      );
    }),
  );
}

/** Why each channel was told, or not. @param {Alarm} alarm @returns {HTMLElement} */
export function whyList({ why = [] }) {
  if (why.length === 0) return element("p", { class: "alarm-none" }, "There is no channel that it leads to.");
  return element(
    "dl",
    { class: "why" },
    ...why.map(({ channel, text, state }) =>
      element(
        "div",
        { "data-state": state },
        element("dt", { class: "name" }, channel),
        element("dd", { class: "name" }, text),
      ),
    ),
  );
}

/** A text whose addresses of pages can be followed. @param {string} text @returns {(Node|string)[]} */
function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"')\]]+)/).map((part, index) => {
    const href = index % 2 === 1 ? safeLink(part) : null;
    return href === null ? part : element("a", { href, rel: "noreferrer noopener", target: "_blank" }, part);
  });
}

/** What to do. @param {Alarm} alarm @returns {HTMLElement[]} none where the rule says nothing of it */
export function helpOf({ help, runbook }) {
  const link = safeLink(runbook);
  return [
    ...(help ? [element("p", { class: "alarm-help name" }, ...withLinks(help))] : []),
    ...(runbook
      ? [
          element(
            "p",
            { class: "name" },
            "Runbook: ",
            link === null
              ? runbook
              : element("a", { href: link, rel: "noreferrer noopener", target: "_blank" }, runbook),
          ),
        ]
      : []),
  ];
}
