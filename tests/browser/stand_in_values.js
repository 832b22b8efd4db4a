/**
 * The values of the stand-in server's hosts: always the same for the same host, metric and time.
 */

import { BASIC_SAMPLES, SAMPLES } from "./stand_in_catalogue.js";

/** A number from 0 to 1 that is always the same for the same text. @param {string} text */
function numberOf(text) {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  return (hash >>> 0) / 2 ** 32;
}

/**
 * A value that swings over minutes and hours.
 * @param {string} series
 * @param {[number, number]} range lowest, highest
 * @param {number} time Unix seconds
 */
function valueAt(series, [lowest, highest], time) {
  const phase = numberOf(series) * 1000;
  const swing =
    0.5 +
    0.25 * Math.sin(time / 1900 + phase) +
    0.15 * Math.sin(time / 310 + 2 * phase) +
    0.1 * (2 * numberOf(`${series} ${time}`) - 1);
  return Math.round((lowest + (highest - lowest) * Math.min(Math.max(swing, 0), 1)) * 100) / 100;
}

/**
 * What a host measures of a metric that every host reports.
 * @param {string} hostname
 * @param {string} metric
 * @param {string} instance
 * @param {number} time Unix seconds
 */
export function sampleAt(hostname, metric, instance, time) {
  const { range } = SAMPLES.find(({ definition }) => definition.name === metric);
  return valueAt(`${hostname} ${metric} ${instance}`, range, time);
}

/**
 * @param {import("./stand_in_server.js").MadeUpHost} host
 * @returns {{definition: {name: string}, instances: string[], range: [number, number]}[]}
 */
function reportedBy({ customMetrics = 0, small = false, extraMetrics = [], extraMaximum = 1e18 }) {
  if (small) return BASIC_SAMPLES;
  /**
   * @param {string} name
   * @param {number} highest
   * @returns {ReturnType<typeof reportedBy>[number]}
   */
  const own = (name, highest) => ({ definition: { name }, instances: [""], range: [0, highest] });
  const queues = Array.from({ length: customMetrics }, (_, index) => own(`queue_${index}_depth`, 40));
  return [...SAMPLES, ...queues, ...extraMetrics.map((name) => own(name, extraMaximum))];
}

/** @param {import("./stand_in_server.js").MadeUpHost} host */
function instancesOf({ cores = 4, extraInstances = [] }, { definition, instances }) {
  if (definition.name === "cpu_core_percent") return Array.from({ length: cores }, (_, core) => String(core));
  return instances[0] === "" ? instances : [...instances, ...extraInstances];
}

/**
 * When a host sent readings.
 * @param {import("./stand_in_server.js").MadeUpHost} host
 * @param {{now: number, from: number, to: number, step: number}} times Unix seconds; step: of buckets, 0: its readings
 */
function timesOf({ interval = 10, down = false, lateBy = 0, gaps = [] }, { now, from, to, step }) {
  const distance = step || interval;
  const end = Math.min(to, now - (down ? 4000 : lateBy));
  const times = [];
  const first = (step > 0 ? Math.floor(from / distance) : Math.ceil(from / distance)) * distance;
  for (let time = first; time <= end; time += distance) {
    if (!gaps.some(([start, stop]) => time >= now - start && time <= now - stop)) times.push(time);
  }
  return times;
}

/**
 * A host's history, as GET /data answers it in columns.
 * @param {import("./stand_in_server.js").MadeUpHost} host
 * @param {{now: number, from: number, to: number, step: number}} times
 * @param {string[]|null} names of metrics; null: all
 */
export function columnsOf(host, times, names) {
  const timestamps = timesOf(host, times);
  const series = [];
  for (const sample of reportedBy(host)) {
    const { range } = sample;
    const metric = sample.definition.name;
    if (names !== null && !names.includes(metric)) continue;
    for (const instance of instancesOf(host, sample)) {
      const average = timestamps.map((time) => valueAt(`${host.hostname} ${metric} ${instance}`, range, time));
      const spread = times.step > 0 ? (range[1] - range[0]) * 0.12 : 0;
      const minimum = average.map((value) => Math.max(range[0], value - spread));
      const maximum = average.map((value) => Math.min(range[1] || value, value + spread));
      series.push({ metric, instance, average, minimum, maximum });
    }
  }
  return { hostname: host.hostname, timestamps, series, facts: host.facts };
}
