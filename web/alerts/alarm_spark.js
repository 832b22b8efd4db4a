/**
 * Small lines of the values that open alarms are about, each with the limits of its rule.
 */

import { getData } from "../history/api.js";
import { gapLimit, historyFromColumns, seriesKey } from "../history/series.js";
import { Poller } from "../history/poller.js";
import { isSignal } from "./alarm_words.js";
import { kindOf, limitsOf } from "./rule_limits.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 160;
const HEIGHT = 36;
const SECONDS = 3 * 3600;
const STEP_SECONDS = 120;
const POLL_SECONDS = 60;
const MOST_HOSTS = 20;

/** Where values stand. @param {number[]} values all that is to be seen */
function scaleOf(values) {
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  const room = (highest - lowest) * 0.1 || Math.abs(highest) * 0.1 || 1;
  const bottom = lowest - room;
  const span = highest + room - bottom;
  return (value) => HEIGHT - ((value - bottom) / span) * HEIGHT;
}

/**
 * @param {number[]} timestamps
 * @param {(number|null)[]} values
 * @param {number[]} limits
 * @param {number} now Unix seconds
 * @param {number} gap seconds
 * @returns {{path: string, limits: number[]}} the path of an SVG, and how far from its top each limit stands
 */
export function sparkOf(timestamps, values, limits, now, gap) {
  const known = values.filter((value, index) => value !== null && timestamps[index] >= now - SECONDS);
  if (known.length === 0) return { path: "", limits: [] };
  const place = scaleOf([...known, ...limits]);
  let path = "";
  let previous = null;
  timestamps.forEach((time, index) => {
    const value = values[index];
    if (value === null || time < now - SECONDS) return;
    const x = ((time - (now - SECONDS)) / SECONDS) * WIDTH;
    path += `${previous === null || time - previous > gap ? "M" : "L"}${x.toFixed(1)} ${place(value).toFixed(1)}`;
    previous = time;
  });
  return { path, limits: limits.map(place) };
}

/** The limits that an alarm's value is held against. @param {any} rule undefined: none @param {any} alarm */
export function limitsOfAlarm(rule, { metric, unit, limit, severity }) {
  const condition = rule?.when?.find((one) => one.metric === metric && kindOf(one.value) !== "percent_of");
  const limits = condition ? limitsOf(condition, unit) : [];
  if (limits.length > 0) return limits;
  return Number.isFinite(limit) ? [{ severity, fire: limit, clear: null }] : [];
}

/** @param {string} name @param {Record<string, string>} attributes */
function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

export class AlarmSpark {
  element = element();

  /** @param {ReturnType<typeof sparkOf>} shown @param {{severity: string}[]} limits */
  show({ path, limits: places }, limits) {
    this.element.replaceChildren(
      ...places.map((y, index) =>
        svg("line", {
          x1: "0",
          x2: String(WIDTH),
          y1: y.toFixed(1),
          y2: y.toFixed(1),
          class: "alarm-spark-limit",
          "data-severity": limits[index].severity,
        }),
      ),
      svg("path", { d: path }),
    );
  }
}

function element() {
  return svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    class: "alarm-spark",
    "aria-hidden": "true",
  });
}

/** Asks for the values of what is shown, all in one request, and again each minute. */
export class AlarmSparks {
  #now;
  #wanted;
  #poller = new Poller(
    (signal) => this.#load(signal),
    () => POLL_SECONDS,
  );
  #asked = "";

  /**
   * @param {() => number} now
   * @param {() => {alarm: import("./alerts_api.js").Alarm, rule: any, spark: AlarmSpark}[]} wanted
   */
  constructor(now, wanted) {
    this.#now = now;
    this.#wanted = wanted;
  }

  /** What is wanted may be something else now. */
  changed() {
    const key = this.#series()
      .map(({ alarm, rule }) => `${alarm.id} ${rule !== undefined}`)
      .join("\n");
    if (key === this.#asked) return;
    this.#asked = key;
    if (!this.#poller.start()) this.#poller.restart();
  }

  stop() {
    this.#poller.stop();
  }

  #series() {
    return this.#wanted().filter(({ alarm }) => alarm.host !== "" && !isSignal(alarm.metric));
  }

  /** @param {AbortSignal} signal */
  async #load(signal) {
    const wanted = this.#series();
    const hosts = [...new Set(wanted.map(({ alarm }) => alarm.host))].slice(0, MOST_HOSTS);
    const metrics = [...new Set(wanted.map(({ alarm }) => alarm.metric))].join(",");
    if (hosts.length === 0) return;
    const now = Math.floor(this.#now());
    try {
      const answer = await getData({ hosts, from: now - SECONDS, step: STEP_SECONDS, metrics }, signal);
      const histories = new Map(answer.hosts.map((host) => [host.hostname, historyFromColumns(host)]));
      for (const { alarm, rule, spark } of wanted) {
        const history = histories.get(alarm.host);
        const series = history?.series.get(seriesKey(alarm.metric, alarm.instance));
        if (!series) continue;
        const limits = limitsOfAlarm(rule, alarm);
        const gap = gapLimit(answer.step, undefined, history.timestamps);
        const fires = limits.map(({ fire }) => fire);
        spark.show(sparkOf(history.timestamps, series.average, fires, now, gap), limits);
      }
    } catch {
      // That the server is away is told by the banner; the lines come with the next turn.
    }
  }
}
