/**
 * Asks the server. Every address is relative to the page, so that the page works behind a proxy under any base path.
 */

/** How long the server may take for one answer, in milliseconds. */
const TIMEOUT_MILLISECONDS = 20_000;

/**
 * Asking who one is never fails for lack of a credential, and signing in with a wrong one tells nothing of the session.
 */
const SESSION_ADDRESS = "session";

/** A request that did not bring what was asked for. `message` is a sentence for the person who looks at the page. */
export class ApiError extends Error {
  /**
   * @param {string} message what is wrong
   * @param {number} status the HTTP status; 0 where there was no answer at all
   * @param {{detail?: string, retryAfter?: number}} [more] the server's own words; seconds to wait before the next try
   */
  constructor(message, status, { detail = "", retryAfter = 0 } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** @type {() => Promise<void>} */
let askForSession = async () => {};

/**
 * What to do when the server does not know (any more) who asks. A request that failed so is given up only after this is
 * done, so that those who wait for it can be stopped first.
 * @param {() => Promise<void>} listener
 */
export function onUnauthorized(listener) {
  askForSession = listener;
}

/**
 * What went wrong, with the server's own words if it sent any.
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function failureOf(response) {
  const retryAfter = Math.max(0, Math.ceil(Number(response.headers.get("Retry-After") ?? 0))) || 0;
  try {
    const body = await response.json();
    if (body && typeof body.error === "string" && body.error !== "") {
      return new ApiError(`The server answers ${response.status}: ${body.error}`, response.status, {
        detail: body.error,
        retryAfter,
      });
    }
  } catch {
    // Not JSON: a proxy in between, perhaps. The status has to do.
  }
  return new ApiError(`The server answers ${response.status} ${response.statusText}`.trim(), response.status, {
    retryAfter,
  });
}

/**
 * @param {string} address relative to the page
 * @param {RequestInit} options
 * @param {AbortSignal} [signal] ends the request early; the promise then rejects with an AbortError
 * @returns {Promise<any>} the decoded JSON
 */
async function requestJson(address, options, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await fetch(address, {
      ...options,
      headers: { Accept: "application/json", ...options.headers },
      signal: either,
      cache: "no-store",
    });
    if (!response.ok) {
      const failure = await failureOf(response);
      if (failure.status === 401 && address !== SESSION_ADDRESS) await askForSession();
      throw failure;
    }
    return await response.json();
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    if (timeout.aborted) {
      throw new ApiError(`The server did not answer within ${TIMEOUT_MILLISECONDS / 1000} seconds`, 0);
    }
    if (error instanceof SyntaxError) throw new ApiError("The server's answer is not JSON", 0);
    throw new ApiError("The server cannot be reached", 0);
  }
}

/** @param {string} address @param {AbortSignal} [signal] @returns {Promise<any>} */
export function getJson(address, signal) {
  return requestJson(address, {}, signal);
}

/**
 * The one way to change something on the server.
 * @param {"POST"|"PUT"|"DELETE"} method
 * @param {string} address relative to the page
 * @param {{body?: object, csrf?: string|null, headers?: Record<string, string>}} [content] csrf: the session's, where
 *   there is one
 * @returns {Promise<any>} the decoded JSON
 */
export function sendChange(method, address, { body, csrf, headers: more = {} } = {}) {
  const headers = { ...more };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (csrf) headers["X-CSRF-Token"] = csrf;
  return requestJson(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

/** Who asks, and what that person may do. */
export function getSession() {
  return getJson(SESSION_ADDRESS);
}

/** Every token, without its secret. @param {AbortSignal} [signal] */
export function getTokens(signal) {
  return getJson("tokens", signal);
}

/** What was posted and refused lately, for who may manage. @param {AbortSignal} [signal] */
export function getRefusals(signal) {
  return getJson("refusals", signal);
}

/** Alarms that are open, the gravest first. @param {AbortSignal} [signal] */
export function getOpenAlarms(signal) {
  return getJson("alerts?state=open&limit=1000", signal);
}

/** Timeframe presets and metrics. @param {AbortSignal} [signal] */
export function getCatalogue(signal) {
  return getJson("catalogue", signal);
}

/** Whether the server is well, and what its database holds. @param {AbortSignal} [signal] */
export function getHealth(signal) {
  return getJson("health", signal);
}

/** What lists of hosts show of each: of thousands of them all that is known would be megabytes. */
const LISTED_METRICS = [
  "load1",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
  "uptime_seconds",
];
const LISTED_FACTS = ["os", "kernel", "boot_time", "tags", "repeated_interfaces", "repeated_disks"];

/**
 * The address of the hosts with their latest readings: of those that changed since an answer.
 * @param {{since?: string, metrics?: string[], whole?: string[], allFacts?: boolean}} [more] since: as that answer has
 *   it; "": of every host; further metrics; hosts of which all is told
 */
export function hostsAddress({ since = "", metrics = [], whole = [], allFacts = false } = {}) {
  const parameters = new URLSearchParams({
    metrics: [...LISTED_METRICS, ...metrics].join(","),
    facts: allFacts ? "*" : LISTED_FACTS.join(","),
    since,
  });
  for (const name of whole) parameters.append("whole", name);
  return `hosts?${parameters}`;
}

/** @param {Parameters<typeof hostsAddress>[0]} more @param {AbortSignal} [signal] */
export function getHosts(more, signal) {
  return getJson(hostsAddress(more), signal);
}

/**
 * @typedef {object} DataQuery
 * @property {string[]} [hosts] none: all hosts
 * @property {string[]} [tags] only hosts that have these
 * @property {string} [timeframe] a preset's name
 * @property {number} [from] Unix seconds, inclusive; instead of a timeframe
 * @property {number} [to] Unix seconds, inclusive; left out: now
 * @property {number} [points] most rows of a host
 * @property {number} [step] seconds; 0 for raw readings
 * @property {string} metrics names separated by commas, or `*`
 */

/** What both kinds of history are asked for with: hosts, time, step. @param {DataQuery} query */
function commonParameters(query) {
  const parameters = new URLSearchParams();
  for (const host of query.hosts ?? []) parameters.append("hostname", host);
  for (const tag of query.tags ?? []) parameters.append("tag", tag);
  if (query.from !== undefined) parameters.set("from", String(query.from));
  else if (query.timeframe) parameters.set("timeframe", query.timeframe);
  if (query.to !== undefined) parameters.set("to", String(query.to));
  if (query.points !== undefined) parameters.set("points", String(query.points));
  if (query.step !== undefined) parameters.set("step", String(query.step));
  return parameters;
}

/**
 * The address of a data query.
 * @param {DataQuery} query
 * @returns {string}
 */
export function dataAddress(query) {
  const parameters = commonParameters(query);
  parameters.set("metrics", query.metrics);
  parameters.set("format", "columns");
  return `data?${parameters}`;
}

/**
 * History as columns.
 * @param {DataQuery} query
 * @param {AbortSignal} [signal]
 */
export function getData(query, signal) {
  return getJson(dataAddress(query), signal);
}

/**
 * How the values of one metric are spread over many hosts, and which hosts have the highest.
 * @param {DataQuery & {instance?: string, top?: number, by?: string}} query `metrics` names one
 * @returns {string}
 */
export function fleetAddress(query) {
  const parameters = commonParameters(query);
  parameters.set("metric", query.metrics);
  if (query.instance) parameters.set("instance", query.instance);
  if (query.top) parameters.set("top", String(query.top));
  if (query.by) parameters.set("by", query.by);
  return `fleet?${parameters}`;
}

/** @param {Parameters<typeof fleetAddress>[0]} query @param {AbortSignal} [signal] */
export function getFleet(query, signal) {
  return getJson(fleetAddress(query), signal);
}
