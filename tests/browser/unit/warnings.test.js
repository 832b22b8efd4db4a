import assert from "node:assert/strict";
import { test } from "node:test";
import { warningsOf } from "../../../web/parts/warnings.js";

const UP = { hostname: "web-1", status: "up" };
const kinds = (host) => warningsOf(host).map(({ kind }) => kind);
const labels = (host) => warningsOf(host).map(({ label }) => label);

test("a host about which nothing is known has no warnings", () => {
  assert.deepEqual(warningsOf(UP), []);
  assert.deepEqual(warningsOf({ ...UP, conflict: "", clock_skew: 0 }), []);
  assert.deepEqual(warningsOf({ ...UP, conflict: null, clock_skew: null }), []);
});

test("a name used twice is told with what the server says of it, as a sentence", () => {
  const [warning] = warningsOf({ ...UP, conflict: "two agents report as 'web-1'; give one another name" });
  assert.equal(warning.kind, "conflict");
  assert.match(warning.advice, /^Two agents report as 'web-1'; give one another name\. /);
});

test("a clock is wrong from more than five seconds on, in either direction", () => {
  for (const skew of [-5, -1, 3, 5]) assert.deepEqual(labels({ ...UP, clock_skew: skew }), [], String(skew));
  assert.deepEqual(labels({ ...UP, clock_skew: 6 }), ["Clock 6 s ahead"]);
  assert.deepEqual(labels({ ...UP, clock_skew: -3700 }), ["Clock 1 h 1 min behind"]);
  assert.equal(warningsOf({ ...UP, clock_skew: 42 })[0].title, "The clock of this host is 42 s ahead");
  assert.match(warningsOf({ ...UP, clock_skew: -240 })[0].advice, /^Its readings stand that far off/);
  assert.match(
    warningsOf({ ...UP, clock_skew: -241 })[0].advice,
    /^Meanwhile its agent stamps readings by the server's clock/,
  );
});

test("the clock of a host that is down is not spoken of, a conflict is", () => {
  assert.deepEqual(kinds({ ...UP, status: "down", clock_skew: 42, conflict: "x" }), ["conflict"]);
});

test("both are told, the conflict first", () => {
  assert.deepEqual(kinds({ ...UP, clock_skew: 42, conflict: "x" }), ["conflict", "clock"]);
});
