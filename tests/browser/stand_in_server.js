/**
 * A small server with made-up hosts, for what is hard to get out of the real one: many hosts, hostile names, outages.
 * It serves the page as the real server's build makes it, and answers like that server does.
 */

import { createServer } from "node:http";
import { extname } from "node:path";
import { bundle } from "../../web/build.mjs";
import { StandInAccess } from "./stand_in_access.js";
import { StandInAlerts } from "./stand_in_alerts.js";
import { CATALOGUE } from "./stand_in_catalogue.js";
import { StandInChanges } from "./stand_in_changes.js";
import { fleetOf } from "./stand_in_fleet.js";
import { listedHost } from "./stand_in_hosts.js";
import { columnsOf } from "./stand_in_values.js";

/** The page's files, made once for all servers of this process. */
let files = null;

const CONTENT_SECURITY_POLICY =
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

const GIB = 2 ** 30;

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
 * @property {number[][]} [gaps] times without readings: from and to, in seconds before now
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
  /** What the page knows of its hosts. */
  changes = new StandInChanges();
  #atOnce = new Map();
  #server = null;
  #port = 0;

  /**
   * @param {MadeUpHost[]} hosts
   * @param {string} [base] the path under which everything lies, as behind a proxy
   * @param {import("./stand_in_access.js").Access} [access] open to everybody where left out
   * @param {import("./stand_in_alerts.js").Alerts} [alerts] none where left out
   */
  constructor(hosts, base = "/", access = {}, alerts = {}) {
    this.hosts = hosts;
    this.access = new StandInAccess(access);
    this.alerts = new StandInAlerts(alerts);
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
    const isAlerts = path === "alerts" || path?.startsWith("alerts/");
    if (
      !(path in answers) &&
      !isAlerts &&
      !/^(session|setup|password|refusals|tokens(\/.+)?|hosts\/[^/]+\/allow)$/.test(path)
    ) {
      return this.#send(response, 404, "application/json", '{"error":"nothing here"}');
    }

    this.requests.push(`${request.method === "GET" ? "" : `${request.method} `}${path}${address.search}`);
    this.#atOnce.set(path, (this.#atOnce.get(path) ?? 0) + 1);
    this.mostAtOnce.set(path, Math.max(this.mostAtOnce.get(path) ?? 0, this.#atOnce.get(path)));
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    this.#atOnce.set(path, this.#atOnce.get(path) - 1);
    if (this.failure) return this.#send(response, this.failure.status, "application/json", this.failure.body);
    const { status, body, headers } =
      (await this.access.answer(request, path)) ??
      this.access.refuseReading(request) ??
      (isAlerts ? await this.#answerAlerts(request, path, address) : { status: 200, body: answers[path]() });
    this.#send(response, status, "application/json", JSON.stringify(body), headers);
  }

  /**
   * @param {any} request @param {string} path @param {URL} address
   * @returns {Promise<{status: number, body: any, headers?: any}>}
   */
  async #answerAlerts(request, path, address) {
    const { method, headers } = request;
    const { refused, body } = await this.access.readChange(request);
    if (refused) return refused;
    const session = this.access.describe(request);
    return this.alerts.answer({ method, path, parameters: address.searchParams, headers, body }, session);
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
    return { version: "0.1.0", ...CATALOGUE };
  }

  /** @param {URLSearchParams} parameters */
  hostList(parameters) {
    const facts = parameters.get("facts") ?? "*";
    const wanted = facts === "*" ? null : facts.split(",");
    const whole = parameters.getAll("whole");
    const now = this.now();
    const hosts = this.hosts.map((host) => ({
      ...listedHost(host, now, whole.includes(host.hostname) ? null : wanted),
      alarms: this.alerts.countsOf(host.hostname),
    }));
    const answer = { now, count: hosts.length, hosts };
    return parameters.has("since") ? this.changes.answer(answer, parameters) : answer;
  }

  /** @param {URLSearchParams} parameters */
  data(parameters) {
    const now = this.now();
    const wanted = parameters.getAll("hostname");
    const preset = CATALOGUE.timeframes.find(({ name }) => name === parameters.get("timeframe"));
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
    const hosts = chosen.map((host) => columnsOf(host, { now, from, to, step }, names));
    return { count: hosts.reduce((sum, host) => sum + host.timestamps.length, 0), step, from, to, hosts };
  }

  /** @param {URLSearchParams} parameters */
  fleet(parameters) {
    const metric = parameters.get("metric");
    const wanted = new URLSearchParams(parameters);
    wanted.set("metrics", metric);
    if (!wanted.has("points")) wanted.set("points", "300");
    if (!wanted.has("step")) wanted.set("step", String(Math.max(10, this.data(wanted).step)));
    const definition = CATALOGUE.metrics.find(({ name }) => name === metric);
    return fleetOf(parameters, definition ?? { unit: "count", instance_label: "" }, this.data(wanted));
  }
}
