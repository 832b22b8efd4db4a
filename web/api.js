/**
 * Asks the server. Every address is relative to the page, so that the page works behind a proxy under any base path.
 */

/** How long the server may take for one answer, in milliseconds. */
const TIMEOUT_MILLISECONDS = 20_000;

/** A request that did not bring what was asked for. `message` is a sentence for the person who looks at the page. */
export class ApiError extends Error {
  /**
   * @param {string} message what is wrong
   * @param {number} status the HTTP status; 0 where there was no answer at all
   */
  constructor(message, status) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/**
 * The server's own words on an error, if it sent any, else the status.
 * @param {Response} response
 * @returns {Promise<string>}
 */
async function describeFailure(response) {
  try {
    const body = await response.json();
    if (body && typeof body.error === "string" && body.error !== "") {
      return `The server answers ${response.status}: ${body.error}`;
    }
  } catch {
    // Not JSON: a proxy in between, perhaps. The status has to do.
  }
  return `The server answers ${response.status} ${response.statusText}`.trim();
}

/**
 * @param {string} address relative to the page
 * @param {AbortSignal} [signal] ends the request early; the promise then rejects with an AbortError
 * @returns {Promise<any>} the decoded JSON
 */
async function getJson(address, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await fetch(address, {
      signal: either,
      headers: { Accept: "application/json" },
      cache: "no-store",
    });
    if (!response.ok) throw new ApiError(await describeFailure(response), response.status);
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

/** Timeframe presets and metrics. @param {AbortSignal} [signal] */
export function getCatalogue(signal) {
  return getJson("catalogue", signal);
}

/** Whether the server is well, and what its database holds. @param {AbortSignal} [signal] */
export function getHealth(signal) {
  return getJson("health", signal);
}

/** Every host with its latest reading. @param {AbortSignal} [signal] */
export function getHosts(signal) {
  return getJson("hosts", signal);
}

/**
 * @typedef {object} DataQuery
 * @property {string[]} [hosts] none: all hosts
 * @property {string} [timeframe] a preset's name
 * @property {number} [from] Unix seconds, inclusive; instead of a timeframe
 * @property {number} [step] seconds; 0 for readings as they came
 * @property {string} metrics names separated by commas, or `*`
 */

/**
 * The address of a data query.
 * @param {DataQuery} query
 * @returns {string}
 */
export function dataAddress(query) {
  const parameters = new URLSearchParams();
  for (const host of query.hosts ?? []) parameters.append("hostname", host);
  if (query.from !== undefined) parameters.set("from", String(query.from));
  else if (query.timeframe) parameters.set("timeframe", query.timeframe);
  if (query.step !== undefined) parameters.set("step", String(query.step));
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
