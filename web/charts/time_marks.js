/**
 * Marks of a time axis at round times of a zone: full quarters of an hour, midnights, firsts of a month, by its clocks.
 * Days on which they change are longer or shorter than others, and so are the distances of marks over the change.
 */

import { beginsDay, changeBetween, UTC, viewersZone } from "../time/zone.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MONTH = 30 * DAY;

/** Steps within a day, in seconds; each divides a day. */
const STEPS_WITHIN_DAY = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];
const STEPS_OF_DAYS = [1, 2, 3, 7, 14];
const STEPS_OF_MONTHS = [1, 2, 3, 6, 12];

/** Marks that a change of the clocks brings closer together than this share of a step are one too many. */
const LEAST_DISTANCE = 0.6;

/** The first moment of a local day. @param {number} day counted from 1 January 1970 @param {boolean} utc */
function startOfDay(day, utc) {
  return utc ? day * DAY : new Date(1970, 0, 1 + day).getTime() / 1000;
}

/** The first moment of a local month. @param {number} month counted from January 1970 @param {boolean} utc */
function startOfMonth(month, utc) {
  return (utc ? Date.UTC(1970, month) : new Date(1970, month).getTime()) / 1000;
}

/**
 * Every moment at which the clocks show a multiple of the step, also one that they show for the second time; and the
 * beginning of a day whose midnight they leave out.
 * @param {number} from @param {number} to @param {number} step seconds @param {boolean} utc
 */
function momentsWithinDays(from, to, step, utc) {
  const zone = utc ? UTC : viewersZone;
  const moments = [];
  let at = from;
  while (at <= to) {
    const offset = zone(at);
    const next = Math.ceil((at + offset) / step) * step - offset;
    if (next === at || zone(next) === offset) {
      if (next <= to) moments.push(next);
      at = next + 1;
      continue;
    }
    at = changeBetween(at, next, zone);
    const isRound = (at + zone(at)) % step === 0;
    if (!isRound && at <= to && beginsDay(at, zone)) moments.push(at);
  }
  return moments;
}

/** @param {number} from @param {number} to @param {number} step seconds @param {boolean} utc */
function marksWithinDays(from, to, step, utc) {
  const marks = [];
  for (const moment of momentsWithinDays(from, to, step, utc)) {
    if (marks.length === 0 || moment - marks.at(-1) >= LEAST_DISTANCE * step) marks.push(moment);
  }
  return marks;
}

/** @param {number} from @param {number} to @param {number} step days @param {boolean} utc */
function marksAtMidnights(from, to, step, utc) {
  const zone = utc ? UTC : viewersZone;
  const marks = [];
  for (
    let day = Math.ceil(Math.floor((from + zone(from)) / DAY) / step) * step;
    startOfDay(day, utc) <= to;
    day += step
  ) {
    const start = startOfDay(day, utc);
    // a day that a zone left out begins with the next one
    if (start >= from && start !== marks.at(-1)) marks.push(start);
  }
  return marks;
}

/** @param {number} from @param {number} to @param {number} step months @param {boolean} utc */
function marksAtFirsts(from, to, step, utc) {
  const date = new Date(from * 1000);
  const month = (utc ? date.getUTCFullYear() : date.getFullYear()) * 12 + (utc ? date.getUTCMonth() : date.getMonth());
  const marks = [];
  // Counted from the year 0, so that steps of a year and more meet round years.
  for (let first = Math.ceil(month / step) * step; startOfMonth(first - 1970 * 12, utc) <= to; first += step) {
    const start = startOfMonth(first - 1970 * 12, utc);
    if (start >= from) marks.push(start);
  }
  return marks;
}

/**
 * @param {number} from Unix seconds
 * @param {number} to Unix seconds
 * @param {number} most about how many marks there is room for
 * @param {boolean} utc
 * @returns {{marks: number[], step: number}} step: seconds from mark to mark, as a rule
 */
function marksAndStep(from, to, most, utc) {
  const least = (to - from) / Math.max(1, most);
  const within = STEPS_WITHIN_DAY.find((step) => step >= least);
  if (within !== undefined) return { marks: marksWithinDays(from, to, within, utc), step: within };
  const days = STEPS_OF_DAYS.find((step) => step * DAY >= least);
  if (days !== undefined) return { marks: marksAtMidnights(from, to, days, utc), step: days * DAY };
  const months = STEPS_OF_MONTHS.find((step) => step * MONTH >= least) ?? 12 * Math.ceil(least / (12 * MONTH));
  return { marks: marksAtFirsts(from, to, months, utc), step: months * MONTH };
}

/**
 * @param {number} from Unix seconds
 * @param {number} to Unix seconds
 * @param {number} most about how many marks there is room for
 * @param {boolean} [utc] at round times of UTC
 * @returns {number[]} Unix seconds, ascending
 */
export function timeMarks(from, to, most, utc = false) {
  return marksAndStep(from, to, most, utc).marks;
}

/**
 * As many marks as there is room for, none closer to another than their labels, which stand below the middle of theirs.
 * @param {number} from Unix seconds
 * @param {number} to Unix seconds
 * @param {object} room
 * @param {number} room.width pixels of the axis
 * @param {number} room.perMark pixels that a mark takes as a rule
 * @param {number} room.gap pixels between two labels at least
 * @param {(time: number, step: number) => number} room.widthOf pixels of a mark's label, where marks are so many
 *   seconds apart: the name of a zone makes it wide
 * @param {boolean} [utc] at round times of UTC
 * @returns {{marks: number[], step: number}} Unix seconds, ascending, and how far apart they are as a rule
 */
export function fittingTimeMarks(from, to, { width, perMark, gap, widthOf }, utc = false) {
  const perSecond = width / (to - from);
  const fits = ({ marks, step }) => {
    const widths = marks.map((mark) => widthOf(mark, step));
    return marks.every(
      (mark, index) =>
        index === 0 || (mark - marks[index - 1]) * perSecond >= (widths[index] + widths[index - 1]) / 2 + gap,
    );
  };
  for (let most = Math.max(1, Math.floor(width / perMark)); most > 1; most -= 1) {
    const found = marksAndStep(from, to, most, utc);
    if (fits(found)) return found;
  }
  const few = marksAndStep(from, to, 1, utc);
  return fits(few) ? few : { marks: few.marks.slice(0, 1), step: few.step };
}
