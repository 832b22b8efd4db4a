/**
 * The row of buttons that chooses how far back charts reach.
 */

import { element, setAttribute } from "./dom.js";

/**
 * @typedef {{name: string, label: string, seconds: number}} Timeframe
 */

/**
 * The preset of that name, or the server's default one.
 * @param {{timeframes: Timeframe[], default_timeframe: string}} catalogue
 * @param {string|null} name
 * @returns {Timeframe}
 */
export function findTimeframe(catalogue, name) {
  const { timeframes } = catalogue;
  return timeframes.find((preset) => preset.name === name)
    ?? timeframes.find((preset) => preset.name === catalogue.default_timeframe)
    ?? timeframes[0];
}

/**
 * A timeframe in a sentence: "the last 15 minutes", "the last hour".
 * @param {Timeframe} timeframe
 * @returns {string}
 */
export function theLast({ label }) {
  return `the last ${label.replace(/^1 /, "")}`;
}

export class TimeframeChooser {
  #buttons = new Map();

  /** @param {Timeframe[]} timeframes @param {(name: string) => void} choose */
  constructor(timeframes, choose) {
    this.element = element("div", { class: "timeframes", role: "group", "aria-label": "Timeframe" });
    for (const timeframe of timeframes) {
      const { name } = timeframe;
      const words = theLast(timeframe);
      const button = element("button", { type: "button", title: words, "aria-label": `${name}: ${words}`, onclick: () => choose(name) }, name);
      this.#buttons.set(name, button);
      this.element.append(button);
    }
  }

  /** @param {string} name */
  show(name) {
    for (const [preset, button] of this.#buttons) setAttribute(button, "aria-pressed", String(preset === name));
  }
}
