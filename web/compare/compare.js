/**
 * Several hosts in one chart each of CPU, memory and disk, or in one of any other metric: a line a host, lines of the
 * highest ones, or bands over all of them.
 */

import { noHostsYet } from "../access/add_host.js";
import { ChartCard } from "../charts/chart_card.js";
import { compareNames, planCharts } from "../charts/chart_plan.js";
import { ChartTime } from "../charts/chart_time.js";
import { CompareTools, DEFAULT_TOP } from "./compare_tools.js";
import { ComparedFleet } from "./compared_fleet.js";
import { ComparedHosts } from "./compared_hosts.js";
import { ComparedTop } from "./compared_top.js";
import { element, setText } from "../parts/dom.js";
import { HostFilter } from "./host_filter.js";
import { countTags, hasTags, parseTags } from "../overview/host_tags.js";
import { loadingState, notice } from "../parts/loading.js";
import { lineStyle } from "../charts/palette.js";
import { combination, MetricChooser } from "./metric_chooser.js";
import { MAXIMUM_HOSTS, withOptions } from "../page/state.js";
import { currentTheme } from "../page/theme.js";
import { TimeBar } from "../time/time_bar.js";
import { describeSpan, findSpan } from "../time/time_span.js";
import { View } from "../page/view.js";

const METRICS = ["cpu", "ram", "disk"];
const SOURCES = { hosts: ComparedHosts, top: ComparedTop, fleet: ComparedFleet };

