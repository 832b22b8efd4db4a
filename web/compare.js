/**
 * Several hosts in one chart each of CPU, memory and disk, or in one of any other metric: a line a host.
 */

import { noHostsYet } from "./add_host.js";
import { ChartCard } from "./chart_card.js";
import { compareNames, planCharts } from "./chart_plan.js";
import { ChartTime } from "./chart_time.js";
import { element, setText } from "./dom.js";
import { HostFilter } from "./host_filter.js";
import { LiveHistory } from "./live_history.js";
import { loadingState, notice } from "./loading.js";
import { lineStyle } from "./palette.js";
import { combination, combine, MetricChooser } from "./metric_chooser.js";
import { gapLimit, toPoints } from "./series.js";
import { MAXIMUM_HOSTS, withOptions } from "./state.js";
import { currentTheme } from "./theme.js";
import { TimeBar } from "./time_bar.js";
import { describeSpan, findSpan } from "./time_span.js";

const METRICS = ["cpu", "ram", "disk"];

export class CompareView {
  title = "Compare";
  #context;
  /** @type {import("./state.js").PageState} */
  #state;
  #span;
  #history;
  #selected = "";
  #status = new Map();
  /** @type {Map<string, number>} readings that came late, by host */
  #backfilled = new Map();
  #heading = element("h1", { tabindex: "-1" }, "Compare");
  #detail = element("p", { class: "title-detail" });
  #filter;
  #timeBar;
  #time;
  #message = element("div");
  #charts = element("div", { class: "compare-charts" });
  #content = element("div", { class: "compare" });
  #empty;
  /** @type {{plan: import("./chart_plan.js").ChartPlan, card: ChartCard}[]} */
  #cards = [];
  #chooser;
  #metrics = "";

