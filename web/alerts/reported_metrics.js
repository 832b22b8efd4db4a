/**
 * What hosts really send: metrics and their instances, out of the server's list of hosts; and what the server itself
 * knows.
 */

import { compareNames } from "../charts/chart_plan.js";
import { getJson, hostsAddress } from "../history/api.js";
import { labelOf, SIGNALS } from "./rule_words.js";

/** Of more hosts than this the values are not asked for: they mostly send the same. */
const MOST_HOSTS = 50;
const BASIC = ["cpu", "ram", "disk"];
const CUSTOM = "Custom";
const SIGNAL_GROUP = "Host and server";

/**
 * @param {any[]} hosts with their latest readings
 * @returns {Map<string, Set<string>>} the instances of each metric; none: it has none
 */
export function reportedBy(hosts) {
  const reported = new Map(BASIC.map((name) => [name, new Set()]));
  for (const { latest } of hosts) {
    for (const [name, value] of Object.entries(latest?.metrics ?? {})) {
      if (!reported.has(name)) reported.set(name, new Set());
      if (typeof value !== "object" || value === null) continue;
      for (const instance of Object.keys(value)) reported.get(name).add(instance);
    }
  }
  return reported;
}

/**
 * To choose from: groups as the charts have them.
 * @param {any[]} catalogue
 * @param {Map<string, Set<string>>} reported
 * @param {string[]} more metrics that are to be there whether anybody sends them or not
 * @returns {{group: string, metrics: {name: string, label: string}[]}[]}
 */
export function metricChoices(catalogue, reported, more) {
  const wanted = new Set([...reported.keys(), ...more].filter((name) => !Object.hasOwn(SIGNALS, name)));
  /** @type {Map<string, {name: string, label: string}[]>} */
  const groups = new Map();
  const add = (group, name, label) => groups.set(group, [...(groups.get(group) ?? []), { name, label }]);
  for (const metric of catalogue) {
    if (!wanted.delete(metric.name)) continue;
    add(metric.group, metric.name, labelOf(metric.name, catalogue));
  }
  for (const name of [...wanted].sort(compareNames)) add(CUSTOM, name, name);
  for (const [name, { label, unit }] of Object.entries(SIGNALS)) {
    add(SIGNAL_GROUP, name, unit === "percent" ? `${label} (%)` : label);
  }
  return [...groups].map(([group, metrics]) => ({ group, metrics }));
}

/** Asks for it. @param {string[]} names of all hosts @returns {Promise<Map<string, Set<string>>>} */
export async function getReported(names) {
  const answer = await getJson(hostsAddress({ whole: names.slice(0, MOST_HOSTS) }));
  return reportedBy(answer.hosts);
}
