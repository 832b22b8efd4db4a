/**
 * Small lines of the last hour, without axes: one for each host that is on the screen.
 */

import { getData } from "../history/api.js";
import { element } from "../parts/dom.js";
import { gapLimit, historyFromColumns, seriesKey } from "../history/series.js";
import { Poller } from "../history/poller.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 100;
const HEIGHT = 24;
const SECONDS = 3600;
const STEP_SECONDS = 60;
const MOST_HOSTS_A_REQUEST = 50;
const FRESH_SECONDS = 60;
/** Between two requests while there is something to ask for, and between two looks whether there is. */
const NEXT_SECONDS = 0.2;

/**
 * @param {number[]} timestamps
 * @param {(number|null)[]} values percent
 * @param {number} now Unix seconds
 * @param {number} limit seconds of a gap
 * @returns {string} the path of an SVG
 */
export function sparklinePath(timestamps, values, now, limit) {
  let path = "";
  let previous = null;
  timestamps.forEach((time, index) => {
    const value = values[index];
    if (value === null || time < now - SECONDS) return;
    const x = ((time - (now - SECONDS)) / SECONDS) * WIDTH;
    const y = HEIGHT - 1 - (Math.min(Math.max(value, 0), 100) / 100) * (HEIGHT - 2);
    path += `${previous === null || time - previous > limit ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    previous = time;
  });
  return path;
}

export class Sparkline {
  #path = document.createElementNS(SVG, "path");

  constructor() {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      class: "sparkline",
      "aria-hidden": "true",
    })) {
      svg.setAttribute(name, value);
    }
    svg.append(this.#path);
    this.element = element("td", { role: "cell", class: "cell-spark" }, svg);
  }

  /** @param {string} path */
  show(path) {
    if (this.#path.getAttribute("d") !== path) this.#path.setAttribute("d", path);
  }
}

/** Asks for the lines of those hosts that are shown, some at a time, and again when they are old. */
export class SparklineLoader {
  #now;
  #wanted;
  #show;
  /** @type {Map<string, number>} when each was asked for, Unix seconds */
  #asked = new Map();
  #poller = new Poller(
    (signal) => this.#load(signal),
    () => (this.#next().length > 0 ? NEXT_SECONDS : 1),
  );

  /**
   * @param {() => number} now
   * @param {() => string[]} wanted hosts on the screen
   * @param {(hostname: string, path: string) => void} show
   */
  constructor(now, wanted, show) {
    this.#now = now;
    this.#wanted = wanted;
    this.#show = show;
    this.#poller.start();
  }

  stop() {
    this.#poller.stop();
  }

  #next() {
    const old = this.#now() - FRESH_SECONDS;
    return this.#wanted()
      .filter((name) => (this.#asked.get(name) ?? -Infinity) < old)
      .slice(0, MOST_HOSTS_A_REQUEST);
  }

  /** @param {AbortSignal} signal */
  async #load(signal) {
    const hosts = this.#next();
    if (hosts.length === 0) return;
    for (const name of hosts) this.#asked.set(name, this.#now());
    try {
      const now = Math.floor(this.#now());
      const answer = await getData({ hosts, from: now - SECONDS, step: STEP_SECONDS, metrics: "cpu" }, signal);
      for (const host of answer.hosts) {
        const { timestamps, series } = historyFromColumns(host);
        const cpu = series.get(seriesKey("cpu", ""));
        if (cpu) {
          this.#show(
            host.hostname,
            sparklinePath(timestamps, cpu.average, now, gapLimit(answer.step, undefined, timestamps)),
          );
        }
      }
    } catch {
      // The list itself tells that the server is away; the lines come with the next turn.
    }
  }
}
