import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName, tableOf, toCsv } from "../../../web/charts/chart_values.js";
import { badness, filterHosts, sortHosts } from "../../../web/overview/host_order.js";
import { titleOf } from "../../../web/page/page_title.js";
import { awayTimes, valueNear } from "../../../web/history/series.js";
import { sparklinePath } from "../../../web/overview/sparkline.js";

const point = (time, y) => ({ x: time * 1000, y });

test("a chart's table has a row a time and a column a line, with the extremes where they are drawn", () => {
  const lines = [
    { label: "a", points: [point(10, 1), point(20, 2)], band: false },
    { label: "", points: [{ ...point(20, 3), low: 2.5, high: 4 }, point(25, null)], band: true },
  ];
  assert.deepEqual(tableOf(lines, "CPU", { from: 0, to: 100 }), {
    columns: ["a", "CPU", "CPU, lowest", "CPU, highest"],
    rows: [
      { time: 10, values: [1, null, null, null] },
      { time: 20, values: [2, 3, 2.5, 4] },
    ],
  });
  assert.equal(tableOf(lines, "CPU", { from: 15, to: 100 }).rows.length, 1, "of the times that are shown alone");
});

test("CSV keeps commas and quotation marks, and disarms formulas", () => {
  assert.equal(
    toCsv({ columns: ["a,b", '=1+"1"'], rows: [{ time: 0, values: [1.5, null] }] }),
    'time,"a,b","\'=1+""1"""\r\n1970-01-01T00:00:00.000Z,1.5,\r\n',
  );
});

test("a file's name holds nothing that a file system could take amiss", () => {
  assert.equal(fileName(["CPU", "../../etc/passwd over 1 h"], "csv"), "CPU_etc-passwd-over-1-h.csv");
  assert.equal(fileName(["<>", "//"], "png"), "hostwatch.png");
});

test("a host is away between readings too far apart and at the ends, but not before it was first seen", () => {
  assert.deepEqual(awayTimes([100, 110, 200], 30, { from: 90, to: 210 }, 0), [{ from: 110, to: 200 }]);
  assert.deepEqual(awayTimes([100], 30, { from: 0, to: 200 }, 0), [
    { from: 0, to: 100 },
    { from: 100, to: 200 },
  ]);
  assert.deepEqual(awayTimes([100], 30, { from: 0, to: 110 }, 100), []);
  assert.deepEqual(awayTimes([], 30, { from: 10, to: 110 }, 0), [{ from: 9, to: 110 }]);
});

test("the value at a time is the nearest one within reach", () => {
  const points = [point(10, 1), point(20, 2), point(30, null), point(40, 4)];
  assert.equal(valueNear(points, 14, 10), 1);
  assert.equal(valueNear(points, 16, 10), 2);
  assert.equal(valueNear(points, 31, 5), null);
  assert.equal(valueNear([], 31, 5), null);
});

const host = (hostname, cpu, more = {}) => ({
  hostname,
  status: "up",
  last_seen: 0,
  latest: { cpu, ram: 0, disk: 0 },
  ...more,
});

test("worst first: down, warned, nearly full, high, the rest by name", () => {
  const hosts = [
    host("b", 1),
    host("a", 2),
    host("high", 85),
    host("full", 97),
    host("skewed", 0, { clock_skew: 42 }),
    host("gone", 0, { status: "down" }),
  ];
  assert.deepEqual(
    sortHosts(hosts, "").map(({ hostname }) => hostname),
    ["gone", "skewed", "full", "high", "a", "b"],
  );
  assert.equal(badness({ hostname: "x", status: "up" }), 4);
});

test("sorted by a column, hosts without a value are last either way; a column that is none sorts worst first", () => {
  const hosts = [host("none", undefined), host("low", 1), host("high", 9)];
  assert.deepEqual(
    sortHosts(hosts, "cpu").map(({ hostname }) => hostname),
    ["low", "high", "none"],
  );
  assert.deepEqual(
    sortHosts(hosts, "-cpu").map(({ hostname }) => hostname),
    ["high", "low", "none"],
  );
  for (const none of ["__proto__", "constructor", "nothing"]) assert.equal(sortHosts(hosts, none).length, 3);
});

test("every word of a search has to be found; warned hosts are up", () => {
  const hosts = [
    host("web-1", 1, { facts: { os: "Debian" } }),
    host("web-2", 1, { clock_skew: 60 }),
    host("db", 1, { status: "down" }),
  ];
  assert.deepEqual(
    filterHosts(hosts, { search: " deb WEB " }).map(({ hostname }) => hostname),
    ["web-1"],
  );
  assert.equal(filterHosts(hosts, { status: "up" }).length, 2);
  assert.equal(filterHosts(hosts, { status: "warned" }).length, 1);
});

test("the tab's title tells of what is down", () => {
  assert.equal(titleOf("Overview", 0), "Overview · Hostwatch");
  assert.equal(titleOf("web-1", 2), "(2 down) web-1 · Hostwatch");
});

test("a sparkline breaks where there is a gap", () => {
  assert.equal(sparklinePath([6400, 6430, 9000], [0, 100, 50], 10_000, 60), "M0.0 23.0L0.8 1.0M72.2 12.0");
});
