/**
 * A small server with made-up hosts, for what is hard to get out of the real one: many hosts, hostile names, outages.
 * It serves the page as the real server's build makes it, and answers like that server does.
 */

import { createServer } from "node:http";
import { extname } from "node:path";
import { bundle } from "../../web/build.mjs";
import { StandInAccess } from "./stand_in_access.js";
import { fleetOf } from "./stand_in_fleet.js";

/** The page's files, made once for all servers of this process. */
let files = null;

export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const CONTENT_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const MOST_POINTS = 500;
const MOST_ROWS = 50_000;

const TIMEFRAMES = [
  ["15m", "15 minutes", 900],
  ["1h", "1 hour", 3600],
  ["6h", "6 hours", 21_600],
  ["24h", "24 hours", 86_400],
  ["7d", "7 days", 604_800],
  ["30d", "30 days", 2_592_000],
  ["1y", "1 year", 31_536_000],
].map(([name, label, seconds]) => ({ name, label, seconds }));

const metric = (name, unit, decimals, group, chart, more = {}) => ({
  name,
  unit,
  minimum: 0,
  maximum: unit === "percent" ? 100 : 1e18,
  decimals,
  instance_label: "",
  help: `${chart} of the host.`,
  group,
  chart,
  stacked: false,
  ...more,
});

const GIB = 2 ** 30;

/** Each metric with its instances and how its values swing: [lowest, highest]. */
const METRICS = [
  [metric("cpu", "percent", 1, "Overview", "CPU"), [""], [4, 62]],
  [metric("ram", "percent", 1, "Overview", "Memory"), [""], [38, 55]],
  [metric("disk", "percent", 1, "Overview", "Disk"), [""], [71, 73]],
  [
    metric("cpu_state_percent", "percent", 1, "CPU", "CPU by state", { instance_label: "state", stacked: true }),
    ["user", "system", "iowait", "steal"],
    [1, 20],
  ],
  [
    metric("cpu_core_percent", "percent", 1, "CPU", "CPU by core", { instance_label: "core" }),
    ["0", "1", "2", "3"],
    [2, 90],
  ],
  [
    metric("context_switches_per_second", "per_second", 1, "CPU", "Context switches and new processes"),
    [""],
    [900, 5200],
  ],
  [metric("forks_per_second", "per_second", 1, "CPU", "Context switches and new processes"), [""], [1, 40]],
  [metric("memory_used_bytes", "bytes", 0, "Memory", "Memory", { stacked: true }), [""], [3 * GIB, 4 * GIB]],
  [metric("memory_available_bytes", "bytes", 0, "Memory", "Memory", { stacked: true }), [""], [3.5 * GIB, 4 * GIB]],
  [metric("swap_used_bytes", "bytes", 0, "Memory", "Swap"), [""], [0, 0]],
  [
    metric("filesystem_used_percent", "percent", 1, "File systems", "Space used", { instance_label: "mountpoint" }),
    ["/", "/boot/efi", "/home"],
    [20, 80],
  ],
  [
    metric("disk_read_bytes_per_second", "bytes_per_second", 0, "Disk I/O", "Disk read", { instance_label: "device" }),
    ["nvme0n1"],
    [0, 9e6],
  ],
  [
    metric("disk_reads_per_second", "per_second", 1, "Disk I/O", "Disk operations", { instance_label: "device" }),
    ["nvme0n1"],
    [0, 300],
  ],
  [
    metric("disk_writes_per_second", "per_second", 1, "Disk I/O", "Disk operations", { instance_label: "device" }),
    ["nvme0n1"],
    [0, 900],
  ],
  [
    metric("network_receive_bytes_per_second", "bytes_per_second", 0, "Network", "Received", {
      instance_label: "interface",
    }),
    ["eth0", "lo"],
    [2e3, 4e6],
  ],
  [
    metric("network_transmit_bytes_per_second", "bytes_per_second", 0, "Network", "Sent", {
      instance_label: "interface",
    }),
    ["eth0", "lo"],
    [2e3, 9e5],
  ],
  [metric("load1", "count", 2, "Load", "Load"), [""], [0.1, 2.4]],
  [metric("load5", "count", 2, "Load", "Load"), [""], [0.3, 1.8]],
  [metric("load15", "count", 2, "Load", "Load"), [""], [0.5, 1.2]],
  [
    metric("pressure_some_percent", "percent", 2, "Pressure", "Some tasks waiting", { instance_label: "resource" }),
    ["cpu", "io", "memory"],
    [0, 3.2],
  ],
  [metric("uptime_seconds", "seconds", 0, "System", "Uptime"), [""], [500_000, 500_100]],
];

