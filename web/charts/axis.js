/**
 * Value axes with round marks in their own unit: bytes in powers of two, times in minutes, hours and days.
 */

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const DAY = 86_400;

/** The span of an axis whose values are all zero. */
const SPAN_OF_NOTHING = { percent: 100, bytes: 1024, bytes_per_second: 1024, seconds: 60 };

/** @param {number} least @returns {number} the next 1, 2 or 5 times a power of ten */
function decimalStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  for (const factor of [1, 2, 5]) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/** @param {number} least @param {string} unit @param {number} decimals */
function roundStep(least, unit, decimals) {
  if (unit === "bytes" || unit === "bytes_per_second") return 2 ** Math.max(0, Math.ceil(Math.log2(least) - 1e-9));
  if (unit === "seconds") {
    return TIME_STEPS.find((step) => step >= least) ?? DAY * decimalStep(least / DAY);
  }
  return decimals === 0 ? Math.max(1, decimalStep(least)) : decimalStep(least);
}

/**
 * @param {number} lowest of all values
 * @param {number} highest of all values
 * @param {string} unit
 * @param {number} decimals digits after the point that the values have
 * @param {number} [parts] how many parts the axis should have at most above zero
 * @returns {{minimum: number, maximum: number, step: number}}
 */
export function valueAxis(lowest, highest, unit, decimals, parts = 4) {
  const top = Math.max(0, Number.isFinite(highest) ? highest : 0);
  const bottom = Math.min(0, Number.isFinite(lowest) ? lowest : 0);
  const span = top - bottom || (SPAN_OF_NOTHING[unit] ?? 1);
  const step = roundStep(span / parts, unit, decimals);
  const minimum = Math.floor(bottom / step + 1e-9) * step;
  const maximum =
    top === 0 && bottom === 0 ? Math.ceil(span / step - 1e-9) * step : Math.ceil(top / step - 1e-9) * step;
  return { minimum, maximum, step };
}

/**
 * @param {{minimum: number, maximum: number, step: number}} axis
 * @returns {number[]}
 */
export function axisMarks({ minimum, maximum, step }) {
  const count = Math.round((maximum - minimum) / step);
  return Array.from({ length: count + 1 }, (_, index) => minimum + index * step);
}
