/**
 * Which hosts the wall mode shows in one round. Pure.
 */

import { compareNames } from "../charts/chart_plan.js";
import { conditionOf } from "../overview/host_order.js";

/** In more hosts than this one would wait too long for the overview. */
const MOST_HOSTS = 20;
const ORDER = { down: 0, warned: 1, up: 2 };

/** So many of the hosts, by name, from the one after that name on, and from the first again. */
function take(hosts, after, count) {
  const sorted = [...hosts].sort((first, second) => compareNames(first.hostname, second.hostname));
  const start = Math.max(
    0,
    sorted.findIndex((host) => compareNames(host.hostname, after) > 0),
  );
  return [...sorted.slice(start), ...sorted.slice(0, start)].slice(0, count);
}

/**
 * What is down or has a warning comes first, and in every round, while it is no more than half of one; the others come
 * in turn.
 * @param {any[]} hosts
 * @param {{troubled: string, well: string}} after where the round before ended, of each kind
 * @param {number} [most] hosts
 * @returns {{names: string[], after: {troubled: string, well: string}}}
 */
export function planRound(hosts, after, most = MOST_HOSTS) {
  const well = hosts.filter((host) => conditionOf(host) === "up");
  const troubled = hosts.filter((host) => conditionOf(host) !== "up");
  const first = take(troubled, after.troubled, Math.max(Math.ceil(most / 2), most - well.length));
  const second = take(well, after.well, most - first.length);
  const ordered = [...first].sort((one, other) => ORDER[conditionOf(one)] - ORDER[conditionOf(other)]);
  return {
    names: [...ordered, ...second].map((host) => host.hostname),
    after: { troubled: first.at(-1)?.hostname ?? "", well: second.at(-1)?.hostname ?? "" },
  };
}
