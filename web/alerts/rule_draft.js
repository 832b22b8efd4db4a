/**
 * A rule as the texts of a form, and back. Pure.
 */

import { listToText, tagsToText, textToList, textToTags } from "./lists.js";
import { formatQuantity, formatSeconds, parseDuration, parseQuantity } from "./quantity.js";
import { kindOf } from "./rule_limits.js";
import { comparedUnit, SIGNALS } from "./rule_words.js";

export const SEVERITIES = /** @type {const} */ (["info", "warning", "critical"]);

/**
 * @typedef {object} ConditionDraft
 * @property {string} metric
 * @property {string} instance
 * @property {string} except
 * @property {string} kind of value
 * @property {string} over how long, where the kind has that
 * @property {string} bound that time_until is about
 * @property {string} percentOf another metric
 * @property {"above"|"below"} direction
 * @property {Record<string, {fire: string, clear: string}>} limits by severity
 * @property {string} severity of a state, which has no limits
 * @property {any} base the condition that it was made of: what no field shows is kept
 *
 * @typedef {object} RuleDraft
 * @property {string} id
 * @property {string} name
 * @property {string} help
 * @property {string} runbook
 * @property {string} hostNames
 * @property {string} hostExcept
 * @property {string} hostTags
 * @property {ConditionDraft[]} when
 * @property {string} hold
 * @property {string} clearHold
 * @property {string} missing
 * @property {string} notify
 * @property {string} repeat
 * @property {boolean} enabled
 */

/** A state that is so or not, and so has a severity in place of limits. @param {string} metric */
export const isState = (metric) => SIGNALS[metric]?.unit === "";

/** What the server itself knows has no instances. @param {string} metric */
export const isSignalMetric = (metric) => Object.hasOwn(SIGNALS, metric);

/** @param {string|number|undefined} value @param {string} unit */
function limitText(value, unit) {
  if (value === undefined || value === null) return "";
  return typeof value === "number" ? formatQuantity(value, unit) : value;
}

/** @param {string|number|undefined} value */
function timeText(value) {
  if (value === undefined || value === null) return "";
  return typeof value === "number" ? formatSeconds(value) : value;
}

/** @param {any} condition @param {any[]} metrics of the catalogue @returns {ConditionDraft} */
export function conditionToDraft(condition, metrics) {
  const { metric = "", instance = "*", except = [], value } = condition;
  const kind = kindOf(value);
  const direction = condition.below ? "below" : "above";
  const unit = comparedUnit({ ...condition, metric }, metrics);
  const told = condition[direction] ?? {};
  const limits = Object.fromEntries(
    SEVERITIES.map((severity) => {
      const limit = told[severity];
      const { fire, clear } = typeof limit === "object" && limit !== null ? limit : { fire: limit, clear: undefined };
      return [severity, { fire: limitText(fire, unit), clear: limitText(clear, unit) }];
    }),
  );
  const over = kind === "time_until" ? value.over : value?.[kind];
  return {
    metric,
    instance,
    except: listToText(except),
    kind,
    over: kind === "last" || kind === "percent_of" ? "" : timeText(over),
    bound: kind === "time_until" ? String(value.time_until) : "0",
    percentOf: kind === "percent_of" ? value.percent_of : "",
    direction,
    limits,
    severity: condition.severity ?? "critical",
    base: condition,
  };
}

/** @param {ConditionDraft} draft */
function valueOf({ kind, over, bound, percentOf }) {
  switch (kind) {
    case "last":
      return {};
    case "percent_of":
      return { value: { percent_of: percentOf } };
    case "time_until":
      return { value: { time_until: Number(bound) || 0, over: over.trim() } };
    default:
      return { value: { [kind]: over.trim() } };
  }
}

/** A number where the text is one, so that it is written as one. @param {string} text @param {string} unit */
function written(text, unit) {
  const trimmed = text.trim();
  const isPlain = trimmed !== "" && Number.isFinite(Number(trimmed));
  return isPlain || unit === "percent" ? parseQuantityOr(trimmed, unit) : trimmed;
}

/** @param {string} text @param {string} unit */
function parseQuantityOr(text, unit) {
  const value = parseQuantity(text, unit);
  return Number.isFinite(value) ? value : text;
}

/** What the fields show of a condition. */
const SHOWN_MEMBERS = new Set(["metric", "instance", "except", "value", "above", "below", "severity"]);

/** @param {ConditionDraft} draft @param {any[]} metrics */
function draftToCondition(draft, metrics) {
  const { metric, instance, except, direction, limits, base } = draft;
  const kept = Object.fromEntries(Object.entries(base ?? {}).filter(([name]) => !SHOWN_MEMBERS.has(name)));
  if (isState(metric)) return { ...kept, metric, severity: draft.severity };
  const isSignal = isSignalMetric(metric);
  const value = isSignal ? {} : valueOf(draft);
  const unit = comparedUnit({ metric, ...value }, metrics);
  const told = {};
  for (const severity of SEVERITIES) {
    const { fire, clear } = limits[severity];
    if (fire.trim() === "") continue;
    told[severity] = { fire: written(fire, unit), ...(clear.trim() === "" ? {} : { clear: written(clear, unit) }) };
  }
  return {
    ...kept,
    metric,
    ...(isSignal || ["", "*"].includes(instance.trim()) ? {} : { instance: instance.trim() }),
    ...(!isSignal && textToList(except).length > 0 ? { except: textToList(except) } : {}),
    ...value,
    ...(Object.keys(told).length > 0 ? { [direction]: told } : {}),
  };
}

