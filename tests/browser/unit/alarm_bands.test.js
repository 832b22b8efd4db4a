/** Alarms as bands in charts: where they stand, what they cost, and where a click leads. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { alarmBands } from "../../../web/charts/alarm_bands.js";
import { describeBands } from "../../../web/charts/chart_words.js";
import { bandOf, isOfChart } from "../../../web/host/host_alarms.js";

const AREA = { left: 50, right: 250, top: 10, bottom: 110, width: 200, height: 100 };
const COLOURS = { critical: "#c02a2a", warning: "#a86800", info: "#6b7686" };

/** A chart of the seconds from 0 to 200 that notes what is drawn. */
function chartOf(extra) {
  const drawn = [];
  const note =
    (name) =>
    (...given) =>
      drawn.push([name, ...given]);
  const ctx = Object.fromEntries(
    ["save", "restore", "fillRect", "strokeRect", "beginPath", "moveTo", "lineTo", "stroke", "setLineDash"].map(
      (name) => [name, note(name)],
    ),
  );
  return {
    drawn,
    chart: /** @type {any} */ ({
      ctx,
      chartArea: AREA,
      scales: { x: { getPixelForValue: (time) => 50 + time / 1000 }, y: { getPixelForValue: (value) => 110 - value } },
      canvas: { style: { cursor: "" }, title: "" },
      extra: { alarmColours: COLOURS, alarms: [], limits: [], heat: null, ...extra },
    }),
  };
}
const band = (id, from, to, more = {}) => ({
  id,
  severity: "critical",
  from,
  to,
  late: false,
  label: `alarm ${id}`,
  ...more,
});
const click = (chart, x, y, type = "click") => {
  const told = [];
  alarmBands.afterEvent(chart, /** @type {any} */ ({ event: { type, x, y } }), { onAlarm: (id) => told.push(id) });
  return told;
};

test("without alarms and limits nothing is drawn or reckoned", () => {
  const { chart, drawn } = chartOf({});
  alarmBands.beforeDatasetsDraw(chart);
  alarmBands.afterDatasetsDraw(chart);
  assert.deepEqual(drawn, []);
  assert.deepEqual(click(chart, 100, 6), []);
});

test("a band goes from fired to ended, with a bar above it; one that lies elsewhere is not drawn", () => {
  const { chart, drawn } = chartOf({ alarms: [band(1, 20, 60), band(2, 500, 600), band(3, -100, 10)] });
  alarmBands.beforeDatasetsDraw(chart);
  const rects = drawn.filter(([name]) => name === "fillRect");
  assert.deepEqual(rects, [
    ["fillRect", 70, 10, 40, 100],
    ["fillRect", 70, 5, 40, 4],
    ["fillRect", 50, 10, 10, 100],
    ["fillRect", 50, 5, 10, 4],
  ]);
});

test("one that came late has a dashed border", () => {
  const { chart, drawn } = chartOf({ alarms: [band(1, 20, 60, { late: true })] });
  alarmBands.beforeDatasetsDraw(chart);
  assert.ok(drawn.some(([name, dash]) => name === "setLineDash" && dash.length === 2));
  assert.equal(drawn.filter(([name]) => name === "strokeRect").length, 1);
});

test("one of a second can still be seen", () => {
  const { chart, drawn } = chartOf({ alarms: [band(1, 20, 20)] });
  alarmBands.beforeDatasetsDraw(chart);
  assert.equal(drawn.find(([name]) => name === "fillRect")[3], 3);
});

test("limits are lines across the chart, where they lie in it", () => {
  const { chart, drawn } = chartOf({
    limits: [
      { severity: "critical", value: 90 },
      { severity: "warning", value: 900 },
    ],
  });
  alarmBands.afterDatasetsDraw(chart);
  assert.deepEqual(
    drawn.filter(([name]) => name === "moveTo"),
    [["moveTo", 50, 20.5]],
  );
});

test("a click on the bar leads to the alarm, the upper one's; a click in the chart does not", () => {
  const { chart } = chartOf({ alarms: [band(1, 20, 100), band(2, 50, 60)] });
  assert.deepEqual(click(chart, 80, 7), [1]);
  assert.deepEqual(click(chart, 105, 7), [2]);
  assert.deepEqual(click(chart, 80, 60), [], "it may be the first of a double click");
  assert.deepEqual(click(chart, 200, 7), []);
  click(chart, 80, 7, "mousemove");
  assert.equal(chart.canvas.style.cursor, "pointer");
  assert.equal(chart.canvas.title, "alarm 1");
  click(chart, 80, 60, "mousemove");
  assert.equal(chart.canvas.style.cursor, "");
});

/** @type {any} */
const ALARM = {
  id: 7,
  name: "Disk",
  instance: "/",
  severity: "warning",
  highest: "critical",
  fired: 1000,
  ended: null,
  late: false,
  metric: "filesystem_used_percent",
};

test("a band is as grave as its alarm ever was, and one that is open goes on until now", () => {
  const { label, ...made } = bandOf(ALARM, 2000);
  assert.deepEqual(made, { id: 7, severity: "critical", from: 1000, to: 2000, late: false });
  assert.match(label, /^Disk \/, critical, from /);
  assert.equal(bandOf({ ...ALARM, ended: 1500 }, 2000).to, 1500);
});

test("a band stands in the charts of its metric and instance; what no chart shows stands in the first ones", () => {
  const lines = [{ metric: "filesystem_used_percent", instance: "/" }];
  assert.ok(isOfChart(ALARM, lines, false));
  assert.ok(!isOfChart({ ...ALARM, instance: "/home" }, lines, true));
  assert.ok(!isOfChart({ ...ALARM, metric: "cpu", instance: "" }, lines, true));
  assert.ok(isOfChart({ ...ALARM, metric: "host_silent", instance: "" }, lines, true));
  assert.ok(!isOfChart({ ...ALARM, metric: "host_silent", instance: "" }, lines, false));
});

test("who does not see a chart is told of its alarms", () => {
  assert.equal(describeBands([]), "");
  assert.equal(describeBands([band(1, 0, 1)]), "Alarms: alarm 1.");
  assert.equal(
    describeBands([1, 2, 3, 4, 5].map((id) => band(id, 0, 1))),
    "Alarms: alarm 3; alarm 4; alarm 5; and 2 more.",
  );
});
