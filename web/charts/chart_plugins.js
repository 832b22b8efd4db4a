/**
 * What our charts do beyond Chart.js: which points belong to a moment, times without readings hatched, and many lines
 * as a heat strip.
 */

import { getRelativePosition, Interaction } from "./chart_library.js";
import { heatColour } from "./palette.js";

/** Distance of the hatching's lines in pixels. */
const HATCH = 7;

/**
 * The index of the point with a value nearest to a time, or -1.
 * @param {import("../history/series.js").Point[]} points @param {number} time milliseconds
 */
function nearestPoint(points, time) {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle].x < time) low = middle + 1;
    else high = middle;
  }
  let best = -1;
  for (let index = Math.max(0, low - 2); index <= low + 1 && index < points.length; index += 1) {
    if (points[index].y === null) continue;
    if (best < 0 || Math.abs(points[index].x - time) < Math.abs(points[best].x - time)) best = index;
  }
  return best;
}

/** Which row of a heat strip lies under the pointer. @param {any} chart @param {number} y pixels */
function heatRow(chart, y) {
  const { top, height } = chart.chartArea;
  return Math.min(
    Math.max(Math.floor(((y - top) / height) * chart.data.datasets.length), 0),
    chart.data.datasets.length - 1,
  );
}

/**
 * Of every line the point nearest to the pointer's time: lines of different hosts have different times. Points that lie
 * clearly further away than the nearest one of all are left out: that line has no value here.
 */
Interaction.modes.nearestTime = (chart, event) => {
  const { x, y } = getRelativePosition(event, chart);
  const time = chart.scales.x.getValueForPixel(x);
  const only = chart.extra?.heat ? heatRow(chart, y) : -1;
  const found = [];
  for (const meta of chart.getSortedVisibleDatasetMetas()) {
    const dataset = chart.data.datasets[meta.index];
    if (only >= 0 && meta.index !== only) continue;
    const points = /** @type {import("../history/series.js").Point[]} */ (dataset.data);
    const index = nearestPoint(points, time);
    if (index < 0 || !meta.data[index]) continue;
    found.push({
      element: meta.data[index],
      datasetIndex: meta.index,
      index,
      away: Math.abs(points[index].x - time),
    });
  }
  const nearest = Math.min(...found.map((item) => item.away));
  if (nearest > (chart.extra?.reach ?? Infinity)) return []; // nothing came then
  const span = chart.scales.x.max - chart.scales.x.min;
  return found.filter((item) => item.away <= nearest + span / 60);
};

/** Tells which moment the pointer is at: `options.onMoment(milliseconds | null)`. */
export const momentUnderPointer = {
  id: "momentUnderPointer",
  afterEvent(chart, { event, inChartArea }, options) {
    if (event.type === "mouseout") {
      options.onMoment(null);
    } else if (event.type === "mousemove" || event.type === "click") {
      options.onMoment(inChartArea ? chart.scales.x.getValueForPixel(event.x) : null);
    }
  },
};

/** Slanting lines over a part of the chart. */
function hatch(ctx, left, right, { top, bottom }, colour) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  // The lines of neighbouring parts meet, as they all start from the same places.
  const height = bottom - top;
  for (let x = Math.floor((left - height) / HATCH) * HATCH; x < right; x += HATCH) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Hatches the times in which nothing came from the host: `chart.extra.away` in milliseconds. */
export const awayTimes = {
  id: "awayTimes",
  beforeDatasetsDraw(chart) {
    const { x } = chart.scales;
    for (const { from, to } of chart.extra?.away ?? []) {
      const left = Math.max(x.getPixelForValue(from), chart.chartArea.left);
      const right = Math.min(x.getPixelForValue(to), chart.chartArea.right);
      if (right - left >= 1) hatch(chart.ctx, left, right, chart.chartArea, chart.extra.awayColour);
    }
  },
};

/**
 * Fills one unbroken run of points.
 * @param {any} ctx
 * @param {any} area
 * @param {any[]} run
 * @param {any} scales
 * @param {number} floor pixels
 */
function fillRun(ctx, { top, bottom }, run, { x, y }, floor) {
  ctx.beginPath();
  for (const point of run) ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(top(point)));
  if (bottom === null) {
    ctx.lineTo(x.getPixelForValue(run.at(-1).x), floor);
    ctx.lineTo(x.getPixelForValue(run[0].x), floor);
  } else {
    for (let index = run.length - 1; index >= 0; index -= 1) {
      ctx.lineTo(x.getPixelForValue(run[index].x), y.getPixelForValue(bottom(run[index])));
    }
  }
  ctx.fill();
}

/**
 * Fills bands and the room below lines: `chart.extra.areas`. As datasets of Chart.js that fill each other, their points
 * would cost as much as the lines' own, three times.
 */
export const areas = {
  id: "areas",
  beforeDatasetsDraw(chart) {
    const { ctx, chartArea, scales } = chart;
    const floor = Math.min(Math.max(scales.y.getPixelForValue(0), chartArea.top), chartArea.bottom);
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    for (const area of chart.extra?.areas ?? []) {
      if (!chart.isDatasetVisible(chart.data.datasets.findIndex(({ key }) => key === area.key))) continue;
      ctx.fillStyle = area.colour;
      let run = [];
      for (const point of area.points) {
        if (point.y !== null) {
          run.push(point);
        } else if (run.length > 0) {
          fillRun(ctx, area, run, scales, floor);
          run = [];
        }
      }
      if (run.length > 0) fillRun(ctx, area, run, scales, floor);
    }
    ctx.restore();
  },
};

/** Draws each line as a row of coloured cells, where there are too many lines to tell apart: `chart.extra.heat`. */
export const heatStrip = {
  id: "heatStrip",
  beforeDatasetsDraw(chart) {
    const heat = chart.extra?.heat;
    if (!heat) return;
    const {
      ctx,
      chartArea,
      scales: { x },
    } = chart;
    const rows = chart.data.datasets.length;
    const height = chartArea.height / rows;
    const gap = height >= 6 ? 1 : 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    chart.data.datasets.forEach(({ data }, row) => {
      const top = Math.round(chartArea.top + row * height);
      const bottom = Math.round(chartArea.top + (row + 1) * height) - gap;
      for (let index = 0; index < data.length; index += 1) {
        const { x: time, y: value } = data[index];
        if (value === null) continue;
        const next = data[index + 1]?.x ?? time + heat.cell;
        const left = x.getPixelForValue(time);
        const right = x.getPixelForValue(Math.min(next, time + 3 * heat.cell));
        ctx.fillStyle = heatColour(heat.theme, (value - heat.minimum) / (heat.maximum - heat.minimum));
        ctx.fillRect(left, top, Math.max(right - left + 0.5, 1), Math.max(bottom - top, 1));
      }
    });
    ctx.restore();
  },
};
