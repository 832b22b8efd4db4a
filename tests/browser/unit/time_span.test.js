import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat } from "../../../web/parts/format.js";
import { parseHash } from "../../../web/page/state.js";
import { fromField, toField } from "../../../web/time/time_bar.js";
import { timeMarks } from "../../../web/charts/time_marks.js";
import { findSpan, SHORTEST_SPAN_SECONDS, toggleLive, zoomTo } from "../../../web/time/time_span.js";

const CATALOGUE = {
  timeframes: [
    { name: "1h", label: "1 hour", seconds: 3600 },
    { name: "24h", label: "24 hours", seconds: 86_400 },
  ],
  default_timeframe: "1h",
};
const spanOf = (hash) => findSpan(CATALOGUE, parseHash(hash));

test("a span is what is magnified, else the fixed range, else the preset, else the server's default", () => {
  assert.deepEqual(spanOf("#/host/a?timeframe=24h&from=100&to=200&zoom=120-130").range, { from: 120, to: 130 });
  assert.deepEqual(spanOf("#/host/a?timeframe=24h&from=100&to=200").range, { from: 100, to: 200 });
  assert.equal(spanOf("#/host/a?timeframe=24h").timeframe.name, "24h");
  assert.equal(spanOf("#/host/a?timeframe=99y").timeframe.name, "1h");
});

test("a drag in either direction is whole seconds and never too short", () => {
  assert.deepEqual(zoomTo(100.4, 200.2), { from: 100, to: 201 });
  assert.deepEqual(zoomTo(200.2, 100.4), { from: 100, to: 201 });
  const short = zoomTo(500, 500.5);
  assert.equal(short.to - short.from, SHORTEST_SPAN_SECONDS);
  assert.ok(short.from <= 500 && short.to >= 501);
});

test("a field of date and time comes back, in either zone", () => {
  for (const utc of [false, true]) assert.equal(fromField(toField(1_763_884_801, utc), utc), 1_763_884_801);
  assert.equal(toField(1_763_884_801, true), "2025-11-23T08:00:01");
  assert.ok(Number.isNaN(fromField("", true)));
});

test("times are told in UTC when asked for", () => {
  const format = createFormat({ locale: "en-GB", timeZone: "Asia/Tokyo" });
  assert.equal(format.formatClock(1_763_884_801), "17:00:01");
  format.useUtc(true);
  assert.equal(format.formatClock(1_763_884_801), "08:00:01");
  assert.match(format.formatRange(1_763_884_800, 1_763_888_400), /^23 Nov.*08:00.*09:00$/);
  format.useUtc(false);
  assert.equal(format.formatClock(1_763_884_801), "17:00:01");
});

test("marks of UTC are round in UTC, whatever the viewer's zone", () => {
  const from = 1_763_884_801;
  assert.ok(timeMarks(from, from + 86_400, 4, true).every((mark) => mark % 21_600 === 0));
  assert.ok(timeMarks(from, from + 7 * 86_400, 8, true).every((mark) => mark % 86_400 === 0));
  assert.ok(
    timeMarks(from, from + 365 * 86_400, 6, true).every(
      (mark) => new Date(mark * 1000).getUTCDate() === 1 && mark % 86_400 === 0,
    ),
  );
  assert.deepEqual(
    timeMarks(from, from + 20, 4, true),
    [5, 10, 15, 20].map((second) => from - 1 + second),
  );
});

test("live is stopped at what is shown now, and goes on where anything else was shown", () => {
  const live = parseHash("#/host/a?timeframe=24h");
  const stopped = toggleLive(CATALOGUE, live, 100_000.7);
  assert.deepEqual(stopped.range, { from: 13_600, to: 100_000 });
  assert.equal(stopped.timeframe, "24h");
  assert.deepEqual(toggleLive(CATALOGUE, stopped, 200_000), live);
  assert.deepEqual(toggleLive(CATALOGUE, parseHash("#/host/a?timeframe=24h&zoom=120-130"), 200_000), live);
});
