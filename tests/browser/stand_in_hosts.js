/**
 * The stand-in server's list of hosts, as GET /hosts answers it.
 */

import { sampleAt } from "./stand_in_values.js";

const GIB = 2 ** 30;
/** What hosts began some time ago they did not begin anew since. */
const STARTED = Math.floor(Date.now() / 1000);

/** @param {import("./stand_in_server.js").MadeUpHost} host @param {number} time Unix seconds of the reading */
function latestOf({ hostname, small = false, latestMetrics = {} }, time) {
  const value = (metric, instance = "") => sampleAt(hostname, metric, instance, time);
  const latest = { timestamp: time, cpu: value("cpu"), ram: value("ram"), disk: value("disk") };
  if (small) return latest;
  const metrics = {
    load1: value("load1"),
    network_receive_bytes_per_second: { eth0: value("network_receive_bytes_per_second", "eth0"), lo: 12 },
    network_transmit_bytes_per_second: { eth0: value("network_transmit_bytes_per_second", "eth0"), lo: 12 },
    ...latestMetrics,
  };
  return { ...latest, metrics };
}

/** @param {import("./stand_in_server.js").MadeUpHost} host */
function factsOf({ interval = 10, tags, facts = {} }) {
  return {
    os: "Debian GNU/Linux 13 (trixie)",
    kernel: "6.12.48+deb13-amd64",
    architecture: "x86_64",
    cpu_model: "AMD EPYC 7763 64-Core Processor",
    cpu_cores: 4,
    memory_bytes: 8 * GIB,
    agent_version: "0.1.0",
    boot_time: STARTED - 500_000,
    interval_seconds: interval,
    tags,
    ...facts,
  };
}

/**
 * @param {import("./stand_in_server.js").MadeUpHost} host
 * @param {number} now Unix seconds
 * @param {string[]|null} wantedFacts by name; null: all
 */
export function listedHost(host, now, wantedFacts) {
  const { hostname, interval = 10, down = false, lateBy = 0, conflict, clockSkew, backfilled, small = false } = host;
  const last = now - (down ? 4000 : lateBy + (now % interval));
  const listed = {
    hostname,
    status: down ? "down" : "up",
    first_seen: STARTED - 2_000_000,
    last_seen: last,
    interval,
    conflict,
    clock_skew: clockSkew,
    backfilled,
    latest: latestOf(host, last),
  };
  if (small) return listed;
  const facts = Object.entries(factsOf(host)).filter(([name]) => wantedFacts?.includes(name) ?? true);
  return { ...listed, facts: Object.fromEntries(facts) };
}
