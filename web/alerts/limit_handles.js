/**
 * Handles on the limits of a chart: a limit is dragged to where it is to be, or moved by the arrow keys.
 */

import { arrange, element, setAttribute } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { SEVERITY_WORDS } from "./alarm_words.js";

/** A step of the arrow keys, as a share of the axis; ten with the Shift key. */
const KEY_SHARE = 1 / 100;
/** Values are rounded to the power of ten below this share of the axis. */
const ROUNDING_SHARE = 1 / 40;

/** A value as people choose them. @param {number} value @param {number} span of the axis @param {string} unit */
export function roundedLimit(value, span, unit) {
  const isBytes = unit === "bytes" || unit === "bytes_per_second";
  const base = isBytes ? 2 : 10;
  const step = base ** Math.floor(Math.log(Math.max(span * ROUNDING_SHARE, 1e-9)) / Math.log(base));
  return Number((Math.round(value / step) * step).toPrecision(12));
}

/** @typedef {{severity: import("./alerts_api.js").Severity, value: number}} Shown */

export class LimitHandles {
  #card;
  #onMove;
  #unit = "";
  /** @type {Map<string, {button: HTMLElement, value: number}>} by severity */
  #handles = new Map();
  element = element("div", { class: "limit-handles" });

  /**
   * @param {import("../charts/chart_card.js").ChartCard} card
   * @param {(severity: string, value: number) => void} onMove
   */
  constructor(card, onMove) {
    this.#card = card;
    this.#onMove = onMove;
    card.frame.append(this.element);
  }

  /** Once the chart is drawn. @param {Shown[]} limits @param {string} unit */
  show(limits, unit) {
    this.#unit = unit;
    const { plot } = this.#card;
    const seen = new Set(limits.map(({ severity }) => severity));
    for (const severity of this.#handles.keys()) {
      if (!seen.has(/** @type {any} */ (severity))) this.#handles.delete(severity);
    }
    if (plot === null) return;
    for (const { severity, value } of limits) this.#place(plot, severity, value);
    arrange(
      this.element,
      limits.map(({ severity }) => this.#handles.get(severity).button),
    );
  }

  /** @param {any} plot @param {string} severity @param {number} value */
  #place(plot, severity, value) {
    if (!this.#handles.has(severity)) this.#handles.set(severity, { button: this.#make(severity), value });
    const handle = this.#handles.get(severity);
    handle.value = value;
    const { button } = handle;
    const y = Math.min(Math.max(plot.pixelOf(value), plot.top), plot.bottom);
    button.style.transform = `translate(${Math.round(plot.right)}px, ${Math.round(y)}px) translate(-100%, -50%)`;
    button.textContent = format.formatTick(value, this.#unit);
    for (const [name, text] of Object.entries({
      "aria-valuenow": String(value),
      "aria-valuetext": format.formatTick(value, this.#unit),
      "data-severity": severity,
    })) {
      setAttribute(button, name, text);
    }
  }

  /** @param {string} severity */
  #make(severity) {
    const button = element("button", {
      type: "button",
      class: "limit-handle",
      role: "slider",
      "aria-orientation": "vertical",
      "aria-label": `${SEVERITY_WORDS[severity]} fires at`,
      title: "Drag it, or use the arrow keys",
    });
    button.addEventListener("keydown", (event) => this.#onKey(event, severity));
    button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      button.setPointerCapture(event.pointerId);
      button.focus();
    });
    button.addEventListener("pointermove", (event) => {
      const { plot } = this.#card;
      if (!button.hasPointerCapture(event.pointerId) || plot === null) return;
      const y = event.clientY - this.#card.frame.getBoundingClientRect().top;
      this.#move(severity, plot.valueAt(Math.min(Math.max(y, plot.top), plot.bottom)), plot.span);
    });
    return button;
  }

  /** @param {KeyboardEvent} event @param {string} severity */
  #onKey(event, severity) {
    const direction = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    const { plot } = this.#card;
    if (direction === undefined || plot === null) return;
    event.preventDefault();
    event.stopPropagation();
    const distance = plot.span * KEY_SHARE * (event.shiftKey ? 10 : 1);
    this.#move(severity, this.#handles.get(severity).value + direction * distance, plot.span);
  }

  /** @param {string} severity @param {number} value @param {number} span */
  #move(severity, value, span) {
    const rounded = roundedLimit(value, span, this.#unit);
    if (rounded !== this.#handles.get(severity).value) this.#onMove(severity, rounded);
  }
}
