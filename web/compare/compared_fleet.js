/**
 * The comparison's bands over many hosts: the median, the 95th percentile, the lowest and the highest host, as the
 * server reckons them.
 */

import { getFleet } from "../history/api.js";
import { HIGH, historyOfFleet, MEDIAN } from "../history/fleet_history.js";
import { LiveHistory } from "../history/live_history.js";
import { lineStyle } from "../charts/palette.js";
import { gapLimit, seriesKey, toPoints } from "../history/series.js";
import { currentTheme } from "../page/theme.js";

export class ComparedFleet {
  #context;
  #onChange;
  /** @type {Map<string, {history: LiveHistory, hosts: number}>} by metric */
  #fleets = new Map();
  #selected = "";

  /**
   * @param {import("../page/context.js").Context} context
   * @param {() => void} onChange there is something new to draw
   */
  constructor(context, onChange) {
    this.#context = context;
    this.#onChange = onChange;
  }

  /**
   * @param {{hosts: string[], tags: string[], span: import("../time/time_span.js").Span, metrics: string, instance:
   *   string}} wanted hosts: none are all
   * @returns {boolean} whether something else is on its way now
   */
  select({ hosts, tags, span, metrics, instance }) {
    const selected = JSON.stringify([hosts, tags, span.key, metrics, instance]);
    if (selected === this.#selected) return false;
    this.#selected = selected;
    this.#stopAll();
    for (const metric of metrics.split(",")) {
      const fleet = {
        hosts: 0,
        history: new LiveHistory(this.#context, this.#onChange, async (query, signal) => {
          const answer = historyOfFleet(await getFleet({ ...query, instance }, signal));
          // a few rows more tell of fewer
          fleet.hosts = Math.max(query.timeframe || query.to ? 0 : fleet.hosts, answer.count);
          return answer;
        }),
      };
      this.#fleets.set(metric, fleet);
      fleet.history.select({ hosts, tags, span, metrics: metric });
    }
    return true;
  }

  hostsChanged() {}

  stop() {
    this.#stopAll();
  }

  #stopAll() {
    for (const { history } of this.#fleets.values()) history.stop();
    this.#fleets.clear();
  }

  get isLoaded() {
    return [...this.#fleets.values()].some(({ history }) => history.loaded);
  }

  get isEmpty() {
    return [...this.#fleets.values()].every(({ history }) => history.histories.size === 0);
  }

  instancesOf() {
    return [];
  }

  /** How many hosts the bands are of. @param {string} metric */
  hostsOf(metric) {
    return this.#fleets.get(metric)?.hosts ?? 0;
  }

  /**
   * @param {import("../charts/chart_plan.js").ChartPlan} plan of one metric
   * @returns {import("../charts/charts.js").ChartData}
   */
  prepare({ lines: [{ metric }] }) {
    const fleet = this.#fleets.get(metric);
    const own = fleet ? [...fleet.history.histories.values()][0] : undefined;
    if (!own) return { lines: [], window: fleet?.history.window ?? { from: 0, to: 1 }, step: 0 };
    const { step, window } = fleet.history;
    const limit = gapLimit(step, undefined, own.timestamps);
    const theme = currentTheme();
    const lines = [MEDIAN, HIGH].flatMap((name, index) => {
      const series = own.series.get(seriesKey(name, ""));
      if (!series) return [];
      return [
        {
          key: name,
          label: name,
          ...lineStyle(index, theme),
          points: toPoints(own.timestamps, series.average, limit, series),
          band: true,
          isBandUntold: name !== MEDIAN,
        },
      ];
    });
    return { lines, window, step, reach: limit };
  }
}
