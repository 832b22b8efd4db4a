/**
 * One chart over time: draws lines with Chart.js.
 */

import { axisMarks, valueAxis } from "./axis.js";
import { Chart } from "./chart_library.js";
import { areas, awayTimes, heatStrip, momentUnderPointer } from "./chart_plugins.js";
import { format } from "../parts/format.js";
import { fitLabel, measured } from "./labels.js";
import { frameColours, translucent } from "./palette.js";
import { lonelyPoints } from "../history/series.js";
import { fittingTimeMarks } from "./time_marks.js";

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
 * @property {number} step seconds of a bucket; 0: readings as they came
 * @property {import("../page/state.js").Range[]} [away] times in which the host sent nothing
 * @property {number} [reach] seconds from a time to the nearest point that still tells of it
 * @property {number} [cell] seconds that one value of a heat strip stands for
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
 * @property {(from: number, to: number) => void} [onRange] these times were chosen, by a drag, a pinch or at the end of a move
 */

/** Widths of value axes in pixels: fixed, so that the times of charts stand above each other and nothing jumps. */
const NARROW_AXIS = 48;
const WIDE_AXIS = 68;
const PIXELS_PER_TIME_MARK = 70;
const PIXELS_BETWEEN_TIME_LABELS = 8;
const MOST_TOOLTIP_LINES = 8; // more do not fit on a chart
const HEAT_LABEL_PIXELS = 16;
const AXIS_PADDING = 8;
/** Beside a name in the legend and in a tooltip: its mark, and the room around both. */
const LEGEND_MARK = 18;
const LEGEND_PADDING = 10;
const BESIDE_LEGEND_TEXT = LEGEND_MARK + 3 * LEGEND_PADDING;
const BESIDE_TOOLTIP_TEXT = 48;
const FONT_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
const FONT_PIXELS = 12;

/** How much larger than usual the viewer wants text. */
function textScale() {
  return (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16) / 16;
}

/**
 * The lowest and highest value that the chart has to show.
 * @param {DrawnLine[]} lines @param {boolean} stacked
 */
function extent(lines, stacked) {
  let lowest = Infinity;
  let highest = -Infinity;
  const sums = new Map();
  for (const { points, band } of lines) {
    for (const { x, y, low, high } of points) {
      if (y === null) continue;
      const value = stacked ? (sums.get(x) ?? 0) + y : y;
      if (stacked) sums.set(x, value);
      highest = Math.max(highest, band ? high : value);
      lowest = Math.min(lowest, band ? low : value);
    }
  }
  return { lowest, highest };
}

export class TimeChart {
  #chart;
  #look;
  /** @type {ChartData} */
  #data = { lines: [], window: { from: 0, to: 1 }, step: 0 };
  #axis = { minimum: 0, maximum: 1, step: 1 };
  /** Seconds from mark to mark of the time axis. */
  #timeStep = 1;
  /** What names on the value axis are measured with. @type {CanvasRenderingContext2D} */
  #context;

  #events;
  #scale = textScale();
  #font = { family: FONT_FAMILY, size: FONT_PIXELS * this.#scale };

