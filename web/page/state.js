/**
 * What the page shows, kept in the address after `#`, so that reload, links and Back work:
 *
 *     #/?search=web&sort=-cpu&status=down     all hosts
 *     #/host/NAME?timeframe=24h               one host
 *     #/host/NAME?from=A&to=B&zoom=C-D&utc=1  a fixed range, a part of it magnified, times in UTC
 *     #/compare?host=A&host=B&metric=load1    several hosts; none named: all
 *     #/alarms?host=web-1&severity=critical   alarms: what is open, and those that ended
 *     #/alarms/4711                           one of them
 *     #/rules   #/rules/ID   #/new-rule       rules, one of them, another one
 *     #/silences   #/channels                 what is not told for a while; who is told
 *     #/access                                tokens
 *     #/account                               the person's own password
 *     #/sign-in                               for those who may read without it
 *     #/setup/CODE                            the first administrator; the server's log holds the code
 *
 * An address can come from anybody. Reading one never throws, and yields plain strings and numbers that are only ever
 * shown as text.
 */

/**
 * @typedef {{from: number, to: number}} Range Unix seconds, from before to
 *
 * @typedef {"overview"|"host"|"compare"|"alarms"|"alarm"|"rules"|"rule"|"silences"|"channels"|"access"|"account"|
 *   "sign-in"|"setup"} ViewName
 *
 * @typedef {object} PageState
 * @property {ViewName} view
 * @property {string[]} hosts the host of the host view; the chosen hosts of the comparison (none: all)
 * @property {string|null} timeframe a preset's name, or null for the server's default
 * @property {Range|null} [range] a fixed range instead of the timeframe
 * @property {Range|null} [zoom] the part of either that is magnified
 * @property {boolean} [utc] times in UTC instead of the viewer's own zone
 * @property {Record<string, string>} [options] what else the view was told, by OPTIONS; "" or left out: its default
 * @property {string} [code] of the set-up view alone; "" where the address has none
 * @property {string} [id] of the alarm, or of the rule; "": one that is being made
 */

/** More hosts than this are not kept in an address: a longer one would break in many places. */
export const MAXIMUM_HOSTS = 50;

const MAXIMUM_HOST_NAME_LENGTH = 253;
const MAXIMUM_ADDRESS_LENGTH = 60_000;
const MAXIMUM_CODE_LENGTH = 200;
const LATEST_TIME = 4_102_444_800; // the year 2100

/** Views whose address is their name alone. */
const PLAIN_VIEWS = /** @type {const} */ (["alarms", "rules", "silences", "channels", "access", "account", "sign-in"]);

