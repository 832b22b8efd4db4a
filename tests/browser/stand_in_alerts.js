/**
 * Alarms, rules, silences and channels of the stand-in server: kept in memory, changed as the real server does it, and
 * made up otherwise.
 */

const MOST = 1000;

/**
 * @typedef {object} Alerts what there is; everything may be left out
 * @property {any[]} [alarms]
 * @property {any[]} [pending] what may become alarms
 * @property {any[]} [rules] entries
 * @property {any[]} [silences]
 * @property {any[]} [channels]
 * @property {any[]} [deliveries]
 * @property {any[]} [routes]
 * @property {any} [preview] what every rule would have done
 * @property {Record<string, any>} [details] events and why of an alarm, by its id
 */

/** @param {any} [body] */
const ok = (body = { status: "ok" }) => ({ status: 200, body });
const refuse = (status, error) => ({ status, body: { error } });
const NO_PREVIEW = {
  fired: 0,
  hosts: 0,
  told: 0,
  night: 0,
  exact: true,
  partial: false,
  examined_hosts: 3,
  alarms: [],
  noisiest: [],
  what_if: [],
};
const RANKS = { critical: 0, warning: 1, info: 2 };

export class StandInAlerts {
  /** What PUT of a rule is refused with, or null. @type {{status: number, error: string}|null} */
  refusal = null;
  /** Every change that was asked for: `{method, path, headers, body}`. @type {any[]} */
  changes = [];
  /** Rules that were previewed. @type {any[]} */
  previewed = [];

  /** @param {Alerts} [given] */
  constructor(given = {}) {
    const own = structuredClone(given);
    this.alarms = own.alarms ?? [];
    this.pending = own.pending ?? [];
    this.rules = own.rules ?? [];
    this.silences = own.silences ?? [];
    this.channels = own.channels ?? [];
    this.deliveries = own.deliveries ?? [];
    this.routes = own.routes ?? [];
    this.preview = own.preview ?? NO_PREVIEW;
    this.details = own.details ?? {};
    this.testResult = { outcome: "sent", status: 200, error: "", seconds: 0.4 };
  }

  /** What GET /hosts says of a host. @param {string} hostname */
  countsOf(hostname) {
    const open = this.alarms.filter(({ host, ended }) => host === hostname && ended === null);
    const counts = {};
    for (const { severity } of open) if (severity !== "info") counts[severity] = (counts[severity] ?? 0) + 1;
    return Object.keys(counts).length > 0 ? counts : undefined;
  }

  /**
   * @param {{method: string, path: string, parameters: URLSearchParams, headers: any, body: any}} request
   * @param {{can_manage: boolean, user: any}} session
   * @returns {{status: number, body: any}}
   */
  answer(request, session) {
    const { method, path, parameters, headers, body } = request;
    const [, kind = "", id = "", verb = ""] = path.split("/").map((part) => decodeURIComponent(part));
    const isPreview = kind === "preview";
    if (isPreview) {
      this.previewed.push(body);
      return ok(this.preview);
    }
    const isForAdmins = method !== "GET" || ["channels", "routes", "deliveries"].includes(kind);
    if (isForAdmins && !session.can_manage) return refuse(403, "for administrators");
    if (method !== "GET") this.changes.push({ method, path, headers, body });
    switch (kind) {
      case "":
        return ok(this.#list(parameters));
      case "pending":
        return ok({ count: this.pending.length, pending: this.pending });
      case "rules":
        return this.#answerRules(method, id, headers, body);
      case "silences":
        return this.#answerSilences(method, id, body, session);
      case "channels":
        return this.#answerChannels(method, id, verb, body);
      case "deliveries":
        return this.#answerDeliveries(method, id, parameters);
      case "routes":
        if (method === "PUT") this.routes = body.routes;
        return ok({ routes: this.routes });
      default:
        return this.#answerAlarm(method, Number(kind), id, body, session);
    }
  }

  /** @param {URLSearchParams} parameters */
  #list(parameters) {
    const state = parameters.get("state") ?? "all";
    const hosts = parameters.getAll("host");
    const from = Number(parameters.get("from") ?? 0);
    const to = Number(parameters.get("to") ?? Infinity);
    const isWanted = (alarm) =>
      (state === "all" || (state === "open") === (alarm.ended === null)) &&
      (hosts.length === 0 || hosts.includes(alarm.host)) &&
      (!parameters.has("rule") || parameters.getAll("rule").includes(alarm.rule)) &&
      (!parameters.has("severity") || parameters.get("severity") === alarm.severity) &&
      (alarm.ended ?? Infinity) >= from &&
      alarm.started <= to;
    const open = { critical: 0, warning: 0, info: 0 };
    for (const { severity, ended } of this.alarms) if (ended === null) open[severity] += 1;
    const alarms = this.alarms
      .filter(isWanted)
      .sort(
        (first, second) =>
          Number(first.ended !== null) - Number(second.ended !== null) ||
          RANKS[first.severity] - RANKS[second.severity] ||
          second.fired - first.fired,
      )
      .slice(0, Number(parameters.get("limit") ?? MOST));
    return { now: Math.floor(Date.now() / 1000), open, count: alarms.length, alarms };
  }

