/**
 * Seeded readings: three regular percents, or sixty values at jittered times. Values are kept as integers, scaled by
 * their decimals.
 */

/** @returns {() => number} evenly distributed in [0, 1): mulberry32 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const gauss = (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const clip = (value, low, high) => Math.min(high, Math.max(low, value));

/** Each maker takes a source of randomness and gives a function that returns the next value. */
const KINDS = {
  /** AR(1) noise with bursts, as a processor's load is. */
  busy: (next, { mean, spread, high = 100, burst = 40 }) => {
    let noise = 0;
    let left = 0;
    let height = 0;
    return () => {
      noise = 0.9 * noise + gauss(next) * spread;
      if (left > 0) left -= 1;
      else if (next() < 1 / 600) [left, height] = [5 + Math.floor(next() * 60), burst * (0.5 + next())];
      return clip(mean + noise + (left > 0 ? height + gauss(next) * spread * 2 : 0), 0, high);
    };
  },
  /** Stays mostly, else goes a step up or down, as memory does. */
  walk: (next, { mean, moves, step, drift = 0.5, low = mean * 0.5, high = mean * 1.5 }) => {
    let value = mean * (0.8 + next() * 0.4);
    return () => {
      if (next() < moves) {
        value = clip(value + (next() < drift ? step : -step) * (step > 1 ? Math.ceil(next() * 200) : 1), low, high);
      }
      return value;
    };
  },
  /** Traffic: a floor, and now and then far more. */
  traffic: (next, { mean, quiet = 0.2 }) => {
    let level = 1;
    return () => {
      if (next() < 0.01) level = Math.exp(gauss(next) * 1.5);
      return next() < quiet ? 0 : mean * level * Math.exp(gauss(next) * 0.4);
    };
  },
  constant:
    (next, { mean }) =>
    () =>
      mean,
  uptime: (next, { mean }) => {
    const boot = Math.floor(next() * mean);
    return (seconds) => boot + seconds;
  },
};

const column = (metric, decimals, kind, values, label = "", instance = "") => ({
  metric,
  decimals,
  kind,
  values,
  label,
  instance,
});
const each = (instances, make) => instances.flatMap(make);

/** cpu noisy, ram a slow walk, disk nearly constant. */
export const NARROW = [
  column("cpu", 1, "busy", { mean: 18, spread: 1.87 }),
  column("ram", 1, "walk", { mean: 45, moves: 0.2, step: 0.1 }),
  column("disk", 1, "walk", { mean: 60, moves: 0.0025, step: 0.1, drift: 0.8, high: 95 }),
];

const GIB = 2 ** 30;