  /** @param {HTMLElement} place @param {import("./app.js").Context} context @param {import("./state.js").PageState} state */
  constructor(place, context, state) {
    this.#context = context;
    this.#state = state;
    this.#empty = noHostsYet(context);
    this.#filter = new HostFilter((hosts) => context.navigate({ ...this.#state, hosts }));
    this.#timeBar = new TimeBar(context);
    this.#time = new ChartTime({
      cards: () => this.#cards.map(({ card }) => card),
      zoom: (zoom) => context.navigate({ ...this.#state, zoom }),
      whole: () => this.#timeBar.zoomOut(),
    });
    this.#history = new LiveHistory(context, () => this.#draw());
    this.#chooser = new MetricChooser(context.catalogue.metrics, (options) => context.navigate(withOptions(this.#state, options)));
    this.#content.append(this.#filter.element, element("div", { class: "compare-main" },
      element("div", { class: "toolbar" }, this.#timeBar.element, this.#time.readout), this.#chooser.element, element("h2", { class: "visually-hidden" }, "Charts"), this.#message, this.#charts));
    place.replaceChildren(element("div", { class: "title-row" }, this.#heading, this.#detail), this.#content, this.#empty);
    this.update(state);
  }

  get heading() {
    return this.#heading;
  }

  /** @param {import("./state.js").PageState} state */
  update(state) {
    this.#state = state;
    this.#timeBar.show(state);
    this.#span = findSpan(this.#context.catalogue, state);
    this.#setMetrics(state.options?.metric ?? "");
    this.hostsChanged();
  }

  hostsChanged() {
    const { hosts } = this.#context;
    this.#empty.hidden = hosts.length > 0;
    this.#content.hidden = hosts.length === 0;
    const shown = this.#shownHosts();
    const theme = currentTheme();
    const choices = hosts.map((host) => ({ name: host.hostname, status: host.status })).sort((first, second) => compareNames(first.name, second.name))
      .map((choice) => ({ ...choice, style: shown.includes(choice.name) ? lineStyle(shown.indexOf(choice.name), theme) : null }));
    this.#filter.update(choices, this.#state.hosts);
    const chosen = this.#state.hosts.length || hosts.length;
    setText(this.#detail, chosen > shown.length ? `The first ${shown.length} of ${chosen} hosts: choose those to compare` : "");
    this.#select(shown);
    this.#reloadForReturned(hosts);
  }

  themeChanged() {
    this.hostsChanged();
    for (const { card } of this.#cards) card.redraw();
  }

  destroy() {
    this.#history.stop();
    this.#time.destroy();
    for (const { card } of this.#cards) card.destroy();
  }

  /** The names of the hosts whose lines are drawn, sorted; also such as the server does not know (any more). */
  #shownHosts() {
    const chosen = this.#state.hosts.length > 0 ? this.#state.hosts : this.#context.hosts.map((host) => host.hostname);
    return [...chosen].sort(compareNames).slice(0, MAXIMUM_HOSTS);
  }

  /** The charts of these metrics, in place of others. @param {string} metric of the address; "": the three of every host */
  #setMetrics(metric) {
    const metrics = metric === "" ? METRICS : [metric];
    if (metrics.join(",") === this.#metrics) return;
    this.#metrics = metrics.join(",");
    for (const { card } of this.#cards) card.destroy();
    const plans = planCharts(this.#context.catalogue.metrics, metrics.map((name) => ({ metric: name, instance: "" })));
    this.#cards = plans.flatMap((group) => group.charts).map((plan) => ({ plan, card: new ChartCard(this.#time) }));
    this.#charts.replaceChildren(...this.#cards.map(({ card }) => card.element));
    this.#chooser.show(metric, "", [], "sum");
  }

  /** @param {string[]} shown */
  #select(shown) {
    const selected = JSON.stringify([shown, this.#span.key, this.#metrics]);
    if (selected === this.#selected || shown.length === 0) return;
    this.#selected = selected;
    if (this.#history.histories.size === 0) this.#message.replaceChildren(loadingState());
    this.#charts.setAttribute("aria-busy", "true");
    const everything = shown.length === this.#context.hosts.length && this.#state.hosts.length === 0;
    this.#history.select({ hosts: everything ? [] : shown, span: this.#span, metrics: this.#metrics });
  }

  /** A host that is back, or whose agent catches up, brings what was kept meanwhile: that lies before what polls ask for. */
  #reloadForReturned(hosts) {
    const returned = hosts.some((host) => host.status === "up" && this.#status.get(host.hostname) === "down");
    this.#status = new Map(hosts.map((host) => [host.hostname, host.status]));
    if (returned) this.#history.reload();
    const shown = new Set(this.#shownHosts());
    const filled = hosts.some((host) => shown.has(host.hostname) && (host.backfilled ?? 0) !== (this.#backfilled.get(host.hostname) ?? 0));
    this.#backfilled = new Map(hosts.map((host) => [host.hostname, host.backfilled ?? 0]));
    if (filled) this.#history.refill();
  }

  #draw() {
    this.#charts.removeAttribute("aria-busy");
    const { histories } = this.#history;
    const empty = ![...histories.values()].some((history) => history.timestamps.length > 0);
    this.#message.replaceChildren(...(empty ? [notice("No readings in this time", element("p", {}, `None of these hosts sent anything in ${describeSpan(this.#span)}.`))] : []));
    this.#charts.hidden = empty;
    const shown = this.#shownHosts();
    const subject = `${shown.length === 1 ? shown[0] : `${shown.length} hosts`} over ${describeSpan(this.#span)}`;
    this.#showInstances();
    for (const { plan, card } of this.#cards) {
      const { title, help, unit, decimals, range } = plan;
      const { text, metric, instance } = this.#what(plan);
      card.update({ title: `${title}${text}`, help, subject, unit, decimals, stacked: false, range, legend: true, prepare: () => this.#prepare(metric, instance, unit, shown) });
    }
  }

  /** What of a plan is drawn. @param {import("./chart_plan.js").ChartPlan} plan */
  #what(plan) {
    const { metric } = plan.lines[0] ?? { metric: this.#metrics };
    const instance = this.#state.options?.instance ?? "";
    const has = this.#instancesOf(metric).some((name) => name !== "");
    const text = instance !== "" ? `, ${instance}` : !has ? "" : combination(plan.unit) === "sum" ? ", all together" : ", the highest";
    return { metric, instance, text };
  }

  /** @param {string} metric */
  #instancesOf(metric) {
    const found = new Set();
    for (const history of this.#history.histories.values()) {
      for (const series of history.series.values()) if (series.metric === metric) found.add(series.instance);
    }
    return [...found];
  }

  #showInstances() {
    const { metric = "", instance = "" } = this.#state.options ?? {};
    const unit = this.#cards[0]?.plan.unit ?? "";
    this.#chooser.show(metric, instance, metric === "" ? [] : this.#instancesOf(metric), combination(unit));
  }

  /** @param {string} metric @param {string} instance @param {string} unit @param {string[]} shown @returns {import("./charts.js").ChartData} */
  #prepare(metric, instance, unit, shown) {
    const { histories, step, window } = this.#history;
    const theme = currentTheme();
    let reach = step;
    const lines = shown.flatMap((name, index) => {
      const history = histories.get(name);
      const series = history ? [...history.series.values()].filter((one) => one.metric === metric) : [];
      const values = combine(series, instance, combination(unit));
      if (values === null) return [];
      const interval = this.#context.hosts.find((host) => host.hostname === name)?.interval;
      const limit = gapLimit(step, interval, history.timestamps);
      reach = Math.max(reach, limit);
      const points = toPoints(history.timestamps, values, limit);
      return [{ key: name, label: name, ...lineStyle(index, theme), points, band: null }];
    });
    return { lines, window, step, reach };
  }
}
