/**
 * A titled card with one chart. The chart is made when the card first comes near the screen, and drawn only while it is.
 */

import { TimeChart } from "./charts.js";
import { element, setAttribute, setText } from "./dom.js";
import { format } from "./format.js";
import { currentTheme } from "./theme.js";
import { summarize } from "./series.js";

/** From this many lines on, a legend would be larger than the chart. */
const MOST_LEGEND_LINES = 12;
const NEAR_THE_SCREEN = "300px 0px";

/**
 * @typedef {object} CardContent
 * @property {string} title
 * @property {string} help
 * @property {string} subject what the values are of, for people who cannot see the chart: "web-1 over the last hour"
 * @property {string} unit
 * @property {number} decimals
 * @property {boolean} stacked
 * @property {{minimum: number, maximum: number}|null} range
 * @property {boolean} legend whether lines are named below the chart
 * @property {() => import("./charts.js").ChartData} prepare is called when the chart is to be drawn
 */

export class ChartCard {
  #canvas = element("canvas", { role: "img" });
  #heading = element("h3");
  #latest = element("p", { class: "card-latest" });
  #note = element("p", { class: "card-note", hidden: true });
  /** @type {TimeChart|null} */
  #chart = null;
  #chartLook = "";
  #near = false;
  #stale = false;
  #observer;
  /** @type {CardContent|null} */
  #content = null;

  constructor() {
    const frame = element("div", { class: "chart-frame" }, this.#canvas, this.#note);
    this.element = element("article", { class: "card chart-card" }, element("header", { class: "card-header" }, this.#heading, this.#latest), frame);
    this.#observer = new IntersectionObserver((entries) => {
      this.#near = entries[entries.length - 1].isIntersecting;
      if (this.#near && this.#stale) this.#draw();
    }, { rootMargin: NEAR_THE_SCREEN });
    this.#observer.observe(this.element);
  }

  /** @param {CardContent} content */
  update(content) {
    this.#content = content;
    setText(this.#heading, content.title);
    setAttribute(this.#heading, "title", content.help);
    if (this.#chart === null) setAttribute(this.#canvas, "aria-label", content.title); // more is said once it is drawn
    this.#stale = true;
    if (this.#near) this.#draw();
  }

  /** Draws anew in the colours of now. */
  redraw() {
    if (this.#content) this.update(this.#content);
  }

  destroy() {
    this.#observer.disconnect();
    this.#chart?.destroy();
    this.#chart = null;
  }

  #draw() {
    this.#stale = false;
    const { prepare, subject, title, help, unit, decimals, stacked, range, legend } = this.#content;
    const data = prepare();
    const named = legend && data.lines.length > 1;
    const look = { unit, decimals, stacked, range, legend: named && data.lines.length <= MOST_LEGEND_LINES, theme: currentTheme() };
    const lookKey = JSON.stringify(look);
    if (this.#chart === null || lookKey !== this.#chartLook) {
      this.#chart?.destroy();
      this.#chart = new TimeChart(this.#canvas, look);
      this.#chartLook = lookKey;
    }
    this.#chart.update(data);
    const summaries = data.lines.map((line) => summarize(line.points.map((point) => point.y)));
    const empty = summaries.every((summary) => summary === null);
    this.#note.hidden = !empty;
    setText(this.#note, empty ? "No values in this time" : "");
    this.#tellLatest(data, summaries);
    setAttribute(this.#canvas, "aria-label", [`${title} of ${subject}.`, help, describe(data.lines, summaries, unit, decimals)].filter(Boolean).join(" "));
  }

  #tellLatest(data, summaries) {
    const { unit, decimals, legend } = this.#content;
    if (legend && data.lines.length > MOST_LEGEND_LINES) setText(this.#latest, `${data.lines.length} lines`);
    else if (data.lines.length === 1 && summaries[0]) setText(this.#latest, format.formatValue(summaries[0].latest, unit, decimals));
    else setText(this.#latest, "");
  }
}

/** What the chart shows, in words. */
function describe(lines, summaries, unit, decimals) {
  const value = (number) => format.formatValue(number, unit, decimals);
  const told = lines.slice(0, MOST_LEGEND_LINES).flatMap((line, index) => {
    const summary = summaries[index];
    if (summary === null) return [];
    const text = `now ${value(summary.latest)}, lowest ${value(summary.lowest)}, highest ${value(summary.highest)}`;
    return [line.label === "" ? text : `${line.label}: ${text}`];
  });
  if (told.length === 0) return "No values in this time.";
  const rest = lines.length - told.length;
  return `${told.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`;
}
