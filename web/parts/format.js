/**
 * Values as text, in the viewer's locale and in the viewer's time zone or UTC. Bytes count in powers of 1024. Whatever
 * the value, its text is about 12 characters long at most: what no unit can show in a few digits is shown as "1.5e299
 * B". A time that local clocks show twice, as they were put back, has the zone's name behind it.
 */

import { beginsDay, comesTwice, UTC, viewersZone, zoneNamed } from "../time/zone.js";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const COUNT_PREFIXES = ["", " k", " M", " G", " T", " P", " E"];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MONTH = 30 * DAY;

/** What stands where there is no value. */
export const NO_VALUE = "–";

/** @param {unknown} value */
function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** Days that are still told as such; a million of them are 2,700 years. */
const MOST_DAYS = 1e6;

/** "1.5e299". @param {number} value @param {(digits: number) => string} [write] the number before the e */
function exponential(value, write = String) {
  const [digits, exponent] = value.toExponential(1).split("e+");
  return `${write(Number(digits))}e${exponent}`;
}

/**
 * A time span in its two largest units: "3 d 4 h", "12 min", "8 s".
 * @param {number} seconds
 * @returns {string}
 */
export function formatDuration(seconds) {
  if (!isNumber(seconds)) return NO_VALUE;
  const whole = Math.max(0, Math.round(seconds));
  const two = (large, largeName, small, smallName) =>
    small === 0 ? `${large} ${largeName}` : `${large} ${largeName} ${small} ${smallName}`;
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return two(Math.floor(whole / MINUTE), "min", whole % MINUTE, "s");
  if (whole < DAY) return two(Math.floor(whole / HOUR), "h", Math.floor((whole % HOUR) / MINUTE), "min");
  if (whole >= MOST_DAYS * DAY) return `${exponential(whole)} s`;
  if (whole >= 1e4 * DAY) return `${Math.floor(whole / DAY)} d`;
  return two(Math.floor(whole / DAY), "d", Math.floor((whole % DAY) / HOUR), "h");
}

/**
 * How long ago, in the largest unit: "just now", "12 s ago", "3 d ago".
 * @param {number} seconds since then; negative where the clocks disagree
 * @param {string} [word] another than "ago"
 * @returns {string}
 */
