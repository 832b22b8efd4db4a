/**
 * What of the hosts the comparison draws: a line for each, for those with the highest values, or bands over all of
 * them.
 */

import { element, setAttribute } from "../parts/dom.js";

export const DEFAULT_TOP = 10;
const COUNTS = [5, 10, 20, 50];
const WAYS = [
  ["hosts", "Hosts", "A line for each host"],
  ["top", "Top", "The hosts with the highest values"],
  ["fleet", "Fleet", "Median and 95th percentile of all hosts"],
];

export class CompareTools {
  #buttons = new Map();
  #count = element("select", {
    class: "input",
    "aria-label": "How many hosts",
    onchange: () => this.#tell({ top: this.#count.value }),
  });
  #by = element(
    "select",
    { class: "input", "aria-label": "Highest by", onchange: () => this.#tell({ by: this.#by.value }) },
    element("option", { value: "" }, "by average"),
    element("option", { value: "maximum" }, "by highest value"),
  );
  #tell;

  /** @param {(options: Record<string, string>) => void} tell what the view is told */
  constructor(tell) {
    this.#tell = tell;
    const ways = element(
      "div",
      { class: "timeframes", role: "group", "aria-label": "What is drawn" },
      ...WAYS.map(([name, text, title]) => {
        const button = element("button", { type: "button", title, onclick: () => tell({ show: name }) }, text);
        this.#buttons.set(name, button);
        return button;
      }),
    );
    this.elements = [ways, this.#count, this.#by];
  }

  /** @param {"hosts"|"top"|"fleet"} way @param {number} count @param {string} by */
  show(way, count, by) {
    for (const [name, button] of this.#buttons) setAttribute(button, "aria-pressed", String(name === way));
    const counts = [...new Set([...COUNTS, count])].sort((first, second) => first - second);
    if (this.#count.children.length !== counts.length || this.#count.value !== String(count)) {
      this.#count.replaceChildren(
        ...counts.map((number) => element("option", { value: String(number) }, `${number} hosts`)),
      );
      this.#count.value = String(count);
    }
    this.#by.value = by;
    this.#count.hidden = way !== "top";
    this.#by.hidden = way !== "top";
  }
}
