/**
 * Times as text, in the viewer's time zone or UTC. A time that local clocks show twice, as they were put back, has the
 * zone's name behind it.
 */

import { isNumber, NO_VALUE } from "./duration.js";
import { beginsDay, comesTwice, UTC, viewersZone, zoneNamed } from "../time/zone.js";

const MINUTE = 60;
const DAY = 86_400;
const MONTH = 30 * DAY;

/** How far marks of an axis lie apart that shows so many seconds, where nobody says. @param {number} span */
const usualStep = (span) => (span <= 1.5 * DAY ? MINUTE : span <= 100 * DAY ? DAY : MONTH);

export class TimeFormat {
  #locale;
  /** What is usual here, without UTC. */
  #timeZone;
  #usualClocks;
  #zone;
  #clocks;
  /** To make one takes longer than to use it. @type {Map<string, Intl.DateTimeFormat>} */
  #formatters = new Map();

  /** @param {string} [locale] the viewer's own where left out @param {string} [timeZone] likewise */
  constructor(locale, timeZone) {
    this.#locale = locale;
    this.#timeZone = timeZone;
    this.#usualClocks = timeZone === undefined ? viewersZone : zoneNamed(timeZone);
    this.#zone = timeZone;
    this.#clocks = this.#usualClocks;
  }

  /** @param {string} key @param {Intl.DateTimeFormatOptions} options @returns {Intl.DateTimeFormat} */
  #dates(key, options) {
    const full = `${this.#zone} ${key}`;
    if (!this.#formatters.has(full)) {
      this.#formatters.set(full, new Intl.DateTimeFormat(this.#locale, { timeZone: this.#zone, ...options }));
    }
    return this.#formatters.get(full);
  }

  /** @param {string} key @param {Intl.DateTimeFormatOptions} options @param {number} seconds Unix time */
  #date(key, options, seconds) {
    return isNumber(seconds) ? this.#dates(key, options).format(seconds * 1000) : NO_VALUE;
  }

  /**
   * The same of what tells a time of day: with the zone's name where that comes twice.
   * @param {string} key
   * @param {Intl.DateTimeFormatOptions} options
   * @param {number} seconds Unix time
   */
  #clock(key, options, seconds) {
    const isAmbiguous = isNumber(seconds) && comesTwice(seconds, this.#clocks);
    return isAmbiguous
      ? this.#date(`${key} zone`, { ...options, timeZoneName: "short" }, seconds)
      : this.#date(key, options, seconds);
  }

  /** A day: "3 Nov 2025". @param {number} seconds Unix time */
  day(seconds) {
    return this.#date("plain day", { day: "numeric", month: "short", year: "numeric" }, seconds);
  }

  /** The time of day. @param {number} seconds Unix time */
  time(seconds) {
    return this.#clock("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }, seconds);
  }

  /**
   * Date and time, as exact as the distance of the points.
   * @param {number} seconds Unix time
   * @param {number} [step] seconds
   */
  dateTime(seconds, step = 1) {
    if (step >= DAY) {
      return this.#date("day", { weekday: "short", day: "numeric", month: "short", year: "numeric" }, seconds);
    }
    /** @type {Intl.DateTimeFormatOptions} */
    const parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
    if (step < MINUTE) parts.second = "2-digit";
    return this.#clock(`moment ${step < MINUTE}`, parts, seconds);
  }

  /** A moment that may be long ago. @param {number} seconds Unix time */
  moment(seconds) {
    // Styles take no name of a zone beside them; the long one has it.
    const isAmbiguous = isNumber(seconds) && comesTwice(seconds, this.#clocks);
    return this.#date(
      `full ${isAmbiguous}`,
      { dateStyle: "medium", timeStyle: isAmbiguous ? "long" : "short" },
      seconds,
    );
  }

  /**
   * A mark of a time axis: times of day over a day, days and the times between them over some days, then months.
   * @param {number} seconds Unix time
   * @param {number} span seconds that the axis shows
   * @param {number} [step] seconds from mark to mark
   */
  tick(seconds, span, step = usualStep(span)) {
    if (span < 10 * MINUTE) {
      return this.#clock("tick second", { hour: "2-digit", minute: "2-digit", second: "2-digit" }, seconds);
    }
    if (step < DAY && (span <= 1.5 * DAY || !beginsDay(seconds, this.#clocks))) {
      return this.#clock("tick time", { hour: "2-digit", minute: "2-digit" }, seconds);
    }
    if (step < MONTH || span <= 100 * DAY) return this.#date("tick day", { day: "numeric", month: "short" }, seconds);
    return this.#date("tick month", { month: "short", year: "2-digit" }, seconds);
  }

  /**
   * A range in a few words: "23 Nov, 14:00 to 15:30".
   * @param {number} from Unix seconds
   * @param {number} to Unix seconds
   */
  range(from, to) {
    const far = to - from > 300 * DAY;
    if (far) {
      return this.#dates("range far", { day: "numeric", month: "short", year: "numeric" }).formatRange(
        from * 1000,
        to * 1000,
      );
    }
    const isShort = to - from < 10 * MINUTE;
    /** @type {Intl.DateTimeFormatOptions} */
    const parts = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
    if (isShort) parts.second = "2-digit";
    const key = `range ${isShort}`;
    // A range as one would name one zone for both ends.
    if (comesTwice(from, this.#clocks) || comesTwice(to, this.#clocks)) {
      return `${this.#clock(key, parts, from)} – ${this.#clock(key, parts, to)}`;
    }
    return this.#dates(key, parts).formatRange(from * 1000, to * 1000);
  }

  /** All times from now on in UTC, or in the viewer's own zone. @param {boolean} utc */
  useUtc(utc) {
    this.#zone = utc ? "UTC" : this.#timeZone;
    this.#clocks = utc ? UTC : this.#usualClocks;
  }

  /** Whether times are told in UTC. */
  get isUtc() {
    return this.#zone === "UTC";
  }
}
