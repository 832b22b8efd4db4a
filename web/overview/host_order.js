/**
 * Which hosts the overview shows, and in which order. Pure functions.
 */

import { compareNames } from "../charts/chart_plan.js";
import { hasTags, tagsOf, tagText } from "./host_tags.js";
import { countsOf } from "../parts/alarm_counts.js";
import { countedOnce } from "../parts/counted_once.js";
import { warningsOf } from "../parts/warnings.js";

/** From how many percent on a value is high, and critical. */
export const HIGH_PERCENT = 80;
export const CRITICAL_PERCENT = 95;

/**
 * What came and went over the machine's cables: each byte once. Undefined where it has none but its way to itself.
 * @param {any} host @returns {{received: number|undefined, sent: number|undefined}}
 */
export function networkOf({ latest, facts }) {
  const sum = (values) => {
    if (typeof values !== "object" || values === null) return undefined;
    const names = countedOnce(Object.keys(values), "interface", facts).filter((name) => name !== "lo");
    return names.length === 0 ? undefined : names.reduce((total, name) => total + values[name], 0);
  };
  const metrics = latest?.metrics ?? {};
  return {
    received: sum(metrics.network_receive_bytes_per_second),
    sent: sum(metrics.network_transmit_bytes_per_second),
  };
}

/** @param {any} host @returns {"up"|"down"|"warned"} */
export function conditionOf(host) {
  if (host.status !== "up") return "down";
  return warningsOf(host).length > 0 ? "warned" : "up";
}

/** Each host is up, late or down; a warning is beside that. @param {any} host @returns {"up"|"late"|"down"} */
function standingOf(host) {
  return host.standing ?? host.status;
}

/** @param {any} host */
function hasAlarm({ alarms }) {
  const { critical, warning } = countsOf(alarms);
  return critical + warning > 0;
}

/** @param {any} host @param {string} status "": any */
function hasStatus(host, status) {
  if (status === "") return true;
  if (status === "alarm") return hasAlarm(host);
  return status === "warned" ? conditionOf(host) === "warned" : standingOf(host) === status;
}

/** How many hosts have each status. @param {any[]} hosts */
export function countStatuses(hosts) {
  const counts = { "": hosts.length, up: 0, late: 0, down: 0, warned: 0, alarm: 0 };
  for (const host of hosts) {
    counts[standingOf(host)] += 1;
    if (conditionOf(host) === "warned") counts.warned += 1;
    if (hasAlarm(host)) counts.alarm += 1;
  }
  return counts;
}

/** "12 up, 1 down": they add up to the hosts; some of them "with a warning". @param {any[]} hosts */
export function describeCount(hosts) {
  if (hosts.length === 0) return "";
  const { up, late, down, warned, alarm } = countStatuses(hosts);
  const parts = [
    `${up} up`,
    down > 0 ? `${down} down` : "",
    late > 0 ? `${late} late` : "",
    warned > 0 ? `${warned} with a warning` : "",
    alarm > 0 ? `${alarm} with an alarm` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

/** How bad it is, 0 worst: what is down or has alarms comes first, as that is what one looks for. @param {any} host */
export function badness(host) {
  const condition = conditionOf(host);
  if (condition === "down" || countsOf(host.alarms).critical > 0) return 0;
  if (condition === "warned" || host.standing === "late" || hasAlarm(host)) return 1;
  const { cpu = 0, ram = 0, disk = 0 } = host.latest ?? {};
  const fullest = Math.max(cpu, ram, disk);
  if (fullest >= CRITICAL_PERCENT) return 2;
  return fullest >= HIGH_PERCENT ? 3 : 4;
}

/** What each column sorts by: a text, or a number (undefined: last, whichever way one sorts). */
const KEYS = {
  host: (host) => host.hostname,
  status: (host) => badness(host),
  cpu: (host) => host.latest?.cpu,
  ram: (host) => host.latest?.ram,
  disk: (host) => host.latest?.disk,
  load: (host) => host.latest?.metrics?.load1,
  network: (host) => {
    const { received, sent } = networkOf(host);
    return received === undefined && sent === undefined ? undefined : (received ?? 0) + (sent ?? 0);
  },
  // The later it was started, the shorter it is up.
  uptime: (host) => (host.facts?.boot_time ? -host.facts.boot_time : undefined),
  seen: (host) => host.last_seen,
};

/** @param {string} sort a column's name, with a minus for descending; any other: worst first */
export function parseSort(sort) {
  const descending = sort.startsWith("-");
  const column = descending ? sort.slice(1) : sort;
  return Object.hasOwn(KEYS, column) ? { column, descending } : { column: "", descending: false };
}

/**
 * @param {any[]} hosts @param {string} sort
 * @returns {any[]} a new array; hosts that are equal stand by name
 */
export function sortHosts(hosts, sort) {
  const { column, descending } = parseSort(sort);
  const keyOf = KEYS[column] ?? badness;
  // First by name, which they mostly are already: comparing names is dear, and sorting leaves equal ones as they stand.
  const keyed = [...hosts]
    .sort((first, second) => compareNames(first.hostname, second.hostname))
    .map((host) => ({ host, key: keyOf(host) }));
  keyed.sort(({ key: first }, { key: second }) => {
    if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined);
    const order = typeof first === "string" ? compareNames(first, second) : first - second;
    return descending ? -order : order;
  });
  return keyed.map(({ host }) => host);
}

/**
 * @param {any[]} hosts
 * @param {{search?: string, status?: string, tag?: string}} options words that all have to be part of the name, of a
 *   tag or of what the host says of itself; a condition; tags as parseTags takes them
 */
export function filterHosts(hosts, { search = "", status = "", tag = "" }) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return hosts.filter((host) => {
    if (!hasStatus(host, status)) return false;
    if (tag !== "" && !hasTags(host, tag)) return false;
    if (words.length === 0) return true;
    const tags = tagsOf(host).map(([key, value]) => tagText(key, value));
    const text = [host.hostname, host.facts?.os ?? "", host.facts?.kernel ?? "", ...tags].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
