/**
 * The chart of what an alarm is about, some time before and after it: its band, and the limits of its rule.
 */

import { ChartCard } from "../charts/chart_card.js";
import { customMetric, planCharts } from "../charts/chart_plan.js";
import { ChartTime } from "../charts/chart_time.js";
import { lineStyle } from "../charts/palette.js";
import { LiveHistory } from "../history/live_history.js";
import { awayTimes, gapLimit, seriesKey, toPoints } from "../history/series.js";
import { bandOf } from "../host/host_alarms.js";
import { currentTheme } from "../page/theme.js";
import { element } from "../parts/dom.js";
import { describeSpan } from "../time/time_span.js";
import { isSignal } from "./alarm_words.js";
import { limitsOfAlarm } from "./alarm_spark.js";

const LEAST_AROUND = 1800;
const MOST_AROUND = 6 * 3600;
/** What is open goes on: the chart follows so often. */
const FOLLOW_SECONDS = 60;
/** What is shown of a host that is silent, or was restarted. */
const OF_SIGNALS = "cpu";

/** Some time around it. @param {import("./alerts_api.js").Alarm} alarm @param {number} now Unix seconds */
export function timeAround({ started, ended }, now) {
  const end = ended ?? Math.ceil(now / FOLLOW_SECONDS) * FOLLOW_SECONDS;
  const around = Math.min(Math.max((end - started) / 2, LEAST_AROUND), MOST_AROUND);
  return { from: Math.floor(started - around), to: Math.ceil(ended === null ? end : end + around) };
}

export class AlarmChart {
  #context;
  /** @type {import("./alerts_api.js").Alarm} */
  #alarm;
  #rule = null;
  #card;
  #history;
  #time;
  #key = "";
  /** @type {import("../time/time_span.js").Span} */
  #span;
  /** @type {import("../page/state.js").Range|null} */
  #zoom = null;

  /**
   * @param {import("../page/context.js").Context} context
   * @param {(zoom: import("../page/state.js").Range|null) => void} onZoom a part of it is to be shown, or all
   */
  constructor(context, onZoom) {
    this.#context = context;
    this.#time = new ChartTime({
      cards: () => [this.#card],
      zoom: onZoom,
      whole: () => {
        if (this.#zoom !== null) onZoom(null);
        return this.#zoom !== null;
      },
    });
    this.#card = new ChartCard(this.#time);
    this.#history = new LiveHistory(context, () => this.#draw());
    this.element = element("div", { class: "alarm-chart" }, this.#time.readout, this.#card.element);
  }

  /**
   * @param {import("./alerts_api.js").Alarm} alarm
   * @param {any} rule that made it; undefined: it is gone
   * @param {import("../page/state.js").Range|null} zoom
   */
  show(alarm, rule, zoom) {
    this.#alarm = alarm;
    this.#rule = rule;
    this.#zoom = zoom;
    this.element.hidden = alarm.host === "";
    if (alarm.host === "") return;
    const range = zoom ?? timeAround(alarm, this.#context.now());
    const key = `${range.from}-${range.to}`;
    if (key === this.#key) {
      if (this.#history.loaded) this.#draw();
      return;
    }
    this.#key = key;
    this.#span = { key, timeframe: null, range, seconds: range.to - range.from };
    this.#history.select({ hosts: [alarm.host], span: this.#span, metrics: this.#metric });
  }

  redraw() {
    this.#card.redraw();
  }

  destroy() {
    this.#history.stop();
    this.#time.destroy();
    this.#card.destroy();
  }

  get #metric() {
    return isSignal(this.#alarm.metric) ? OF_SIGNALS : this.#alarm.metric;
  }

  #draw() {
    const { host } = this.#alarm;
    const metric = this.#metric;
    const instance = metric === this.#alarm.metric ? this.#alarm.instance : "";
    const known = this.#context.catalogue.metrics;
    const [group] = planCharts(known.some(({ name }) => name === metric) ? known : [...known, customMetric(metric)], [
      { metric, instance },
    ]);
    const [{ title, help, unit, decimals, range }] = group.charts;
    this.#card.update({
      title: instance === "" ? title : `${title}: ${instance}`,
      help,
      subject: `${host} over ${describeSpan(this.#span)}`,
      unit,
      decimals,
      stacked: false,
      range,
      legend: false,
      prepare: () => this.#prepare(seriesKey(metric, instance), metric === this.#alarm.metric),
    });
  }

  /** @param {string} key @param {boolean} isOwn the alarm is about what is shown */
  #prepare(key, isOwn) {
    const { step, window, histories } = this.#history;
    const history = histories.get(this.#alarm.host);
    const host = this.#context.hosts.find(({ hostname }) => hostname === this.#alarm.host);
    const series = history?.series.get(key);
    const limit = history ? gapLimit(step, host?.interval, history.timestamps) : 0;
    const lines = series
      ? [
          {
            key,
            label: "",
            ...lineStyle(0, currentTheme()),
            points: toPoints(history.timestamps, series.average, limit, step > 0 ? series : undefined),
            band: step > 0,
          },
        ]
      : [];
    const now = this.#context.now();
    return {
      lines,
      window,
      step,
      reach: limit,
      away: history
        ? awayTimes(history.timestamps, limit, { ...window, to: Math.min(window.to, now) }, host?.first_seen ?? 0)
        : [],
      alarms: [bandOf(this.#alarm, now)],
      limits: isOwn
        ? limitsOfAlarm(this.#rule, this.#alarm).map(({ severity, fire }) => ({ severity, value: fire }))
        : [],
      showsLimits: true,
    };
  }
}
