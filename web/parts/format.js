/**
 * Values and times as text, in the viewer's locale and in the viewer's time zone or UTC.
 */

import { NumberFormat } from "./number_format.js";
import { TimeFormat } from "./time_format.js";

export { formatAgo, formatDuration, NO_VALUE } from "./duration.js";

/** A sentence out of a text of the server. @param {string} text */
export function asSentence(text) {
  const capital = text.charAt(0).toLocaleUpperCase("en") + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/**
 * @param {{locale?: string, timeZone?: string}} [options] the viewer's own where left out
 */
export function createFormat({ locale, timeZone } = {}) {
  const numbers = new NumberFormat(locale);
  const times = new TimeFormat(locale, timeZone);
  return {
    /** All times from now on in UTC, or in the viewer's own zone. @param {boolean} utc */
    useUtc: (utc) => times.useUtc(utc),
    isUtc: () => times.isUtc,
    /** @type {NumberFormat["value"]} */
    formatValue: (...value) => numbers.value(...value),
    /** @type {NumberFormat["tick"]} */
    formatTick: (...value) => numbers.tick(...value),
    /** @type {TimeFormat["time"]} */
    formatClock: (seconds) => times.time(seconds),
    /** @type {TimeFormat["day"]} */
    formatDay: (seconds) => times.day(seconds),
    /** @type {TimeFormat["dateTime"]} */
    formatDateTime: (...time) => times.dateTime(...time),
    /** @type {TimeFormat["moment"]} */
    formatMoment: (seconds) => times.moment(seconds),
    /** @type {TimeFormat["tick"]} */
    formatTimeTick: (...time) => times.tick(...time),
    /** @type {TimeFormat["range"]} */
    formatRange: (from, to) => times.range(from, to),
  };
}

/** In the viewer's own locale, and the time zone that the address asks for. */
export const format = createFormat();
