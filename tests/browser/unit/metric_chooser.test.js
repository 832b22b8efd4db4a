import assert from "node:assert/strict";
import { test } from "node:test";
import { combination, combine } from "../../../web/compare/metric_chooser.js";

const series = (instance, average) => ({ metric: "m", instance, average });

test("rates and sizes add up, shares do not", () => {
  assert.equal(combination("bytes_per_second"), "sum");
  assert.equal(combination("percent"), "highest");
});

test("one line of several instances: their sum without the loopback, or the highest; a time without values has none", () => {
  const three = [series("eth0", [1, null, null]), series("eth1", [2, 5, null]), series("lo", [100, 100, 100])];
  assert.deepEqual(combine(three, "", "sum"), [3, 5, null]);
  assert.deepEqual(combine(three, "", "highest"), [100, 100, 100]);
  assert.deepEqual(combine(three, "eth0", "sum"), [1, null, null]);
  assert.equal(combine(three, "eth9", "sum"), null);
  assert.equal(combine([], "", "sum"), null);
  assert.deepEqual(combine([series("", [7])], "", "sum"), [7]);
});
