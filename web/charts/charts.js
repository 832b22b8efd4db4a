/**
 * One chart over time: draws lines with Chart.js.
 */

import { alarmBands } from "./alarm_bands.js";
import { legendOptions } from "./chart_legend.js";
import { Chart } from "./chart_library.js";
import { areas, awayTimes, heatStrip, momentUnderPointer } from "./chart_plugins.js";
import { ChartTooltip } from "./chart_tooltip.js";
import { canvasText } from "./labels.js";
import { frameColours, translucent } from "./palette.js";
import { lonelyPoints } from "../history/series.js";
import { TimeScale } from "./time_scale.js";
import { ValueScale } from "./value_scale.js";

/**
 * @typedef {import("../history/series.js").Point} Point
 *
 * @typedef {object} DrawnLine
 * @property {string} key tells the line from the others of the chart
 * @property {string} label
 * @property {string} colour as #rrggbb
 * @property {number[]} dash lengths in pixels; none: unbroken
 * @property {Point[]} points averages
 * @property {boolean} band whether its points have one: how far readings of a bucket lie apart
 * @property {boolean} [isBandUntold] the band's edges are no news: other lines tell them
 *
 * @typedef {object} ChartData
 * @property {DrawnLine[]} lines
 * @property {{from: number, to: number}} window Unix seconds
 * @property {number} step seconds of a bucket; 0: raw readings
 * @property {import("../page/state.js").Range[]} [away] times in which the host sent nothing
 * @property {number} [reach] seconds from a time to the nearest point that still tells of it
 * @property {number} [cell] seconds that one value of a heat strip stands for
 * @property {import("./alarm_bands.js").AlarmBand[]} [alarms]
 * @property {import("./alarm_bands.js").LimitLine[]} [limits]
 * @property {boolean} [showsLimits] an axis that goes by the values makes room for limits too
 *
 * @typedef {object} ChartLook
 * @property {string} unit
 * @property {number} decimals
 * @property {boolean} stacked
 * @property {{minimum: number, maximum: number}|null} range a fixed value axis, or null: by the values
 * @property {boolean} legend whether the chart names its lines itself
 * @property {boolean} [heat] rows of coloured cells instead of lines
 * @property {import("./palette.js").Theme} theme
 *
 * @typedef {object} ChartEvents
 * @property {(time: number|null) => void} onMoment the pointer is at this time, in Unix seconds
 * @property {(from: number, to: number) => void} [onPan] the chart is being moved to these times
 * @property {(from: number, to: number) => void} [onRange] these times were chosen, by a drag, a pinch or at the end of
 *   a move
 * @property {(id: number) => void} [onAlarm] somebody wants to know more of it
 */

export class TimeChart {
  #chart;
  #look;
  /** @type {ChartData} */
  #data = { lines: [], window: { from: 0, to: 1 }, step: 0 };
  #events;
  #text = canvasText();
  #timeScale = new TimeScale(this.#text);
  #valueScale;

