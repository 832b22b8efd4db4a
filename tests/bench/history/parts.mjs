/** The parts of the benchmark, each with tables of its own. */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Connection } from "./connection.mjs";
import { NARROW, WIDE, entropy, generate } from "./data.mjs";
import { historyTimes, latestTimes, queries, RANGES } from "./queries.mjs";
import { Hostwatch, Victoria } from "./servers.mjs";
import { figure, median, quantile, ratio, remark, say, table, whole } from "./tables.mjs";

const HOUR = 3600;
const DAY = 86_400;
const STARTS = 5;

/** A minute back, so that the last reading is never ahead of a server's clock. */
const generated = (options, more) =>
  generate({ interval: options.interval, seed: options.seed, end: Math.floor(Date.now() / 1000) - 60, ...more });

/** Both servers in a folder of their own, gone when `measure` is done. */
async function withServers(options, name, measure) {
  const folder = join(options.work, name);
  mkdirSync(folder, { recursive: true });
  const servers = [await Hostwatch.create(options, folder), await Victoria.create(options, folder)];
  for (const server of servers) await server.start();
  const result = await measure(...servers);
  for (const server of servers) await server.stop();
  if (!options.keep) rmSync(folder, { recursive: true });
  return result;
}

/** Loads one after the other, lets both come to rest, and sees that nothing is missing. */
async function fill(options, data, quiet, ...servers) {
  const results = [];
  for (const server of servers) {
    say(`loading ${whole(data.readings)} readings of ${data.hosts.length} hosts into ${server.name}`);
    const loaded = await server.load(data);
    say(`${server.name} comes to rest`);
    const note = await server.settle({ limit: options.settle, quiet });
    results.push({
      ...loaded,
      note,
      cpuSettled: server.cpuSeconds(),
      peak: server.memory("VmHWM"),
      rss: server.memory("VmRSS"),
    });
  }
  const samples = await servers[1].samples(data);
  if (samples !== data.values) throw new Error(`VictoriaMetrics holds ${samples} of ${data.values} values`);
  return results;
}

async function weigh(...servers) {
  for (const server of servers) await server.stop();
  const bytes = servers.map((server) => server.bytes());
  const free = servers[0].freeBytes();
  for (const server of servers) await server.start();
  return { bytes, free };
}

function storageTable(title, data, loaded, { bytes, free }) {
  const bits = entropy(data);
  const perReading = bits.reduce((sum, value) => sum + value, 0) / 8;
  const told =
    bits.length > 3
      ? ""
      : ` (${data.columns.map(({ metric }, at) => `${metric} ${figure(bits[at])}`).join(", ")} bit a value)`;
  const row = (name, index) => {
    const { seconds, cpu, cpuSettled, peak, turnedAway } = loaded[index];
    return [
      name,
      seconds,
      whole(data.readings / seconds),
      cpu,
      cpuSettled,
      peak,
      whole(turnedAway),
      whole(bytes[index]),
      bytes[index] / data.readings,
      bytes[index] / data.values,
    ];
  };
  const [a, b] = loaded;
  table(
    `${title}: ${whole(data.readings)} readings, ${whole(data.values)} values. Entropy of one-step differences: ${figure(perReading)} B a reading${told}`,
    [
      "server",
      "load s",
      "readings/s",
      "CPU s, load",
      "CPU s, until at rest",
      "VmHWM MiB",
      "turned away",
      "bytes",
      "B/reading",
      "B/value",
    ],
    [
      row("hostwatch", 0),
      row("VictoriaMetrics", 1),
      [
        "ratio",
        ratio(a.seconds, b.seconds),
        ratio(b.seconds, a.seconds),
        ratio(a.cpu, b.cpu),
        ratio(a.cpuSettled, b.cpuSettled),
        ratio(a.peak, b.peak),
        "",
        ratio(...bytes),
        ratio(...bytes),
        ratio(...bytes),
      ],
    ],
  );
  remark(
    `Of hostwatch's bytes ${whole(free)} are free pages: ${figure((bytes[0] - free) / data.readings)} B/reading without them.`,
  );
  loaded.forEach(({ note }) => remark(note));
}

async function starts(data, ...servers) {
  const rows = [];
  for (const server of servers) {
    say(`starting ${server.name} ${STARTS} times`);
    const times = [];
    for (let round = 0; round < STARTS; round += 1) {
      await server.stop();
      times.push(await server.start());
    }
    await sleep(10_000);
    rows.push([
      server.name,
      median(times),
      Math.min(...times),
      Math.max(...times),
      server.cpuSeconds(),
      server.memory("VmRSS"),
      server.memory("VmHWM"),
    ]);
  }
  rows.push(["ratio", ...[1, 2, 3, 4, 5, 6].map((at) => ratio(rows[0][at], rows[1][at]))]);
  table(
    `Start on ${whole(data.readings)} readings: exec to the first answered GET /health, ${STARTS} starts; memory and CPU 10 s later`,
    ["server", "median ms", "least ms", "greatest ms", "CPU s", "VmRSS MiB", "VmHWM MiB"],
    rows,
  );
}

