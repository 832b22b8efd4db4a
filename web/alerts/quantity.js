/**
 * Values and times as one types them into a rule: "20GiB", "85", "5m". Pure; the server reads them likewise
 * (server/alerts/rules/rule_units.cpp).
 */

const BYTES = /** @type {const} */ ({
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
});
const SECONDS = /** @type {const} */ ({ ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 });
const SHOWN_SECONDS = /** @type {[string, number][]} */ ([
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
]);
const SHOWN_BYTES = /** @type {[string, number][]} */ ([
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
]);

/** @param {string} unit of the catalogue */
function unitsOf(unit) {
  if (unit === "bytes" || unit === "bytes_per_second") return BYTES;
  if (unit === "seconds") return SECONDS;
  return unit === "percent" ? { "%": 1 } : {};
}

/**
 * @param {string|number} text "20GiB", "5m", "90"
 * @param {string} unit of the catalogue
 * @returns {number} in that unit; NaN: it is none
 */
export function parseQuantity(text, unit) {
  if (typeof text === "number") return text;
  const [, digits, word] = /^\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([A-Za-z%]*)(?:\/s)?\s*$/.exec(text ?? "") ?? [];
  if (digits === undefined) return NaN;
  if (word === "") return Number(digits);
  const units = unitsOf(unit);
  return Object.hasOwn(units, word) ? Number(digits) * units[word] : NaN;
}

/** @param {string|number|null|undefined} text "5m" or seconds @returns {number} seconds; NaN: it is none */
export function parseDuration(text) {
  if (text === null || text === undefined || text === "") return NaN;
  return parseQuantity(text, "seconds");
}

/** @param {number} value @param {[string, number][]} units the largest first */
function inLargest(value, units) {
  for (const [word, size] of units) {
    if (value !== 0 && value % size === 0) return `${value / size}${word}`;
  }
  return null;
}

/** As a field shows seconds: "5m", "90s", "0". @param {number} seconds */
export function formatSeconds(seconds) {
  if (seconds === 0) return "0";
  return inLargest(seconds, SHOWN_SECONDS) ?? `${seconds}s`;
}

/**
 * As a field shows a value: one of bytes in the largest unit that leaves it short.
 * @param {number} value @param {string} unit
 */
export function formatQuantity(value, unit) {
  if (unit === "seconds") return formatSeconds(value);
  if (unit !== "bytes" && unit !== "bytes_per_second") return String(Math.round(value * 1000) / 1000);
  for (const [word, size] of SHOWN_BYTES) {
    if (Math.abs(value) >= size) return `${Math.round((value / size) * 100) / 100}${word}`;
  }
  return String(Math.round(value));
}
