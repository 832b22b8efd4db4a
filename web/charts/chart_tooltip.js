/**
 * What a chart tells at the pointer, as Chart.js wants it told: the time, and the value of each line there.
 */

import { format } from "../parts/format.js";
import { fitLabel, measured } from "./labels.js";

const MOST_TOOLTIP_LINES = 8; // more do not fit on a chart
/** Beside a name: its mark, and the room around both, in pixels. */
const BESIDE_TOOLTIP_TEXT = 48;

export class ChartTooltip {
  #look;
  #text;
  #data;

  /**
   * @param {import("./charts.js").ChartLook} look
   * @param {import("./labels.js").CanvasText} text
   * @param {() => import("./charts.js").ChartData} data what the chart shows just now
   */
  constructor(look, text, data) {
    this.#look = look;
    this.#text = text;
    this.#data = data;
  }

  /**
   * @param {ReturnType<typeof import("./palette.js").frameColours>} colours
   * @returns {import("chart.js").ChartOptions<"line">["plugins"]["tooltip"]}
   */
  options(colours) {
    const { font } = this.#text;
    return {
      backgroundColor: colours.tooltip,
      borderColor: colours.tooltipBorder,
      borderWidth: 1,
      titleColor: colours.tooltipText,
      bodyColor: colours.tooltipText,
      footerColor: colours.text,
      titleFont: { ...font, weight: 600 },
      bodyFont: font,
      footerFont: { ...font, weight: 400 },
      padding: 10,
      boxWidth: 10,
      boxHeight: 5,
      multiKeyBackground: "transparent",
      boxPadding: 6,
      caretSize: 0,
      cornerRadius: 8,
      itemSort: (first, second) =>
        this.#look.stacked ? second.datasetIndex - first.datasetIndex : second.parsed.y - first.parsed.y,
      filter: (item, _, items) => items.filter((other) => other.parsed.y > item.parsed.y).length < MOST_TOOLTIP_LINES,
      callbacks: {
        title: ([item]) => (item ? format.formatDateTime(item.parsed.x / 1000, this.#data().step || 1) : ""),
        label: (item) => this.#describePoint(item),
        labelColor: ({ dataset }) => ({
          borderColor: "transparent",
          backgroundColor: /** @type {string} */ (dataset.borderColor),
          borderWidth: 0,
        }),
        footer: () => this.#describeRest(),
      },
    };
  }

  /** "eth0: 1.2 MiB/s", with the extremes of the bucket where they are drawn. */
  #describePoint({ chart, dataset, parsed, raw }) {
    const { unit, decimals, legend } = this.#look;
    const { lines } = this.#data();
    const value = format.formatValue(parsed.y, unit, decimals);
    const line = lines.find(({ key }) => key === dataset.key);
    const { low, high } = line?.isBandUntold ? {} : raw;
    const hasBand = typeof low === "number" && typeof high === "number";
    const told = hasBand
      ? `${value}  (${format.formatValue(low, unit, decimals)} to ${format.formatValue(high, unit, decimals)})`
      : value;
    if (lines.length === 1 && !legend && dataset.label === "") return told;
    const widthOf = measured(chart.ctx, this.#text.font);
    const room = chart.width - BESIDE_TOOLTIP_TEXT * this.#text.scale - widthOf(`: ${told}`);
    return `${fitLabel(dataset.label, room, widthOf)}: ${told}`;
  }

  #describeRest() {
    const { lines } = this.#data();
    if (this.#look.heat || lines.length <= MOST_TOOLTIP_LINES) return "";
    return `The highest ${MOST_TOOLTIP_LINES} of ${lines.length}`;
  }
}
