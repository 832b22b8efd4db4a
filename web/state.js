/**
 * What the page shows, kept in the address after `#`, so that reload, links and Back work:
 *
 *     #/                                   all hosts
 *     #/host/NAME?timeframe=24h            one host
 *     #/compare?host=A&host=B&timeframe=7d several hosts; none named: all
 *     #/access                             tokens
 *     #/account                            the person's own password
 *     #/sign-in                            for those who may read without it
 *     #/setup/CODE                         the first administrator; the server's log holds the code
 *
 * An address can come from anybody. Reading one never throws, and yields plain strings that are only ever shown as text.
 */

/**
 * @typedef {object} PageState
 * @property {"overview"|"host"|"compare"|"access"|"account"|"sign-in"|"setup"} view
 * @property {string[]} hosts the host of the host view; the chosen hosts of the comparison (none: all)
 * @property {string|null} timeframe a preset's name, or null for the server's default
 * @property {string} [code] of the set-up view alone; "" where the address has none
 */

/** More hosts than this are not kept in an address: a longer one would break in many places. */
export const MAXIMUM_HOSTS = 50;

const MAXIMUM_HOST_NAME_LENGTH = 253;
const MAXIMUM_ADDRESS_LENGTH = 60_000;
const MAXIMUM_CODE_LENGTH = 200;

/** Views whose address is their name alone. */
const PLAIN_VIEWS = ["access", "account", "sign-in"];

/** @returns {PageState} */
function overview(timeframe = null) {
  return { view: "overview", hosts: [], timeframe };
}

/** @param {string} text percent-encoded @returns {string|null} null where the encoding is broken */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** @param {string|null} name */
function isPossibleHostName(name) {
  return typeof name === "string" && name.length > 0 && name.length <= MAXIMUM_HOST_NAME_LENGTH;
}

/**
 * @param {string} hash with or without the leading `#`
 * @returns {PageState}
 */
export function parseHash(hash) {
  const text = hash.startsWith("#") ? hash.slice(1) : hash;
  if (text.length > MAXIMUM_ADDRESS_LENGTH) return overview();
  const questionMark = text.indexOf("?");
  const path = questionMark < 0 ? text : text.slice(0, questionMark);
  const parameters = new URLSearchParams(questionMark < 0 ? "" : text.slice(questionMark + 1));
  const named = parameters.get("timeframe");
  const timeframe = named !== null && /^[0-9A-Za-z]{1,16}$/.test(named) ? named : null;

  if (path.startsWith("/host/")) {
    const name = decode(path.slice("/host/".length));
    return isPossibleHostName(name) ? { view: "host", hosts: [name], timeframe } : overview(timeframe);
  }
  if (path === "/compare") {
    const hosts = [...new Set(parameters.getAll("host").filter(isPossibleHostName))];
    return { view: "compare", hosts: hosts.slice(0, MAXIMUM_HOSTS), timeframe };
  }
  if (path === "/setup" || path.startsWith("/setup/")) {
    const code = decode(path.slice("/setup/".length)) ?? "";
    return { view: "setup", hosts: [], timeframe, code: code.length <= MAXIMUM_CODE_LENGTH ? code : "" };
  }
  const plain = PLAIN_VIEWS.find((name) => path === `/${name}`);
  if (plain) return { view: plain, hosts: [], timeframe };
  return overview(timeframe);
}

/**
 * The address of a state; the inverse of parseHash.
 * @param {PageState} state
 * @returns {string} with the leading `#`
 */
export function formatHash(state) {
  const parameters = new URLSearchParams();
  let path = "/";
  if (state.view === "host" && state.hosts.length > 0) {
    // A lone surrogate cannot be encoded; no host name from the server has one.
    path = `/host/${encodeURIComponent(state.hosts[0].toWellFormed())}`;
  } else if (state.view === "compare") {
    path = "/compare";
    for (const host of state.hosts.slice(0, MAXIMUM_HOSTS)) parameters.append("host", host);
  } else if (state.view === "setup") {
    path = state.code ? `/setup/${encodeURIComponent(state.code)}` : "/setup";
  } else if (PLAIN_VIEWS.includes(state.view)) {
    path = `/${state.view}`;
  }
  if (state.timeframe !== null) parameters.set("timeframe", state.timeframe);
  const query = parameters.toString();
  return query === "" ? `#${path}` : `#${path}?${query}`;
}