/** @param {any} rule @param {any[]} metrics of the catalogue @returns {RuleDraft} */
export function ruleToDraft(rule, metrics) {
  const { hosts = {}, when = [] } = rule;
  return {
    id: rule.id ?? "",
    name: rule.name ?? "",
    help: rule.help ?? "",
    runbook: rule.runbook ?? "",
    hostNames: listToText(hosts.names),
    hostExcept: listToText(hosts.except),
    hostTags: tagsToText(hosts.tags),
    when: when.map((condition) => conditionToDraft(condition, metrics)),
    hold: timeText(rule.for) || "2m",
    clearHold: timeText(rule.clear_for) || "2m",
    missing: rule.missing ?? "hold",
    notify: listToText(rule.notify),
    repeat: timeText(rule.repeat),
    enabled: rule.enabled !== false,
  };
}

/** @param {RuleDraft} draft @param {any[]} metrics */
export function draftToRule(draft, metrics) {
  const hosts = {
    ...(textToList(draft.hostNames).length > 0 ? { names: textToList(draft.hostNames) } : {}),
    ...(textToList(draft.hostExcept).length > 0 ? { except: textToList(draft.hostExcept) } : {}),
    ...(draft.hostTags.trim() === "" ? {} : { tags: textToTags(draft.hostTags) }),
  };
  return {
    id: draft.id,
    name: draft.name.trim(),
    ...(draft.help.trim() === "" ? {} : { help: draft.help.trim() }),
    ...(draft.runbook.trim() === "" ? {} : { runbook: draft.runbook.trim() }),
    ...(Object.keys(hosts).length > 0 ? { hosts } : {}),
    when: draft.when.map((condition) => draftToCondition(condition, metrics)),
    for: draft.hold.trim() || "2m",
    clear_for: draft.clearHold.trim() || "2m",
    missing: draft.missing,
    ...(textToList(draft.notify).length > 0 ? { notify: textToList(draft.notify) } : {}),
    ...(draft.repeat.trim() === "" ? {} : { repeat: draft.repeat.trim() }),
    enabled: draft.enabled,
  };
}

/** An id out of a name: "Disk almost full" is disk-almost-full. @param {string} name */
export function idFor(name) {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
}

/**
 * What is wrong with a draft as far as one can tell here: the field's path as the server names it, and a sentence.
 * @param {RuleDraft} draft @param {any[]} metrics
 * @returns {{path: string, message: string}|null}
 */
export function problemOf(draft, metrics) {
  if (draft.name.trim() === "") return { path: "name", message: "Give it a name." };
  if (!/^[a-z0-9-]{1,63}$/.test(draft.id)) {
    return { path: "id", message: "An id is small letters, digits and -, at most 63." };
  }
  for (const [index, condition] of draft.when.entries()) {
    const problem = conditionProblem(condition, `when[${index}]`, metrics);
    if (problem !== null) return problem;
  }
  const severities = SEVERITIES.filter((severity) =>
    draft.when.some((one) =>
      isState(one.metric) ? one.severity === severity : one.limits[severity].fire.trim() !== "",
    ),
  );
  if (severities.length > 2) {
    return { path: "when[0].above.info.fire", message: "A rule has limits of one or two severities, not of three." };
  }
  for (const [path, text] of [
    ["for", draft.hold],
    ["clear_for", draft.clearHold],
    ["repeat", draft.repeat],
  ]) {
    if (text.trim() !== "" && Number.isNaN(parseDuration(text))) {
      return { path, message: "Write a time as 90s, 5m or 2h." };
    }
  }
  return null;
}

/** @param {ConditionDraft} draft @param {string} path @param {any[]} metrics */
function conditionProblem(draft, path, metrics) {
  if (draft.metric === "") return { path: `${path}.metric`, message: "Choose what is watched." };
  if (isState(draft.metric)) return null;
  const needsTime = !["last", "percent_of"].includes(draft.kind);
  if (needsTime && Number.isNaN(parseDuration(draft.over))) {
    return { path: `${path}.value`, message: "Write over how long, as 5m." };
  }
  const unit = comparedUnit({ metric: draft.metric, ...valueOf(draft) }, metrics);
  const hasOne = SEVERITIES.some((severity) => draft.limits[severity].fire.trim() !== "");
  if (!hasOne) return { path: `${path}.${draft.direction}.warning.fire`, message: "Give it a limit." };
  for (const severity of SEVERITIES) {
    for (const end of /** @type {const} */ (["fire", "clear"])) {
      const text = draft.limits[severity][end];
      if (text.trim() === "" || Number.isFinite(parseQuantity(text, unit))) continue;
      const example = unit === "bytes" ? "20GiB" : unit === "seconds" ? "5m" : "90";
      return { path: `${path}.${draft.direction}.${severity}.${end}`, message: `Write a value as ${example}.` };
    }
  }
  return null;
}

/**
 * The path that an error of the server begins with, and what it says of it.
 * @param {string} detail "when[0].above.warning.fire: …"
 */
export function splitError(detail) {
  const [, path, message] = /^([a-z_]+(?:\[\d+\])?(?:\.[A-Za-z0-9_]+(?:\[\d+\])?)*): (.+)$/s.exec(detail) ?? [];
  return path === undefined ? { path: "", message: detail } : { path, message };
}
