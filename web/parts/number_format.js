/**
 * Values with their units. Bytes count in powers of 1024. Whatever the value, its text is about 12 characters long at
 * most: what no unit can show in a few digits is shown as "1.5e299 B".
 */

import { exponential, formatDuration, isNumber, NO_VALUE } from "./duration.js";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const COUNT_PREFIXES = ["", " k", " M", " G", " T", " P", " E"];

export class NumberFormat {
  #locale;
  /** To make one takes longer than to use it. @type {Map<string, Intl.NumberFormat>} */
  #formatters = new Map();

  /** @param {string} [locale] the viewer's own where left out */
  constructor(locale) {
    this.#locale = locale;
  }

  /** @param {number} value @param {number} least fraction digits @param {number} most fraction digits */
  #digits(value, least, most) {
    const key = `${least} ${most}`;
    if (!this.#formatters.has(key)) {
      const options = { minimumFractionDigits: least, maximumFractionDigits: most };
      this.#formatters.set(key, new Intl.NumberFormat(this.#locale, options));
    }
    return this.#formatters.get(key).format(value);
  }

  /** What no prefix makes short. @param {number} value */
  #huge(value) {
    return exponential(value, (before) => this.#digits(before, 0, 1));
  }

  /**
   * Large counts in thousands, millions and so on; the locale's own short forms differ (m is a million in en-GB).
   * @param {number} value
   */
  #compact(value) {
    let scaled = value;
    let prefix = 0;
    while (Math.abs(scaled) >= 999.5 && prefix < COUNT_PREFIXES.length - 1) {
      scaled /= 1000;
      prefix += 1;
    }
    if (Math.abs(scaled) >= 999.5) return this.#huge(value);
    return `${this.#digits(scaled, 0, Math.abs(scaled) < 99.95 ? 2 : 1)}${COUNT_PREFIXES[prefix]}`;
  }

  /** @param {number} value bytes @param {boolean} exact without trailing zeros, for axes */
  #bytes(value, exact) {
    let scaled = value;
    let unit = 0;
    // Half a step early, so that 1023.9 KiB does not read as 1,024 KiB.
    while (Math.abs(scaled) >= 1023.5 && unit < BYTE_UNITS.length - 1) {
      scaled /= 1024;
      unit += 1;
    }
    const size = Math.abs(scaled);
    if (size >= 9999.5) return `${this.#huge(value)} B`;
    const decimals = unit === 0 ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    return `${this.#digits(scaled, exact ? 0 : decimals, decimals)} ${BYTE_UNITS[unit]}`;
  }

  /**
   * With fewer decimals than asked for where there are many digits before them.
   * @param {number} value
   * @param {number} decimals
   */
  #plain(value, decimals) {
    const size = Math.abs(value);
    if (size >= 999_999.5) return this.#compact(value);
    const most = size >= 99_999.5 ? 1 : size >= 9999.5 ? 2 : decimals;
    return this.#digits(value, Math.min(decimals, most), Math.min(decimals, most));
  }

  /** @param {number} value @param {number} least fraction digits @param {number} most fraction digits */
  #percent(value, least, most) {
    const size = Math.abs(value);
    if (size >= 999_999.5) return `${this.#huge(value)}%`;
    return `${size >= 9999.5 ? this.#digits(value, 0, 0) : this.#digits(value, least, most)}%`;
  }

  /** A time span; of one before zero that is told. @param {number} value */
  #seconds(value) {
    return value <= -0.5 ? `-${formatDuration(-value)}` : formatDuration(value);
  }

  /**
   * A value with its unit.
   * @param {number|null|undefined} value
   * @param {string} unit a unit of the catalogue
   * @param {number} [decimals] digits after the point, where the unit does not decide
   */
  value(value, unit, decimals = 1) {
    if (!isNumber(value)) return NO_VALUE;
    switch (unit) {
      case "percent":
        return this.#percent(value, decimals, decimals);
      case "bytes":
        return this.#bytes(value, false);
      case "bytes_per_second":
        return `${this.#bytes(value, false)}/s`;
      case "per_second":
        return `${this.#plain(value, decimals)}/s`;
      case "seconds":
        return this.#seconds(value);
      default:
        return this.#plain(value, decimals);
    }
  }

  /**
   * A value as a mark of an axis: as short as it can be.
   * @param {number} value @param {string} unit
   */
  tick(value, unit) {
    if (value === 0 && unit !== "percent") return "0";
    switch (unit) {
      case "percent":
        return this.#percent(value, 0, 2);
      case "bytes":
        return this.#bytes(value, true);
      case "bytes_per_second":
        return `${this.#bytes(value, true)}/s`;
      case "per_second":
        return `${Math.abs(value) >= 1e4 ? this.#compact(value) : this.#digits(value, 0, 3)}/s`;
      case "seconds":
        return this.#seconds(value);
      default:
        return Math.abs(value) >= 1e4 ? this.#compact(value) : this.#digits(value, 0, 3);
    }
  }
}
