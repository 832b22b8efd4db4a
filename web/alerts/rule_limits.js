/**
 * What of rules charts show: the limits of a metric. Pure.
 */

import { parseQuantity } from "./quantity.js";

/** Kinds of values that a chart of the metric shows itself. */
const SHOWN = new Set(["last", "mean", "min", "max"]);
const SEVERITIES = /** @type {const} */ (["info", "warning", "critical"]);

/** @typedef {{severity: import("./alerts_api.js").Severity, fire: number, clear: number|null}} Limit */

/** @param {any} value of a condition @returns {string} */
export function kindOf(value) {
  if (value === undefined || value === null || value === "last") return "last";
  return ["mean", "min", "max", "increase", "time_until", "percent_of"].find((kind) => kind in value) ?? "last";
}

/** @param {string} pattern `*` stands for anything @param {string} text */
export function matchesPattern(pattern, text) {
  if (!pattern.includes("*")) return pattern === text;
  const parts = pattern.split("*");
  if (!text.startsWith(parts[0])) return false;
  let at = parts[0].length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= parts.at(-1).length && text.endsWith(parts.at(-1));
}

/**
 * @param {any} condition of a rule
 * @param {string} unit of its metric
 * @returns {Limit[]} the mildest first
 */
export function limitsOf(condition, unit) {
  const limits = condition.above ?? condition.below ?? {};
  return SEVERITIES.flatMap((severity) => {
    const told = limits[severity];
    if (told === undefined || told === null) return [];
    const fire = parseQuantity(typeof told === "object" ? told.fire : told, unit);
    const clear = parseQuantity(typeof told === "object" ? told.clear : "", unit);
    return Number.isFinite(fire) ? [{ severity, fire, clear: Number.isFinite(clear) ? clear : null }] : [];
  });
}

/** @param {any} hosts of a rule @param {string} hostname @param {Record<string, string>} tags of the host */
export function selectsHost(hosts, hostname, tags) {
  const { names = [], except = [], tags: wanted = {} } = hosts ?? {};
  if (names.length > 0 && !names.some((pattern) => matchesPattern(pattern, hostname))) return false;
  if (except.some((pattern) => matchesPattern(pattern, hostname))) return false;
  return Object.entries(wanted).every(([key, values]) => values.includes(tags?.[key]));
}

/**
 * Which limits a chart shows: of the rules that are about this host and one of its metrics.
 * @param {{rule: any}[]} entries
 * @param {{hostname: string, tags: Record<string, string>}} host
 * @param {{metric: string, instance: string}[]} lines of the chart
 * @param {string} unit
 * @returns {Limit[]}
 */
export function limitsFor(entries, { hostname, tags }, lines, unit) {
  /** @type {Map<string, Limit>} */
  const found = new Map();
  for (const { rule } of entries) {
    if (rule.enabled === false || !selectsHost(rule.hosts, hostname, tags)) continue;
    for (const condition of rule.when ?? []) {
      if (!SHOWN.has(kindOf(condition.value))) continue;
      const { metric, instance = "*", except = [] } = condition;
      const covers = lines.some(
        (line) =>
          line.metric === metric &&
          matchesPattern(instance, line.instance) &&
          !except.some((pattern) => matchesPattern(pattern, line.instance)),
      );
      if (!covers) continue;
      for (const limit of limitsOf(condition, unit)) found.set(`${limit.severity} ${limit.fire}`, limit);
    }
  }
  return [...found.values()];
}
