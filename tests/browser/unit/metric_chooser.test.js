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
  assert.deepEqual(combine(three, "", "sum", "interface"), [3, 5, null]);
  assert.deepEqual(combine(three, "", "highest"), [100, 100, 100]);
  assert.deepEqual(combine(three, "eth0", "sum"), [1, null, null]);
  assert.equal(combine(three, "eth9", "sum"), null);
  assert.equal(combine([], "", "sum"), null);
  assert.deepEqual(combine([series("", [7])], "", "sum"), [7]);
});

test("a sum over interfaces or disks counts a byte once, by what the host tells", () => {
  const stacked = [series("bond0", [200]), series("eth0", [110]), series("eth1", [90])];
  assert.deepEqual(combine(stacked, "", "sum", "interface"), [200], "by names, where it tells nothing");
  assert.deepEqual(combine(stacked, "", "sum", "interface", { repeated_interfaces: ["eth0", "eth1"] }), [200]);
  assert.deepEqual(combine(stacked, "", "sum", "interface", { repeated_interfaces: [] }), [400]);
  assert.deepEqual(
    combine([series("sda", [1000]), series("dm-0", [600])], "", "sum", "device", { repeated_disks: ["dm-0"] }),
    [1000],
  );
  assert.deepEqual(combine(stacked, "bond0", "sum", "interface"), [200], "each for itself is told");
  assert.deepEqual(
    combine([series("lo", [1]), series("x", [2])], "", "sum", ""),
    [3],
    "a metric of one's own may have any instances",
  );
});