/** --storage, --queries and --start share the data and the servers. */
export async function regular(options) {
  const data = generated(options, { hosts: 10, seconds: options.days * DAY, columns: NARROW });
  await withServers(options, "regular", async (...servers) => {
    const loaded = await fill(options, data, 10, ...servers);
    const weights = await weigh(...servers);
    if (options.parts.has("storage")) {
      storageTable(`10 hosts, days: ${options.days}, every ${options.interval} s`, data, loaded, weights);
    }
    if (options.parts.has("queries")) await queries(options, data, ...servers);
    if (options.parts.has("start")) await starts(data, ...servers);
  });
}

export async function wide(options) {
  const data = generated(options, { hosts: 10, seconds: DAY, columns: WIDE, jitter: true });
  await withServers(options, "wide", async (...servers) => {
    const loaded = await fill(options, data, 10, ...servers);
    storageTable(
      `10 hosts, 1 day, every ${options.interval} s within a second, ${WIDE.length} values a reading`,
      data,
      loaded,
      await weigh(...servers),
    );
  });
}

export async function growth(options) {
  const rows = [];
  for (const hosts of options.growth) {
    const data = generated(options, { hosts, seconds: HOUR, columns: NARROW });
    await withServers(options, `growth-${hosts}`, async (...servers) => {
      const loaded = await fill(options, data, 3, ...servers);
      const range = await historyTimes(servers, RANGES[0], data, options.requests);
      const latest = await latestTimes(servers, data, options.requests);
      const memory = servers.map((server) => [server.memory("VmRSS"), server.memory("VmHWM")]);
      const { bytes } = await weigh(...servers);
      servers.forEach((server, index) => {
        const history = range.find((way) => way.server === server);
        rows.push([
          whole(hosts),
          server.name,
          loaded[index].seconds,
          whole(data.readings / loaded[index].seconds),
          loaded[index].cpuSettled,
          bytes[index] / data.readings,
          ...memory[index],
          median(history.times),
          quantile(history.times, 0.99),
          median(latest[index].times),
          quantile(latest[index].times, 0.99),
          whole(latest[index].answer.bytes),
        ]);
      });
      const [a, b] = rows.slice(-2);
      rows.push([
        whole(hosts),
        "ratio",
        ratio(a[2], b[2]),
        ratio(b[2], a[2]),
        ...a.slice(4, 12).map((value, at) => ratio(value, b[4 + at])),
        "",
      ]);
      loaded.forEach(({ note }) => remark(note));
    });
  }
  table(
    `Growth: an hour every ${options.interval} s`,
    [
      "hosts",
      "server",
      "load s",
      "readings/s",
      "CPU s, until at rest",
      "B/reading",
      "VmRSS MiB",
      "VmHWM MiB",
      "1 h median ms",
      "p99 ms",
      "latest of all median ms",
      "p99 ms",
      "bytes",
    ],
    rows,
  );
}

/** An hour of a large fleet, each reading in a request of its own, as agents send them; hostwatch alone. */
export async function fleet(options) {
  const data = generated(options, {
    hosts: options.fleet,
    seconds: HOUR,
    columns: WIDE,
    jitter: options.interval >= 3,
  });
  const folder = join(options.work, "fleet");
  mkdirSync(folder, { recursive: true });
  const server = await Hostwatch.create(options, folder);
  await server.start();
  say(`${whole(data.readings)} readings of ${options.fleet} hosts, one a request`);
  const loaded = await server.load(data, 1);
  const busy = server.memory("VmHWM");
  await server.settle({ limit: options.settle, quiet: 5 });
  const connection = new Connection(server.port);
  const latest = [];
  for (let i = 0; i < options.requests; i += 1) latest.push((await server.latest(connection)).milliseconds);
  connection.close();
  const memory = [busy, server.memory("VmRSS")];
  await server.stop();
  const bytes = server.bytes();
  rmSync(folder, { recursive: true });
  table(
    `A fleet: an hour every ${options.interval} s, ${WIDE.length} values a reading, one reading a request`,
    [
      "hosts",
      "load s",
      "readings/s",
      "turned away",
      "CPU s, load",
      "VmHWM MiB",
      "VmRSS MiB at rest",
      "bytes",
      "B/reading",
      "B/value",
      "GET /hosts median ms",
    ],
    [
      [
        whole(options.fleet),
        loaded.seconds,
        whole(data.readings / loaded.seconds),
        loaded.turnedAway,
        loaded.cpu,
        ...memory,
        whole(bytes),
        bytes / data.readings,
        bytes / data.values,
        median(latest),
      ],
    ],
  );
}
