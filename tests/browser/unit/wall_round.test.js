import assert from "node:assert/strict";
import { test } from "node:test";
import { planRound } from "../../../web/wall/wall_round.js";

const START = { troubled: "", well: "" };
const hosts = (count, name, more = {}) =>
  Array.from({ length: count }, (_, index) => ({ hostname: `${name}-${index + 1}`, status: "up", ...more }));

test("what is down comes first, then what has a warning, then the others, each by name", () => {
  const all = [
    ...hosts(2, "web"),
    { hostname: "a-warned", status: "up", clock_skew: 42 },
    { hostname: "z-down", status: "down" },
    { hostname: "web-10", status: "up" },
  ];
  assert.deepEqual(planRound(all, START).names, ["z-down", "a-warned", "web-1", "web-2", "web-10"]);
});

test("of many hosts each round shows those that follow, until all had their turn and it begins anew", () => {
  const all = hosts(5, "web");
  const first = planRound(all, START, 2);
  const second = planRound(all, first.after, 2);
  const third = planRound(all, second.after, 2);
  assert.deepEqual(
    [first.names, second.names, third.names],
    [
      ["web-1", "web-2"],
      ["web-3", "web-4"],
      ["web-5", "web-1"],
    ],
  );
});

test("hosts that are down are in every round, and take no more than half of it from the others", () => {
  const few = [...hosts(1, "down", { status: "down" }), ...hosts(5, "web")];
  const first = planRound(few, START, 3);
  assert.deepEqual(
    [first.names, planRound(few, first.after, 3).names],
    [
      ["down-1", "web-1", "web-2"],
      ["down-1", "web-3", "web-4"],
    ],
  );
  const many = [...hosts(5, "down", { status: "down" }), ...hosts(5, "web")];
  const round = planRound(many, START, 4);
  assert.deepEqual(
    [round.names, planRound(many, round.after, 4).names],
    [
      ["down-1", "down-2", "web-1", "web-2"],
      ["down-3", "down-4", "web-3", "web-4"],
    ],
  );
  assert.deepEqual(
    planRound(hosts(5, "down", { status: "down" }), START, 4).names.length,
    4,
    "where all are down they take it all",
  );
});

test("a round of no hosts is empty, and one goes on after a host that is gone", () => {
  assert.deepEqual(planRound([], START).names, []);
  assert.deepEqual(planRound(hosts(3, "web"), { troubled: "", well: "web-1a" }, 2).names, ["web-2", "web-3"]);
});
