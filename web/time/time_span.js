/**
 * Which time charts show: a preset that ends now and moves on, or a fixed range.
 */

import { format } from "../parts/format.js";

/** No chart is magnified further than this many seconds. */
export const SHORTEST_SPAN_SECONDS = 10;

/**
 * @typedef {{name: string, label: string, seconds: number}} Timeframe
 *
 * @typedef {object} Span
 * @property {string} key tells it from others
 * @property {Timeframe|null} timeframe the preset; null: a fixed range
 * @property {import("../page/state.js").Range|null} range null: up to now
 * @property {number} seconds how long it is
 */

/**
 * The preset of that name, or the server's default one.
 * @param {{timeframes: Timeframe[], default_timeframe: string}} catalogue
 * @param {string|null} name
 * @returns {Timeframe}
 */
export function findTimeframe(catalogue, name) {
  const { timeframes } = catalogue;
  return (
    timeframes.find((preset) => preset.name === name) ??
    timeframes.find((preset) => preset.name === catalogue.default_timeframe) ??
    timeframes[0]
  );
}

/**
 * What the address asks for: what is magnified, else the fixed range, else the preset.
 * @param {{timeframes: Timeframe[], default_timeframe: string}} catalogue
 * @param {import("../page/state.js").PageState} state
 * @returns {Span}
 */
export function findSpan(catalogue, state) {
  const range = state.zoom ?? state.range ?? null;
  if (range) return { key: `${range.from}-${range.to}`, timeframe: null, range, seconds: range.to - range.from };
  const timeframe = findTimeframe(catalogue, state.timeframe);
  return { key: timeframe.name, timeframe, range: null, seconds: timeframe.seconds };
}

/**
 * A timeframe in a sentence: "the last 15 minutes", "the last hour".
 * @param {Timeframe} timeframe
 * @returns {string}
 */
export function theLast({ label }) {
  return `the last ${label.replace(/^1 /, "")}`;
}

/** A span in a sentence: "the last hour", "3 Nov, 14:00 – 15:30". @param {Span} span */
export function describeSpan({ timeframe, range }) {
  return timeframe ? theLast(timeframe) : format.formatRange(range.from, range.to);
}

/**
 * What a drag over a chart asks for: whole seconds, never shorter than can be told apart.
 * @param {number} from Unix seconds @param {number} to
 * @returns {import("../page/state.js").Range}
 */
export function zoomTo(from, to) {
  const start = Math.floor(Math.min(from, to));
  const end = Math.ceil(Math.max(from, to));
  const missing = SHORTEST_SPAN_SECONDS - (end - start);
  return missing <= 0
    ? { from: start, to: end }
    : { from: start - Math.ceil(missing / 2), to: end + Math.floor(missing / 2) };
}

/**
 * The same view stopped at what it shows now, where it follows the present; else following the present again.
 * @param {{timeframes: Timeframe[], default_timeframe: string}} catalogue
 * @param {import("../page/state.js").PageState} state
 * @param {number} now Unix seconds
 * @returns {import("../page/state.js").PageState}
 */
export function toggleLive(catalogue, state, now) {
  if (state.range || state.zoom) return { ...state, range: null, zoom: null };
  const to = Math.floor(now);
  return { ...state, range: { from: to - findTimeframe(catalogue, state.timeframe).seconds, to } };
}

/**
 * The same view over the preset after the one that it shows, and after the last over the first.
 * @param {{timeframes: Timeframe[], default_timeframe: string}} catalogue
 * @param {import("../page/state.js").PageState} state
 * @returns {import("../page/state.js").PageState}
 */
export function nextTimeframe(catalogue, state) {
  const { timeframes } = catalogue;
  const next = timeframes[(timeframes.indexOf(findTimeframe(catalogue, state.timeframe)) + 1) % timeframes.length];
  return { ...state, timeframe: next.name, range: null, zoom: null };
}
