/**
 * What the server is asked about alarms, and what it answers. Changes go through the session.
 */

import { getJson } from "../history/api.js";

/**
 * @typedef {"info"|"warning"|"critical"} Severity
 *
 * @typedef {object} Alarm times in Unix seconds
 * @property {number} id
 * @property {string} rule
 * @property {string} name
 * @property {Severity} severity
 * @property {Severity} [highest] that it ever had
 * @property {string} host "": the server itself
 * @property {string} instance
 * @property {string} metric
 * @property {string} unit
 * @property {number|null} value the last one while it was open
 * @property {number|null} value_fired
 * @property {number|null} value_worst
 * @property {number|null} value_ended
 * @property {number|null} limit
 * @property {"firing"|"clearing"|"ended"} state
 * @property {number} started
 * @property {number} fired
 * @property {number|null} ended
 * @property {string|null} end_reason
 * @property {boolean} late
 * @property {boolean} flapping
 * @property {boolean} settling
 * @property {number|null} unknown_since
 * @property {{id: number, until: number}|null} silenced
 * @property {{by: string, at: number, until: number, note: string}|null} acknowledged
 * @property {string[]} told
 * @property {string} help
 * @property {string} runbook
 * @property {{at: number, decided: number, kind: string, value: number|null, detail: string}[]} [events]
 * @property {{channel: string, text: string, at: number|null, state: string}[]} [why]
 *
 * @typedef {object} RuleEntry
 * @property {any} rule as it is written (docs/alerts.md)
 * @property {"page"|"file"|"shipped"} source
 * @property {number} revision
 * @property {number} changed
 * @property {string} changed_by
 * @property {number} hosts that it selects
 * @property {number} open alarms of it
 * @property {string[]} problems
 *
 * @typedef {object} Silence
 * @property {number} id
 * @property {string[]} rules
 * @property {string[]} hosts
 * @property {Record<string, string[]>} tags
 * @property {string[]} instances
 * @property {number} from
 * @property {number} until
 * @property {string[]} weekly
 * @property {string} reason
 * @property {string} author
 * @property {number} created
 * @property {boolean} active
 *
 * @typedef {object} Channel
 * @property {string} name
 * @property {string} kind
 * @property {boolean} default
 * @property {boolean} enabled
 * @property {boolean} from_file
 * @property {Record<string, any>} settings
 * @property {Record<string, string>} secrets
 * @property {{at: number, outcome: string, status: number, error: string}|null} last
 * @property {number} waiting
 * @property {number} dead
 */

/**
 * @param {{state?: string, hosts?: string[], rule?: string, severity?: string, from?: number, to?: number,
 *   limit?: number}} wanted
 */
export function alarmsAddress({ state = "all", hosts = [], rule, severity, from, to, limit }) {
  const parameters = new URLSearchParams({ state });
  for (const host of hosts) parameters.append("host", host);
  if (rule) parameters.set("rule", rule);
  if (severity) parameters.set("severity", severity);
  if (from !== undefined) parameters.set("from", String(from));
  if (to !== undefined) parameters.set("to", String(to));
  if (limit !== undefined) parameters.set("limit", String(limit));
  return `alerts?${parameters}`;
}

/** @param {Parameters<typeof alarmsAddress>[0]} wanted @param {AbortSignal} [signal] */
export function getAlarms(wanted, signal) {
  return getJson(alarmsAddress(wanted), signal);
}

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Alarm>} */
export function getAlarm(id, signal) {
  return getJson(`alerts/${encodeURIComponent(id)}`, signal);
}

/** What may become alarms. @param {string[]} hosts @param {AbortSignal} [signal] */
export function getPending(hosts, signal) {
  const parameters = new URLSearchParams();
  for (const host of hosts) parameters.append("host", host);
  return getJson(`alerts/pending?${parameters}`, signal);
}

/** @param {AbortSignal} [signal] @returns {Promise<RuleEntry[]>} */
export async function getRules(signal) {
  return (await getJson("alerts/rules", signal)).rules;
}

/** @param {AbortSignal} [signal] @returns {Promise<Silence[]>} */
export async function getSilences(signal) {
  return (await getJson("alerts/silences", signal)).silences;
}

/** For who may manage. @param {AbortSignal} [signal] @returns {Promise<Channel[]>} */
export async function getChannels(signal) {
  return (await getJson("alerts/channels", signal)).channels;
}

/** @param {string} state @param {AbortSignal} [signal] @returns {Promise<any[]>} */
export async function getDeliveries(state, signal) {
  return (await getJson(`alerts/deliveries?state=${state}&limit=50`, signal)).deliveries;
}

/** @param {AbortSignal} [signal] @returns {Promise<any[]>} */
export async function getRoutes(signal) {
  return (await getJson("alerts/routes", signal)).routes;
}

/** @param {string} id */
export const ruleAddress = (id) => `alerts/rules/${encodeURIComponent(id)}`;

/** @param {string} name */
export const channelAddress = (name) => `alerts/channels/${encodeURIComponent(name)}`;
