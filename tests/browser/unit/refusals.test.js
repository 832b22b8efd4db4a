import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDetails, describeHelp } from "../../../web/access/refusals.js";

const NOW = 1_763_884_800;
/** @returns {import("../../../web/access/refusals.js").Refusal} */
const refusal = (more = {}) => ({
  address: "10.0.0.7",
  reason: "address",
  where: "POST /write",
  status: 404,
  error: "nothing",
  program: null,
  first: NOW - 600,
  last: NOW - 130,
  count: 3,
  ...more,
});

test("a refusal's details tell which program it looks like, what it asked for, how often, and when last", () => {
  assert.equal(
    describeDetails(refusal({ program: "collectd's write_http" }), NOW),
    "it looks like collectd's write_http; POST /write, 404, 3 times, last 2 min ago",
  );
  assert.equal(describeDetails(refusal({ count: 1, last: NOW }), NOW), "POST /write, 404, once, last just now");
});

test("what would help: a token where that is what is missing, else the form of readings", () => {
  assert.match(describeHelp(refusal({ reason: "access", status: 401 })), /^"Add a host" makes a token/);
  assert.match(describeHelp(refusal({ reason: "access", status: 403 })), /^If it is for its token: /);
  for (const reason of /** @type {const} */ (["address", "form"])) {
    assert.match(describeHelp(refusal({ reason })), /^Readings are JSON posted to \/metrics/);
  }
});