/** A number from 0 to 1 that is always the same for the same text. @param {string} text */
function numberOf(text) {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  return (hash >>> 0) / 2 ** 32;
}

/** A value that swings over minutes and hours, always the same for the same series and time. */
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
 * The smallest step that keeps to the points.
 * @param {number} span seconds
 * @param {number} interval seconds
 * @param {number} points
 */
function stepFor(span, interval, points) {
  if (span / interval <= points) return 0;
  return [10, 30, 60, 300, 900, 3600, 7200, 21_600, 86_400].find((step) => span / step <= points) ?? 604_800;
}

/**
 * @typedef {object} MadeUpHost
 * @property {string} hostname
 * @property {number} [interval] seconds between readings
 * @property {boolean} [down] it sent nothing for a while
 * @property {number} [lateBy] how old its newest reading is although readings arrive, in seconds
 * @property {[number, number][]} [gaps] times without readings: from and to, in seconds before now
 * @property {number} [customMetrics] how many gauges of its own it reports
 * @property {number} [cores] how many it has; 4 where left out
 * @property {boolean} [small] reports the five required fields alone
 * @property {string} [conflict] what the server says of two agents with its name
 * @property {number} [clockSkew] seconds that its clock is ahead
 * @property {number} [backfilled] how many readings came late
 * @property {Record<string, string>} [tags]
 * @property {Record<string, any>} [facts] what it tells of itself besides, or instead of what all of them tell
 * @property {Record<string, any>} [latestMetrics] of its latest reading, besides or instead of what all of them have
 * @property {string[]} [extraInstances] more names that each metric with instances has
 * @property {string[]} [extraMetrics] names of gauges of its own
 * @property {number} [extraMaximum] how high they go (1e18)
 */

export class StandInServer {
  /** @type {MadeUpHost[]} */
  hosts;
  /**
   * The answer to every API request: null for the real one, else a status and body.
   * @type {{status: number, body: string}|null}
   */
  failure = null;
  /** Milliseconds that every API answer takes. */
  delay = 0;
  /** The addresses of the API requests so far. @type {string[]} */
  requests = [];
  /** How many requests of a path were under way at once, at most. @type {Map<string, number>} */
  mostAtOnce = new Map();
  #atOnce = new Map();
  #server = null;
  #port = 0;

  /**
   * @param {MadeUpHost[]} hosts
   * @param {string} [base] the path under which everything lies, as behind a proxy
   * @param {import("./stand_in_access.js").Access} [access] open to everybody where left out
   */
  constructor(hosts, base = "/", access = {}) {
    this.hosts = hosts;
    this.access = new StandInAccess(access);
    this.base = base;
  }

  get address() {
    return `http://127.0.0.1:${this.#port}${this.base}dashboard`;
  }

  /** The page's address by a name that the browser takes for another machine. */
  get addressFromElsewhere() {
    return this.address.replace("127.0.0.1", "hostwatch.example");
  }