export function formatAgo(seconds, word = "ago") {
  if (!isNumber(seconds)) return NO_VALUE;
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s ${word}`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${word}`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ${word}`;
  return `${Math.floor(seconds / DAY)} d ${word}`;
}

/** A sentence out of a text of the server. @param {string} text */
export function asSentence(text) {
  const capital = text.charAt(0).toLocaleUpperCase("en") + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/**
 * @param {{locale?: string, timeZone?: string}} [options] the viewer's own where left out
 */
export function createFormat({ locale, timeZone } = {}) {
  const cache = new Map();
  const usualClocks = timeZone === undefined ? viewersZone : zoneNamed(timeZone);
  let zone = timeZone;
  let clocks = usualClocks;

  /** @param {string} key @param {() => T} make @returns {T} @template T */
  function cached(key, make) {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }

  /** @param {number} value @param {number} least fraction digits @param {number} most fraction digits */
  function digits(value, least, most) {
    const formatter = cached(
      `number ${least} ${most}`,
      () => new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most }),
    );
    return formatter.format(value);
  }

  /** What no prefix makes short. @param {number} value */
  const huge = (value) => exponential(value, (before) => digits(before, 0, 1));

  /**
   * Large counts in thousands, millions and so on; the locale's own short forms differ (m is a million in en-GB).
   * @param {number} value
   */
  function compact(value) {
    let scaled = value;
    let prefix = 0;
    while (Math.abs(scaled) >= 999.5 && prefix < COUNT_PREFIXES.length - 1) {
      scaled /= 1000;
      prefix += 1;
    }
    if (Math.abs(scaled) >= 999.5) return huge(value);
    return `${digits(scaled, 0, Math.abs(scaled) < 99.95 ? 2 : 1)}${COUNT_PREFIXES[prefix]}`;
  }

  /** @param {number} value bytes @param {boolean} exact without trailing zeros, for axes */
  function bytes(value, exact) {
    let scaled = value;
    let unit = 0;
    // Half a step early, so that 1023.9 KiB does not read as 1,024 KiB.
    while (Math.abs(scaled) >= 1023.5 && unit < BYTE_UNITS.length - 1) {
      scaled /= 1024;
      unit += 1;
    }
    const size = Math.abs(scaled);
    if (size >= 9999.5) return `${huge(value)} B`;
    const decimals = unit === 0 ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    return `${digits(scaled, exact ? 0 : decimals, decimals)} ${BYTE_UNITS[unit]}`;
  }

  /**
   * With fewer decimals than asked for where there are many digits before them.
   * @param {number} value
   * @param {number} decimals
   */
  function plain(value, decimals) {
    const size = Math.abs(value);
    if (size >= 999_999.5) return compact(value);
    const most = size >= 99_999.5 ? 1 : size >= 9999.5 ? 2 : decimals;
    return digits(value, Math.min(decimals, most), Math.min(decimals, most));
  }

  /** @param {number} value @param {number} least fraction digits @param {number} most fraction digits */
  function percent(value, least, most) {
    const size = Math.abs(value);
    if (size >= 999_999.5) return `${huge(value)}%`;
    return `${size >= 9999.5 ? digits(value, 0, 0) : digits(value, least, most)}%`;
  }

  /** A time span; of one before zero that is told. @param {number} value */
  function seconds(value) {
    return value <= -0.5 ? `-${formatDuration(-value)}` : formatDuration(value);
  }

  /**
   * A value with its unit.
   * @param {number|null|undefined} value
   * @param {string} unit a unit of the catalogue
   * @param {number} [decimals] digits after the point, where the unit does not decide
   */
  function formatValue(value, unit, decimals = 1) {
    if (!isNumber(value)) return NO_VALUE;
    switch (unit) {
      case "percent":
        return percent(value, decimals, decimals);
      case "bytes":
        return bytes(value, false);
      case "bytes_per_second":
        return `${bytes(value, false)}/s`;
      case "per_second":
        return `${plain(value, decimals)}/s`;
      case "seconds":
        return seconds(value);
      default:
        return plain(value, decimals);
    }
  }

  /**
   * A value as a mark of an axis: as short as it can be.
   * @param {number} value @param {string} unit
   */
  function formatTick(value, unit) {
    if (value === 0 && unit !== "percent") return "0";
    switch (unit) {
      case "percent":
        return percent(value, 0, 2);
      case "bytes":
        return bytes(value, true);
      case "bytes_per_second":
        return `${bytes(value, true)}/s`;
      case "per_second":
        return `${Math.abs(value) >= 1e4 ? compact(value) : digits(value, 0, 3)}/s`;
      case "seconds":
        return seconds(value);
      default:
        return Math.abs(value) >= 1e4 ? compact(value) : digits(value, 0, 3);
    }
  }

  /** @param {string} key @param {Intl.DateTimeFormatOptions} options @returns {Intl.DateTimeFormat} */
  function dates(key, options) {
    return cached(`${zone} ${key}`, () => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  }

  /** @param {string} key @param {Intl.DateTimeFormatOptions} options @param {number} seconds Unix time */
  function date(key, options, seconds) {
    return isNumber(seconds) ? dates(key, options).format(seconds * 1000) : NO_VALUE;
  }

  /**
   * The same of what tells a time of day: with the zone's name where that comes twice.
   * @param {string} key
   * @param {Intl.DateTimeFormatOptions} options
   * @param {number} seconds Unix time
   */
  function clock(key, options, seconds) {
    const isAmbiguous = isNumber(seconds) && comesTwice(seconds, clocks);
    return isAmbiguous
      ? date(`${key} zone`, { ...options, timeZoneName: "short" }, seconds)
      : date(key, options, seconds);
  }

  /** A day: "3 Nov 2025". @param {number} seconds Unix time */
  function formatDay(seconds) {
    return date("plain day", { day: "numeric", month: "short", year: "numeric" }, seconds);
  }

  /** The time of day. @param {number} seconds Unix time */
  function formatClock(seconds) {
    return clock("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }, seconds);
  }

  /**
   * Date and time, as exact as the distance of the points.
   * @param {number} seconds Unix time
   * @param {number} [step] seconds
   */
  function formatDateTime(seconds, step = 1) {
    if (step >= DAY) return date("day", { weekday: "short", day: "numeric", month: "short", year: "numeric" }, seconds);
    const exact = step < MINUTE ? { second: "2-digit" } : {};
    return clock(
      `moment ${step < MINUTE}`,
      { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...exact },
      seconds,
    );
  }

  /** A moment that may be long ago. @param {number} seconds Unix time */
  function formatMoment(seconds) {
    // Styles take no name of a zone beside them; the long one has it.
    const isAmbiguous = isNumber(seconds) && comesTwice(seconds, clocks);
    return date(`full ${isAmbiguous}`, { dateStyle: "medium", timeStyle: isAmbiguous ? "long" : "short" }, seconds);
  }

  /** How far marks of an axis lie apart that shows so many seconds, where nobody says. @param {number} span */
  const usualStep = (span) => (span <= 1.5 * DAY ? MINUTE : span <= 100 * DAY ? DAY : MONTH);

  /**
   * A mark of a time axis: times of day over a day, days and the times between them over some days, then months.
   * @param {number} seconds Unix time
   * @param {number} span seconds that the axis shows
   * @param {number} [step] seconds from mark to mark
   */
  function formatTimeTick(seconds, span, step = usualStep(span)) {
    if (span < 10 * MINUTE) {
      return clock("tick second", { hour: "2-digit", minute: "2-digit", second: "2-digit" }, seconds);
    }
    if (step < DAY && (span <= 1.5 * DAY || !beginsDay(seconds, clocks))) {
      return clock("tick time", { hour: "2-digit", minute: "2-digit" }, seconds);
    }
    if (step < MONTH || span <= 100 * DAY) return date("tick day", { day: "numeric", month: "short" }, seconds);
    return date("tick month", { month: "short", year: "2-digit" }, seconds);
  }

  /**
   * A range in a few words: "23 Nov, 14:00 to 15:30".
   * @param {number} from Unix seconds
   * @param {number} to Unix seconds
   */
  function formatRange(from, to) {
    const exact = to - from < 10 * MINUTE ? { second: "2-digit" } : {};
    const far = to - from > 300 * DAY;
    if (far) {
      return dates("range far", { day: "numeric", month: "short", year: "numeric" }).formatRange(
        from * 1000,
        to * 1000,
      );
    }
    const parts = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...exact };
    const key = `range ${"second" in exact}`;
    // A range as one would name one zone for both ends.
    if (comesTwice(from, clocks) || comesTwice(to, clocks)) {
      return `${clock(key, parts, from)} – ${clock(key, parts, to)}`;
    }
    return dates(key, parts).formatRange(from * 1000, to * 1000);
  }

  /** All times from now on in UTC, or in the viewer's own zone. @param {boolean} utc */
  function useUtc(utc) {
    zone = utc ? "UTC" : timeZone;
    clocks = utc ? UTC : usualClocks;
  }

  /** Whether times are told in UTC. */
  const isUtc = () => zone === "UTC";

  return {
    useUtc,
    isUtc,
    formatRange,
    formatValue,
    formatTick,
    formatClock,
    formatDay,
    formatDateTime,
    formatMoment,
    formatTimeTick,
  };
}

/** In the viewer's own locale, and the time zone that the address asks for. */
export const format = createFormat();
