/**
 * Keeps the histories of some hosts over a span of time: asks for all of it once, and then, where it ends now, only for
 * what is new.
 */

import { historyFromColumns, lowerBound, mergeHistories } from "./series.js";

/** Now and then everything is asked for again, whatever happened: invalidate() tells of readings that arrived late. */
const RELOAD_SECONDS = 300;
/** A fixed range that ended this long ago is complete, as far as polls can tell. */
const LATE_SECONDS = 60;

/**
 * @typedef {object} Selection
 * @property {string[]} hosts none: all
 * @property {string[]} [tags] only hosts that have these
 * @property {import("../time/time_span.js").Span} span
 * @property {string} metrics names separated by commas, or `*`
 * @property {number} [points] most rows of a host; left out: as the server thinks best
 */

export class HistoryLoader {
  /** @type {Map<string, import("./series.js").History>} by host name */
  histories = new Map();
  /** Seconds of a bucket; 0: raw readings. */
  step = 0;
  /** What the charts show, in Unix seconds. */
  window = { from: 0, to: 0 };

  #getData;
  #now;
  /** @type {Selection|null} */
  #selection = null;
  #loadedAt = -Infinity;
  #stale = false;

  /**
   * @param {typeof import("./api.js").getData} getData
   * @param {() => number} now Unix seconds, by the server's clock
   */
  constructor(getData, now) {
    this.#getData = getData;
    this.#now = now;
  }

  get loaded() {
    return this.#loadedAt > -Infinity;
  }

  /**
   * What to load from now on. Until the next refresh the old histories stay, so that the charts need not flicker.
   * @param {Selection} selection
   */
  select(selection) {
    this.#selection = selection;
    this.#loadedAt = -Infinity;
    const { range, seconds } = selection.span;
    const now = this.#now();
    this.window = range ? { ...range } : { from: now - seconds, to: now };
  }

  /** Whether anything can still be added to what is loaded. */
  get isOver() {
    const range = this.#selection?.span.range;
    return Boolean(range) && range.to < this.#loadedAt - LATE_SECONDS && this.loaded && !this.#stale;
  }

  /** Makes the next refresh load everything; one that is under way may have been answered too early. */
  invalidate() {
    this.#stale = true;
  }

  /** @param {AbortSignal} [signal] */
  async refresh(signal) {
    const selection = this.#selection;
    const { hosts, tags, metrics, points, span } = selection;
    const age = this.#now() - this.#loadedAt;
    const since = this.#newestCommonTime();
    const whole =
      this.#stale ||
      since === null ||
      span.range !== null ||
      age > RELOAD_SECONDS ||
      this.window.to < this.#now() - span.seconds / 4;
    const time = span.range ?? { timeframe: span.timeframe.name };
    const query = {
      hosts,
      ...(tags ? { tags } : {}),
      metrics,
      ...(whole ? { points, ...time } : { from: since, step: this.step }),
    };
    const wasStale = this.#stale;
    this.#stale = false;
    let answer;
    try {
      answer = await this.#getData(query, signal);
    } catch (error) {
      this.#stale ||= wasStale;
      throw error;
    }
    if (selection !== this.#selection) return; // somebody chose something else meanwhile
    if (whole) this.#replace(answer);
    else this.#add(answer);
  }

  /** From when on to ask for more, or null to ask for everything. */
  #newestCommonTime() {
    if (!this.loaded || this.histories.size === 0) return null;
    const last = [...this.histories.values()]
      .filter((history) => history.timestamps.length > 0)
      .map((history) => history.timestamps[history.timestamps.length - 1]);
    if (last.length === 0) return null;
    // A host that is down must not make every poll fetch all since then; when it comes back, it brings new readings.
    const tolerated = Math.max(...last) - Math.max(3 * this.step, 60);
    return Math.max(Math.min(...last), tolerated);
  }

  #setWindow(answer) {
    const { range, seconds } = this.#selection.span;
    const to = Math.max(answer.to ?? 0, this.#now());
    this.window = range ? { ...range } : { from: to - seconds, to };
  }

  #replace(answer) {
    this.step = answer.step ?? 0;
    this.#setWindow(answer);
    this.histories = new Map(answer.hosts.map((host) => [host.hostname, historyFromColumns(host)]));
    this.#loadedAt = this.#now();
  }

  #add(answer) {
    this.#setWindow(answer);
    const fresh = new Map(answer.hosts.map((host) => [host.hostname, historyFromColumns(host)]));
    const oldest = this.window.from - this.step;
    for (const name of new Set([...this.histories.keys(), ...fresh.keys()])) {
      const kept = this.histories.get(name);
      const needless = !fresh.has(name) && kept && lowerBound(kept.timestamps, oldest) === 0;
      if (!needless) this.histories.set(name, mergeHistories(kept, fresh.get(name), oldest));
    }
  }
}
