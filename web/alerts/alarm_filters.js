/**
 * What narrows the lists of alarms: host, rule, severity, and the time of those that ended.
 */

import { compareNames } from "../charts/chart_plan.js";
import { element } from "../parts/dom.js";
import { fromField, toField } from "../time/time_bar.js";

const SEVERITIES = [
  ["", "Any severity"],
  ["critical", "Critical"],
  ["warning", "Warning"],
  ["info", "Info"],
];
const DAY = 86_400;
/** How far back the history goes: the option, its words, and seconds. */
const SPANS = /** @type {[string, string, number][]} */ ([
  ["24h", "Last 24 hours", DAY],
  ["", "Last 7 days", 7 * DAY],
  ["30d", "Last 30 days", 30 * DAY],
  ["365d", "Last year", 365 * DAY],
]);
const RANGE = "range";

/**
 * From when on those that ended are asked for.
 * @param {import("../page/state.js").PageState} state @param {number} now Unix seconds
 */
export function historyRange({ range, options }, now) {
  if (range) return { from: range.from, to: range.to };
  const [, , seconds] = SPANS.find(([name]) => name === (options?.last ?? "")) ?? SPANS[1];
  return { from: Math.floor(now - seconds), to: undefined };
}

/** @param {string} label @param {[string, string][]} choices */
function select(label, choices) {
  return element(
    "select",
    { class: "input", "aria-label": label },
    ...choices.map(([value, text]) => element("option", { value }, text)),
  );
}

export class AlarmFilters {
  #tell;
  #state;
  #now;
  #host = select("Host", []);
  #rule = select("Rule", []);
  #severity = select("Severity", /** @type {[string, string][]} */ (SEVERITIES));
  #span = select("Time", [
    ...SPANS.map(([name, text]) => /** @type {[string, string]} */ ([name, text])),
    [RANGE, "From … to …"],
  ]);
  #from = element("input", { type: "datetime-local", class: "input", "aria-label": "From" });
  #to = element("input", { type: "datetime-local", class: "input", "aria-label": "To" });
  #range = element("div", { class: "alarm-range", hidden: true }, this.#from, element("span", {}, "to"), this.#to);
  #shown = "";

  /**
   * @param {(change: {options?: Record<string, string>, range?: import("../page/state.js").Range|null}) => void} tell
   *   the view what the person chose
   * @param {() => number} now
   */
  constructor(tell, now) {
    this.#tell = tell;
    this.#now = now;
    this.#host.addEventListener("change", () => tell({ options: { host: this.#host.value } }));
    this.#rule.addEventListener("change", () => tell({ options: { rule: this.#rule.value } }));
    this.#severity.addEventListener("change", () => tell({ options: { severity: this.#severity.value } }));
    this.#span.addEventListener("change", () => this.#spanChosen());
    for (const field of [this.#from, this.#to]) field.addEventListener("change", () => this.#rangeChosen());
    this.element = element("div", { class: "host-tools alarm-filters" }, this.#host, this.#rule, this.#severity);
    this.time = element("div", { class: "alarm-time" }, this.#span, this.#range);
  }

  /**
   * @param {import("../page/state.js").PageState} state
   * @param {string[]} hosts names
   * @param {{id: string, name: string}[]} rules
   */
  update(state, hosts, rules) {
    this.#state = state;
    const { host = "", rule = "", severity = "", last = "" } = state.options ?? {};
    const shown = JSON.stringify([hosts, rules, host, rule]);
    if (shown !== this.#shown) {
      this.#shown = shown;
      const names = [...new Set([...hosts, ...(host === "" ? [] : [host])])].sort(compareNames);
      this.#fill(
        this.#host,
        "Any host",
        names.map((name) => [name, name]),
        host,
      );
      const known = rules.some(({ id }) => id === rule) || rule === "" ? rules : [...rules, { id: rule, name: rule }];
      this.#fill(
        this.#rule,
        "Any rule",
        known.map(({ id, name }) => [id, name || id]),
        rule,
      );
    }
    this.#severity.value = severity;
    this.#span.value = state.range ? RANGE : last === "7d" ? "" : last;
    this.#range.hidden = !state.range;
    if (state.range && !this.#range.contains(document.activeElement)) this.#showRange(state.range);
  }

  /** @param {HTMLSelectElement} place @param {string} any @param {[string, string][]} choices @param {string} chosen */
  #fill(place, any, choices, chosen) {
    place.replaceChildren(
      element("option", { value: "" }, any),
      ...choices.map(([value, text]) => element("option", { value }, text)),
    );
    place.value = chosen;
  }

  /** @param {import("../page/state.js").Range} range */
  #showRange({ from, to }) {
    this.#from.value = toField(from, this.#state.utc).slice(0, 16);
    this.#to.value = toField(to, this.#state.utc).slice(0, 16);
  }

  #spanChosen() {
    const name = this.#span.value;
    if (name !== RANGE) {
      this.#tell({ options: { last: name }, range: null });
      return;
    }
    const now = Math.floor(this.#now() / 60) * 60;
    this.#tell({ range: { from: historyRange(this.#state, now).from, to: now } });
  }

  #rangeChosen() {
    const from = fromField(this.#from.value, this.#state.utc);
    const to = fromField(this.#to.value, this.#state.utc);
    if (from >= 0 && from < to) this.#tell({ range: { from, to } });
  }
}
