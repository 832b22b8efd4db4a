/**
 * The stand-in server's answers to GET /hosts?since=…: what has changed of its hosts since an earlier answer.
 */

/** Its answers that are remembered: a page asks with its last one. */
const MOST_REMEMBERED = 50;

/** @param {any} host as GET /hosts lists it @returns {string} what does not change with each reading */
function lastingOf({ last_seen: _lastSeen, latest: _latest, ...lasting }) {
  return JSON.stringify(lasting);
}

/** @param {any[]} hosts @returns {{metrics: any[], rows: any[][]}[]} their readings, by what these have */
function valuesOf(hosts) {
  /** @type {Map<string, any[][]>} */
  const groups = new Map();
  for (const { hostname, last_seen: lastSeen, latest } of hosts) {
    const { cpu, ram, disk, metrics = {} } = latest;
    const row = [hostname, lastSeen, cpu, ram, disk];
    const names = Object.entries(metrics).map(([name, value]) => {
      if (typeof value !== "object") {
        row.push(value);
        return name;
      }
      row.push(...Object.values(value));
      return [name, Object.keys(value)];
    });
    const key = JSON.stringify(names);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, rows]) => ({ metrics: JSON.parse(key), rows }));
}

export class StandInChanges {
  /** By `since`. @type {Map<string, {question: string, hosts: Map<string, any>}>} */
  #answers = new Map();
  #count = 0;

  /**
   * @param {{now: number, count: number, hosts: any[]}} answer everything
   * @param {URLSearchParams} parameters
   */
  answer({ now, count, hosts }, parameters) {
    const question = JSON.stringify([parameters.get("metrics"), parameters.get("facts")]);
    const known = this.#answers.get(parameters.get("since"));
    const before = known?.question === question ? known.hosts : null;
    this.#count += 1;
    const since = `7-${this.#count}`;
    const all = new Map(hosts.map((host) => [host.hostname, JSON.parse(JSON.stringify(host))]));
    this.#answers.set(since, { question, hosts: all });
    if (this.#answers.size > MOST_REMEMBERED) this.#answers.delete(this.#answers.keys().next().value);
    if (before === null) return { now, since, complete: true, hosts, values: [], deleted: [], count };

    const whole = new Set(parameters.getAll("whole"));
    const isEntry = (host) => {
      const old = before.get(host.hostname);
      return whole.has(host.hostname) || old === undefined || lastingOf(old) !== lastingOf(host);
    };
    const listed = [...all.values()];
    const entries = listed.filter(isEntry);
    const values = listed.filter(
      (host) => !isEntry(host) && JSON.stringify(before.get(host.hostname).latest) !== JSON.stringify(host.latest),
    );
    const deleted = [...before.keys()].filter((name) => !all.has(name));
    return { now, since, complete: false, hosts: entries, values: valuesOf(values), deleted, count };
  }

  /** As after a restart: no token is known. */
  forget() {
    this.#answers.clear();
  }
}
