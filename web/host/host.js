/**
 * One host: what it is, and its charts over time.
 */

import { ChartCard } from "../charts/chart_card.js";
import { planCharts } from "../charts/chart_plan.js";
import { ChartTime } from "../charts/chart_time.js";
import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { format, formatDuration } from "../parts/format.js";
import { LiveHistory } from "../history/live_history.js";
import { tagsOf, tagText } from "../overview/host_tags.js";
import { HostAlarms } from "./host_alarms.js";
import { HostMenu } from "./manage_host.js";
import { loadingState, notice } from "../parts/loading.js";
import { lineStyle } from "../charts/palette.js";
import { awayTimes, gapLimit, toPoints } from "../history/series.js";
import { formatHash, stateFor, stateOfOne } from "../page/state.js";
import { lastSeen, statusBadge, updateStatusBadge } from "../parts/status.js";
import { currentTheme } from "../page/theme.js";
import { TimeBar } from "../time/time_bar.js";
import { describeSpan, findSpan } from "../time/time_span.js";
import { WarningNotes } from "../parts/warnings.js";
import { View } from "../page/view.js";

/** With more lines than this, bands between minimum and maximum would hide each other. */
const MOST_LINES_WITH_BAND = 1;

/** The group with CPU, memory and disk: it needs no heading, and its charts stand in one row. */
const FIRST_GROUP = "Overview";

/** What is known of a host, as pairs of a name and a text; what it does not tell is left out. */
function describeFacts(host, now) {
  const facts = host.facts ?? {};
  const processor = [facts.cpu_cores ? `${facts.cpu_cores} ×` : "", facts.cpu_model ?? (facts.cpu_cores ? "cores" : "")]
    .filter(Boolean)
    .join(" ");
  const kernel = [facts.kernel, facts.architecture].filter(Boolean).join(", ");
  const started = facts.boot_time
    ? `${formatDuration(now - facts.boot_time)}, since ${format.formatMoment(facts.boot_time)}`
    : "";
  const interval = host.interval ?? facts.interval_seconds;
  return [
    ["System", facts.os],
    ["Kernel", kernel],
    ["Processor", processor],
    ["Memory", facts.memory_bytes ? format.formatValue(facts.memory_bytes, "bytes") : ""],
    ["Uptime", host.standing === "up" ? started : ""],
    ["Readings", interval ? `every ${formatDuration(interval)}` : ""],
    ["First seen", host.first_seen ? format.formatMoment(host.first_seen) : ""],
    ["Agent", facts.agent_version],
  ].filter(([, text]) => typeof text === "string" && text !== "");
}

