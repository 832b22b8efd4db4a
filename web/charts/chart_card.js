/**
 * A titled card with one chart. The chart is made when the card first comes near the screen, and drawn only while it
 * is. What it shows can be had as a table, as CSV and as a picture.
 */

import { loadTimeChart, timeChart } from "./chart_loader.js";
import { chartKey } from "./chart_keys.js";
import { chartTable } from "./chart_table.js";
import { fileName, tableOf, toCsv } from "./chart_values.js";
import { describeBands, describeLines, MOST_NAMED_LINES, restingText } from "./chart_words.js";
import { element, setAttribute, setText } from "../parts/dom.js";
import { download, pictureOf } from "./download.js";
import { drawSoon, neverDraw } from "./draw_queue.js";
import { format } from "../parts/format.js";
import { Menu } from "../parts/menu.js";
import { currentTheme } from "../page/theme.js";
import { summarize, valueNear } from "../history/series.js";

const NEAR_THE_SCREEN = "300px 0px";
/** The latest ones. */
const MOST_ALARMS_IN_MENU = 5;

/**
 * @typedef {object} CardContent
 * @property {string} title
 * @property {string} help
 * @property {string} subject what the values are of, for people who cannot see the chart: "web-1 over the last hour"
 * @property {string} unit
 * @property {number} decimals
 * @property {boolean} stacked
 * @property {boolean} [heat] rows of coloured cells instead of lines
 * @property {{minimum: number, maximum: number}|null} range
 * @property {boolean} legend whether lines are named below the chart
 * @property {string} [note] stands beside the title where there is more than one line
 * @property {() => import("./charts.js").ChartData} prepare is called when the chart is to be drawn
 * @property {() => void} [drawn] is called when it is drawn
 *
 * @typedef {object} CardTime what all cards of a view share
 * @property {import("./time_cursor.js").TimeCursor} cursor
 * @property {(from: number, to: number) => void} onPan
 * @property {(from: number, to: number) => void} onRange
 * @property {() => void} onWhole back from what is magnified
 * @property {(id: number) => void} [onAlarm] leads to an alarm
 */