export class CompareView extends View {
  #context;
  /** @type {import("../page/state.js").PageState} */
  #state;
  #span;
  /** What is drawn, and where it comes from. */
  #way = "";
  #source = null;
  #detail = element("p", { class: "title-detail" });
  #filter;
  #timeBar;
  #time;
  #tools;
  #message = element("div");
  #charts = element("div", { class: "compare-charts" });
  #content = element("div", { class: "compare" });
  #empty;
  /** @type {{plan: import("../charts/chart_plan.js").ChartPlan, card: ChartCard}[]} */
  #cards = [];
  #chooser;
  #metrics = "";

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Compare");
    this.#context = context;
    this.#state = state;
    const tell = (options) => context.navigate(withOptions(this.#state, options));
    this.#empty = noHostsYet(context);
    this.#filter = new HostFilter(
      (hosts) => context.navigate({ ...this.#state, hosts }),
      (tag) => tell({ tag }),
    );
    this.#timeBar = new TimeBar(context);
    this.#time = new ChartTime({
      cards: () => this.#cards.map(({ card }) => card),
      zoom: (zoom) => context.navigate({ ...this.#state, zoom }),
      whole: () => this.#timeBar.zoomOut(),
    });
    this.#chooser = new MetricChooser(context.catalogue.metrics, tell);
    this.#tools = new CompareTools(tell);
    this.#content.append(
      this.#filter.element,
      element(
        "div",
        { class: "compare-main" },
        element("div", { class: "toolbar" }, this.#timeBar.element, this.#time.readout),
        element("div", { class: "compare-what" }, ...this.#tools.elements, this.#chooser.element),
        element("h2", { class: "visually-hidden" }, "Charts"),
        this.#message,
        this.#charts,
      ),
    );
    place.replaceChildren(
      element("div", { class: "title-row" }, this.heading, this.#detail),
      this.#content,
      this.#empty,
    );
    this.update(state);
  }

  /** @param {import("../page/state.js").PageState} state @override */
  update(state) {
    this.#state = state;
    this.#timeBar.show(state);
    this.#span = findSpan(this.#context.catalogue, state);
    this.#setMetrics(state.options?.metric ?? "");
    this.#setWay();
    this.#show();
  }

  /** @override */
  hostsChanged() {
    this.#setWay();
    this.#show();
    this.#source.hostsChanged();
  }

  /** @override */
  themeChanged() {
    this.#show();
    for (const { card } of this.#cards) card.redraw();
  }

  /** @override */
  destroy() {
    this.#source.stop();
    this.#time.destroy();
    for (const { card } of this.#cards) card.destroy();
  }

  /**
   * Those that it is about: of the chosen hosts, or of all, those with the tags asked for; also such as the server does
   * not know (any more).
   */
  #subjects() {
    const { hosts } = this.#context;
    const { tag = "" } = this.#state.options ?? {};
    const byName = new Map(hosts.map((host) => [host.hostname, host]));
    const chosen = this.#state.hosts.length > 0 ? this.#state.hosts : hosts.map((host) => host.hostname);
    return tag === "" ? chosen : chosen.filter((name) => hasTags(byName.get(name) ?? {}, tag));
  }

  /** The names of the hosts whose lines are drawn where each has one, sorted. */
  #shownHosts() {
    return [...this.#subjects()].sort(compareNames).slice(0, MAXIMUM_HOSTS);
  }

  /** Of more hosts than can be drawn the highest are what one looks for. */
  #setWay() {
    const way = this.#state.options?.show ?? (this.#subjects().length > MAXIMUM_HOSTS ? "top" : "hosts");
    if (way === this.#way) return;
    this.#way = way;
    this.#source?.stop();
    this.#source = new SOURCES[way](this.#context, () => this.#draw());
  }

  /** Asks for what is to be shown, where it is not on its way already, and tells in the list what is. */
  #show() {
    const { hosts } = this.#context;
    const { instance = "", tag = "", by = "" } = this.#state.options ?? {};
    this.#empty.hidden = hosts.length > 0;
    this.#content.hidden = hosts.length === 0;
    const subjects = this.#subjects();
    const shown = this.#way === "hosts" ? this.#shownHosts() : [];
    this.#showFilter(shown, tag);
    this.#tools.show(/** @type {any} */ (this.#way), this.#topCount(), by);
    setText(
      this.#detail,
      this.#way === "hosts" && subjects.length > shown.length
        ? `The first ${shown.length} of ${subjects.length} hosts: choose those to compare`
        : "",
    );
    if (subjects.length === 0) {
      this.#charts.hidden = true;
      this.#message.replaceChildren(
        ...(hosts.length > 0
          ? [notice("No such hosts", element("p", {}, `None of the hosts has ${tag.replaceAll(",", " and ")}.`))]
          : []),
      );
      return;
    }
    const everything = shown.length === hosts.length && this.#state.hosts.length === 0;
    const isNew = this.#source.select({
      shown,
      everything,
      hosts: this.#state.hosts,
      tags: parseTags(tag),
      span: this.#span,
      metrics: this.#metrics,
      instance,
      count: this.#topCount(),
      by: by || "average",
    });
    if (!isNew) return;
    if (!this.#source.isLoaded) {
      if (this.#cards.every(({ card }) => card.isEmpty)) this.#message.replaceChildren(loadingState());
      this.#charts.setAttribute("aria-busy", "true");
    }
  }

  /** @param {string[]} shown @param {string} tag */
  #showFilter(shown, tag) {
    const theme = currentTheme();
    const index = new Map(shown.map((name, at) => [name, at]));
    const choices = this.#context.hosts
      .filter((host) => tag === "" || hasTags(host, tag))
      .map((host) => ({
        name: host.hostname,
        standing: host.standing,
        style: index.has(host.hostname) ? lineStyle(index.get(host.hostname), theme) : null,
      }))
      .sort((first, second) => compareNames(first.name, second.name));
    this.#filter.update(choices, this.#state.hosts, countTags(this.#context.hosts), tag);
  }

  #topCount() {
    return Math.min(Math.max(Number(this.#state.options?.top ?? DEFAULT_TOP), 1), MAXIMUM_HOSTS);
  }

  /**
   * The charts of these metrics, in place of others.
   * @param {string} metric of the address; "": the three of every host
   */
  #setMetrics(metric) {
    const metrics = metric === "" ? METRICS : [metric];
    if (metrics.join(",") === this.#metrics) return;
    this.#metrics = metrics.join(",");
    for (const { card } of this.#cards) card.destroy();
    const plans = planCharts(
      this.#context.catalogue.metrics,
      metrics.map((name) => ({ metric: name, instance: "" })),
    );
    this.#cards = plans.flatMap((group) => group.charts).map((plan) => ({ plan, card: new ChartCard(this.#time) }));
    this.#charts.replaceChildren(...this.#cards.map(({ card }) => card.element));
    this.#chooser.show(metric, "", [], "sum");
  }

  #draw() {
    if (!this.#source.isLoaded) return;
    this.#charts.removeAttribute("aria-busy");
    const empty = this.#source.isEmpty;
    this.#message.replaceChildren(
      ...(empty
        ? [
            notice(
              "No readings in this time",
              element("p", {}, `None of these hosts sent anything in ${describeSpan(this.#span)}.`),
            ),
          ]
        : []),
    );
    this.#charts.hidden = empty;
    this.#showInstances();
    for (const { plan, card } of this.#cards) {
      const { title, help, unit, decimals, range } = plan;
      const subject = `${this.#whom(plan)} over ${describeSpan(this.#span)}`;
      card.update({
        title: `${title}${this.#which(plan)}`,
        help,
        subject,
        unit,
        decimals,
        stacked: false,
        range,
        legend: true,
        note: this.#note(plan),
        prepare: () => this.#source.prepare(plan),
      });
    }
  }

  /** Beside a chart's title. @param {import("../charts/chart_plan.js").ChartPlan} plan */
  #note({ lines: [{ metric }] }) {
    if (this.#way === "fleet") return `${this.#source.hostsOf(metric)} hosts; shaded: from the lowest to the highest`;
    return this.#way === "top" ? `of ${this.#source.rankedOf(metric)} hosts` : "";
  }

  /** Whose values a chart shows, in words. @param {import("../charts/chart_plan.js").ChartPlan} plan */
  #whom({ lines: [{ metric }] }) {
    if (this.#way === "fleet") return `${this.#source.hostsOf(metric)} hosts together`;
    if (this.#way === "top") return `the ${this.#topCount()} highest of ${this.#source.rankedOf(metric)} hosts`;
    const shown = this.#shownHosts();
    return shown.length === 1 ? shown[0] : `${shown.length} hosts`;
  }

  /** Of which instances, behind the chart's title. @param {import("../charts/chart_plan.js").ChartPlan} plan */
  #which({ unit, lines: [{ metric }] }) {
    const { instance = "" } = this.#state.options ?? {};
    if (instance !== "") return `, ${instance}`;
    const definition = this.#context.catalogue.metrics.find(({ name }) => name === metric);
    const has = Boolean(definition?.instance_label) || this.#instancesOf(metric).some((name) => name !== "");
    return !has ? "" : combination(unit) === "sum" ? ", all together" : ", the highest";
  }

  /** What is drawn has them, or hosts reported them last. @param {string} metric */
  #instancesOf(metric) {
    const found = new Set(this.#source.instancesOf(metric));
    for (const host of this.#context.hosts) {
      const value = host.latest?.metrics?.[metric];
      if (typeof value === "object" && value !== null) for (const name of Object.keys(value)) found.add(name);
    }
    return [...found];
  }

  #showInstances() {
    const { metric = "", instance = "" } = this.#state.options ?? {};
    const unit = this.#cards[0]?.plan.unit ?? "";
    this.#chooser.show(metric, instance, metric === "" ? [] : this.#instancesOf(metric), combination(unit));
  }
}
