/**
 * Marks of a time axis at round times of the viewer's own time zone: full quarters of an hour, midnights, firsts of a month.
 */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MONTH = 30 * DAY;

/** Steps within a day, in seconds; each divides a day. */
const STEPS_WITHIN_DAY = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];
const STEPS_OF_DAYS = [1, 2, 3, 7, 14];
const STEPS_OF_MONTHS = [1, 2, 3, 6, 12];

/** @param {number} from @param {number} to @param {number} step seconds */
function marksWithinDays(from, to, step) {
  const marks = [];
  const day = new Date(from * 1000);
  day.setHours(0, 0, 0, 0);
  // Day by day, as days on which the clocks change are longer or shorter.
  while (day.getTime() / 1000 <= to) {
    const start = day.getTime() / 1000;
    day.setDate(day.getDate() + 1);
    const end = Math.min(day.getTime() / 1000, to + 1);
    const skipped = Math.max(0, Math.ceil((from - start) / step));
    for (let mark = start + skipped * step; mark < end; mark += step) marks.push(mark);
  }
  return marks;
}

/** @param {number} from @param {number} to @param {number} step days */
function marksAtMidnights(from, to, step) {
  const marks = [];
  const day = new Date(from * 1000);
  day.setHours(0, 0, 0, 0);
  for (; day.getTime() / 1000 <= to; day.setDate(day.getDate() + 1)) {
    const number = Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / 1000 / DAY;
    if (number % step === 0 && day.getTime() / 1000 >= from) marks.push(day.getTime() / 1000);
  }
  return marks;
}

/** @param {number} from @param {number} to @param {number} step months */
function marksAtFirsts(from, to, step) {
  const marks = [];
  const start = new Date(from * 1000);
  const first = new Date(start.getFullYear(), start.getMonth(), 1);
  for (; first.getTime() / 1000 <= to; first.setMonth(first.getMonth() + 1)) {
    const number = first.getFullYear() * 12 + first.getMonth();
    if (number % step === 0 && first.getTime() / 1000 >= from) marks.push(first.getTime() / 1000);
  }
  return marks;
}

/**
 * @param {number} from Unix seconds
 * @param {number} to Unix seconds
 * @param {number} most about how many marks there is room for
 * @returns {number[]} Unix seconds, ascending
 */
export function timeMarks(from, to, most) {
  const least = (to - from) / Math.max(1, most);
  const within = STEPS_WITHIN_DAY.find((step) => step >= least);
  if (within !== undefined) return marksWithinDays(from, to, within);
  const days = STEPS_OF_DAYS.find((step) => step * DAY >= least);
  if (days !== undefined) return marksAtMidnights(from, to, days);
  const months = STEPS_OF_MONTHS.find((step) => step * MONTH >= least) ?? 12 * Math.ceil(least / (12 * MONTH));
  return marksAtFirsts(from, to, months);
}
