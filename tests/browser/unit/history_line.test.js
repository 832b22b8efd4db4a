import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat } from "../../../web/parts/format.js";
import { historySentences } from "../../../web/page/history_line.js";

const format = createFormat({ locale: "en-GB", timeZone: "UTC" });
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const KNOWN = {
  bytes: 1.5 * GIB,
  used_bytes: 1.5 * GIB,
  limit_bytes: null,
  bytes_per_day: 14 * MIB,
  oldest: Date.UTC(2025, 10, 3) / 1000,
  oldest_reading: Date.UTC(2026, 9, 24) / 1000,
  damaged_chunks: 0,
};
const say = (more) => historySentences({ ...KNOWN, ...more }, format).join(" ");

test("size, reach and growth are told in plain words", () => {
  assert.equal(
    say({}),
    "History: 1.5 GiB, since 3 Nov 2025. Single readings since 24 Oct 2026, averages before. Grows by about 14 MiB a day.",
  );
});

test("with a limit, when it will be reached", () => {
  assert.match(
    say({ limit_bytes: 3 * GIB }),
    /Grows by about 14 MiB a day, and reaches its limit of 3 GiB in about 4 months\.$/,
  );
  assert.match(say({ limit_bytes: 1.5 * GIB + 28 * MIB }), /in about 2 days\.$|At its limit/);
  assert.match(
    say({ limit_bytes: 1.5 * GIB }),
    /At its limit of 1.5 GiB, where the oldest makes room for the newest\.$/,
  );
  assert.match(say({ limit_bytes: 100 * GIB }), /in about 20 years\.$/);
});

test("with a limit, what is told is what counts towards it", () => {
  assert.match(
    say({ bytes: 8 * MIB, used_bytes: 2 * MIB, limit_bytes: 3 * MIB, bytes_per_day: null }),
    /^History: 2 MiB, .*It may take 3 MiB\.$/,
  );
  assert.match(say({ bytes: 8 * MIB, used_bytes: 2 * MIB, bytes_per_day: null }), /^History: 8 MiB, /);
});

test("what is not known is not spoken of", () => {
  const young = {
    bytes: 80 * 1024,
    used_bytes: 80 * 1024,
    limit_bytes: null,
    bytes_per_day: null,
    oldest: null,
    oldest_reading: null,
    damaged_chunks: 0,
  };
  assert.equal(historySentences(young, format).join(" "), "History: 80 KiB.");
  assert.equal(say({ bytes_per_day: null, limit_bytes: 3 * GIB }).endsWith("It may take 3 GiB."), true);
  for (const nothing of [undefined, null, {}, { bytes: null }]) assert.deepEqual(historySentences(nothing, format), []);
  assert.doesNotMatch(
    say({ bytes_per_day: 0 }) + say({ bytes_per_day: -5, limit_bytes: 9 * GIB }),
    /NaN|Infinity|null|undefined/,
  );
});

test("readings and history that begin together are told once", () => {
  assert.equal(
    say({ oldest_reading: KNOWN.oldest }),
    "History: 1.5 GiB, since 3 Nov 2025. Grows by about 14 MiB a day.",
  );
});

test("that the names of series run out is told from four fifths on", () => {
  assert.doesNotMatch(say({ series: 159_999, series_limit: 200_000 }), /names of series/);
  assert.match(
    say({ series: 160_000, series_limit: 200_000 }),
    / 160\s?k of at most 200\s?k names of series are in use: beyond that new disks, interfaces and values of hosts are left out\.$/,
  );
  assert.doesNotMatch(say({ series: 160_000, series_limit: null }), /names of series/);
});

test("damage is told, with what to do", () => {
  assert.match(
    say({ damaged_chunks: 1 }),
    / A part of it cannot be read and is left out: run hostwatch-server check\.$/,
  );
  assert.match(say({ damaged_chunks: 3 }), / 3 parts of it cannot be read and are left out: /);
});
