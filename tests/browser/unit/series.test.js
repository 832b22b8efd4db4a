import assert from "node:assert/strict";
import { test } from "node:test";
import {
  gapLimit,
  historyFromColumns,
  lonelyPoints,
  lowerBound,
  mergeHistories,
  seriesKey,
  summarize,
  toPoints,
  usualDistance,
} from "../../../web/history/series.js";

const history = (timestamps, values, metric = "cpu", instance = "") =>
  historyFromColumns({
    hostname: "a",
    timestamps,
    series: [{ metric, instance, average: values, minimum: values, maximum: values }],
  });
const cpu = (merged) => merged.series.get(seriesKey("cpu", "")).average;

test("lowerBound finds the first value that is not below the limit", () => {
  assert.equal(lowerBound([], 5), 0);
  assert.equal(lowerBound([10, 20, 30], 20), 1);
  assert.equal(lowerBound([10, 20, 30], 21), 2);
  assert.equal(lowerBound([10, 20, 30], 31), 3);
});

test("new points are appended, and the last bucket is replaced", () => {
  const merged = mergeHistories(history([10, 20, 30], [1, 2, 3]), history([30, 40], [33, 4]), 0);
  assert.deepEqual(merged.timestamps, [10, 20, 30, 40]);
  assert.deepEqual(cpu(merged), [1, 2, 33, 4]);
});

test("points between the kept ones are put where they belong", () => {
  const merged = mergeHistories(history([10, 30, 50], [1, 3, 5]), history([20, 40, 60], [2, 4, 6]), 0);
  assert.deepEqual(merged.timestamps, [10, 20, 30, 40, 50, 60]);
  assert.deepEqual(cpu(merged), [1, 2, 3, 4, 5, 6]);
});

test("points that left the window go, kept and fresh ones alike", () => {
  assert.deepEqual(mergeHistories(history([10, 20, 30], [1, 2, 3]), history([40], [4]), 25).timestamps, [30, 40]);
  assert.deepEqual(mergeHistories(history([10], [1]), history([20, 40], [2, 4]), 25).timestamps, [40]);
  assert.deepEqual(mergeHistories(history([10, 20], [1, 2]), undefined, 15).timestamps, [20]);
});

test("a host without history yet takes what comes", () => {
  const merged = mergeHistories(undefined, history([10], [1]), 0);
  assert.equal(merged.hostname, "a");
  assert.deepEqual(cpu(merged), [1]);
});

test("a series that appears later has no values before, one that ended none after", () => {
  const merged = mergeHistories(history([10, 20], [1, 2]), history([30], [7], "load1"), 0);
  assert.deepEqual(cpu(merged), [1, 2, null]);
  assert.deepEqual(merged.series.get(seriesKey("load1", "")).average, [null, null, 7]);
});

test("a series whose last value left the window is forgotten", () => {
  const merged = mergeHistories(history([10, 20], [1, 2]), history([30], [7], "load1"), 30);
  assert.deepEqual([...merged.series.keys()], [seriesKey("load1", "")]);
});

test("merging leaves what it was given as it was", () => {
  const kept = history([10, 20], [1, 2]);
  mergeHistories(kept, history([20], [9]), 15);
  assert.deepEqual(kept.timestamps, [10, 20]);
  assert.deepEqual(cpu(kept), [1, 2]);
});

test("minimum and maximum follow the average where the server sends none", () => {
  const bare = historyFromColumns({ hostname: "a", timestamps: [10], series: [{ metric: "cpu", average: [1] }] });
  assert.deepEqual(bare.series.get(seriesKey("cpu", "")).maximum, [1]);
});

test("the usual distance is the median, so that a gap does not count", () => {
  assert.equal(usualDistance([]), 0);
  assert.equal(usualDistance([5]), 0);
  assert.equal(usualDistance([0, 10, 20, 500, 510]), 10);
});

test("the gap limit goes by the step, the interval, or what is usual", () => {
  assert.equal(gapLimit(60, 10, []), 180);
  assert.equal(gapLimit(60, 300, []), 900, "a host that reports less often than the step has no gap at every reading");
  assert.equal(gapLimit(0, 10, []), 30);
  assert.equal(gapLimit(0, undefined, [0, 20, 40]), 60);
});

test("a gap in time breaks the line, and so does a missing value", () => {
  assert.deepEqual(toPoints([10, 20, 100], [1, 2, 3], 30), [
    { x: 10_000, y: 1 },
    { x: 20_000, y: 2 },
    { x: 21_000, y: null },
    { x: 100_000, y: 3 },
  ]);
  assert.deepEqual(
    toPoints([10, 20, 30], [1, null, 3], 30).map((point) => point.y),
    [1, null, 3],
  );
  assert.deepEqual(toPoints([10, 40], [1, 2], 30).length, 2, "at the limit there is no gap yet");
  assert.deepEqual(
    toPoints([10, 20], [0, 0], 30).map((point) => point.y),
    [0, 0],
    "zero is a value",
  );
  assert.deepEqual(
    toPoints([10, 20], [5, 6], 30, { minimum: [4, null], maximum: [7, null] }),
    [
      { x: 10_000, y: 5, low: 4, high: 7 },
      { x: 20_000, y: 6, low: 6, high: 6 },
    ],
    "with a band",
  );
});

test("a point without neighbours is marked, as no line would show it", () => {
  assert.deepEqual([...lonelyPoints(toPoints([10], [1], 30))], [0]);
  assert.deepEqual([...lonelyPoints(toPoints([10, 100, 110], [1, 2, 3], 30))], [0]);
  assert.deepEqual([...lonelyPoints(toPoints([10, 20], [null, null], 30))], []);
});

test("a summary ignores what is missing", () => {
  assert.deepEqual(summarize([3, null, 1, 2, null]), { latest: 2, lowest: 1, highest: 3 });
  assert.equal(summarize([null]), null);
});

test("a series without any value is as if it were not there", () => {
  assert.equal(history([], []).series.size, 0);
  assert.equal(history([10], [null]).series.size, 0);
});
