/**
 * What the charts of a view share: the cursor, its readout, and what a drag over one of them does to all.
 */

import { element, setText } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { TimeCursor } from "./time_cursor.js";
import { zoomTo } from "../time/time_span.js";

/** So many charts are told of in the readout besides the one under the pointer, so many lines of a chart. */
const MOST_CHARTS = 4;
const MOST_LINES = 6;

export class ChartTime {
  cursor = new TimeCursor();
  #cards;
  #zoom;
  #whole;
  #isAway;
  /** Leads to an alarm. @type {((id: number) => void)|undefined} */
  onAlarm;
  #readout = element("p", { class: "readout", "aria-live": "polite" });

  /**
   * @param {object} view
   * @param {() => Iterable<import("./chart_card.js").ChartCard>} view.cards in the order of the page
   * @param {(range: import("../page/state.js").Range) => void} view.zoom magnifies a part
   * @param {() => boolean} view.whole goes back from it; false where there is nothing to go back from
   * @param {(time: number) => boolean} [view.isAway] whether nothing came from the host then
   * @param {(id: number) => void} [view.toAlarm]
   */
  constructor({ cards, zoom, whole, isAway = () => false, toAlarm }) {
    this.onAlarm = toAlarm;
    this.#cards = cards;
    this.#zoom = zoom;
    this.#whole = whole;
    this.#isAway = isAway;
    this.cursor.subscribe(() => this.#tell());
    document.addEventListener("keydown", this.#onKey);
  }

  get readout() {
    return this.#readout;
  }

  onPan = (from, to) => {
    for (const card of this.#cards()) card.showWindow(from, to);
  };

  onRange = (from, to) => this.#zoom(zoomTo(from, to));

  onWhole = () => this.#whole();

  destroy() {
    document.removeEventListener("keydown", this.#onKey);
    this.cursor.set(null, null);
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    const isElsewhere =
      event.target instanceof Element && event.target.closest("input, select, textarea, dialog, .menu-place") !== null;
    if (event.key !== "Escape" || event.defaultPrevented || isElsewhere || document.querySelector("dialog[open]")) {
      return;
    }
    if (this.#whole()) event.preventDefault();
  };

  /** Time and values in one line: the chart that is pointed at, then the first ones of the page. */
  #tell() {
    const { time, source } = this.cursor;
    if (time === null) {
      setText(this.#readout, "");
      return;
    }
    const cards = [...this.#cards()];
    const pointed = cards.filter((card) => card === source);
    const others = cards.filter((card) => card !== source).slice(0, MOST_CHARTS);
    const parts = [element("time", {}, format.formatDateTime(time))];
    if (this.#isAway(time)) {
      parts.push(element("span", { class: "readout-item" }, "no readings: the host was away"));
    } else {
      for (const card of [...pointed, ...others]) parts.push(...this.#describe(card.valuesAt(time), card === source));
    }
    this.#readout.replaceChildren(...parts);
  }

  /**
   * @param {{title: string, values: {label: string, text: string}[]}|null} told
   * @param {boolean} whole with all its lines
   */
  #describe(told, whole) {
    if (told === null || (!whole && told.values.length !== 1)) return [];
    const values = told.values
      .slice(0, MOST_LINES)
      .flatMap(({ label, text }) => [label === "" ? "" : `${label} `, element("b", {}, text), " "]);
    return [element("span", { class: "readout-item" }, `${told.title} `, ...values.slice(0, -1))];
  }
}
