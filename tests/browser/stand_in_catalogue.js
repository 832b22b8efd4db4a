/**
 * The catalogue that the stand-in server answers with, which is the real server's (a test compares them), and what its
 * hosts report of it.
 */

import { readFileSync } from "node:fs";

/**
 * @typedef {{name: string, label: string, seconds: number}} Timeframe
 *
 * @typedef {object} MetricDefinition
 * @property {string} name
 * @property {string} unit
 * @property {number} minimum
 * @property {number} maximum
 * @property {number} decimals
 * @property {string} instance_label
 * @property {string} help
 * @property {string} group
 * @property {string} chart
 * @property {boolean} stacked
 *
 * @typedef {object} Sample what the hosts report of a metric
 * @property {MetricDefinition} definition
 * @property {string[]} instances `[""]`: it has none
 * @property {[number, number]} range how its values swing: lowest, highest
 */

/** @type {{default_timeframe: string, timeframes: Timeframe[], metrics: MetricDefinition[]}} */
export const CATALOGUE = JSON.parse(readFileSync(new URL("catalogue.json", import.meta.url), "utf8"));

const GIB = 2 ** 30;

/** @type {[string, [number, number], string[]?][]} each with its range, and its instances if it has some */
const REPORTED = [
  ["cpu", [4, 62]],
  ["ram", [38, 55]],
  ["disk", [71, 73]],
  ["cpu_state_percent", [1, 20], ["user", "system", "iowait", "steal"]],
  ["cpu_core_percent", [2, 90], ["0", "1", "2", "3"]],
  ["context_switches_per_second", [900, 5200]],
  ["forks_per_second", [1, 40]],
  ["memory_used_bytes", [3 * GIB, 4 * GIB]],
  ["memory_available_bytes", [3.5 * GIB, 4 * GIB]],
  ["swap_used_bytes", [0, 0]],
  ["filesystem_used_percent", [20, 80], ["/", "/boot/efi", "/home"]],
  ["disk_read_bytes_per_second", [0, 9e6], ["nvme0n1"]],
  ["disk_reads_per_second", [0, 300], ["nvme0n1"]],
  ["disk_writes_per_second", [0, 900], ["nvme0n1"]],
  ["network_receive_bytes_per_second", [2e3, 4e6], ["eth0", "lo"]],
  ["network_transmit_bytes_per_second", [2e3, 9e5], ["eth0", "lo"]],
  ["load1", [0.1, 2.4]],
  ["load5", [0.3, 1.8]],
  ["load15", [0.5, 1.2]],
  ["pressure_some_percent", [0, 3.2], ["cpu", "io", "memory"]],
  ["uptime_seconds", [500_000, 500_100]],
];

/** What every host reports, in the order of the catalogue. @type {Sample[]} */
export const SAMPLES = REPORTED.map(([name, range, instances = [""]]) => {
  const definition = CATALOGUE.metrics.find((metric) => metric.name === name);
  if (definition === undefined) throw new Error(`The catalogue has no metric ${name}`);
  return { definition, instances, range };
});

/** Those that a host reports which sends the five required fields alone. */
export const BASIC_SAMPLES = SAMPLES.slice(0, 3);