export class HostView extends View {
  #context;
  #state;
  #name;
  #span;
  #history;
  #alarms;
  #status = "";
  #backfilled = 0;
  /** @type {Map<string, {element: HTMLElement, grid: HTMLElement}>} by title */
  #sections = new Map();
  /** @type {Map<string, ChartCard>} by the plan's key */
  #cards = new Map();
  #badge = statusBadge();
  #seen = element("p", { class: "title-detail" });
  #tags = element("ul", { class: "tags", "aria-label": "Tags" });
  #warnings = new WarningNotes();
  #facts = element("dl", { class: "facts" });
  #timeBar;
  #time;
  /** Times in which nothing came from the host. @type {import("../page/state.js").Range[]} */
  #away = [];
  #charts = element("div", { class: "chart-groups" });
  #message = element("div");

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    const [name] = state.hosts;
    super(name, element("h1", { tabindex: "-1", class: "name" }, name));
    this.#context = context;
    this.#state = state;
    this.#name = name;
    this.#timeBar = new TimeBar(context);
    this.#time = new ChartTime({
      cards: () => this.#cards.values(),
      zoom: (zoom) => context.navigate({ ...this.#state, zoom }),
      whole: () => this.#timeBar.zoomOut(),
      toAlarm: (id) => context.navigate(stateOfOne("alarm", this.#state, id)),
      isAway: (time) => this.#away.some(({ from, to }) => from < time && time < to),
    });
    this.#history = new LiveHistory(context, () => this.#draw());
    this.#alarms = new HostAlarms(context, name, () => {
      if (this.#history.loaded) this.#draw();
    });
    const menu = new HostMenu(
      context,
      this.#name,
      () => this.#span,
      () => this.#history.reload(),
    );
    place.replaceChildren(
      element("div", { class: "title-row" }, this.heading, this.#badge, this.#seen, this.#tags, menu.element),
      this.#alarms.element,
      this.#warnings.element,
      this.#facts,
      element("div", { class: "toolbar" }, this.#timeBar.element, this.#time.readout),
      this.#message,
      this.#charts,
    );
    this.hostsChanged();
    this.update(state);
  }

  /** @param {import("../page/state.js").PageState} state of the same host @override */
  update(state) {
    this.#state = state;
    this.#timeBar.show(state);
    const span = findSpan(this.#context.catalogue, state);
    if (span.key === this.#span?.key) return;
    this.#span = span;
    if (!this.#history.loaded) this.#message.replaceChildren(loadingState());
    this.#charts.setAttribute("aria-busy", "true");
    this.#history.select({ hosts: [this.#name], span, metrics: "*" });
    this.#alarms.select(span);
  }

  /** @override */
  hostsChanged() {
    const host = this.#host();
    this.#badge.hidden = !host;
    this.#warnings.update(host);
    this.#alarms.hostChanged(host);
    this.#showTags(host);
    if (!host) {
      setText(this.#seen, "");
      this.#facts.replaceChildren();
      if (this.#status !== "") this.#history.reload(); // deleted while one looks at it
      this.#status = "";
      return;
    }
    const now = this.#context.now();
    updateStatusBadge(this.#badge, host.standing);
    const { sentence, title } = lastSeen(host, now);
    setText(this.#seen, sentence);
    setAttribute(this.#seen, "title", title);
    const facts = describeFacts(host, now);
    const items = facts.map(([term, text], index) => {
      const item = this.#facts.children[index] ?? element("div", {}, element("dt"), element("dd"));
      setText(item.firstElementChild, term);
      setText(item.lastElementChild, text);
      setAttribute(item.lastElementChild, "title", text);
      return item;
    });
    arrange(this.#facts, items);
    // Back again: what its agent kept meanwhile may lie before what polls ask for.
    if (this.#status === "down" && host.status === "up") this.#history.reload();
    this.#status = host.status;
    const backfilled = host.backfilled ?? 0;
    if (backfilled !== this.#backfilled) this.#history.refill();
    this.#backfilled = backfilled;
  }

  /** @override */
  themeChanged() {
    for (const card of this.#cards.values()) card.redraw();
  }

  /** @override */
  destroy() {
    this.#history.stop();
    this.#alarms.stop();
    this.#time.destroy();
    for (const card of this.#cards.values()) card.destroy();
  }

  /** Each leads to the hosts that have it. @param {any} host */
  #showTags(host) {
    const tags = tagsOf(host ?? {}).map(([key, value]) => tagText(key, value));
    const links = tags.map((tag, index) => {
      const item = this.#tags.children[index] ?? element("li", {}, element("a", { class: "tag name" }));
      setText(item.firstElementChild, tag);
      setAttribute(item.firstElementChild, "href", formatHash(stateFor("overview", this.#state, [], { tag })));
      return item;
    });
    this.#tags.hidden = tags.length === 0;
    arrange(this.#tags, links);
  }

  #host() {
    return this.#context.hosts.find((host) => host.hostname === this.#name);
  }

  #draw() {
    this.#charts.removeAttribute("aria-busy");
    const history = this.#history.histories.get(this.#name);
    const host = this.#host();
    const limit = history ? gapLimit(this.#history.step, host?.interval, history.timestamps) : 0;
    this.#away = history ? awayTimes(history.timestamps, limit, this.#history.window, host?.first_seen ?? 0) : [];
    const groups = history ? planCharts(this.#context.catalogue.metrics, history.series.values()) : [];
    this.#message.replaceChildren(...(groups.length === 0 ? [this.#nothing()] : []));
    const subject = `${this.#name} over ${describeSpan(this.#span)}`;
    const cards = new Map();
    const sections = groups.map((group) => {
      const section = this.#section(group.title);
      const elements = group.charts.map((plan) => {
        const card = this.#cards.get(plan.key) ?? new ChartCard(this.#time);
        cards.set(plan.key, card);
        card.update(this.#content(plan, subject, group.title === FIRST_GROUP));
        return card.element;
      });
      arrange(section.grid, elements);
      return section.element;
    });
    for (const [key, card] of this.#cards) if (!cards.has(key)) card.destroy();
    this.#cards = cards;
    arrange(this.#charts, sections);
  }

  /** @param {string} title */
  #section(title) {
    if (!this.#sections.has(title)) {
      const grid = element("div", { class: title === FIRST_GROUP ? "chart-grid chart-grid-first" : "chart-grid" });
      this.#sections.set(title, {
        grid,
        element: element(
          "section",
          { class: "chart-group", "aria-label": title },
          element("h2", { class: title === FIRST_GROUP ? "visually-hidden" : "" }, title),
          grid,
        ),
      });
    }
    return this.#sections.get(title);
  }

  /**
   * @param {import("../charts/chart_plan.js").ChartPlan} plan
   * @param {string} subject
   * @param {boolean} isFirst it stands among the first ones
   * @returns {import("../charts/chart_card.js").CardContent}
   */
  #content(plan, subject, isFirst) {
    const { title, help, unit, decimals, stacked, heat, range } = plan;
    return {
      title,
      help,
      subject,
      unit,
      decimals,
      stacked,
      heat,
      range,
      legend: true,
      prepare: () => this.#prepare(plan, isFirst),
    };
  }

  /**
   * @param {import("../charts/chart_plan.js").ChartPlan} plan
   * @param {boolean} isFirst
   * @returns {import("../charts/charts.js").ChartData}
   */
  #prepare(plan, isFirst) {
    const { step, window, histories } = this.#history;
    const history = histories.get(this.#name);
    const theme = currentTheme();
    const present = history ? plan.lines.filter((line) => history.series.has(line.key)) : [];
    const banded = step > 0 && !plan.stacked && !plan.heat && present.length <= MOST_LINES_WITH_BAND;
    const limit = history ? gapLimit(step, this.#host()?.interval, history.timestamps) : 0;
    const lines = present.map((line, index) => {
      const { average, minimum, maximum } = history.series.get(line.key);
      const label = plan.lines.length === 1 && line.instance === "" ? "" : line.label;
      return {
        key: line.key,
        label,
        ...lineStyle(index, theme),
        points: toPoints(history.timestamps, average, limit, banded ? { minimum, maximum } : undefined),
        band: banded,
      };
    });
    const alarms = this.#alarms.bandsOf(plan, isFirst, window);
    const limits = this.#alarms.limitsOf(plan, this.#host());
    return { lines, window, step, away: this.#away, reach: limit, cell: limit / 3, alarms, limits };
  }

  #nothing() {
    const host = this.#host();
    const toOverview = element(
      "p",
      {},
      element("a", { href: formatHash(stateFor("overview", this.#state)) }, "All hosts"),
    );
    if (!host) {
      return notice(
        "No such host",
        element("p", {}, "The server knows no host of this name. It may have been deleted, or the link is wrong."),
        toOverview,
      );
    }
    const seen = `${lastSeen(host, this.#context.now()).sentence}, of ${format.formatMoment(host.last_seen)}.`;
    return notice(
      "No readings in this time",
      element(
        "p",
        {},
        `There is nothing of this host in ${describeSpan(this.#span)}. ${seen} Choose a longer timeframe to look further back.`,
      ),
    );
  }
}
