/**
 * The value axis of a chart, as Chart.js wants it told: round marks in the values' unit, or the names of a heat strip's
 * rows.
 */

import { axisMarks, valueAxis } from "./axis.js";
import { format } from "../parts/format.js";
import { fitLabel, measured } from "./labels.js";

/** Widths in pixels: fixed, so that the times of charts stand above each other and nothing jumps. */
const NARROW_AXIS = 48;
const WIDE_AXIS = 68;
const AXIS_PADDING = 8;
const HEAT_LABEL_PIXELS = 16;

/**
 * The lowest and highest value that the chart has to show.
 * @param {import("./charts.js").DrawnLine[]} lines @param {boolean} stacked
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

export class ValueScale {
  #look;
  #text;
  #axis = { minimum: 0, maximum: 1, step: 1 };
  /** @type {import("./charts.js").DrawnLine[]} */
  #lines = [];
  /** What names are measured with. @type {CanvasRenderingContext2D|null} */
  #context = null;

  /** @param {import("./charts.js").ChartLook} look @param {import("./labels.js").CanvasText} text */
  constructor(look, text) {
    this.#look = look;
    this.#text = text;
  }

  /**
   * Makes room for other lines.
   * @param {import("./charts.js").DrawnLine[]} lines
   * @param {import("./alarm_bands.js").LimitLine[]} [limits] that are to be seen too
   */
  fit(lines, limits = []) {
    const { range, unit, decimals, stacked } = this.#look;
    this.#lines = lines;
    if (range) {
      this.#axis = { ...range, step: (range.maximum - range.minimum) / 4 };
    } else {
      const { lowest, highest } = extent(lines, stacked);
      const values = limits.map(({ value }) => value);
      this.#axis = valueAxis(Math.min(lowest, ...values), Math.max(highest, ...values), unit, decimals);
    }
    return this.#axis;
  }

  /**
   * @param {ReturnType<typeof import("./palette.js").frameColours>} colours
   * @returns {import("chart.js").ChartOptions<"line">["scales"][string]}
   */
  options(colours) {
    const { unit, stacked, heat } = this.#look;
    return {
      type: "linear",
      stacked,
      border: { display: false },
      grid: { color: colours.grid, drawTicks: false, display: !heat },
      afterBuildTicks: (scale) => {
        this.#context = scale.ctx;
        scale.ticks = (heat ? this.#heatMarks(scale) : axisMarks(this.#axis)).map((value) => ({ value }));
      },
      afterFit: (scale) => {
        scale.width = this.#width;
      },
      ticks: {
        color: colours.text,
        font: this.#text.font,
        padding: AXIS_PADDING,
        autoSkip: false,
        callback: (value) => (heat ? this.#heatLabel(Number(value)) : format.formatTick(Number(value), unit)),
      },
    };
  }

  get #width() {
    const { unit } = this.#look;
    return (unit === "percent" || unit === "count" ? NARROW_AXIS : WIDE_AXIS) * this.#text.scale;
  }

  /**
   * Rows of a heat strip count from above, on an axis that goes from 0 to the range's end: the middle of some of them.
   * @param {import("chart.js").Scale} scale
   */
  #heatMarks({ height }) {
    const rows = this.#lines.length;
    const every = Math.max(1, Math.ceil((rows * HEAT_LABEL_PIXELS * this.#text.scale) / Math.max(1, height)));
    const { minimum, maximum } = this.#axis;
    return Array.from(
      { length: Math.ceil(rows / every) },
      (_, index) => maximum - ((index * every + 0.5) / rows) * (maximum - minimum),
    );
  }

  /** @param {number} value on the axis */
  #heatLabel(value) {
    const { minimum, maximum } = this.#axis;
    const row = Math.floor(((maximum - value) / (maximum - minimum)) * this.#lines.length);
    const room = this.#width - AXIS_PADDING;
    return fitLabel(this.#lines[row]?.label ?? "", room, measured(this.#context, this.#text.font));
  }
}
