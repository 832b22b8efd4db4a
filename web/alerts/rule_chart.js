/**
 * The chart below a rule's fields: what it is about on one host, the limits, and when it would have fired.
 */

import { ChartCard } from "../charts/chart_card.js";
import { customMetric, planCharts } from "../charts/chart_plan.js";
import { ChartTime } from "../charts/chart_time.js";
import { lineStyle } from "../charts/palette.js";
import { LiveHistory } from "../history/live_history.js";
import { awayTimes, gapLimit, seriesKey, toPoints } from "../history/series.js";
import { currentTheme } from "../page/theme.js";
import { element } from "../parts/dom.js";
import { describeSpan } from "../time/time_span.js";
import { LimitHandles } from "./limit_handles.js";
import { isSignalMetric } from "./rule_draft.js";
import { kindOf, limitsOf, matchesPattern } from "./rule_limits.js";
import { comparedUnit } from "./rule_words.js";

const MOST_LINES = 8;
const OF_SIGNALS = "cpu";
/** Kinds of values whose limits stand on the metric's own axis. */
const ON_AXIS = new Set(["last", "mean", "min", "max"]);

export class RuleChart {
  #context;
  #card;
  #history;
  #time;
  #handles;
  #key = "";
  /** @type {{condition: any, host: string, span: import("../time/time_span.js").Span, alarms: any[]}|null} */
  #shown = null;
  element;

  /**
   * @param {import("../page/context.js").Context} context
   * @param {((severity: string, value: number) => void)|null} onLimit a limit was dragged; null: it cannot be
   */
  constructor(context, onLimit) {
    this.#context = context;
    this.#time = new ChartTime({ cards: () => [this.#card], zoom: () => {}, whole: () => false });
    this.#card = new ChartCard(this.#time);
    this.#handles = onLimit ? new LimitHandles(this.#card, onLimit) : null;
    this.#history = new LiveHistory(context, () => this.#draw());
    this.element = element("div", { class: "rule-chart", hidden: true }, this.#card.element);
  }

  /**
   * @param {any} condition the rule's first one
   * @param {string} host "": none
   * @param {import("../time/time_span.js").Span} span
   * @param {any[]} alarms that the preview found
   */
  show(condition, host, span, alarms) {
    this.element.hidden = host === "" || !condition.metric;
    if (this.element.hidden) return;
    this.#shown = { condition, host, span, alarms };
    const key = `${span.key} ${host} ${this.#metric}`;
    if (key !== this.#key) {
      this.#key = key;
      this.#history.select({ hosts: [host], span, metrics: this.#metric });
    } else if (this.#history.loaded) {
      this.#draw();
    }
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
    const { metric } = this.#shown.condition;
    return isSignalMetric(metric) ? OF_SIGNALS : metric;
  }

  /** The limits that the chart can show. */
  get #limits() {
    const { condition } = this.#shown;
    if (isSignalMetric(condition.metric) || !ON_AXIS.has(kindOf(condition.value))) return [];
    const unit = comparedUnit(condition, this.#context.catalogue.metrics);
    return limitsOf(condition, unit).map(({ severity, fire }) => ({ severity, value: fire }));
  }

  /** Instances that the condition is about. */
  get #instances() {
    const { condition, host } = this.#shown;
    const { instance = "*", except = [] } = isSignalMetric(condition.metric) ? {} : condition;
    const history = this.#history.histories.get(host);
    return [...(history?.series.values() ?? [])]
      .filter(({ metric }) => metric === this.#metric)
      .map((series) => series.instance)
      .filter((name) => matchesPattern(instance, name) && !except.some((pattern) => matchesPattern(pattern, name)))
      .slice(0, MOST_LINES);
  }

  #draw() {
    if (this.#shown === null) return;
    const { host, span } = this.#shown;
    const metric = this.#metric;
    const instances = this.#instances;
    const known = this.#context.catalogue.metrics;
    const [group] = planCharts(
      known.some(({ name }) => name === metric) ? known : [...known, customMetric(metric)],
      (instances.length > 0 ? instances : [""]).map((instance) => ({ metric, instance })),
    );
    const [{ title, help, unit, decimals, range }] = group.charts;
    this.#card.update({
      title: `${title} of ${host}`,
      help,
      subject: describeSpan(span),
      unit,
      decimals,
      stacked: false,
      range,
      legend: true,
      prepare: () => this.#prepare(instances),
      drawn: () => this.#handles?.show(this.#limits, unit),
    });
  }

  /** @param {string[]} instances */
  #prepare(instances) {
    const { host, alarms } = this.#shown;
    const { step, window, histories } = this.#history;
    const history = histories.get(host);
    const known = this.#context.hosts.find(({ hostname }) => hostname === host);
    const gap = history ? gapLimit(step, known?.interval, history.timestamps) : 0;
    const banded = step > 0 && instances.length === 1;
    const lines = instances.map((instance, index) => {
      const key = seriesKey(this.#metric, instance);
      const series = history.series.get(key);
      return {
        key,
        label: instance,
        ...lineStyle(index, currentTheme()),
        points: toPoints(history.timestamps, series.average, gap, banded ? series : undefined),
        band: banded,
      };
    });
    const bands = alarms
      .filter((alarm) => alarm.host === host)
      .map(({ severity, instance, fired, ended }, index) => ({
        id: index,
        severity,
        from: fired,
        to: ended ?? window.to,
        late: false,
        label: `would have fired${instance ? ` for ${instance}` : ""}`,
      }));
    return {
      lines,
      window,
      step,
      reach: gap,
      away: history ? awayTimes(history.timestamps, gap, window, known?.first_seen ?? 0) : [],
      alarms: bands,
      limits: this.#limits,
      showsLimits: true,
    };
  }
}
