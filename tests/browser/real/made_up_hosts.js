/**
 * Made-up hosts: which there are, what is wrong with some of them, and at which times each of them took a reading.
 */

import { readingAt, seedOf } from "./made_up_values.js";

const DAY = 86_400;
const SYSTEMS = [
  ["Debian GNU/Linux 13 (trixie)", "6.12.48+deb13-amd64"],
  ["Debian GNU/Linux 12 (bookworm)", "6.1.0-39-amd64"],
  ["Ubuntu 24.04.3 LTS", "6.8.0-85-generic"],
  ["Rocky Linux 9.6", "5.14.0-570.el9.x86_64"],
];
const ROLES = ["web", "db", "cache", "queue", "build", "mail"];

/**
 * @typedef {object} MadeUpHost
 * @property {string} hostname
 * @property {number} seed of its values
 * @property {number} interval seconds between two readings
 * @property {number} began seconds: its first reading
 * @property {number} ended seconds: its last reading
 * @property {boolean} down it sent nothing for a while
 * @property {"none"|"few"|"all"} metrics beside cpu, ram and disk
 * @property {[number, number][]} gaps from and to, Unix seconds: no readings from the first up to, and without, the
 *   second
 * @property {Record<string, number>} fixed values that do not follow the rhythm, as `disk: 97`
 * @property {object} facts
 */

/**
 * @param {string} hostname
 * @param {number} now Unix seconds
 * @param {{interval: number, told?: number, seconds: number, silent?: number} & Partial<MadeUpHost>} more told: the
 *   interval that it says it has; seconds of history; silent: seconds since its last reading
 * @returns {MadeUpHost}
 */
export function madeUpHost(hostname, now, { interval, told = interval, seconds, silent = 0, ...more }) {
  const seed = seedOf(hostname);
  const [os, kernel] = SYSTEMS[seed % SYSTEMS.length];
  const facts = {
    os,
    kernel,
    architecture: "x86_64",
    cpu_model: "AMD EPYC 7763 64-Core Processor",
    cpu_cores: 4,
    memory_bytes: 8 * 2 ** 30,
    boot_time: now - (3600 + (seed % (90 * DAY))),
    interval_seconds: told,
    agent_version: "0.1.0",
  };
  const whole = (time) => Math.floor(time / interval) * interval;
  return {
    hostname,
    seed,
    down: false,
    interval,
    began: whole(now - seconds),
    ended: whole(now - silent),
    metrics: "few",
    gaps: [],
    fixed: {},
    facts,
    ...more,
  };
}

/** A host's name of a fleet: web-0000, db-0001, … @param {number} index */
function fleetName(index) {
  return `${ROLES[index % ROLES.length]}-${String(index).padStart(4, "0")}`;
}

/** Of each hundred hosts of a fleet: which one is down, has a full disk, an almost full one, or had a gap. */
const DOWN = 7;
const FULL = 11;
const ALMOST_FULL = 15;
const GAPPY = 31;
/**
 * What each host of a fleet says is its interval: it counts as down after three of them, so that a test that takes its
 * time still finds up what was up, although nobody goes on sending.
 */
const TOLD_INTERVAL = 300;
const SILENT_SECONDS = 4 * TOLD_INTERVAL;

/**
 * Many hosts with an hour of readings. Of each hundred the eighth is down, the twelfth has a full disk, the sixteenth
 * an almost full one, and the thirty-second had a gap. Those that are down are so for a server that was started after
 * they were loaded: it reckons from when it heard of a host.
 * @param {number} count @param {number} now Unix seconds
 * @param {{interval?: number, told?: number, seconds?: number, metrics?: "none"|"few"|"all"}} [how]
 * @returns {MadeUpHost[]}
 */
export function fleet(count, now, { interval = 60, told = TOLD_INTERVAL, seconds = 3600, metrics = "few" } = {}) {
  return Array.from({ length: count }, (_, index) => {
    const place = index % 100;
    return madeUpHost(fleetName(index), now, {
      interval,
      told,
      seconds,
      metrics,
      down: place === DOWN,
      silent: place === DOWN ? SILENT_SECONDS : 0,
      fixed: place === FULL ? { disk: 97 } : place === ALMOST_FULL ? { disk: 86.5 } : {},
      gaps: place === GAPPY ? [[now - 2400, now - 1500]] : [],
    });
  });
}

/**
 * Times without readings of the host "year": nine days, and two hours.
 * @param {number} now Unix seconds
 * @returns {[number, number][]}
 */
export function gapsOfTheYear(now) {
  return [
    [now - 95 * DAY, now - 86 * DAY],
    [now - 150 * DAY, now - 150 * DAY + 7200],
  ];
}

/**
 * One host with a year of everything, a reading every five minutes; and some with a year of the basics alone, a reading
 * an hour.
 * @param {number} now Unix seconds @param {{seconds?: number, others?: number}} [how]
 * @returns {MadeUpHost[]}
 */
export function yearOfHistory(now, { seconds = 365 * DAY, others = 3 } = {}) {
  return [
    madeUpHost("year", now, { interval: 300, seconds, metrics: "all", gaps: gapsOfTheYear(now) }),
    ...Array.from({ length: others }, (_, index) =>
      madeUpHost(`archive-${index + 1}`, now, { interval: 3600, seconds, metrics: "none" }),
    ),
  ];
}

/** @param {MadeUpHost} host */
export function* readingsOf(host) {
  for (let time = host.began; time <= host.ended; time += host.interval) {
    if (host.gaps.some(([from, to]) => time >= from && time < to)) continue;
    const reading = readingAt(host, time);
    // An agent tells its facts at start; here with the last reading, as the newest ones count.
    if (time + host.interval > host.ended) reading.facts = host.facts;
    yield reading;
  }
}