  /** @param {HTMLCanvasElement} canvas @param {ChartLook} look @param {ChartEvents} events */
  constructor(canvas, look, events) {
    this.#look = look;
    this.#events = events;
    this.#chart = new Chart(canvas, {
      type: "line",
      data: { datasets: [] },
      options: this.#options(),
      plugins: [momentUnderPointer, awayTimes, heatStrip, areas],
    });
    canvas.style.touchAction = "pan-y"; // one finger scrolls the page, two magnify
  }

  /** @param {ChartData} data */
  update(data) {
    this.#data = data;
    const { heat, theme } = this.#look;
    const { options } = this.#chart;
    const { range, unit, decimals, stacked } = this.#look;
    this.#chart.extra = {
      reach: data.reach ? data.reach * 1000 : undefined,
      away: (data.away ?? []).map(({ from, to }) => ({ from: from * 1000, to: to * 1000 })),
      awayColour: frameColours(theme).away,
      heat: heat ? { theme, cell: (data.cell ?? 1) * 1000, ...range } : null,
      areas: heat || stacked ? [] : this.#areas(data.lines),
    };
    if (range) {
      this.#axis = { ...range, step: (range.maximum - range.minimum) / 4 };
    } else {
      const { lowest, highest } = extent(data.lines, stacked);
      this.#axis = valueAxis(lowest, highest, unit, decimals);
    }
    const { x, y } = options.scales;
    x.min = data.window.from * 1000;
    x.max = data.window.to * 1000;
    y.min = this.#axis.minimum;
    y.max = this.#axis.maximum;
    this.#setDatasets(data.lines.map((line, index) => this.#dataset(line, index)));
    this.#chart.update("none");
  }

  /** Shows other times of what it has, while more is on its way. @param {number} from Unix seconds @param {number} to */
  showWindow(from, to) {
    const { x } = this.#chart.options.scales;
    if (x.min === from * 1000 && x.max === to * 1000) return;
    this.#data = { ...this.#data, window: { from, to } };
    x.min = from * 1000;
    x.max = to * 1000;
    this.#chart.update("none");
  }

  /** Where a time stands, in pixels from the left of the canvas, or null outside of the chart. @param {number} time Unix seconds */
  positionOf(time) {
    const { chartArea, scales } = this.#chart;
    const x = scales.x.getPixelForValue(time * 1000);
    return x >= chartArea.left && x <= chartArea.right ? { x, top: chartArea.top, height: chartArea.height } : null;
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
    const same = present.length === wanted.length && present.every((dataset, index) => dataset.key === wanted[index].key);
    if (same) present.forEach((dataset, index) => Object.assign(dataset, wanted[index]));
    else this.#chart.data.datasets = wanted;
  }

  /** What is filled besides stacks: bands, and the room below a line that stands alone. @param {DrawnLine[]} lines */
  #areas(lines) {
    const bands = lines.filter(({ band }) => band).map(({ key, points, colour }) => ({ key, points, colour: translucent(colour, 0.22), top: (point) => point.high, bottom: (point) => point.low }));
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

  #options() {
    const { stacked, theme } = this.#look;
    const colours = frameColours(theme);
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
      scales: { x: this.#timeScale(colours), y: this.#valueScale(colours, stacked) },
      plugins: {
        legend: this.#legend(colours),
        tooltip: this.#tooltip(colours),
        momentUnderPointer: { onMoment: (milliseconds) => this.#events.onMoment(milliseconds === null ? null : milliseconds / 1000) },
        zoom: this.#zoom(colours),
      },
    };
  }

  /** Drag to magnify, shift and drag to move; on a touch screen two fingers do both. */
  #zoom(colours) {
    const { onPan, onRange } = this.#events;
    if (!onRange) return { zoom: { drag: { enabled: false } } };
    const shown = (chart) => [chart.scales.x.min / 1000, chart.scales.x.max / 1000];
    return {
      zoom: {
        mode: "x",
        drag: { enabled: true, threshold: 8, backgroundColor: translucent(colours.zoom, 0.14), borderColor: colours.zoom, borderWidth: 1 },
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

  #timeScale(colours) {
    return {
      type: "time",
      time: { unit: "year" }, // it would reckon marks of its own, of which none is shown: the fewest are enough
      border: { color: colours.grid },
      grid: { display: false },
      afterBuildTicks: (scale) => {
        scale.ticks = this.#timeMarks(scale).map((time) => ({ value: time * 1000 }));
      },
      ticks: {
        color: colours.text,
        font: this.#font,
        maxRotation: 0,
        autoSkip: false,
        callback: (time) => this.#timeLabel(time / 1000, this.#timeStep),
      },
    };
  }

  /** @param {number} time Unix seconds @param {number} step seconds from mark to mark */
  #timeLabel(time, step) {
    return format.formatTimeTick(time, this.#data.window.to - this.#data.window.from, step);
  }

  /** @returns {number[]} Unix seconds */
  #timeMarks(scale) {
    const { from, to } = this.#data.window;
    const widthOf = measured(scale.ctx, this.#font);
    const room = {
      width: scale.width,
      perMark: PIXELS_PER_TIME_MARK * this.#scale,
      gap: PIXELS_BETWEEN_TIME_LABELS * this.#scale,
      widthOf: (time, step) => widthOf(this.#timeLabel(time, step)),
    };
    const { marks, step } = fittingTimeMarks(from, to, room, format.isUtc());
    this.#timeStep = step;
    return marks;
  }

  #valueScale(colours, stacked) {
    return {
      type: "linear",
      stacked,
      border: { display: false },
      grid: { color: colours.grid, drawTicks: false, display: !this.#look.heat },
      afterBuildTicks: (scale) => {
        this.#context = scale.ctx;
        scale.ticks = (this.#look.heat ? this.#heatMarks(scale) : axisMarks(this.#axis)).map((value) => ({ value }));
      },
      afterFit: (scale) => {
        scale.width = this.#axisWidth;
      },
      ticks: {
        color: colours.text,
        font: this.#font,
        padding: AXIS_PADDING,
        autoSkip: false,
        callback: (value) => (this.#look.heat ? this.#heatLabel(value) : format.formatTick(value, this.#look.unit)),
      },
    };
  }

  get #axisWidth() {
    return (this.#look.unit === "percent" || this.#look.unit === "count" ? NARROW_AXIS : WIDE_AXIS) * this.#scale;
  }

  /** Rows of a heat strip count from above, on an axis that goes from 0 to the range's end: the middle of some of them. */
  #heatMarks(scale) {
    const rows = this.#data.lines.length;
    const every = Math.max(1, Math.ceil((rows * HEAT_LABEL_PIXELS * this.#scale) / Math.max(1, scale.height)));
    const span = this.#axis.maximum - this.#axis.minimum;
    return Array.from({ length: Math.ceil(rows / every) }, (_, index) => this.#axis.maximum - ((index * every + 0.5) / rows) * span);
  }

  /** @param {number} value on the axis */
  #heatLabel(value) {
    const span = this.#axis.maximum - this.#axis.minimum;
    const row = Math.floor(((this.#axis.maximum - value) / span) * this.#data.lines.length);
    return fitLabel(this.#data.lines[row]?.label ?? "", this.#axisWidth - AXIS_PADDING, measured(this.#context, this.#font));
  }

  #legend(colours) {
    return {
      display: this.#look.legend,
      position: "bottom",
      align: "start",
      labels: {
        color: colours.text,
        font: this.#font,
        boxWidth: LEGEND_MARK,
        boxHeight: 0,
        padding: LEGEND_PADDING,
        generateLabels: (chart) => Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
          const dataset = chart.data.datasets[item.datasetIndex];
          return { ...item, text: fitLabel(item.text, chart.width - BESIDE_LEGEND_TEXT, measured(chart.ctx, this.#font)), fillStyle: dataset.borderColor, lineWidth: 2.5, lineDash: dataset.borderDash };
        }),
      },
      onClick: (event, item, legend) => {
        const { chart } = legend;
        chart.setDatasetVisibility(item.datasetIndex, !chart.isDatasetVisible(item.datasetIndex));
        chart.update("none");
      },
    };
  }

  #tooltip(colours) {
    return {
      backgroundColor: colours.tooltip,
      borderColor: colours.tooltipBorder,
      borderWidth: 1,
      titleColor: colours.tooltipText,
      bodyColor: colours.tooltipText,
      footerColor: colours.text,
      titleFont: { ...this.#font, weight: "600" },
      bodyFont: this.#font,
      footerFont: { ...this.#font, weight: "400" },
      padding: 10,
      boxWidth: 10,
      boxHeight: 5,
      multiKeyBackground: "transparent",
      boxPadding: 6,
      caretSize: 0,
      cornerRadius: 8,
      itemSort: (first, second) => (this.#look.stacked ? second.datasetIndex - first.datasetIndex : second.parsed.y - first.parsed.y),
      filter: (item, _, items) => items.filter((other) => other.parsed.y > item.parsed.y).length < MOST_TOOLTIP_LINES,
      callbacks: {
        title: (items) => (items.length === 0 ? "" : format.formatDateTime(items[0].parsed.x / 1000, this.#data.step || 1)),
        label: (item) => this.#describePoint(item),
        labelColor: (item) => ({ borderColor: "transparent", backgroundColor: item.dataset.borderColor, borderWidth: 0 }),
        footer: () => (!this.#look.heat && this.#data.lines.length > MOST_TOOLTIP_LINES ? `The highest ${MOST_TOOLTIP_LINES} of ${this.#data.lines.length}` : ""),
      },
    };
  }

  /** "eth0: 1.2 MiB/s", with the extremes of the bucket where they are drawn. */
  #describePoint(item) {
    const { unit, decimals } = this.#look;
    const value = format.formatValue(item.parsed.y, unit, decimals);
    const line = this.#data.lines.find(({ key }) => key === item.dataset.key);
    const { low, high } = line?.isBandUntold ? {} : item.raw;
    const hasBand = typeof low === "number" && typeof high === "number";
    const told = hasBand ? `${value}  (${format.formatValue(low, unit, decimals)} to ${format.formatValue(high, unit, decimals)})` : value;
    if (this.#data.lines.length === 1 && !this.#look.legend && item.dataset.label === "") return told;
    const widthOf = measured(item.chart.ctx, this.#font);
    return `${fitLabel(item.dataset.label, item.chart.width - BESIDE_TOOLTIP_TEXT * this.#scale - widthOf(`: ${told}`), widthOf)}: ${told}`;
  }
}
