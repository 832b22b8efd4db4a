import assert from "node:assert/strict";
import { test } from "node:test";
import { describeChanges, statusChanges } from "../../../web/page/notifications.js";

const host = (hostname, status) => ({ hostname, status });

test("hosts that went down or came back are news, hosts that were down already or are new are not", () => {
  const before = new Map([
    ["a", "up"],
    ["b", "down"],
    ["c", "down"],
    ["gone", "up"],
  ]);
  assert.deepEqual(
    statusChanges(before, [host("a", "down"), host("b", "up"), host("c", "down"), host("new", "down")]),
    { down: ["a"], up: ["b"] },
  );
  assert.deepEqual(statusChanges(new Map(), [host("a", "down")]), { down: [], up: [] });
});

test("many hosts at once are told in one sentence", () => {
  assert.deepEqual(describeChanges({ down: ["web-1"], up: [] }), ["web-1 is down"]);
  assert.deepEqual(describeChanges({ down: ["a", "b", "c", "d", "e"], up: ["f"] }), [
    "5 hosts are down: a, b, c and 2 more",
    "f is up again",
  ]);
  assert.deepEqual(describeChanges({ down: [], up: [] }), []);
});
