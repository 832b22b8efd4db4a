/**
 * The comparison's lines where each host has one: their history, and how it becomes what a chart draws.
 */

import { LiveHistory } from "../history/live_history.js";
import { combination, combine } from "./metric_chooser.js";
import { lineStyle } from "../charts/palette.js";
import { gapLimit, toPoints } from "../history/series.js";
import { currentTheme } from "../page/theme.js";

export class ComparedHosts {
  #context;
  #history;
  #selected = "";
  /** @type {string[]} names in the order of their colours */
  #shown = [];
  #instance = "";
  #status = new Map();
  /** @type {Map<string, number>} readings that came late, by host */
  #backfilled = new Map();

  /**
   * @param {import("../page/context.js").Context} context
   * @param {() => void} onChange there is something new to draw
   */
  constructor(context, onChange) {
    this.#context = context;
    this.#history = new LiveHistory(context, onChange);
    this.#remember();
  }

  /**
   * @param {object} wanted
   * @param {string[]} wanted.shown names, in the order of their colours
   * @param {boolean} wanted.everything whether these are all hosts there are, so that none need be named
   * @param {import("../time/time_span.js").Span} wanted.span
   * @param {string} wanted.metrics names separated by commas
   * @param {string} wanted.instance "": of all instances one line
   * @returns {boolean} whether something else is on its way now
   */
  select({ shown, everything, span, metrics, instance }) {
    this.#shown = shown;
    this.#instance = instance;
    const selected = JSON.stringify([[...shown].sort(), span.key, metrics]);
    if (selected === this.#selected || shown.length === 0) return false;
    this.#selected = selected;
    this.#history.select({ hosts: everything ? [] : shown, span, metrics });
    return true;
  }

  /**
   * A host that is back, or whose agent catches up, brings what was kept meanwhile: that lies before what polls ask
   * for.
   */
  hostsChanged() {
    const { hosts } = this.#context;
    const shown = new Set(this.#shown);
    const returned = hosts.some(
      (host) => shown.has(host.hostname) && host.status === "up" && this.#status.get(host.hostname) === "down",
    );
    const filled = hosts.some(
      (host) =>
        shown.has(host.hostname) &&
        this.#backfilled.has(host.hostname) &&
        (host.backfilled ?? 0) !== this.#backfilled.get(host.hostname),
    );
    this.#remember();
    if (returned) this.#history.reload();
    else if (filled) this.#history.refill();
  }

  #remember() {
    const { hosts } = this.#context;
    this.#status = new Map(hosts.map((host) => [host.hostname, host.status]));
    this.#backfilled = new Map(hosts.map((host) => [host.hostname, host.backfilled ?? 0]));
  }

  stop() {
    this.#history.stop();
  }

  get isLoaded() {
    return this.#history.loaded;
  }

  get isEmpty() {
    return ![...this.#history.histories.values()].some((history) => history.timestamps.length > 0);
  }

  /** @param {string} metric @returns {string[]} */
  instancesOf(metric) {
    const found = new Set();
    for (const history of this.#history.histories.values()) {
      for (const series of history.series.values()) if (series.metric === metric) found.add(series.instance);
    }
    return [...found];
  }

  /**
   * @param {import("../charts/chart_plan.js").ChartPlan} plan of one metric
   * @returns {import("../charts/charts.js").ChartData}
   */
  prepare({ unit, lines: [{ metric }] }) {
    const { histories, step, window } = this.#history;
    const theme = currentTheme();
    const hosts = new Map(this.#context.hosts.map((host) => [host.hostname, host]));
    const label = this.#context.catalogue.metrics.find(({ name }) => name === metric)?.instance_label;
    let reach = step;
    const lines = this.#shown.flatMap((name, index) => {
      const history = histories.get(name);
      const series = history ? [...history.series.values()].filter((one) => one.metric === metric) : [];
      const values = combine(series, this.#instance, combination(unit), label, hosts.get(name)?.facts);
      if (values === null) return [];
      const limit = gapLimit(step, hosts.get(name)?.interval, history.timestamps);
      reach = Math.max(reach, limit);
      return [
        {
          key: name,
          label: name,
          ...lineStyle(index, theme),
          points: toPoints(history.timestamps, values, limit),
          band: false,
        },
      ];
    });
    return { lines, window, step, reach };
  }
}
