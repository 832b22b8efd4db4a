/**
 * The hosts as the server told of them, kept up to date by its answers of what has changed.
 */

import { countAlarms, countsOf } from "../parts/alarm_counts.js";
import { standingOf } from "../parts/status.js";

/** Where a row of values has what, before those of its metrics. */
const ROW_HEAD = /** @type {const} */ (["hostname", "last_seen", "cpu", "ram", "disk"]);

/**
 * A reading's metrics out of a row of values. They have any names: one may be `__proto__`, which must not be assigned.
 * @param {(string|[string, string[]])[]} names a metric, or a metric and its instances
 * @param {(string|number|null)[]} row
 */
function metricsOf(names, row) {
  let at = ROW_HEAD.length;
  return Object.fromEntries(
    names.map((name) => {
      if (typeof name === "string") return [name, row[at++]];
      return [name[0], Object.fromEntries(name[1].map((instance) => [instance, row[at++]]))];
    }),
  );
}

export class HostList {
  /** By name. `revision` of each grows when something of it changes. @type {any[]} */
  hosts = [];
  /** What to ask with for what has changed since; "": for everything. */
  since = "";
  /**
   * Open alarms: as the server counts them, which knows of its own too, or those of the hosts together.
   * @type {import("../parts/alarm_counts.js").AlarmCounts}
   */
  alarms = countsOf(null);
  /** @type {Map<string, any>} */
  #byName = new Map();
  #revision = 0;

  /** Takes in an answer to the question with `since`. @param {any} answer of GET /hosts */
  take(answer) {
    this.#revision += 1;
    if (answer.complete !== false) this.#byName.clear();
    const isOther = this.#takeEntries(answer);
    for (const { metrics, rows } of answer.values ?? []) this.#takeValues(metrics, rows);
    if (isOther || answer.complete !== false) this.hosts = [...this.#byName.values()];
    this.#judge(answer.now);
    this.alarms = answer.alarms ? countsOf(answer.alarms) : countAlarms(this.hosts);
    // If they are not as many as the server has, something was not told: then everything is to be told anew.
    this.since = answer.count === this.hosts.length ? (answer.since ?? "") : "";
  }

  /** What was told is forgotten. */
  forget() {
    this.hosts = [];
    this.since = "";
    this.alarms = countsOf(null);
    this.#byName.clear();
  }

  /** @param {any} answer @returns {boolean} whether there are other hosts, or other objects for them */
  #takeEntries({ deleted = [], hosts }) {
    let hasNew = false;
    for (const name of deleted) this.#byName.delete(name);
    for (const host of hosts) {
      host.revision = this.#revision;
      hasNew ||= !this.#byName.has(host.hostname);
      this.#byName.set(host.hostname, host);
    }
    if (hasNew) {
      const sorted = [...this.#byName].sort(([first], [second]) => (first < second ? -1 : 1));
      this.#byName = new Map(sorted);
    }
    return deleted.length > 0 || hosts.length > 0;
  }

  /** @param {Parameters<typeof metricsOf>[0]} names @param {any[][]} rows */
  #takeValues(names, rows) {
    for (const row of rows) {
      const [hostname, lastSeen, cpu, ram, disk] = row;
      const host = this.#byName.get(hostname);
      if (host === undefined) continue; // never told; the count shows it
      host.last_seen = lastSeen;
      host.latest = { hostname, timestamp: lastSeen, cpu, ram, disk, metrics: metricsOf(names, row) };
      host.revision = this.#revision;
    }
  }

  /** Hosts become late by time alone. @param {number} now */
  #judge(now) {
    for (const host of this.hosts) {
      const standing = standingOf(host, now);
      if (standing === host.standing) continue;
      host.standing = standing;
      host.revision = this.#revision;
    }
  }
}