  #answerAlarm(method, id, verb, body, session) {
    const alarm = this.alarms.find((one) => one.id === id);
    if (!alarm) return refuse(404, "there is no such alarm");
    if (verb !== "acknowledge") return ok({ ...alarm, ...(this.details[id] ?? { events: [], why: [] }) });
    const at = Math.floor(Date.now() / 1000);
    alarm.acknowledged =
      method === "DELETE" ? null : { by: session.user?.name ?? "somebody", at, until: body.until, note: body.note };
    return ok(alarm);
  }

  #answerRules(method, id, headers, body) {
    if (method === "GET") return ok({ rules: this.rules });
    const known = this.rules.find(({ rule }) => rule.id === id);
    if (method === "DELETE") {
      this.rules = this.rules.filter((one) => one !== known);
      return known ? ok() : refuse(404, "there is no such rule");
    }
    if (this.refusal) return refuse(this.refusal.status, this.refusal.error);
    if (known?.source === "file") return refuse(409, "a file on the server owns this rule");
    const isCurrent = known ? headers["if-match"] === String(known.revision) : headers["if-none-match"] === "*";
    if (!isCurrent) return refuse(412, "the rule has another revision");
    const entry = {
      hosts: 3,
      open: 0,
      problems: [],
      ...known,
      rule: body,
      source: "page",
      revision: (known?.revision ?? 0) + 1,
      changed: Math.floor(Date.now() / 1000),
      changed_by: "admin",
    };
    this.rules = known ? this.rules.map((one) => (one === known ? entry : one)) : [...this.rules, entry];
    return { status: known ? 200 : 201, body: entry };
  }

  #answerSilences(method, id, body, session) {
    if (method === "GET") return ok({ silences: this.silences });
    if (method === "DELETE") {
      this.silences = this.silences.filter((one) => String(one.id) !== id);
      return ok();
    }
    if (!body.reason) return refuse(400, "reason: must not be empty");
    const now = Math.floor(Date.now() / 1000);
    const silence = {
      rules: [],
      hosts: [],
      tags: {},
      instances: [],
      weekly: [],
      from: now,
      ...body,
      id: Math.max(0, ...this.silences.map(({ id: known }) => known)) + 1,
      author: session.user?.name ?? "somebody",
      created: now,
      active: true,
    };
    this.silences = [...this.silences, silence];
    return { status: 201, body: silence };
  }

  #answerChannels(method, name, verb, body) {
    if (method === "GET") return ok({ channels: this.channels });
    const known = this.channels.find((one) => one.name === name);
    if (verb === "test") return known ? ok(this.testResult) : refuse(404, "there is no such channel");
    const others = this.channels.filter((one) => one !== known);
    if (method === "DELETE") {
      this.channels = others;
      return ok();
    }
    const secrets = { ...known?.secrets };
    for (const [secret, value] of Object.entries(body.secrets ?? {})) {
      if (value === null) delete secrets[secret];
      else secrets[secret] = "set";
    }
    const channel = { from_file: false, last: null, waiting: 0, dead: 0, ...known, ...body, name, secrets };
    this.channels = [...others, channel];
    return ok(channel);
  }

  #answerDeliveries(method, id, parameters) {
    if (method === "POST") {
      this.deliveries = this.deliveries.filter((one) => String(one.id) !== id);
      return ok();
    }
    return ok({ deliveries: this.deliveries.filter(({ state }) => state === parameters.get("state")) });
  }
}
