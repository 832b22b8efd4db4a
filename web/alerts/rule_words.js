/**
 * Rules in words. Pure but for the viewer's format.
 */

import { metricLabels } from "../charts/chart_plan.js";
import { format as viewersFormat, formatDuration } from "../parts/format.js";
import { listToText, tagsToText } from "./lists.js";
import { parseDuration } from "./quantity.js";
import { kindOf, limitsOf } from "./rule_limits.js";

/** What is no metric: what the server itself knows. The unit; "": it is so or not. */
export const SIGNALS = /** @type {Record<string, {label: string, unit: string}>} */ ({
  host_silent: { label: "The host is silent", unit: "" },
  host_rebooted: { label: "The host was restarted", unit: "" },
  host_name_conflict: { label: "Two machines use one name", unit: "" },
  host_clock_skew: { label: "The host's clock differs", unit: "seconds" },
  server_hosts_silent: { label: "Many hosts are silent at once", unit: "" },
  server_store_failing: { label: "The server cannot write its database", unit: "" },
  server_database_free_bytes: { label: "Room left for the database", unit: "bytes" },
  server_database_free_percent: { label: "Room left for the database", unit: "percent" },
  server_dead_letters: { label: "Messages that could not be delivered", unit: "count" },
});

const UNIT_ENDINGS = /** @type {[string, string][]} */ ([
  ["_bytes_per_second", "bytes_per_second"],
  ["_per_second", "per_second"],
  ["_percent", "percent"],
  ["_seconds", "seconds"],
  ["_bytes", "bytes"],
]);

/** What charts call it: "Space used", "Load: 1 minute". @param {string} metric @param {any[]} metrics */
export function labelOf(metric, metrics) {
  const known = metrics.find(({ name }) => name === metric);
  if (known === undefined) return SIGNALS[metric]?.label ?? metric;
  const together = metrics.filter(({ group, chart }) => group === known.group && chart === known.chart);
  const own = metricLabels(together.map(({ name }) => name)).get(metric);
  return together.length > 1 ? `${known.chart}: ${own}` : known.chart;
}

/** @param {string} metric @param {{name: string, unit: string}[]} metrics of the catalogue */
export function unitOf(metric, metrics) {
  const known = metrics.find(({ name }) => name === metric)?.unit ?? SIGNALS[metric]?.unit;
  return known ?? UNIT_ENDINGS.find(([ending]) => metric.endsWith(ending))?.[1] ?? "count";
}

/** The unit of what is compared, which is not always the metric's. @param {any} condition @param {any[]} metrics */
export function comparedUnit({ metric, value }, metrics) {
  switch (kindOf(value)) {
    case "time_until":
      return "seconds";
    case "percent_of":
      return "percent";
    default:
      return unitOf(metric, metrics);
  }
}

const KINDS = { mean: "mean", min: "lowest", max: "highest" };

/** @param {any} value of a condition */
function describeKind(value) {
  const kind = kindOf(value);
  switch (kind) {
    case "last":
      return "";
    case "increase":
      return `increase within ${value.increase}`;
    case "time_until":
      return `time until ${value.time_until}`;
    case "percent_of":
      return `percent of ${value.percent_of}`;
    default:
      return `${KINDS[kind]} of ${value[kind]}`;
  }
}

/**
 * "Space used above 90% (warning), 97% (critical)".
 * @param {any} condition @param {any[]} metrics of the catalogue @param {typeof viewersFormat} [format]
 */
function describeCondition(condition, metrics, format = viewersFormat) {
  const { metric } = condition;
  const signal = SIGNALS[metric];
  if (signal && signal.unit === "") return signal.label;
  const unit = comparedUnit(condition, metrics);
  const kind = describeKind(condition.value);
  const limits = limitsOf(condition, unit).map(
    ({ severity, fire }) => `${format.formatTick(fire, unit)} (${severity})`,
  );
  const what = `${labelOf(metric, metrics)}${kind === "" ? "" : `, ${kind}`}`;
  const where = condition.instance && condition.instance !== "*" ? ` of ${condition.instance}` : "";
  if (limits.length === 0) return `${what}${where}`;
  return `${what}${where} ${condition.below ? "below" : "above"} ${limits.join(", ")}`;
}

/** @param {any} rule @param {any[]} metrics */
export function describeRule({ when = [], for: hold }, metrics) {
  const seconds = parseDuration(hold);
  const length = seconds > 0 ? `, for ${formatDuration(seconds)}` : "";
  return `${when.map((condition) => describeCondition(condition, metrics)).join(" and ")}${length}`;
}

/** "12: role=db". @param {import("./alerts_api.js").RuleEntry} entry */
export function describeSelected({ rule, hosts }) {
  const isOfServer = rule.when?.[0]?.metric?.startsWith("server_") === true;
  return isOfServer ? "the server itself" : `${hosts}: ${describeHosts(rule.hosts)}`;
}

/** @param {any} hosts of a rule */
export function describeHosts(hosts) {
  const { names = [], except = [], tags = {} } = hosts ?? {};
  const told = [
    names.length > 0 && !(names.length === 1 && names[0] === "*") ? listToText(names) : "",
    Object.keys(tags).length > 0 ? tagsToText(tags) : "",
  ].filter(Boolean);
  return `${told.length === 0 ? "every host" : told.join(" with ")}${except.length > 0 ? ` but ${listToText(except)}` : ""}`;
}

/** @param {import("./alerts_api.js").RuleEntry} entry @param {typeof viewersFormat} [format] */
export function describeSource({ source, changed_by: by, changed }, format = viewersFormat) {
  if (source === "file") return "a file on the server";
  if (source === "shipped") return "shipped";
  return by ? `this page, by ${by}, ${format.formatDay(changed)}` : "this page";
}
