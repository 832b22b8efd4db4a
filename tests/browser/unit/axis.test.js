import assert from "node:assert/strict";
import { test } from "node:test";
import { axisMarks, valueAxis } from "../../../web/charts/axis.js";
import { timeMarks } from "../../../web/charts/time_marks.js";

const GIB = 2 ** 30;

test("axes of bytes have marks at powers of two", () => {
  assert.deepEqual(valueAxis(0, 7.7 * GIB, "bytes", 0), { minimum: 0, maximum: 8 * GIB, step: 2 * GIB });
  assert.deepEqual(axisMarks(valueAxis(0, 3, "bytes", 0)), [0, 1, 2, 3]);
});

test("axes of counts have marks at 1, 2 and 5 times powers of ten, whole ones for whole values", () => {
  assert.deepEqual(axisMarks(valueAxis(0, 2.3, "count", 2)), [0, 1, 2, 3]);
  assert.deepEqual(axisMarks(valueAxis(0, 1, "count", 0)), [0, 1]);
  assert.deepEqual(axisMarks(valueAxis(0, 5200, "per_second", 1)), [0, 2000, 4000, 6000]);
  assert.equal(valueAxis(0, 0.03, "percent", 2).maximum, 0.03);
});

test("axes of times have marks at full minutes, hours and days", () => {
  assert.equal(valueAxis(0, 500_000, "seconds", 0).step, 2 * 86_400);
  assert.equal(valueAxis(0, 3000, "seconds", 0).step, 900);
});

test("an axis of nothing but zero, or of nothing, is still an axis", () => {
  for (const unit of ["percent", "bytes", "bytes_per_second", "per_second", "seconds", "count"]) {
    for (const [lowest, highest] of [
      [0, 0],
      [Infinity, -Infinity],
    ]) {
      const { minimum, maximum, step } = valueAxis(lowest, highest, unit, 0);
      assert.equal(minimum, 0);
      assert.ok(maximum > 0 && step > 0 && maximum / step <= 5, unit);
    }
  }
});

test("the axis holds all values, also negative and huge ones, with few marks", () => {
  for (const unit of ["percent", "bytes", "per_second", "seconds", "count"]) {
    for (const [lowest, highest] of [
      [-40, 85],
      [-3, -1],
      [0, 1e18],
      [0, 1e-6],
      [0, 99.999],
      [12, 4.7e9],
    ]) {
      const axis = valueAxis(lowest, highest, unit, 2);
      assert.ok(axis.minimum <= lowest && axis.maximum >= highest * (1 - 1e-8), `${unit} ${lowest} ${highest}`);
      const marks = axisMarks(axis);
      assert.ok(marks.length >= 2 && marks.length <= 8, `${unit} ${lowest} ${highest}: ${marks}`);
    }
  }
});

test("time marks stand at round local times", () => {
  process.env.TZ = "Europe/Berlin";
  const from = Date.UTC(2025, 10, 23, 8, 26) / 1000;
  const clock = (mark) => new Date(mark * 1000).toTimeString().slice(0, 5);
  assert.deepEqual(timeMarks(from, from + 3600, 4).map(clock), ["09:30", "09:45", "10:00", "10:15"]);
  assert.deepEqual(timeMarks(from, from + 86_400, 4).map(clock), ["12:00", "18:00", "00:00", "06:00"]);
  assert.ok(timeMarks(from, from + 7 * 86_400, 8).every((mark) => clock(mark) === "00:00"));
  assert.ok(timeMarks(from, from + 365 * 86_400, 6).every((mark) => new Date(mark * 1000).getDate() === 1));
});

test("time marks survive the day on which the clocks change", () => {
  process.env.TZ = "Europe/Berlin";
  const from = Date.UTC(2025, 9, 25, 12) / 1000;
  const marks = timeMarks(from, from + 2 * 86_400, 8);
  assert.ok(marks.every((mark, index) => index === 0 || mark > marks[index - 1]));
  assert.equal(new Date(timeMarks(from, from + 7 * 86_400, 8)[3] * 1000).getHours(), 0);
});

test("there are never many more time marks than there is room for", () => {
  for (const span of [60, 900, 3600, 86_400, 604_800, 2_592_000, 31_536_000, 10 * 31_536_000]) {
    for (const most of [0, 2, 5, 10]) {
      assert.ok(timeMarks(1.7e9, 1.7e9 + span, most).length <= most + 2, `${span} ${most}`);
    }
  }
});
