/**
 * What hosts really send: metrics and their instances, out of their histories of the last minutes; and what the server
 * itself knows.
 */

import { compareNames } from "../charts/chart_plan.js";
import { getData } from "../history/api.js";
import { labelOf, SIGNALS } from "./rule_words.js";

/** Of so many hosts, spread over all: they mostly send the same. */
const MOST_HOSTS = 30;
const LOOKS_BACK_SECONDS = 900;
const BASIC = ["cpu", "ram", "disk"];
const CUSTOM = "Custom";
const SIGNAL_GROUP = "Host and server";

/**
 * @param {any[]} hosts of an answer of GET /data
 * @returns {Map<string, Set<string>>} the instances of each metric; none: it has none
 */
export function reportedBy(hosts) {
  const reported = new Map(BASIC.map((name) => [name, new Set()]));
  for (const { series = [] } of hosts) {
    for (const { metric, instance = "" } of series) {
      if (!reported.has(metric)) reported.set(metric, new Set());
      if (instance !== "") reported.get(metric).add(instance);
    }
  }
  return reported;
}

/** Some of them, from the whole list. @param {string[]} names @param {number} most */
export function spread(names, most) {
  if (names.length <= most) return names;
  return Array.from({ length: most }, (_, index) => names[Math.floor((index * names.length) / most)]);
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

/** Asks for it. @param {any[]} hosts of the server's list @param {number} now Unix seconds */
export async function getReported(hosts, now) {
  const up = hosts.filter(({ status }) => status === "up").map(({ hostname }) => hostname);
  const names = spread(up, MOST_HOSTS);
  if (names.length === 0) return reportedBy([]);
  const answer = await getData({ hosts: names, from: Math.floor(now) - LOOKS_BACK_SECONDS, points: 1, metrics: "*" });
  return reportedBy(answer.hosts);
}
