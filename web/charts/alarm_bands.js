/**
 * Alarms in a chart: the time of each as a band with a bar above it, which leads to the alarm, and limits as thin
 * lines. What has none of them costs nothing.
 */

import { translucent } from "./palette.js";

/** The bar stands in the room above the plot. */
const BAR_TOP = 5;
const BAR_HEIGHT = 4;
/** How far around the bar a click still means it, in pixels: fingers are wide. */
const REACH_ABOVE = 8;
const REACH_BELOW = 12;
const REACH_BESIDE = 4;
/** However short it was, it can be seen. */
const LEAST_WIDTH = 3;
const OPACITY = { critical: 0.14, warning: 0.12, info: 0.05 };
const LATE_DASH = [4, 3];
const LIMIT_DASH = [6, 4];

/**
 * @typedef {object} AlarmBand times in Unix seconds
 * @property {number} id
 * @property {"info"|"warning"|"critical"} severity
 * @property {number} from
 * @property {number} to
 * @property {boolean} late
 * @property {string} label
 *
 * @typedef {{severity: "info"|"warning"|"critical", value: number}} LimitLine
 */

/**
 * Where a band stands, in pixels; null: not in what is shown.
 * @param {any} chart @param {AlarmBand} band
 */
function placeOf({ scales: { x }, chartArea }, { from, to }) {
  const left = Math.max(x.getPixelForValue(from * 1000), chartArea.left);
  const right = Math.min(Math.max(x.getPixelForValue(to * 1000), left + LEAST_WIDTH), chartArea.right);
  return right - left < 1 ? null : { left, width: right - left };
}

/** @param {any} chart @param {AlarmBand} band @param {string} colour */
function drawBand(chart, band, colour) {
  const place = placeOf(chart, band);
  if (place === null) return;
  const { ctx, chartArea } = chart;
  const { left, width } = place;
  ctx.fillStyle = translucent(colour, OPACITY[band.severity]);
  ctx.fillRect(left, chartArea.top, width, chartArea.height);
  if (!band.late) {
    ctx.fillStyle = colour;
    ctx.fillRect(left, chartArea.top - BAR_TOP, width, BAR_HEIGHT);
    return;
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash(LATE_DASH);
  ctx.strokeRect(left + 0.5, chartArea.top - BAR_TOP + 0.5, width - 1, chartArea.height + BAR_TOP - 1);
  ctx.setLineDash([]);
}

/** @param {any} chart @param {LimitLine} limit @param {string} colour */
function drawLimit({ ctx, chartArea, scales: { y } }, limit, colour) {
  const at = Math.round(y.getPixelForValue(limit.value)) + 0.5;
  if (at < chartArea.top || at > chartArea.bottom + 1) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash(LIMIT_DASH);
  ctx.beginPath();
  ctx.moveTo(chartArea.left, at);
  ctx.lineTo(chartArea.right, at);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** The alarm whose bar is there; the last one drawn where several are. @param {any} chart @param {any} event */
function alarmAt(chart, { x, y }) {
  const { top } = chart.chartArea;
  if (y < top - BAR_TOP - REACH_ABOVE || y > top + REACH_BELOW) return null;
  const hit = (chart.extra?.alarms ?? []).findLast((band) => {
    const place = placeOf(chart, band);
    return place !== null && x >= place.left - REACH_BESIDE && x <= place.left + place.width + REACH_BESIDE;
  });
  return hit ?? null;
}

/** `chart.extra.alarms` and `limits`, in `alarmColours`; `options.onAlarm(id)` is told of a click on one. */
export const alarmBands = {
  id: "alarmBands",
  beforeDatasetsDraw(chart) {
    const { alarms = [], alarmColours } = chart.extra ?? {};
    if (alarms.length === 0) return;
    chart.ctx.save();
    for (const band of alarms) drawBand(chart, band, alarmColours[band.severity]);
    chart.ctx.restore();
  },
  afterDatasetsDraw(chart) {
    const { limits = [], alarmColours, heat } = chart.extra ?? {};
    if (limits.length === 0 || heat) return;
    chart.ctx.save();
    for (const limit of limits) drawLimit(chart, limit, alarmColours[limit.severity]);
    chart.ctx.restore();
  },
  afterEvent(chart, { event }, options) {
    if ((chart.extra?.alarms ?? []).length === 0 || !options.onAlarm) return;
    if (event.type !== "click" && event.type !== "mousemove") return;
    const hit = alarmAt(chart, event);
    if (event.type === "click" && hit !== null) options.onAlarm(hit.id);
    const cursor = hit === null ? "" : "pointer";
    if (chart.canvas.style.cursor === cursor) return;
    chart.canvas.style.cursor = cursor;
    chart.canvas.title = hit?.label ?? "";
  },
};
