/**
 * Numbers as text where no locale has a say: time spans, and how long ago something was.
 */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** What stands where there is no value. */
export const NO_VALUE = "–";

/** Days that are still told as such; a million of them are 2,700 years. */
const MOST_DAYS = 1e6;

/** @param {unknown} value */
export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** "1.5e299". @param {number} value @param {(digits: number) => string} [write] the number before the e */
export function exponential(value, write = String) {
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
