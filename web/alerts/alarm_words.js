/**
 * Alarms in words: what they say of themselves, and in which order they stand. Pure but for the viewer's format.
 */

import { compareNames } from "../charts/chart_plan.js";
import { format as viewersFormat, formatDuration, NO_VALUE } from "../parts/format.js";

/** @typedef {import("./alerts_api.js").Alarm} Alarm */

export const SEVERITY_WORDS = { critical: "Critical", warning: "Warning", info: "Info" };
const RANKS = { critical: 0, warning: 1, info: 2 };

/** What has no unit of a value, but is so or not. */
const STATES = new Set([
  "host_silent",
  "host_rebooted",
  "host_name_conflict",
  "server_hosts_silent",
  "server_store_failing",
]);

/** Metrics that no chart shows. @param {string} metric */
export function isSignal(metric) {
  return STATES.has(metric) || ["host_clock_skew"].includes(metric) || metric.startsWith("server_");
}

/** @param {string} severity */
const rankOf = (severity) => RANKS[severity] ?? RANKS.info;

/** Critical first, then the newest. @param {Alarm} first @param {Alarm} second */
export function compareAlarms(first, second) {
  return rankOf(first.severity) - rankOf(second.severity) || second.fired - first.fired || first.id - second.id;
}

/** @param {Alarm[]} alarms @returns {{critical: number, warning: number, info: number}} */
export function countBySeverity(alarms) {
  const counts = { critical: 0, warning: 0, info: 0 };
  for (const { severity } of alarms) counts[severity] += 1;
  return counts;
}

/**
 * By host: the host with the gravest and newest alarm first.
 * @param {Alarm[]} alarms
 * @returns {{host: string, alarms: Alarm[]}[]}
 */
export function groupByHost(alarms) {
  /** @type {Map<string, Alarm[]>} */
  const groups = new Map();
  for (const alarm of [...alarms].sort(compareAlarms)) {
    if (!groups.has(alarm.host)) groups.set(alarm.host, []);
    groups.get(alarm.host).push(alarm);
  }
  return [...groups]
    .map(([host, own]) => ({ host, alarms: own }))
    .sort(
      (first, second) =>
        rankOf(first.alarms[0].severity) - rankOf(second.alarms[0].severity) ||
        second.alarms.length - first.alarms.length ||
        compareNames(first.host, second.host),
    );
}

/** @param {Alarm} alarm @returns {string} "web-1", "the server" */
export const hostWords = ({ host }) => (host === "" ? "The server" : host);

/**
 * A count of things has no half ones.
 * @param {number} value @param {string} unit @param {typeof viewersFormat} format
 */
function valueText(value, unit, format) {
  return Number.isInteger(value) && unit === "count"
    ? format.formatTick(value, unit)
    : format.formatValue(value, unit, 1);
}

/** @param {number|null} value @param {Alarm} alarm @param {typeof viewersFormat} [format] */
export function describeValue(value, { unit, metric }, format = viewersFormat) {
  return STATES.has(metric) || value === null ? NO_VALUE : valueText(value, unit, format);
}

/** "97.4% (limit 97%)"; "" where the alarm has no value. @param {Alarm} alarm @param {typeof viewersFormat} [format] */
export function describeNow(alarm, format = viewersFormat) {
  const { value, limit, unit, metric } = alarm;
  if (STATES.has(metric) || value === null) return "";
  const now = valueText(value, unit, format);
  return limit === null ? now : `${now} (limit ${format.formatTick(limit, unit)})`;
}

/** How long it is, or was, there. @param {Alarm} alarm @param {number} now Unix seconds */
export function describeLength({ started, ended }, now) {
  return formatDuration((ended ?? now) - started);
}

/**
 * What besides its severity one should know of it.
 * @param {Alarm} alarm
 * @param {number} now Unix seconds
 * @param {typeof viewersFormat} [format]
 * @returns {{kind: string, text: string}[]}
 */
export function stateWords(alarm, now, format = viewersFormat) {
  const { acknowledged, silenced } = alarm;
  const at = (time) =>
    now - time < 43_200 && time - now < 43_200 ? shortClock(time, format) : format.formatMoment(time);
  const words = [];
  const say = (kind, text) => words.push({ kind, text });
  if (alarm.unknown_since !== null) {
    say("unknown", `unknown since ${at(alarm.unknown_since)}: nothing is measured, so it stays as it was`);
  }
  if (alarm.state === "clearing") say("clearing", "getting better: it ends if that lasts");
  if (alarm.settling) say("settling", "settling: its host has just come back, so nobody is told yet");
  if (alarm.late) say("late", "late: its readings came afterwards");
  if (alarm.flapping) say("flapping", "flapping: it came and went several times within an hour, and is held open");
  if (silenced) say("silenced", `silenced until ${at(silenced.until)}`);
  if (acknowledged) {
    const until = acknowledged.until > 0 ? ` until ${at(acknowledged.until)}` : "";
    const note = acknowledged.note ? `: ${acknowledged.note}` : "";
    say("acknowledged", `acknowledged by ${acknowledged.by}${until}${note}`);
  }
  return words;
}

/** Hours and minutes. @param {number} time Unix seconds @param {typeof viewersFormat} format */
function shortClock(time, format) {
  return format.formatTimeTick(time, 3600);
}

/** @param {Alarm} alarm "told to ops, mail" */
export function describeTold({ told, severity }) {
  if (told.length > 0) return `told: ${told.join(", ")}`;
  return severity === "info" ? "for the history alone: nobody is told" : "nobody was told";
}

/** Why it ended. @param {Alarm} alarm @param {typeof viewersFormat} [format] */
export function describeEnd(alarm, format = viewersFormat) {
  const { ended, end_reason: reason, value_ended: value } = alarm;
  if (ended === null) return "open";
  if (reason === "cleared" || !reason) {
    const told = describeValue(value, alarm, format);
    return told === NO_VALUE ? "well again" : `well again at ${told}`;
  }
  return reason;
}

const EVENTS = {
  pending: "Its limit was passed",
  started: "Its limit was passed",
  fired: "It fired",
  raised: "It got worse",
  lowered: "It got better",
  clearing: "Its value is beyond the limit at which it ends",
  firing: "It is back beyond its limit",
  ended: "It ended",
  flapping: "It began to flap: it is held open, and told once",
  calmed: "It no longer flaps",
  unknown: "Nothing is measured any more",
  known: "It is measured again",
  silenced: "Silenced",
  unsilenced: "The silence ended",
  acknowledged: "Acknowledged",
  unacknowledged: "No longer acknowledged",
  told: "Told",
  late: "Found in readings that came late",
};

/** @param {{kind: string, detail: string}} event */
export function describeEvent({ kind, detail }) {
  const words = EVENTS[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll("_", " ");
  return detail ? `${words}: ${detail}` : words;
}

/** An address that may be followed: of a page, not of a script. @param {string} text @returns {string|null} */
export function safeLink(text) {
  try {
    const { protocol, href } = new URL(text);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}
