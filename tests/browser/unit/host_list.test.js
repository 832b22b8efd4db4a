/** The page's list of hosts, out of the server's answers of what has changed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { HostList } from "../../../web/page/host_list.js";

const NOW = 1_763_884_800;

/** @param {string} hostname @param {object} [more] */
function entry(hostname, more = {}) {
  const latest = { hostname, timestamp: NOW - 5, cpu: 1, ram: 2, disk: 3, metrics: { load1: 0.5 } };
  return { hostname, status: "up", last_seen: NOW - 5, interval: 10, latest, facts: { os: "Debian" }, ...more };
}

/** @param {object} [more] */
function changes(more = {}) {
  return { now: NOW, since: "7-2", complete: false, hosts: [], values: [], deleted: [], count: 2, ...more };
}

/** A list that was told of everything. @param {...any} hosts */
function listOf(...hosts) {
  const list = new HostList();
  list.take({ now: NOW, since: "7-1", complete: true, hosts, values: [], deleted: [], count: hosts.length });
  return list;
}

const namesOf = (list) => list.hosts.map(({ hostname }) => hostname);
const hostOf = (list, name) => list.hosts.find(({ hostname }) => hostname === name);

test("a complete answer is the list, and says what to ask with next", () => {
  const list = new HostList();
  assert.equal(list.since, "", "at first everything is asked for");
  list.take({ now: NOW, since: "7-1", complete: true, hosts: [entry("a"), entry("b")], count: 2 });
  assert.deepEqual(namesOf(list), ["a", "b"]);
  assert.equal(list.since, "7-1");
  assert.equal(hostOf(list, "a").standing, "up");
});

test("rows of values make a host's reading, by metrics and their instances", () => {
  const list = listOf(entry("a"), entry("b"));
  const metrics = ["load1", ["cpu_core_percent", ["0", "1", "10", "2"]]];
  list.take(changes({ values: [{ metrics, rows: [["a", NOW, 10, 20, 30, 0.25, 1, 2, 3, 4]] }] }));
  const host = hostOf(list, "a");
  assert.equal(host.last_seen, NOW);
  assert.deepEqual(host.latest, {
    hostname: "a",
    timestamp: NOW,
    cpu: 10,
    ram: 20,
    disk: 30,
    metrics: { load1: 0.25, cpu_core_percent: { 0: 1, 1: 2, 10: 3, 2: 4 } },
  });
  assert.deepEqual(host.facts, { os: "Debian" }, "what was not told stays");
  assert.equal(list.since, "7-2");
});

test("a metric or an instance may have a name that objects know otherwise", () => {
  const list = listOf(entry("a"), entry("b"));
  const metrics = ["__proto__", "constructor", ["queue_length", ["__proto__", "toString"]], ["hasOwnProperty", ["x"]]];
  list.take(changes({ values: [{ metrics, rows: [["a", NOW, 10, 20, 30, 1, 2, 3, 4, 5]] }] }));
  assert.equal(
    JSON.stringify(hostOf(list, "a").latest.metrics),
    '{"__proto__":1,"constructor":2,"queue_length":{"__proto__":3,"toString":4},"hasOwnProperty":{"x":5}}',
  );
  list.take(changes({ values: [{ metrics: [["__proto__", ["x"]]], rows: [["a", NOW, 10, 20, 30, 1]] }] }));
  assert.equal(JSON.stringify(hostOf(list, "a").latest.metrics), '{"__proto__":{"x":1}}');
});

test("a row that has fewer metrics than the reading before leaves none of those behind", () => {
  const list = listOf(entry("a"), entry("b"));
  list.take(changes({ values: [{ metrics: [], rows: [["a", NOW, 10, 20, 30]] }] }));
  assert.deepEqual(hostOf(list, "a").latest.metrics, {});
});

test("an entry takes the place of the one before, with nothing of it left", () => {
  const list = listOf(entry("a", { conflict: "two agents" }), entry("b"));
  list.take(changes({ hosts: [entry("a", { status: "down" })] }));
  assert.deepEqual(namesOf(list), ["a", "b"]);
  assert.equal(hostOf(list, "a").conflict, undefined);
  assert.equal(hostOf(list, "a").standing, "down");
});

test("new hosts stand among the others by name; deleted ones are gone", () => {
  const list = listOf(entry("a"), entry("c"));
  list.take(changes({ hosts: [entry("b")], deleted: ["a"] }));
  assert.deepEqual(namesOf(list), ["b", "c"]);
});

test("a host becomes late though nothing was told of it", () => {
  const list = listOf(entry("a"), entry("b"));
  const before = hostOf(list, "a").revision;
  list.take(changes({ now: NOW + 60 }));
  assert.equal(hostOf(list, "a").standing, "late");
  assert.notEqual(hostOf(list, "a").revision, before, "its row is to be written anew");
});

test("the revisions of hosts of which nothing is new stay", () => {
  const list = listOf(entry("a"), entry("b"));
  const before = list.hosts.map(({ revision }) => revision);
  list.take(changes({ values: [{ metrics: [], rows: [["a", NOW, 10, 20, 30]] }] }));
  assert.notEqual(hostOf(list, "a").revision, before[0]);
  assert.equal(hostOf(list, "b").revision, before[1]);
});

test("a complete answer after a restart of the server replaces what was known", () => {
  const list = listOf(entry("a"), entry("b"));
  list.take({ now: NOW, since: "9-1", complete: true, hosts: [entry("b")], count: 1 });
  assert.deepEqual(namesOf(list), ["b"]);
  assert.equal(list.since, "9-1");
});

test("where the server counts other hosts than are known, everything is asked for", () => {
  const list = listOf(entry("a"), entry("b"));
  list.take(changes({ count: 3 }));
  assert.equal(list.since, "");
});

test("values of a host that was never told of are passed over, and everything is asked for", () => {
  const list = listOf(entry("a"), entry("b"));
  list.take(changes({ values: [{ metrics: [], rows: [["z", NOW, 1, 2, 3]] }], count: 3 }));
  assert.deepEqual(namesOf(list), ["a", "b"]);
  assert.equal(list.since, "");
});

test("forgotten, nothing is known", () => {
  const list = listOf(entry("a"));
  list.forget();
  assert.deepEqual(list.hosts, []);
  assert.equal(list.since, "");
});

test("names of metrics and instances are never more than names", () => {
  const list = listOf(entry("a"), entry("b"));
  const metrics = ["__proto__", ["constructor", ["__proto__", "eth0"]]];
  list.take(changes({ values: [{ metrics, rows: [["a", NOW, 1, 2, 3, 4, 5, 6]] }] }));
  assert.equal(hostOf(list, "a").latest.metrics.constructor.eth0, 6);
  assert.equal(/** @type {any} */ ({}).eth0, undefined);
});