export class ChartCard {
  #canvas = element("canvas", { role: "img", tabindex: "0" });
  #line = element("div", { class: "cursor-line", hidden: true });
  #heading = element("h3");
  #scale = element(
    "span",
    { class: "heat-scale", hidden: true },
    "0%",
    element("span", { class: "heat-scale-bar", "aria-hidden": "true" }),
    "100%",
  );
  #latest = element("p", { class: "card-latest" });
  #note = element("p", { class: "card-note", hidden: true });
  #table = element("div", { class: "chart-table-place", hidden: true });
  #menu = new Menu("More", "⋯", () => this.#actions());
  #frame;
  /** @type {import("./charts.js").TimeChart|null} */
  #chart = null;
  #chartLook = "";
  #near = false;
  #stale = false;
  #observer;
  /** @type {CardContent|null} */
  #content = null;
  /** @type {import("./charts.js").ChartData|null} */
  #data = null;
  #resting = "";
  #time;
  #unsubscribe;

  /** @param {CardTime} time */
  constructor(time) {
    this.#time = time;
    this.#frame = element("div", { class: "chart-frame" }, this.#canvas, this.#line, this.#note);
    this.element = element(
      "article",
      { class: "card chart-card" },
      element("header", { class: "card-header" }, this.#heading, this.#scale, this.#latest, this.#menu.element),
      this.#frame,
      this.#table,
    );
    this.#canvas.addEventListener("dblclick", () => time.onWhole());
    this.#canvas.addEventListener("keydown", (event) => this.#onKey(event));
    this.#canvas.addEventListener("blur", () => time.cursor.clear(this));
    this.#unsubscribe = time.cursor.subscribe(() => this.#showCursor());
    this.#observer = new IntersectionObserver(
      (entries) => {
        this.#near = entries[entries.length - 1].isIntersecting;
        if (this.#near && this.#stale) drawSoon(this);
      },
      { rootMargin: NEAR_THE_SCREEN },
    );
    this.#observer.observe(this.element);
  }

  /** @param {CardContent} content */
  update(content) {
    this.#content = content;
    setText(this.#heading, content.title);
    setAttribute(this.#heading, "title", content.help);
    this.#menu.rename(`More about ${content.title}`);
    if (this.#chart === null) setAttribute(this.#canvas, "aria-label", content.title); // more is said once it is drawn
    this.#stale = true;
    if (this.#near) drawSoon(this);
  }

  /** Draws anew in the colours of now. */
  redraw() {
    if (this.#content) this.update(this.#content);
  }

  /**
   * Shows other times of what it has, while another chart is being moved.
   * @param {number} from Unix seconds
   * @param {number} to
   */
  showWindow(from, to) {
    if (this.#near) this.#chart?.showWindow(from, to);
  }

  /** What it says of a time: its title and each line's value. @param {number} time Unix seconds */
  valuesAt(time) {
    if (this.#data === null) return null;
    const { title, unit, decimals } = this.#content;
    const { lines, reach = 0 } = this.#data;
    const values = lines.map((line) => ({
      label: line.label,
      text: format.formatValue(valueNear(line.points, time, reach), unit, decimals),
    }));
    return { title, values };
  }

  /** What is put over the chart stands in here. @returns {HTMLElement} */
  get frame() {
    return this.#frame;
  }

  /** Where values stand in it; null: it is not drawn yet. */
  get plot() {
    return this.#chart?.plot ?? null;
  }

  /** Whether it has never shown anything. */
  get isEmpty() {
    return this.#content === null;
  }

  destroy() {
    neverDraw(this);
    this.#near = false;
    this.#unsubscribe();
    this.#observer.disconnect();
    this.#menu.close();
    this.#chart?.destroy();
    this.#chart = null;
  }

  /** For the queue: draws what it was given last, where that is still to be seen. */
  drawNow() {
    if (!this.#near || !this.#stale) return;
    const TimeChart = timeChart();
    if (TimeChart === null) {
      this.#drawOnceLoaded();
      return;
    }
    this.#stale = false;
    const data = this.#content.prepare();
    this.#data = data;
    this.#makeChart(TimeChart, this.#lookOf(data));
    this.#chart.update(data);
    // After the other charts of this turn: each change of the page would have the next chart's text measured with
    // styles reckoned anew.
    queueMicrotask(() => this.#tell(data));
  }

  /**
   * @param {import("./charts.js").ChartData} data
   * @returns {import("./charts.js").ChartLook}
   */
  #lookOf({ lines }) {
    const { unit, decimals, stacked, heat = false, range, legend } = this.#content;
    const named = legend && !heat && lines.length > 1 && lines.length <= MOST_NAMED_LINES;
    return { unit, decimals, stacked, heat, range, legend: named, theme: currentTheme() };
  }

  /**
   * A chart of this look, unless it is there already.
   * @param {typeof import("./charts.js").TimeChart} TimeChart
   * @param {import("./charts.js").ChartLook} look
   */
  #makeChart(TimeChart, look) {
    const key = JSON.stringify(look);
    if (this.#chart !== null && key === this.#chartLook) return;
    this.#chart?.destroy();
    this.#chart = new TimeChart(this.#canvas, look, {
      onMoment: (time) => (time === null ? this.#time.cursor.clear(this) : this.#time.cursor.set(time, this)),
      onPan: this.#time.onPan,
      onRange: this.#time.onRange,
      onAlarm: this.#time.onAlarm,
    });
    this.#chartLook = key;
  }

  async #drawOnceLoaded() {
    try {
      await loadTimeChart();
      drawSoon(this);
    } catch {
      this.#note.hidden = false;
      setText(this.#note, "Charts could not be loaded: load the page anew");
    }
  }

  /**
   * What it shows in words, for who does not see it and beside the title.
   * @param {import("./charts.js").ChartData} data
   */
  #tell(data) {
    if (data !== this.#data) return; // drawn anew in the same turn
    const { subject, title, help, unit, decimals, heat = false } = this.#content;
    this.#scale.hidden = !heat;
    const summaries = data.lines.map((line) => summarize(line.points.map((point) => point.y)));
    const empty = summaries.every((summary) => summary === null);
    this.#note.hidden = !empty;
    setText(this.#note, empty ? "No values in this time" : "");
    this.#latest.classList.toggle("card-about", Boolean(this.#content.note));
    this.#resting = restingText(this.#content, summaries);
    setAttribute(
      this.#canvas,
      "aria-label",
      [
        `${title} of ${subject}.`,
        help,
        describeLines(data.lines, summaries, unit, decimals),
        describeBands(data.alarms ?? []),
      ]
        .filter(Boolean)
        .join(" "),
    );
    if (!this.#table.hidden) this.#showTable();
    this.#showCursor();
    this.#content.drawn?.();
  }

  /** The line at the cursor, and beside the title the value there. */
  #showCursor() {
    const { time } = this.#time.cursor;
    const place = time === null || this.#chart === null ? null : this.#chart.positionOf(time);
    this.#line.hidden = place === null;
    if (place !== null) {
      this.#line.style.transform = `translate(${Math.round(place.x)}px, ${place.top}px)`;
      this.#line.style.height = `${place.height}px`;
    }
    const alone = this.#data?.lines.length === 1;
    setText(this.#latest, time !== null && alone ? this.valuesAt(time).values[0].text : this.#resting);
    this.#latest.classList.toggle("card-latest-at-cursor", time !== null && alone);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.#chart === null) return;
    const { cursor, onRange } = this.#time;
    const wanted = chartKey(event, this.#data, this.#chart.window, cursor);
    if (wanted === null) return;
    if ("cursor" in wanted) cursor.set(wanted.cursor, this);
    else onRange(wanted.range.from, wanted.range.to);
    event.preventDefault();
    event.stopPropagation();
  }

  #actions() {
    const { title, subject } = this.#content;
    const { window } = this.#chart ?? { window: { from: 0, to: 0 } };
    const name = (ending) => fileName([title, subject], ending);
    const csv = () => toCsv(tableOf(this.#data?.lines ?? [], title, window));
    const showTable = {
      text: this.#table.hidden ? "Show as table" : "Show as chart",
      act: () => this.#switchTable(),
    };
    const downloadCsv = {
      text: "Download CSV",
      act: () => download(new Blob([csv()], { type: "text/csv" }), name("csv")),
    };
    const downloadPicture = {
      text: "Download picture",
      act: async () => download(await pictureOf(this.#canvas, title, subject), name("png")),
    };
    const hasChart = this.#data !== null && this.#table.hidden;
    const toAlarms = (this.#data?.alarms ?? [])
      .slice(-MOST_ALARMS_IN_MENU)
      .map(({ id, label }) => ({ text: `Alarm: ${label}`, act: () => this.#time.onAlarm?.(id) }));
    return [showTable, downloadCsv, ...(hasChart ? [downloadPicture] : []), ...toAlarms];
  }

  #switchTable() {
    this.#table.hidden = !this.#table.hidden;
    this.#frame.hidden = !this.#table.hidden;
    if (!this.#table.hidden) this.#showTable();
  }

  #showTable() {
    const { title, subject, unit, decimals } = this.#content;
    const scrolled = this.#table.firstElementChild?.scrollTop ?? 0;
    const table = tableOf(this.#data?.lines ?? [], title, this.#chart?.window ?? { from: 0, to: 0 });
    this.#table.replaceChildren(chartTable(table, { title, subject, unit, decimals, step: this.#data?.step ?? 0 }));
    this.#table.firstElementChild.scrollTop = scrolled;
  }
}
