import assert from "node:assert/strict";
import { test } from "node:test";
import { badness, countStatuses, describeCount, filterHosts, sortHosts } from "../../../web/overview/host_order.js";
import { lastSeen, standingOf } from "../../../web/parts/status.js";

const NOW = 1_790_000_000;
const DAY = 86_400;
const heard = (age, more = {}) => ({ hostname: "web-1", status: "up", interval: 10, last_seen: NOW - age, ...more });
const told = (host) => lastSeen({ ...host, standing: standingOf(host, NOW) }, NOW);

test("a host whose readings arrive is up while they are new, and late where they are old", () => {
  assert.equal(standingOf(heard(0), NOW), "up");
  assert.equal(standingOf(heard(30), NOW), "up");
  assert.equal(standingOf(heard(31), NOW), "late");
  assert.equal(standingOf(heard(170, { interval: 60 }), NOW), "up", "by its own interval");
  assert.equal(standingOf(heard(33 * DAY, { interval: 60 }), NOW), "late");
  assert.equal(
    standingOf(heard(33 * DAY, { interval: 40 * DAY }), NOW),
    "late",
    "the interval of one that was away counts as a day at most",
  );
  assert.equal(standingOf(heard(33 * DAY, { status: "down" }), NOW), "down", "and is down where nothing arrives");
});

test("a clock that goes wrong makes no reading old", () => {
  assert.equal(
    standingOf(heard(3700, { clock_skew: -3700 }), NOW),
    "up",
    "stamped by the host's own clock, which is behind",
  );
  assert.equal(standingOf(heard(5, { clock_skew: 3700 }), NOW), "up", "stamped by the server's clock");
  assert.equal(standingOf(heard(DAY, { clock_skew: -42 }), NOW), "late");
  assert.equal(told(heard(100, { clock_skew: -100 })).ago, "just now");
});

test("nothing is up and was last seen long ago: what is old is called so", () => {
  for (const age of [0, 20, 31, 3600, 33 * DAY]) {
    const host = heard(age);
    const { sentence, ago } = told(host);
    if (standingOf(host, NOW) === "up") assert.match(sentence, /^Last seen (just now|\d+ s ago)$/);
    else assert.match(`${sentence}, ${ago}`, /^Its newest reading is .* old, .* old$/);
  }
  assert.equal(told(heard(33 * DAY)).ago, "33 d old");
  assert.match(told(heard(33 * DAY)).title, /^Old readings arrive from it: the newest is of /);
  assert.equal(told(heard(33 * DAY, { status: "down" })).sentence, "Last seen 33 d ago");
});

test("late hosts are counted, and stand before those that are well", () => {
  const hosts = [
    heard(0, { hostname: "a" }),
    heard(DAY, { hostname: "b" }),
    heard(DAY, { hostname: "c", status: "down" }),
  ].map((host) => ({ ...host, standing: standingOf(host, NOW) }));
  assert.equal(describeCount(hosts), "1 up, 1 down, 1 late");
  assert.deepEqual(
    sortHosts(hosts, "").map(({ hostname }) => hostname),
    ["c", "b", "a"],
  );
  assert.ok(badness(hosts[1]) < badness(hosts[0]));
});

test("each host is counted as up, late or down, once, and found by it; a warning is beside that", () => {
  const hosts = [
    ...Array(13).fill(heard(DAY)),
    ...Array(17).fill(heard(DAY, { status: "down" })),
    heard(0),
    heard(0, { clock_skew: 42 }),
  ].map((host) => ({ ...host, standing: standingOf(host, NOW) }));
  assert.equal(describeCount(hosts.slice(0, 30)), "0 up, 17 down, 13 late");
  assert.equal(describeCount(hosts), "2 up, 17 down, 13 late, 1 with a warning");
  const counts = countStatuses(hosts);
  assert.equal(counts.up + counts.late + counts.down, hosts.length);
  for (const [status, count] of Object.entries(counts)) {
    assert.equal(filterHosts(hosts, { status }).length, count, status);
  }
});
