import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat, formatAgo, formatDuration } from "../../../web/parts/format.js";

const { formatValue, formatTick, formatDateTime, formatTimeTick, formatClock } = createFormat({
  locale: "en-GB",
  timeZone: "UTC",
});

test("percentages", () => {
  assert.equal(formatValue(12.34, "percent", 1), "12.3%");
  assert.equal(formatValue(0, "percent", 1), "0.0%");
  assert.equal(formatTick(75, "percent"), "75%");
});

test("bytes count in powers of 1024, with three digits that matter", () => {
  assert.equal(formatValue(0, "bytes"), "0 B");
  assert.equal(formatValue(1023, "bytes"), "1,023 B");
  assert.equal(formatValue(1024, "bytes"), "1.00 KiB");
  assert.equal(formatValue(1024 * 1023.99, "bytes"), "1.00 MiB");
  assert.equal(formatValue(1.5 * 2 ** 30, "bytes"), "1.50 GiB");
  assert.equal(formatValue(41.25 * 2 ** 30, "bytes"), "41.3 GiB");
  assert.equal(formatValue(9.999 * 2 ** 20, "bytes"), "10.0 MiB");
  assert.equal(formatValue(2 ** 70, "bytes"), "1,024 EiB");
  assert.equal(formatValue(-2048, "bytes"), "-2.00 KiB");
  assert.equal(formatTick(512 * 2 ** 20, "bytes"), "512 MiB");
  assert.equal(formatTick(1.5 * 2 ** 30, "bytes"), "1.5 GiB");
});

test("rates, counts and times", () => {
  assert.equal(formatValue(1834, "bytes_per_second"), "1.79 KiB/s");
  assert.equal(formatValue(12.34, "per_second", 1), "12.3/s");
  assert.equal(formatValue(1.4, "count", 2), "1.40");
  assert.equal(formatValue(3_123_456, "count", 0), "3.12 M");
  assert.equal(formatTick(20_000, "per_second"), "20 k/s");
  assert.equal(formatValue(1e18, "count", 0), "1 E");
  assert.equal(formatValue(90_061, "seconds"), "1 d 1 h");
  assert.equal(formatTick(0, "bytes_per_second"), "0");
});

test("what no unit can show in a few digits is shown by its power of ten", () => {
  assert.equal(formatValue(1e25, "percent", 2), "1e25%");
  assert.equal(formatValue(1.5e299, "bytes"), "1.5e299 B");
  assert.equal(formatValue(-1.5e299, "bytes_per_second"), "-1.5e299 B/s");
  assert.equal(formatValue(1.8e290, "seconds"), "1.8e290 s");
  assert.equal(formatValue(9.99e300, "count"), "1e301");
  assert.equal(formatTick(2e250, "per_second"), "2e250/s");
  assert.equal(createFormat({ locale: "de" }).formatValue(1.5e299, "bytes"), "1,5e299 B");
});

test("what a unit can show is shown in it, with as many digits as before", () => {
  assert.equal(formatValue(123_456.789, "count", 3), "123,456.8");
  assert.equal(formatValue(12_345.678, "percent", 2), "12,346%");
  assert.equal(formatValue(9999 * 2 ** 60, "bytes"), "9,999 EiB");
  assert.equal(formatValue(9.99e20, "count"), "999 E");
  assert.equal(formatValue(86_400 * 12_345 + 7200, "seconds"), "12345 d");
  assert.equal(formatValue(-90, "seconds"), "-1 min 30 s", "of a value of one's own, which may be below zero");
});

test("no value is longer than a phone has room for, whatever its unit", () => {
  const lengthsOf = (value) =>
    ["percent", "bytes", "bytes_per_second", "per_second", "seconds", "count", "unknown"].flatMap((unit) =>
      [...[0, 1, 2, 3].map((decimals) => formatValue(value, unit, decimals)), formatTick(value, unit)].map((text) => [
        text,
        unit,
        value,
      ]),
    );
  for (let power = -300; power <= 300; power += 1) {
    for (const digits of [1, 1.234567, 4.9996, 8.64, 9.4999, 9.99949, 9.9995, 9.9999999]) {
      for (const sign of power < 300 || digits === 1 ? [1, -1] : []) {
        for (const [text, unit, value] of lengthsOf(sign * Number(`${digits}e${power}`))) {
          assert.ok(text.length <= (unit === "seconds" ? 13 : 12), `${text}: ${value} ${unit}`);
          assert.doesNotMatch(text, /e\+|NaN|undefined|Infinity/);
        }
      }
    }
  }
});

test("what is not a number shows as none", () => {
  for (const value of [undefined, null, NaN, Infinity, "12", {}]) assert.equal(formatValue(value, "percent"), "–");
  assert.equal(formatAgo(undefined), "–");
  assert.equal(formatDuration(NaN), "–");
  assert.equal(formatClock(undefined), "–");
});

test("durations name their two largest units", () => {
  assert.equal(formatDuration(8), "8 s");
  assert.equal(formatDuration(60), "1 min");
  assert.equal(formatDuration(3725), "1 h 2 min");
  assert.equal(formatDuration(86_400 * 400), "400 d");
  assert.equal(formatDuration(-3), "0 s");
});

test("how long ago", () => {
  assert.equal(formatAgo(-20), "just now", "clocks that disagree do not make a future");
  assert.equal(formatAgo(12), "12 s ago");
  assert.equal(formatAgo(200), "3 min ago");
  assert.equal(formatAgo(86_400), "24 h ago");
  assert.equal(formatAgo(86_400 * 3), "3 d ago");
});

test("times are as exact as the points they name", () => {
  const time = Date.UTC(2025, 10, 23, 8, 40, 5) / 1000;
  assert.match(formatDateTime(time, 10), /^Sun,? 23 Nov,? 08:40:05$/);
  assert.match(formatDateTime(time, 300), /^Sun,? 23 Nov,? 08:40$/);
  assert.match(formatDateTime(time, 86_400), /^Sun,? 23 Nov 2025$/);
  assert.equal(formatTimeTick(time, 3600), "08:40");
  assert.equal(formatTimeTick(time, 7 * 86_400), "23 Nov");
  assert.equal(formatTimeTick(time, 365 * 86_400), "Nov 25");
});
