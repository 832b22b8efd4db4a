/**
 * The legend below a chart, as Chart.js wants it told. A click on a name hides its line.
 */

import { Chart } from "./chart_library.js";
import { fitLabel, measured } from "./labels.js";

/** Beside a name: its mark, and the room around both. */
const LEGEND_MARK = 18;
const LEGEND_PADDING = 10;
const BESIDE_LEGEND_TEXT = LEGEND_MARK + 3 * LEGEND_PADDING;

/**
 * @param {boolean} display whether there is one
 * @param {import("./labels.js").CanvasText} text
 * @param {ReturnType<typeof import("./palette.js").frameColours>} colours
 * @returns {import("chart.js").ChartOptions<"line">["plugins"]["legend"]}
 */
export function legendOptions(display, { font }, colours) {
  return {
    display,
    position: "bottom",
    align: "start",
    labels: {
      color: colours.text,
      font,
      boxWidth: LEGEND_MARK,
      boxHeight: 0,
      padding: LEGEND_PADDING,
      generateLabels: (chart) =>
        Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
          const line = /** @type {import("chart.js").ChartDataset<"line">} */ (chart.data.datasets[item.datasetIndex]);
          return {
            ...item,
            text: fitLabel(item.text, chart.width - BESIDE_LEGEND_TEXT, measured(chart.ctx, font)),
            fillStyle: /** @type {string} */ (line.borderColor),
            lineWidth: 2.5,
            lineDash: /** @type {number[]} */ (line.borderDash),
          };
        }),
    },
    onClick: (_, item, { chart }) => {
      chart.setDatasetVisibility(item.datasetIndex, !chart.isDatasetVisible(item.datasetIndex));
      chart.update("none");
    },
  };
}
