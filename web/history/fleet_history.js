/**
 * What the server tells of many hosts, as if it were one host's history. Pure.
 */

export const MEDIAN = "median";
export const HIGH = "95th percentile";

/**
 * The answer as if it were a host's history, so that it is kept up to date like one.
 * @param {any} answer of getFleet
 */
export function historyOfFleet({ step, from, to, hosts, timestamps, minimum, median, p95, maximum }) {
  const series = [
    { metric: MEDIAN, instance: "", average: median, minimum, maximum },
    { metric: HIGH, instance: "", average: p95, minimum: median, maximum: p95 },
  ];
  return { step, from, to, count: hosts, hosts: timestamps.length === 0 ? [] : [{ hostname: "", timestamps, series }] };
}
