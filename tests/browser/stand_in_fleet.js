/**
 * What the stand-in server answers to GET /fleet, out of the histories of its made-up hosts.
 */

import { countedOnce } from "../../web/parts/counted_once.js";

/**
 * The value that so many of the sorted ones lie below, between neighbours by their distance.
 * @param {number[]} sorted
 * @param {number} share 0 to 1
 */
function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
}

/**
 * @param {{series: {metric: string, instance: string, average: number[]}[], facts: any}} host
 * @param {string} instance
 * @param {string} combine
 * @param {string} label of the instances
 */
function valuesOf({ series, facts }, instance, combine, label) {
  const chosen = series.filter((one) => instance === "" || one.instance === instance);
  const counted = new Set(
    countedOnce(
      chosen.map((one) => one.instance),
      label,
      facts,
    ),
  );
  const parts = combine === "sum" && instance === "" ? chosen.filter((one) => counted.has(one.instance)) : chosen;
  if (parts.length === 0) return null;
  return parts[0].average.map((_, row) => {
    const values = parts.map((one) => one.average[row]);
    return combine === "sum" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
}

/**
 * @param {URLSearchParams} parameters of the request
 * @param {{unit: string, instance_label: string}} definition of the metric
 * @param {{step: number, from: number, to: number, hosts: any[]}} history of that metric, of whole steps
 */
export function fleetOf(parameters, { unit, instance_label }, { step, from, to, hosts }) {
  const metric = parameters.get("metric");
  const combine =
    parameters.get("combine") ??
    (["bytes", "bytes_per_second", "per_second", "count"].includes(unit) ? "sum" : "highest");
  const ranked = [];
  /** @type {Map<number, number[]>} */
  const rows = new Map();
  for (const host of hosts) {
    const values = valuesOf(host, parameters.get("instance") ?? "", combine, instance_label);
    if (values === null || values.length === 0) continue;
    ranked.push({
      hostname: host.hostname,
      average: values.reduce((sum, value) => sum + value, 0) / values.length,
      maximum: Math.max(...values),
    });
    host.timestamps.forEach((time, row) => rows.set(time, [...(rows.get(time) ?? []), values[row]]));
  }
  const timestamps = [...rows.keys()].sort((first, second) => first - second);
  const sorted = timestamps.map((time) => rows.get(time).sort((first, second) => first - second));
  const by = parameters.get("by") ?? "average";
  return {
    metric,
    combine,
    step,
    from,
    to,
    hosts: ranked.length,
    timestamps,
    count: sorted.map((values) => values.length),
    minimum: sorted.map((values) => values[0]),
    median: sorted.map((values) => quantile(values, 0.5)),
    p95: sorted.map((values) => quantile(values, 0.95)),
    maximum: sorted.map((values) => values.at(-1)),
    top: ranked.sort((first, second) => second[by] - first[by]).slice(0, Number(parameters.get("top") ?? 0)),
  };
}
