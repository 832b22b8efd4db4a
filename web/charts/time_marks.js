/**
 * Marks of a time axis at round times of the viewer's own time zone, or of UTC: full quarters of an hour, midnights, firsts of a month.
 */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MONTH = 30 * DAY;

/** Steps within a day, in seconds; each divides a day. */
const STEPS_WITHIN_DAY = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];
const STEPS_OF_DAYS = [1, 2, 3, 7, 14];
const STEPS_OF_MONTHS = [1, 2, 3, 6, 12];

/** A day of the calendar that can be asked and moved, in either zone. */
class Day {
  #date;
  #utc;

  /** @param {number} seconds Unix time within the day @param {boolean} utc */
  constructor(seconds, utc) {
    this.#date = new Date(seconds * 1000);
    this.#utc = utc;
    if (utc) this.#date.setUTCHours(0, 0, 0, 0);
    else this.#date.setHours(0, 0, 0, 0);
  }

  /** Unix seconds of its midnight. */
  get start() {
    return this.#date.getTime() / 1000;
  }

  get month() {
    return this.#utc ? this.#date.getUTCFullYear() * 12 + this.#date.getUTCMonth() : this.#date.getFullYear() * 12 + this.#date.getMonth();
  }

  /** Days since some day, the same for all zones. */
  get number() {
    return this.#utc ? this.start / DAY : Date.UTC(this.#date.getFullYear(), this.#date.getMonth(), this.#date.getDate()) / 1000 / DAY;
  }

  next() {
    if (this.#utc) this.#date.setUTCDate(this.#date.getUTCDate() + 1);
    else this.#date.setDate(this.#date.getDate() + 1);
  }

  /** To the first of a month. @param {number} months from this one */
  toFirst(months) {
    if (this.#utc) this.#date.setUTCMonth(this.#date.getUTCMonth() + months, 1);
    else this.#date.setMonth(this.#date.getMonth() + months, 1);
  }
}

/** @param {number} from @param {number} to @param {number} step seconds @param {boolean} utc */
function marksWithinDays(from, to, step, utc) {
  const marks = [];
  const day = new Day(from, utc);
  // Day by day, as days on which the clocks change are longer or shorter.
  while (day.start <= to) {
    const { start } = day;
    day.next();
    const end = Math.min(day.start, to + 1);
    const skipped = Math.max(0, Math.ceil((from - start) / step));
    for (let mark = start + skipped * step; mark < end; mark += step) marks.push(mark);
  }
  return marks;
}

/** @param {number} from @param {number} to @param {number} step days @param {boolean} utc */
function marksAtMidnights(from, to, step, utc) {
  const marks = [];
  for (const day = new Day(from, utc); day.start <= to; day.next()) {
    if (day.number % step === 0 && day.start >= from) marks.push(day.start);
  }
  return marks;
}

/** @param {number} from @param {number} to @param {number} step months @param {boolean} utc */
function marksAtFirsts(from, to, step, utc) {
  const marks = [];
  const first = new Day(from, utc);
  for (first.toFirst(0); first.start <= to; first.toFirst(1)) {
    if (first.month % step === 0 && first.start >= from) marks.push(first.start);
  }
  return marks;
}

/**
 * @param {number} from Unix seconds
 * @param {number} to Unix seconds
 * @param {number} most about how many marks there is room for
 * @param {boolean} [utc] at round times of UTC
 * @returns {number[]} Unix seconds, ascending
 */
export function timeMarks(from, to, most, utc = false) {
  const least = (to - from) / Math.max(1, most);
  const within = STEPS_WITHIN_DAY.find((step) => step >= least);
  if (within !== undefined) return marksWithinDays(from, to, within, utc);
  const days = STEPS_OF_DAYS.find((step) => step * DAY >= least);
  if (days !== undefined) return marksAtMidnights(from, to, days, utc);
  const months = STEPS_OF_MONTHS.find((step) => step * MONTH >= least) ?? 12 * Math.ceil(least / (12 * MONTH));
  return marksAtFirsts(from, to, months, utc);
}