/** Sixty values as an agent of a machine with four cores sends them. */
export const WIDE = [
  ...NARROW,
  ...each(
    [
      ["user", 12],
      ["nice", 0],
      ["system", 4],
      ["idle", 80],
      ["iowait", 1],
      ["irq", 0],
      ["softirq", 0.4],
      ["steal", 0.2],
    ],
    ([state, mean]) =>
      column(
        "cpu_state_percent",
        1,
        mean === 0 ? "constant" : "busy",
        { mean, spread: mean / 10, burst: mean / 2 },
        "state",
        state,
      ),
  ),
  ...each(["0", "1", "2", "3"], (core) => column("cpu_core_percent", 1, "busy", { mean: 18, spread: 4 }, "core", core)),
  column("context_switches_per_second", 1, "busy", { mean: 2400, spread: 150, burst: 3000, high: 1e6 }),
  column("forks_per_second", 1, "traffic", { mean: 3, quiet: 0.1 }),
  ...each(
    [
      ["used", 7],
      ["available", 8],
      ["free", 1],
      ["buffers", 0.3],
      ["cached", 6],
    ],
    ([what, gib]) => column(`memory_${what}_bytes`, 0, "walk", { mean: gib * GIB, moves: 0.9, step: 4096 }),
  ),
  column("memory_total_bytes", 0, "constant", { mean: 16_384_458_752 }),
  column("swap_used_bytes", 0, "walk", { mean: GIB / 8, moves: 0.01, step: 4096 }),
  column("swap_total_bytes", 0, "constant", { mean: 2_147_479_552 }),
  ...each(
    [
      ["/", 60],
      ["/srv/data", 400],
    ],
    ([mountpoint, gib]) => [
      column("filesystem_used_percent", 1, "walk", { mean: 60, moves: 0.0025, step: 0.1 }, "mountpoint", mountpoint),
      column(
        "filesystem_free_bytes",
        0,
        "walk",
        { mean: gib * GIB * 0.4, moves: 0.5, step: 4096 },
        "mountpoint",
        mountpoint,
      ),
      column("filesystem_size_bytes", 0, "constant", { mean: gib * GIB }, "mountpoint", mountpoint),
      column("filesystem_inodes_used_percent", 1, "constant", { mean: 7.3 }, "mountpoint", mountpoint),
      column(
        "filesystem_inodes_free",
        0,
        "walk",
        { mean: gib * 60_000, moves: 0.3, step: 1 },
        "mountpoint",
        mountpoint,
      ),
    ],
  ),
  column("disk_read_bytes_per_second", 0, "traffic", { mean: 20_000, quiet: 0.7 }, "device", "vda"),
  column("disk_written_bytes_per_second", 0, "traffic", { mean: 90_000, quiet: 0.05 }, "device", "vda"),
  column("disk_reads_per_second", 1, "traffic", { mean: 2, quiet: 0.7 }, "device", "vda"),
  column("disk_writes_per_second", 1, "traffic", { mean: 9, quiet: 0.05 }, "device", "vda"),
  column("disk_busy_percent", 1, "busy", { mean: 1.2, spread: 0.3, burst: 10 }, "device", "vda"),
  ...each(
    [
      ["eth0", 40_000],
      ["lo", 3000],
    ],
    ([name, mean]) =>
      each(["receive", "transmit"], (way) => [
        column(`network_${way}_bytes_per_second`, 0, "traffic", { mean, quiet: 0 }, "interface", name),
        column(`network_${way}_packets_per_second`, 1, "traffic", { mean: mean / 500, quiet: 0 }, "interface", name),
      ]),
  ),
  column("load1", 2, "busy", { mean: 0.6, spread: 0.06, burst: 1.5 }),
  column("load5", 2, "walk", { mean: 0.6, moves: 0.4, step: 0.01 }),
  column("load15", 2, "walk", { mean: 0.6, moves: 0.15, step: 0.01 }),
  column("processes_running", 0, "traffic", { mean: 1.5, quiet: 0 }),
  column("processes_blocked", 0, "traffic", { mean: 0.3, quiet: 0.8 }),
  ...each(["cpu", "memory", "io"], (what) =>
    column(
      "pressure_some_percent",
      2,
      "traffic",
      { mean: 0.4, quiet: what === "memory" ? 0.999 : 0.4 },
      "resource",
      what,
    ),
  ),
  ...each(["memory", "io"], (what) =>
    column(
      "pressure_full_percent",
      2,
      "traffic",
      { mean: 0.2, quiet: what === "memory" ? 0.999 : 0.6 },
      "resource",
      what,
    ),
  ),
  column("uptime_seconds", 0, "uptime", { mean: 5_000_000 }),
  column("agent_waiting_readings", 0, "constant", { mean: 0 }),
];

/**
 * @param {{hosts: number, seconds: number, interval: number, end: number, seed: number, columns: object[], jitter:
 *   boolean}} wanted jitter: each time is off by up to a second (an interval of at least 3 s keeps them increasing)
 * @returns {{columns: object[], interval: number, first: number, end: number, readings: number, values: number, hosts:
 *   object[]}}
 */
export function generate({ hosts, seconds, interval, end, seed, columns, jitter = false }) {
  if (jitter && interval < 3) throw new Error("jittered readings need an interval of at least 3 s");
  const count = Math.floor(seconds / interval);
  const first = end - (count - 1) * interval;
  const width = columns.length;
  const makeHost = (_, index) => {
    const next = random(seed * 1_000_003 + index);
    const makers = columns.map(({ kind, values }) => KINDS[kind](next, values));
    const limits = columns.map(({ metric }) => (metric.endsWith("_percent") ? 100 : Infinity));
    const scales = columns.map(({ decimals }) => 10 ** decimals);
    const times = new Uint32Array(count);
    const values = new Float64Array(count * width);
    for (let row = 0; row < count; row += 1) {
      times[row] = first + row * interval + (jitter ? Math.floor(next() * 3) - 1 : 0);
      for (let at = 0; at < width; at += 1) {
        values[row * width + at] = Math.round(Math.min(limits[at], makers[at](times[row] - first)) * scales[at]);
      }
    }
    return { name: `bench-${String(index).padStart(4, "0")}`, times, values };
  };
  return {
    columns,
    interval,
    first,
    end,
    readings: count * hosts,
    values: count * hosts * width,
    hosts: Array.from({ length: hosts }, makeHost),
  };
}

/** Bits a value that the differences between neighbours carry, per column: what delta coding cannot go below. */
export function entropy({ columns, hosts }) {
  return columns.map((_, at) => {
    const counts = new Map();
    let all = 0;
    for (const { values } of hosts) {
      for (let index = at + columns.length; index < values.length; index += columns.length, all += 1) {
        const delta = values[index] - values[index - columns.length];
        counts.set(delta, (counts.get(delta) ?? 0) + 1);
      }
    }
    return [...counts.values()].reduce((sum, count) => sum - (count / all) * Math.log2(count / all), 0);
  });
}