  /** @param {HTMLCanvasElement} canvas @param {ChartLook} look @param {ChartEvents} events */
  constructor(canvas, look, events) {
    this.#look = look;
    this.#events = events;
    this.#valueScale = new ValueScale(look, this.#text);
    this.#chart = new Chart(canvas, {
      type: "line",
      data: { datasets: [] },
      options: this.#options(),
      plugins: [momentUnderPointer, awayTimes, alarmBands, heatStrip, areas],
    });
    canvas.style.touchAction = "pan-y"; // one finger scrolls the page, two magnify
  }

  /** @param {ChartData} data */
  update(data) {
    this.#data = data;
    const { heat, theme, range, stacked } = this.#look;
    this.#chart.extra = {
      reach: data.reach ? data.reach * 1000 : undefined,
      away: (data.away ?? []).map(({ from, to }) => ({ from: from * 1000, to: to * 1000 })),
      awayColour: frameColours(theme).away,
      alarms: data.alarms ?? [],
      limits: data.limits ?? [],
      alarmColours: frameColours(theme),
      heat: heat ? { theme, cell: (data.cell ?? 1) * 1000, ...range } : null,
      areas: heat || stacked ? [] : this.#areas(data.lines),
    };
    const { y } = this.#chart.options.scales;
    const { minimum, maximum } = this.#valueScale.fit(data.lines, data.showsLimits ? data.limits : []);
    y.min = minimum;
    y.max = maximum;
    this.#setWindow(data.window);
    this.#setDatasets(data.lines.map((line, index) => this.#dataset(line, index)));
    this.#chart.update("none");
  }

  /**
   * Shows other times of what it has, while more is on its way.
   * @param {number} from Unix seconds
   * @param {number} to
   */
  showWindow(from, to) {
    const { x } = this.#chart.options.scales;
    if (x.min === from * 1000 && x.max === to * 1000) return;
    this.#data = { ...this.#data, window: { from, to } };
    this.#setWindow({ from, to });
    this.#chart.update("none");
  }

  /** @param {import("../page/state.js").Range} window */
  #setWindow(window) {
    const { x } = this.#chart.options.scales;
    this.#timeScale.window = window;
    x.min = window.from * 1000;
    x.max = window.to * 1000;
  }

  /**
   * Where a time stands, in pixels from the left of the canvas, or null outside of the chart.
   * @param {number} time Unix seconds
   */
  positionOf(time) {
    const { chartArea, scales } = this.#chart;
    const x = scales.x.getPixelForValue(time * 1000);
    return x >= chartArea.left && x <= chartArea.right ? { x, top: chartArea.top, height: chartArea.height } : null;
  }

  /** Where values stand: the plot's edges, and which value is at which pixel from the top of the canvas. */
  get plot() {
    const { chartArea, scales } = this.#chart;
    return {
      ...chartArea,
      pixelOf: (value) => scales.y.getPixelForValue(value),
      valueAt: (pixel) => scales.y.getValueForPixel(pixel),
      span: scales.y.max - scales.y.min,
    };
  }

  get window() {
    return this.#data.window;
  }

  destroy() {
    this.#chart.destroy();
  }

  /** Hands over new points; lines that stay keep their state (hidden by a click on the legend, for one). */
  #setDatasets(wanted) {
    const present = this.#chart.data.datasets;
    const same =
      present.length === wanted.length && present.every((dataset, index) => dataset.key === wanted[index].key);
    if (same) present.forEach((dataset, index) => Object.assign(dataset, wanted[index]));
    else this.#chart.data.datasets = wanted;
  }

  /** What is filled besides stacks: bands, and the room below a line that stands alone. @param {DrawnLine[]} lines */
  #areas(lines) {
    const bands = lines
      .filter(({ band }) => band)
      .map(({ key, points, colour }) => ({
        key,
        points,
        colour: translucent(colour, 0.22),
        top: (point) => point.high,
        bottom: (point) => point.low,
      }));
    if (lines.length !== 1) return bands;
    const [{ key, points, colour }] = lines;
    return [{ key, points, colour: translucent(colour, 0.1), top: (point) => point.y, bottom: null }, ...bands];
  }

  /** @param {DrawnLine} line @param {number} index */
  #dataset(line, index) {
    const { stacked, heat } = this.#look;
    const lonely = lonelyPoints(line.points);
    const drawn = {
      key: line.key,
      label: line.label,
      data: line.points,
      borderColor: line.colour,
      backgroundColor: translucent(line.colour, stacked ? 0.4 : 0.1),
      borderDash: line.dash,
      borderWidth: stacked ? 1 : 1.75,
      pointRadius: lonely.size === 0 ? 0 : line.points.map((_, at) => (lonely.has(at) ? 2 : 0)),
      pointBackgroundColor: line.colour,
      fill: stacked ? (index === 0 ? "origin" : "-1") : false,
    };
    return heat ? { ...drawn, showLine: false, fill: false, pointRadius: 0, pointHoverRadius: 0 } : drawn;
  }

  /** @returns {import("chart.js").ChartOptions<"line">} */
  #options() {
    const colours = frameColours(this.#look.theme);
    const tooltip = new ChartTooltip(this.#look, this.#text, () => this.#data);
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      spanGaps: false,
      layout: { padding: { top: 6, right: 6 } },
      interaction: { mode: "nearestTime", intersect: false },
      elements: { point: { hoverRadius: 3.5, hitRadius: 0 }, line: { tension: 0, borderJoinStyle: "round" } },
      scales: { x: this.#timeScale.options(colours), y: this.#valueScale.options(colours) },
      plugins: {
        legend: legendOptions(this.#look.legend, this.#text, colours),
        tooltip: tooltip.options(colours),
        momentUnderPointer: {
          onMoment: (milliseconds) => this.#events.onMoment(milliseconds === null ? null : milliseconds / 1000),
        },
        alarmBands: { onAlarm: this.#events.onAlarm },
        zoom: zoomOptions(this.#events, colours),
      },
    };
  }
}

/**
 * Drag to magnify, shift and drag to move; on a touch screen two fingers do both.
 * @param {ChartEvents} events
 * @param {ReturnType<typeof frameColours>} colours
 * @returns {import("chart.js").ChartOptions<"line">["plugins"]["zoom"]}
 */
function zoomOptions({ onPan, onRange }, colours) {
  if (!onRange) return { zoom: { drag: { enabled: false } } };
  /** @returns {[number, number]} */
  const shown = (chart) => [chart.scales.x.min / 1000, chart.scales.x.max / 1000];
  return {
    zoom: {
      mode: "x",
      drag: {
        enabled: true,
        threshold: 8,
        backgroundColor: translucent(colours.zoom, 0.14),
        borderColor: colours.zoom,
        borderWidth: 1,
      },
      pinch: { enabled: true },
      onZoomComplete: ({ chart }) => onRange(...shown(chart)),
    },
    pan: {
      enabled: true,
      mode: "x",
      modifierKey: "shift",
      threshold: 4,
      onPan: ({ chart }) => onPan?.(...shown(chart)),
      onPanComplete: ({ chart }) => onRange(...shown(chart)),
    },
  };
}
