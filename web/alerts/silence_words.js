/**
 * Silences in words. Pure but for the viewer's format.
 */

import { format as viewersFormat, formatDuration } from "../parts/format.js";
import { listToText, tagsToText } from "./lists.js";

/** @typedef {import("./alerts_api.js").Silence} Silence */

/** What is silenced: "Rule disk-full, on web-1, of /var". @param {Silence} silence */
export function describeScope({ rules = [], hosts = [], tags = {}, instances = [] }) {
  const some = (list, one, many) => (list.length === 0 ? "" : `${list.length === 1 ? one : many} ${listToText(list)}`);
  const parts = [
    some(rules, "rule", "rules"),
    some(hosts, "host", "hosts"),
    Object.keys(tags).length > 0 ? `hosts with ${tagsToText(tags)}` : "",
    some(instances, "instance", "instances"),
  ].filter(Boolean);
  if (parts.length === 0) return "Everything";
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {Silence} silence
 * @param {number} now
 * @returns {"active"|"waiting"|"between"|"over"} between: a weekly one at another time
 */
export function standingOf({ from, until, active }, now) {
  if (until <= now) return "over";
  if (active) return "active";
  return from > now ? "waiting" : "between";
}

/** When. @param {Silence} silence @param {number} now @param {typeof viewersFormat} [format] */
export function describeTime(silence, now, format = viewersFormat) {
  const { from, until, weekly = [] } = silence;
  const when = weekly.length > 0 ? ` each ${listToText(weekly)} by the server's clock` : "";
  switch (standingOf(silence, now)) {
    case "over":
      return `ended ${format.formatMoment(until)}${when}`;
    case "waiting":
      return `from ${format.formatMoment(from)} until ${format.formatMoment(until)}${when}`;
    case "between":
      return `not just now:${when || " it waits"}, until ${format.formatMoment(until)}`;
    default:
      return `until ${format.formatMoment(until)}, ${formatDuration(until - now)} more${when === "" ? "" : `,${when}`}`;
  }
}
