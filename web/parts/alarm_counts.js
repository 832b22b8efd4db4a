/**
 * How many alarms are open, as the list of hosts tells it: in numbers, in words and as a badge of a host.
 */

import { element, setAttribute, setText } from "./dom.js";
import { formatHash, plainState } from "../page/state.js";

/** @typedef {{critical: number, warning: number}} AlarmCounts */

/** @param {unknown} value */
const wholeNumber = (value) => (Number.isInteger(value) && Number(value) > 0 ? Number(value) : 0);

/** @param {any} told what the server says of them; nothing: none @returns {AlarmCounts} */
export function countsOf(told) {
  return { critical: wholeNumber(told?.critical), warning: wholeNumber(told?.warning) };
}

/** @param {any[]} hosts of the server's list @returns {AlarmCounts} */
export function countAlarms(hosts) {
  const sum = { critical: 0, warning: 0 };
  for (const { alarms } of hosts) {
    if (!alarms) continue;
    const { critical, warning } = countsOf(alarms);
    sum.critical += critical;
    sum.warning += warning;
  }
  return sum;
}

/** "1 critical, 2 warnings"; "" where there is none. @param {AlarmCounts} counts */
export function describeCounts({ critical, warning }) {
  return [
    critical > 0 ? `${critical} critical` : "",
    warning > 0 ? `${warning} warning${warning === 1 ? "" : "s"}` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** The alarms of one host, in a list of hosts: leads to them. */
export class AlarmBadge {
  #words = element("span");
  element = element(
    "a",
    { class: "alarm-badge", hidden: true },
    element("span", { class: "alarm-mark", "aria-hidden": "true" }),
    this.#words,
  );

  /** @param {any} host */
  update({ hostname, alarms }) {
    const counts = countsOf(alarms);
    const words = describeCounts(counts);
    this.element.hidden = words === "";
    if (words === "") return;
    setText(this.#words, words);
    setAttribute(this.element, "data-severity", counts.critical > 0 ? "critical" : "warning");
    setAttribute(this.element, "href", formatHash({ ...plainState("alarms"), options: { host: hostname } }));
    setAttribute(this.element, "aria-label", `Alarms of ${hostname}: ${words}`);
  }
}
