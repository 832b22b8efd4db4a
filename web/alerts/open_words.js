/**
 * What there is to say of all open alarms together. Pure.
 */

import { describeCounts } from "../parts/alarm_counts.js";
import { countBySeverity } from "./alarm_words.js";

/** @param {import("./alerts_api.js").Alarm} alarm @param {Record<string, string>} options of the address */
export function matchesFilters({ host, rule, severity }, options) {
  return (
    (!options.host || options.host === host) &&
    (!options.rule || options.rule === rule) &&
    (!options.severity || options.severity === severity)
  );
}

/** "1 critical, 2 warnings open". @param {any[]} alarms all @param {any[]} shown of them */
export function describeOpen(alarms, shown) {
  if (alarms.length === 0) return "nothing is wrong";
  const counts = countBySeverity(alarms);
  const info = counts.info > 0 ? `${counts.info} for information` : "";
  const told = [describeCounts(counts), info].filter(Boolean).join(", ");
  return shown.length === alarms.length ? `${told} open` : `${told} open, ${shown.length} of them shown`;
}

/**
 * "12 rules watch 5 hosts; nothing is wrong".
 * @param {import("./alerts_api.js").RuleEntry[]} rules @param {number} hosts
 */
export function calmWords(rules, hosts) {
  const enabled = rules.filter(({ rule }) => rule.enabled !== false).length;
  if (rules.length === 0) return "Nothing is wrong.";
  if (enabled === 0) return "No rule is enabled: nothing is watched.";
  const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  return `${many(enabled, "rule")} watch${enabled === 1 ? "es" : ""} ${many(hosts, "host")}; nothing is wrong.`;
}
