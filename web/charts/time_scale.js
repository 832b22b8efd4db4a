/**
 * The time axis of a chart, as Chart.js wants it told: marks at round times, and as many as their labels leave room
 * for.
 */

import { format } from "../parts/format.js";
import { measured } from "./labels.js";
import { fittingTimeMarks } from "./time_marks.js";

const PIXELS_PER_TIME_MARK = 70;
const PIXELS_BETWEEN_TIME_LABELS = 8;

export class TimeScale {
  /** What is shown, in Unix seconds. @type {import("../page/state.js").Range} */
  window = { from: 0, to: 1 };
  #text;
  /** Seconds from mark to mark. */
  #step = 1;

  /** @param {import("./labels.js").CanvasText} text */
  constructor(text) {
    this.#text = text;
  }

  /**
   * @param {ReturnType<typeof import("./palette.js").frameColours>} colours
   * @returns {import("chart.js").ChartOptions<"line">["scales"][string]}
   */
  options(colours) {
    return {
      type: "time",
      time: { unit: "year" }, // it would reckon marks of its own, of which none is shown: the fewest are enough
      border: { color: colours.grid },
      grid: { display: false },
      afterBuildTicks: (scale) => {
        scale.ticks = this.#marks(scale).map((time) => ({ value: time * 1000 }));
      },
      ticks: {
        color: colours.text,
        font: this.#text.font,
        maxRotation: 0,
        autoSkip: false,
        callback: (time) => this.#label(Number(time) / 1000, this.#step),
      },
    };
  }

  /** @param {number} time Unix seconds @param {number} step seconds from mark to mark */
  #label(time, step) {
    return format.formatTimeTick(time, this.window.to - this.window.from, step);
  }

  /** @param {import("chart.js").Scale} scale @returns {number[]} Unix seconds */
  #marks({ ctx, width }) {
    const { from, to } = this.window;
    const { scale, font } = this.#text;
    const widthOf = measured(ctx, font);
    const room = {
      width,
      perMark: PIXELS_PER_TIME_MARK * scale,
      gap: PIXELS_BETWEEN_TIME_LABELS * scale,
      widthOf: (time, step) => widthOf(this.#label(time, step)),
    };
    const { marks, step } = fittingTimeMarks(from, to, room, format.isUtc());
    this.#step = step;
    return marks;
  }
}
