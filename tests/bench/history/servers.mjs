/**
 * Hostwatch and VictoriaMetrics behind the same five questions: load, settle, bytes, history of a host, latest of all.
 */

import { closeSync, existsSync, mkdirSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { JSON_ARRAY, LINES } from "./bodies.mjs";
import { load } from "./load.mjs";
import { Program, folderBytes, freePort, unchanged, until } from "./program.mjs";

const METRICS = ["cpu", "ram", "disk"];
const average = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

async function loadCounting(server, target, data, readingsARequest) {
  const before = server.cpuSeconds();
  const loaded = await load({ port: server.port, ...target }, data, readingsARequest);
  if (loaded.accepted !== data.readings) {
    throw new Error(`${server.name} took ${loaded.accepted} of ${data.readings} readings`);
  }
  return { ...loaded, cpu: server.cpuSeconds() - before };
}

export class Hostwatch extends Program {
  static async create({ program, retention, serverOptions }, folder) {
    const port = await freePort();
    mkdirSync(join(folder, "hostwatch"), { recursive: true });
    const database = join(folder, "hostwatch", "metrics.db");
    const list = [
      "--listen",
      "127.0.0.1",
      "--port",
      port,
      "--database",
      database,
      "--retention",
      retention,
      "--log-level",
      "warning",
      ...serverOptions,
    ];
    const server = new Hostwatch({
      name: "hostwatch",
      command: program,
      arguments: list.map(String),
      port,
      log: join(folder, "hostwatch.log"),
    });
    return Object.assign(server, { database, formats: ["columns", "rows"] });
  }

  load(data, readingsARequest) {
    const accepted = ({ body }) => {
      const answer = JSON.parse(body);
      if (answer.rejected || answer.duplicates !== 0) {
        throw new Error(`hostwatch refused readings: ${body.toString().slice(0, 300)}`);
      }
      return answer.accepted;
    };
    return loadCounting(
      this,
      { path: "/metrics", type: "application/json", format: JSON_ARRAY, accepted },
      data,
      readingsARequest,
    );
  }

  /** Readings that the server itself says it has still to put in their place. */
  async waiting() {
    const { text } = await this.ask("/metrics");
    return [...text.matchAll(/^hostwatch_server_\w*(?:pending|waiting)\w*readings\w*(?:\{.*\})? (\S+)$/gm)].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  }

  /**
   * Until none waits and the files rest for `quiet` seconds (or both rest for 40).
   * @returns {Promise<string>} a remark, if it never came to that
   */
  async settle({ limit, quiet }) {
    let waiting = await this.waiting();
    const state = () => `${waiting} ${this.bytes()}`;
    const [rests, gaveUp] = [unchanged(quiet, state), unchanged(40, state)];
    const settled = await until(limit, 250, async () => {
      waiting = await this.waiting();
      const [restsNow, gaveUpNow] = [rests(), gaveUp()];
      return (waiting === 0 && restsNow) || gaveUpNow;
    });
    return settled && waiting === 0 ? "" : `hostwatch did not settle: ${waiting} readings still waited.`;
  }

  /** The database with its write-ahead log. */
  bytes() {
    const folder = join(this.database, "..");
    return readdirSync(folder).reduce(
      (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  /** Bytes of the database's pages that hold nothing, from its header; for a stopped server. */
  freeBytes() {
    const header = Buffer.alloc(100);
    const file = openSync(this.database, "r");
    readSync(file, header, 0, header.length, 0);
    closeSync(file);
    const page = header.readUInt16BE(16);
    return header.readUInt32BE(36) * (page === 1 ? 65_536 : page);
  }

  /** @returns {Promise<{milliseconds: number, points: number, step: number, means: number[], bytes: number}>} */
  async history(connection, host, { timeframe }, data, format) {
    const { text, milliseconds } = await this.ask(
      `/data?hostname=${host}&timeframe=${timeframe}&metrics=${METRICS.join(",")}&format=${format}`,
      connection,
    );
    const { step, ...answer } = JSON.parse(text);
    const list =
      format === "columns"
        ? METRICS.map((name) => answer.hosts[0]?.series.find(({ metric }) => metric === name)?.average ?? [])
        : METRICS.map((name) => answer.data.map((row) => row[name]));
    return {
      milliseconds,
      points: Math.min(...list.map(({ length }) => length)),
      step,
      means: list.map(average),
      bytes: text.length,
    };
  }

  /**
   * @returns {Promise<{milliseconds: number, hosts: number, oldest: number, bytes: number}>} oldest: the oldest of the
   *   latest readings
   */
  async latest(connection) {
    const { text, milliseconds } = await this.ask("/hosts", connection);
    const times = JSON.parse(text).hosts.map(({ latest }) => latest.timestamp);
    return { milliseconds, hosts: times.length, oldest: Math.min(...times), bytes: text.length };
  }
}

export class Victoria extends Program {
  static async create({ victoria }, folder) {
    const port = await freePort();
    const storage = join(folder, "victoria");
    const list = [
      `-storageDataPath=${storage}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      "-retentionPeriod=36",
      "-search.latencyOffset=0s",
      "-http.connTimeout=24h",
      "-http.idleConnTimeout=1h",
      "-loggerLevel=ERROR",
    ];
    const server = new Victoria({
      name: "VictoriaMetrics",
      command: victoria,
      arguments: list,
      port,
      log: join(folder, "victoria.log"),
    });
    return Object.assign(server, { storage, formats: ["query_range"] });
  }

  load(data) {
    return loadCounting(
      this,
      { path: "/write?precision=s", type: "text/plain", format: LINES, accepted: (_, readings) => readings },
      data,
    );
  }

  /**
   * Merges all parts into one a month: its answer comes before that is done, and where there are more than 15 parts it
   * takes more than once.
   */
  async settle({ limit, quiet }) {
    const count = (text, pattern) => [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
    const end = Date.now() + limit * 1000;
    await this.ask("/internal/force_flush");
    for (let [parts, wait] = [Infinity, quiet]; Date.now() < end; wait = Math.min(quiet, 2)) {
      await this.ask("/internal/force_merge");
      const rests = unchanged(wait, () => this.bytes());
      let text = "";
      await until((end - Date.now()) / 1000, 250, async () => {
        ({ text } = await this.ask("/metrics"));
        return rests() && count(text, /^vm_active_merges\{.*\} (\d+)$/gm) === 0;
      });
      const now = count(text, /^vm_parts\{type="storage\/.*\} (\d+)$/gm);
      if (now >= parts) return "";
      parts = now;
    }
    return "VictoriaMetrics did not settle.";
  }

  /** Without its cache, which is no history: what lies there depends on how long it has been up. */
  bytes() {
    const cache = join(this.storage, "cache");
    return folderBytes(this.storage) - (existsSync(cache) ? folderBytes(cache) : 0);
  }

  /** All samples that it holds: what was not flushed or got lost would make it look small. */
  async samples({ first, end }) {
    const query = encodeURIComponent(`sum(count_over_time({__name__=~"hw_.*"}[${end - first + 60}s]))`);
    const { text } = await this.ask(`/api/v1/query?query=${query}&time=${end + 5}&nocache=1`);
    return Number(JSON.parse(text).data.result[0]?.value[1] ?? 0);
  }

  async history(connection, host, { seconds }, { interval }) {
    const step = Math.max(interval, Math.ceil(seconds / 500));
    const query = encodeURIComponent(
      `avg_over_time({__name__=~"hw_(${METRICS.join("|")})",host="${host}"}[${step}s]) keep_metric_names`,
    );
    const now = Math.floor(Date.now() / 1000);
    const path = `/api/v1/query_range?query=${query}&start=${now - seconds}&end=${now}&step=${step}s&nocache=1`;
    const { text, milliseconds } = await this.ask(path, connection);
    const { result } = JSON.parse(text).data;
    const list = METRICS.map((name) => result.find(({ metric }) => metric.__name__ === `hw_${name}`)?.values ?? []);
    return {
      milliseconds,
      points: Math.min(...list.map(({ length }) => length)),
      step,
      means: list.map((values) => average(values.map(([, value]) => Number(value)))),
      bytes: text.length,
    };
  }

  async latest(connection, { end }) {
    const query = encodeURIComponent(`{__name__=~"hw_(${METRICS.join("|")})"}`);
    const { text, milliseconds } = await this.ask(`/api/v1/query?query=${query}&time=${end}&nocache=1`, connection);
    const { result } = JSON.parse(text).data;
    // it tells the query's time, not the reading's
    return { milliseconds, hosts: result.length / METRICS.length, oldest: end, bytes: text.length };
  }
}