/** Without control characters. */
const TEXT = /^[\u0020-\u007e\u0080-\uffff]{1,253}$/;
const TEXTS = /^[\u0020-\u007e\u0080-\uffff]{1,2000}$/;
const NAME = /^-?[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const WHOLE_NUMBER = /^[1-9][0-9]{0,4}$/;
const ALARM_ID = /^[1-9][0-9]{0,15}$/;
const RULE_ID = /^[a-z0-9-]{1,63}$/;

const LIST_OPTIONS = {
  search: TEXT, // part of a host's name or of what it says of itself
  sort: NAME, // a column's name, with a minus for descending
  status: /^(up|late|down|warned|alarm)$/,
  tag: TEXTS, // role=db,site=fra: of each key one of the values
  group: TEXT, // a tag's key: hosts under headings by its values
  layout: /^cards$/,
  wall: WHOLE_NUMBER, // seconds that the wall mode shows each host
};

/** What each view's address may say besides hosts and time: the option's name and what its value looks like. */
const OPTIONS = {
  overview: LIST_OPTIONS,
  host: LIST_OPTIONS, // for the wall mode, which leads back to the list
  compare: {
    metric: NAME, // in place of CPU, memory and disk
    instance: TEXT, // of that metric; left out: the sum or the highest of all, as the view decides
    // a line a host; so many hosts with the highest values; how the values of all are spread
    show: /^(hosts|top|fleet)$/,
    top: WHOLE_NUMBER, // how many hosts
    by: /^maximum$/, // which are the highest; left out: by their average
    tag: TEXTS, // of hosts with these alone
  },
  alarms: {
    host: TEXT,
    rule: RULE_ID,
    severity: /^(info|warning|critical)$/,
    last: /^(24h|7d|30d|365d)$/, // those that ended since; left out: 7d; a range goes before it
  },
  rule: {
    copy: RULE_ID, // the one that the new one is like
    metric: NAME, // or what it is about
  },
};

/** A view of which the address says no more. @param {ViewName} view @returns {PageState} */
export function plainState(view) {
  return { view, hosts: [], timeframe: null, range: null, zoom: null, utc: false, options: {} };
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

/** @param {string|null} from @param {string|null} to @returns {Range|null} */
function parseRange(from, to) {
  if (!/^[0-9]{1,10}$/.test(from ?? "") || !/^[0-9]{1,10}$/.test(to ?? "")) return null;
  const range = { from: Number(from), to: Number(to) };
  return range.from < range.to && range.to <= LATEST_TIME ? range : null;
}

/** @param {URLSearchParams} parameters */
function parseTime(parameters) {
  const named = parameters.get("timeframe");
  const [zoomFrom, zoomTo] = (parameters.get("zoom") ?? "").split("-");
  return {
    timeframe: named !== null && /^[0-9A-Za-z]{1,16}$/.test(named) ? named : null,
    range: parseRange(parameters.get("from"), parameters.get("to")),
    zoom: parseRange(zoomFrom, zoomTo),
    utc: parameters.get("utc") === "1",
  };
}

/** @param {string} view @param {URLSearchParams} parameters */
function parseOptions(view, parameters) {
  /** @type {Record<string, string>} */
  const options = {};
  for (const [name, pattern] of Object.entries(OPTIONS[view] ?? {})) {
    const value = parameters.get(name);
    if (value !== null && pattern.test(value)) options[name] = value;
  }
  return options;
}

/**
 * @param {string} hash with or without the leading `#`
 * @returns {PageState}
 */
export function parseHash(hash) {
  const text = hash.startsWith("#") ? hash.slice(1) : hash;
  if (text.length > MAXIMUM_ADDRESS_LENGTH) return plainState("overview");
  const questionMark = text.indexOf("?");
  const path = questionMark < 0 ? text : text.slice(0, questionMark);
  const parameters = new URLSearchParams(questionMark < 0 ? "" : text.slice(questionMark + 1));
  const time = parseTime(parameters);
  /**
   * @param {ViewName} view
   * @param {string[]} hosts
   * @param {Partial<PageState>} [more]
   * @returns {PageState}
   */
  const stateOf = (view, hosts, more = {}) => ({
    view,
    hosts,
    ...time,
    options: parseOptions(view, parameters),
    ...more,
  });

  if (path.startsWith("/host/")) {
    const name = decode(path.slice("/host/".length));
    return isPossibleHostName(name) ? stateOf("host", [name]) : stateOf("overview", []);
  }
  if (path === "/compare") {
    const hosts = [...new Set(parameters.getAll("host").filter(isPossibleHostName))];
    return stateOf("compare", hosts.slice(0, MAXIMUM_HOSTS));
  }
  if (path === "/setup" || path.startsWith("/setup/")) {
    const code = decode(path.slice("/setup/".length)) ?? "";
    return stateOf("setup", [], { code: code.length <= MAXIMUM_CODE_LENGTH ? code : "" });
  }
  const [, kind, id] = /^\/(alarms|rules)\/([^/]+)$/.exec(path) ?? [];
  if (kind === "alarms" && ALARM_ID.test(id)) return stateOf("alarm", [], { id });
  if (kind === "rules" && RULE_ID.test(id)) return stateOf("rule", [], { id });
  if (path === "/new-rule") return stateOf("rule", [], { id: "" });
  const plain = PLAIN_VIEWS.find((name) => path === `/${name}`);
  return stateOf(plain ?? "overview", []);
}

/**
 * Another view over the same time; what was magnified is not.
 * @param {ViewName} view
 * @param {PageState} state
 * @param {string[]} [hosts]
 * @param {Record<string, string>} [options]
 * @returns {PageState}
 */
export function stateFor(view, { timeframe, range = null, utc = false }, hosts = [], options = {}) {
  return { view, hosts, timeframe, range, zoom: null, utc, options };
}

/**
 * One alarm, or one rule, over the same time.
 * @param {"alarm"|"rule"} view
 * @param {PageState} state
 * @param {string|number} id "": a rule that is being made
 * @param {Record<string, string>} [options]
 * @returns {PageState}
 */
export function stateOfOne(view, { timeframe, utc = false }, id, options = {}) {
  return { view, hosts: [], timeframe, range: null, zoom: null, utc, options, id: String(id) };
}

/**
 * @param {PageState} state
 * @param {Record<string, string>} changes of its options; "" takes one away
 * @returns {PageState}
 */
export function withOptions(state, changes) {
  return { ...state, options: { ...state.options, ...changes } };
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
  } else if (state.view === "alarm") {
    path = `/alarms/${state.id}`;
  } else if (state.view === "rule") {
    path = state.id ? `/rules/${state.id}` : "/new-rule";
  } else if (PLAIN_VIEWS.some((name) => name === state.view)) {
    path = `/${state.view}`;
  }
  for (const name of Object.keys(OPTIONS[state.view] ?? {})) {
    if (state.options?.[name]) parameters.set(name, state.options[name]);
  }
  if (state.timeframe !== null) parameters.set("timeframe", state.timeframe);
  if (state.range) {
    parameters.set("from", String(state.range.from));
    parameters.set("to", String(state.range.to));
  }
  if (state.zoom) parameters.set("zoom", `${state.zoom.from}-${state.zoom.to}`);
  if (state.utc) parameters.set("utc", "1");
  const query = parameters.toString();
  return query === "" ? `#${path}` : `#${path}?${query}`;
}
