/**
 * What a made-up host measures at a time: the rhythm of day and week, noise, bursts, disks that fill up. Always the
 * same for the same host and time, so that a test knows what the page has to show.
 */

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const DAY = 86_400;
const WEEK = 7 * DAY;
const BURST_SECONDS = 900;
const CORES = ["0", "1", "2", "3"];
const RESOURCES = ["cpu", "io", "memory"];

/** An even number from 0 to 1 for two whole numbers. */
function chance(seed, number) {
  let mixed = Math.imul(seed ^ Math.imul(number, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

/** A seed for a text. @param {string} text */
export function seedOf(text) {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  return hash >>> 0;
}

const clip = (value, most = 100) => Math.min(Math.max(value, 0), most);
const rounded = (value, power = 10) => Math.round(value * power) / power;

/**
 * How busy the host is, 0 to 1: least at four in the morning, half as much at weekends, now and then a burst.
 * @param {number} seed @param {number} time Unix seconds
 */
function activity(seed, time) {
  const day = 0.5 - 0.5 * Math.cos((2 * Math.PI * ((time % DAY) / 3600 - 4)) / 24);
  const weekend = ((time + 3 * DAY) % WEEK) / DAY >= 5 ? 0.5 : 1; // 1 January 1970 was a Thursday
  const burst = Math.floor(time / BURST_SECONDS);
  const height = chance(seed, burst) > 0.96 ? 0.3 + 0.4 * chance(seed + 1, burst) : 0;
  // Never so busy that it counts as full, which a test says of a host by its disk alone.
  return clip(0.08 + 0.4 * day * weekend + height + 0.08 * (chance(seed + 2, time) - 0.5), 0.78);
}

/**
 * @param {number} seed @param {number} time Unix seconds @param {number} busy 0 to 1
 * @param {number} since Unix seconds at which its disks began to fill up
 */
function percentages(seed, time, busy, since) {
  const filled = 35 + 25 * chance(seed, 5) + 30 * clip((time - since) / (400 * DAY), 1);
  return {
    cpu: rounded(clip(100 * busy)),
    ram: rounded(clip(30 + 25 * chance(seed, 4) + 20 * busy + 2 * chance(seed + 3, time))),
    disk: rounded(clip(filled + 0.4 * chance(seed + 4, time))),
  };
}

/** Some metrics, as of a small agent of one's own. */
function fewMetrics(seed, time, busy) {
  return {
    load1: rounded(4 * busy + 0.3 * chance(seed + 5, time), 100),
    network_receive_bytes_per_second: { eth0: Math.round(MIB * busy * (0.5 + chance(seed + 6, time))) },
    network_transmit_bytes_per_second: { eth0: Math.round(0.4 * MIB * busy * (0.5 + chance(seed + 7, time))) },
  };
}

/**
 * @typedef {object} Moment of a host
 * @property {number} busy 0 to 1
 * @property {{cpu: number, ram: number, disk: number}} values percent
 * @property {number} read how busy it reads, 0 to 1
 * @property {number} written how busy it writes, 0 to 1
 * @property {(number: number) => number} noise an even number from 0 to 1, always the same for the same number
 */

/** @param {Moment} moment */
function cpuMetrics({ busy, values, read, noise }) {
  return {
    cpu_state_percent: {
      user: rounded(values.cpu * 0.62),
      system: rounded(values.cpu * 0.3),
      iowait: rounded(4 * read),
      nice: 0,
      irq: 0,
      softirq: rounded(values.cpu * 0.06),
      steal: rounded(values.cpu * 0.02),
    },
    cpu_core_percent: Object.fromEntries(
      CORES.map((core) => [core, rounded(clip(values.cpu * (0.6 + 0.8 * noise(20 + Number(core)))))]),
    ),
    context_switches_per_second: rounded(900 + 9000 * busy * (0.8 + 0.4 * noise(14))),
    forks_per_second: rounded(1 + 40 * busy * noise(15)),
  };
}

/** @param {Moment} moment */
function memoryMetrics({ values, noise }) {
  const total = 8 * GIB;
  const used = Math.round((total * values.ram) / 100);
  const free = Math.round((total - used) * (0.2 + 0.1 * noise(10)));
  return {
    memory_used_bytes: used,
    memory_available_bytes: total - used,
    memory_total_bytes: total,
    memory_free_bytes: free,
    memory_buffers_bytes: Math.round(0.02 * total),
    memory_cached_bytes: Math.round((total - used - free) * 0.9),
    swap_used_bytes: values.ram > 60 ? Math.round((values.ram - 60) * 10 * MIB) : 0,
    swap_total_bytes: 2 * GIB,
  };
}

/** @param {Moment} moment */
function diskMetrics({ values, read, written }) {
  return {
    filesystem_used_percent: { "/": values.disk, "/boot/efi": 12.4, "/home": rounded(clip(values.disk * 0.7)) },
    filesystem_free_bytes: {
      "/": Math.round((1 - values.disk / 100) * 40 * GIB),
      "/boot/efi": 440 * MIB,
      "/home": Math.round((1 - (values.disk * 0.7) / 100) * 200 * GIB),
    },
    filesystem_size_bytes: { "/": 40 * GIB, "/boot/efi": 511 * MIB, "/home": 200 * GIB },
    filesystem_inodes_used_percent: { "/": rounded(values.disk / 4), "/home": rounded(values.disk / 6) },
    filesystem_inodes_free: { "/": 2_000_000, "/home": 11_000_000 },
    disk_read_bytes_per_second: { nvme0n1: Math.round(90 * MIB * read) },
    disk_written_bytes_per_second: { nvme0n1: Math.round(60 * MIB * written) },
    disk_reads_per_second: { nvme0n1: rounded(2400 * read) },
    disk_writes_per_second: { nvme0n1: rounded(1800 * written) },
    disk_busy_percent: { nvme0n1: rounded(clip(60 * (read + written))) },
  };
}

/** @param {Moment} moment */
function networkMetrics({ busy, noise }) {
  const packets = busy * (0.5 + noise(13));
  const network = (rate) => ({ eth0: rounded(rate), lo: rounded(rate / 50) });
  return {
    network_receive_bytes_per_second: network(4 * MIB * packets),
    network_transmit_bytes_per_second: network(1.5 * MIB * packets),
    network_receive_packets_per_second: network(3500 * packets),
    network_transmit_packets_per_second: network(2100 * packets),
    network_receive_errors_per_second: network(0),
    network_transmit_errors_per_second: network(0),
    network_receive_drops_per_second: network(noise(16) > 0.99 ? 3 : 0),
    network_transmit_drops_per_second: network(0),
  };
}

/** @param {Moment} moment */
function loadMetrics({ busy, read, noise }) {
  return {
    load1: rounded(4 * busy + 0.4 * noise(17), 100),
    load5: rounded(3.8 * busy + 0.2 * noise(18), 100),
    load15: rounded(3.6 * busy + 0.1 * noise(19), 100),
    processes_running: 1 + Math.round(4 * busy * noise(17)),
    processes_blocked: read > 0.3 ? 1 : 0,
    pressure_some_percent: Object.fromEntries(
      RESOURCES.map((resource, index) => [resource, rounded(clip(8 * busy * noise(30 + index)), 100)]),
    ),
    pressure_full_percent: { io: rounded(2 * read, 100), memory: 0 },
    agent_waiting_readings: 0,
    agent_dropped_readings: 0,
    agent_refused_readings: 0,
    agent_damaged_records: 0,
  };
}

/** What the real agent sends, by its catalogue: 30 charts of the page. */
function allMetrics(seed, time, busy, values, bootTime) {
  const noise = (number) => chance(seed + number, time);
  const moment = { busy, values, noise, read: busy * noise(11) ** 3, written: busy * noise(12) ** 2 };
  return {
    ...cpuMetrics(moment),
    ...memoryMetrics(moment),
    ...diskMetrics(moment),
    ...networkMetrics(moment),
    ...loadMetrics(moment),
    uptime_seconds: Math.max(0, time - bootTime),
    queue_depth: Math.round(40 * busy * noise(9)), // not of the catalogue
  };
}

/**
 * @typedef {{hostname: string, timestamp: number, cpu: number, ram: number, disk: number,
 *   metrics?: Record<string, number|Record<string, number>>, facts?: object}} Reading as POST /metrics takes it
 */

/**
 * @param {import("./made_up_hosts.js").MadeUpHost} host @param {number} time Unix seconds
 * @returns {Reading}
 */
export function readingAt(host, time) {
  const busy = activity(host.seed, time);
  const values = { ...percentages(host.seed, time, busy, host.began), ...host.fixed };
  /** @type {Reading} */
  const reading = { hostname: host.hostname, timestamp: time, ...values };
  if (host.metrics === "few") reading.metrics = fewMetrics(host.seed, time, busy);
  else if (host.metrics === "all") reading.metrics = allMetrics(host.seed, time, busy, values, host.facts.boot_time);
  return reading;
}