  /** Starts, or starts again on the same port. */
  async start() {
    files ??= bundle();
    this.files = await files;
    this.#server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve, reject) => this.#server.once("error", reject).listen(this.#port, "127.0.0.1", resolve));
    this.#port = this.#server.address().port;
  }

  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request, response) {
    const address = new URL(request.url, "http://stand-in");
    const path = address.pathname.startsWith(this.base) ? address.pathname.slice(this.base.length) : null;
    if (path === "dashboard") return this.#sendFile(response, "dashboard.html");
    if (path?.startsWith("assets/")) return this.#sendFile(response, path.slice("assets/".length));
    const answers = {
      catalogue: () => this.catalogue(),
      health: () => this.health(),
      hosts: () => this.hostList(address.searchParams),
      data: () => this.data(address.searchParams),
      fleet: () => this.fleet(address.searchParams),
    };
    const named = /^hosts\/([^/]+)(\/clean)?$/.exec(path ?? "");
    if (named) answers[path] = () => this.forget(decodeURIComponent(named[1]), named[2] === "/clean");
    if (!(path in answers) && !/^(session|setup|password|refusals|tokens(\/.+)?|hosts\/[^/]+\/allow)$/.test(path)) {
      return this.#send(response, 404, "application/json", '{"error":"nothing here"}');
    }

    this.requests.push(`${request.method === "GET" ? "" : `${request.method} `}${path}${address.search}`);
    this.#atOnce.set(path, (this.#atOnce.get(path) ?? 0) + 1);
    this.mostAtOnce.set(path, Math.max(this.mostAtOnce.get(path) ?? 0, this.#atOnce.get(path)));
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    this.#atOnce.set(path, this.#atOnce.get(path) - 1);
    if (this.failure) return this.#send(response, this.failure.status, "application/json", this.failure.body);
    const { status, body, headers } = (await this.access.answer(request, path)) ??
      this.access.refuseReading(request) ?? { status: 200, body: answers[path]() };
    this.#send(response, status, "application/json", JSON.stringify(body), headers);
  }

  #sendFile(response, name) {
    const content = this.files.get(name);
    if (!content) return this.#send(response, 404, "application/json", '{"error":"no such asset"}');
    this.#send(response, 200, CONTENT_TYPES[extname(name)], content);
  }

  #send(response, status, type, body, headers = {}) {
    response.writeHead(status, {
      ...headers,
      "Content-Type": type,
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "X-Content-Type-Options": "nosniff",
    });
    response.end(body);
  }

  now() {
    return Math.floor(Date.now() / 1000);
  }

  health() {
    return {
      status: "ok",
      version: "0.1.0",
      database: {
        bytes: 3 * GIB,
        used_bytes: 3 * GIB,
        limit_bytes: 20 * GIB,
        bytes_per_day: 14 * 2 ** 20,
        oldest: 1_700_000_000,
        oldest_reading: 1_763_000_000,
        damaged_chunks: 0,
      },
    };
  }

  /** @param {string} hostname @param {boolean} historyAlone */
  forget(hostname, historyAlone) {
    if (!historyAlone) this.hosts = this.hosts.filter((host) => host.hostname !== hostname);
    return { status: "ok" };
  }

  catalogue() {
    return {
      version: "0.1.0",
      timeframes: TIMEFRAMES,
      default_timeframe: "1h",
      metrics: METRICS.map(([definition]) => definition),
    };
  }

  /** @param {URLSearchParams} parameters */
  hostList(parameters) {
    const told = parameters.get("facts") === "*" ? undefined : parameters.get("facts")?.split(",");
    const whole = parameters.getAll("whole");
    const now = this.now();
    const hosts = this.hosts.map((host) => {
      const {
        hostname,
        interval = 10,
        down = false,
        lateBy = 0,
        small = false,
        conflict,
        clockSkew,
        backfilled,
        tags,
        facts: own = {},
        latestMetrics = {},
      } = host;
      const last = now - (down ? 4000 : lateBy + (now % interval));
      const value = (name, instance = "") =>
        valueAt(`${hostname} ${name} ${instance}`, METRICS.find(([definition]) => definition.name === name)[2], last);
      const metrics = {
        load1: value("load1"),
        network_receive_bytes_per_second: { eth0: value("network_receive_bytes_per_second", "eth0"), lo: 12 },
        network_transmit_bytes_per_second: { eth0: value("network_transmit_bytes_per_second", "eth0"), lo: 12 },
        ...latestMetrics,
      };
      const latest = {
        timestamp: last,
        cpu: value("cpu"),
        ram: value("ram"),
        disk: value("disk"),
        ...(small ? {} : { metrics }),
      };
      const facts = {
        os: "Debian GNU/Linux 13 (trixie)",
        kernel: "6.12.48+deb13-amd64",
        architecture: "x86_64",
        cpu_model: "AMD EPYC 7763 64-Core Processor",
        cpu_cores: 4,
        memory_bytes: 8 * GIB,
        agent_version: "0.1.0",
        boot_time: now - 500_000,
        interval_seconds: interval,
        tags,
        ...own,
      };
      return {
        hostname,
        status: down ? "down" : "up",
        first_seen: now - 2_000_000,
        last_seen: last,
        interval,
        conflict,
        clock_skew: clockSkew,
        backfilled,
        latest,
        ...(small
          ? {}
          : {
              facts:
                told && !whole.includes(hostname)
                  ? Object.fromEntries(Object.entries(facts).filter(([name]) => told.includes(name)))
                  : facts,
            }),
      };
    });
    return { now, count: hosts.length, hosts };
  }

  /** @param {URLSearchParams} parameters */
  data(parameters) {
    const now = this.now();
    const wanted = parameters.getAll("hostname");
    const preset = TIMEFRAMES.find(({ name }) => name === parameters.get("timeframe"));
    const from = parameters.has("from") ? Number(parameters.get("from")) : now - preset.seconds;
    const chosen = this.hosts.filter((host) => wanted.length === 0 || wanted.includes(host.hostname));
    const to = parameters.has("to") ? Math.min(Number(parameters.get("to")), now) : now;
    const interval = chosen.reduce((least, host) => Math.min(least, host.interval ?? 10), 3600);
    const points = Math.min(
      Number(parameters.get("points") ?? MOST_POINTS),
      Math.floor(MOST_ROWS / Math.max(1, chosen.length)),
    );
    const step = parameters.has("step") ? Number(parameters.get("step")) : stepFor(to - from, interval, points);
    const names = parameters.get("metrics") === "*" ? null : parameters.get("metrics").split(",");
    const hosts = chosen.map((host) => this.#columns(host, from, to, step, names));
    return { count: hosts.reduce((sum, host) => sum + host.timestamps.length, 0), step, from, to, hosts };
  }

  /** @param {URLSearchParams} parameters */
  fleet(parameters) {
    const metric = parameters.get("metric");
    const wanted = new URLSearchParams(parameters);
    wanted.set("metrics", metric);
    if (!wanted.has("points")) wanted.set("points", "300");
    if (!wanted.has("step")) wanted.set("step", String(Math.max(10, this.data(wanted).step)));
    return fleetOf(
      parameters,
      METRICS.find(([definition]) => definition.name === metric)?.[0] ?? { unit: "count", instance_label: "" },
      this.data(wanted),
    );
  }

  /** @param {MadeUpHost} host */
  #columns(host, from, to, step, names) {
    const now = this.now();
    const {
      hostname,
      interval = 10,
      down = false,
      lateBy = 0,
      gaps = [],
      customMetrics = 0,
      small = false,
      cores = 4,
      extraInstances = [],
      extraMetrics = [],
      extraMaximum = 1e18,
    } = host;
    const distance = step || interval;
    const end = Math.min(to, now - (down ? 4000 : lateBy));
    const timestamps = [];
    for (
      let time = step > 0 ? Math.floor(from / distance) * distance : Math.ceil(from / distance) * distance;
      time <= end;
      time += distance
    ) {
      if (!gaps.some(([start, stop]) => time >= now - start && time <= now - stop)) timestamps.push(time);
    }
    const custom = Array.from({ length: customMetrics }, (_, index) => [
      { name: `queue_${index}_depth` },
      [""],
      [0, 40],
    ]);
    for (const name of extraMetrics) custom.push([{ name }, [""], [0, extraMaximum]]);
    const reported = small ? METRICS.slice(0, 3) : [...METRICS, ...custom];
    const series = [];
    for (const [definition, instances, range] of reported) {
      if (names !== null && !names.includes(definition.name)) continue;
      const all =
        definition.name === "cpu_core_percent"
          ? Array.from({ length: cores }, (_, core) => String(core))
          : instances[0] === ""
            ? instances
            : [...instances, ...extraInstances];
      for (const instance of all) {
        const average = timestamps.map((time) => valueAt(`${hostname} ${definition.name} ${instance}`, range, time));
        const spread = step > 0 ? (range[1] - range[0]) * 0.12 : 0;
        const minimum = average.map((value) => Math.max(range[0], value - spread));
        const maximum = average.map((value) => Math.min(range[1] || value, value + spread));
        series.push({ metric: definition.name, instance, average, minimum, maximum });
      }
    }
    return { hostname, timestamps, series, facts: host.facts };
  }
}
