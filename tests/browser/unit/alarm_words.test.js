/** Alarms in words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compareAlarms,
  describeEnd,
  describeEvent,
  describeNow,
  describeTold,
  groupByHost,
  safeLink,
  stateWords,
} from "../../../web/alerts/alarm_words.js";
import { historyRange } from "../../../web/alerts/alarm_filters.js";
import { calmWords, describeOpen, matchesFilters } from "../../../web/alerts/open_words.js";
import { describePending } from "../../../web/alerts/pending_list.js";
import { sparkOf } from "../../../web/alerts/alarm_spark.js";
import { scopesOf } from "../../../web/alerts/silence_form.js";
import { createFormat } from "../../../web/parts/format.js";

const NOW = 1_763_884_800; // 23 Nov 2025, 08:00 UTC
const format = createFormat({ locale: "en-GB", timeZone: "UTC" });

/** @param {any} [more] */
const alarm = (more = {}) => ({
  id: 1,
  rule: "disk-full",
  name: "Disk almost full",
  severity: "warning",
  host: "web-1",
  instance: "/",
  metric: "filesystem_used_percent",
  unit: "percent",
  value: 97.4,
  value_ended: null,
  limit: 97,
  state: "firing",
  started: NOW - 600,
  fired: NOW - 300,
  ended: null,
  end_reason: null,
  late: false,
  flapping: false,
  unknown_since: null,
  silenced: null,
  settling: false,
  acknowledged: null,
  told: [],
  ...more,
});

test("critical stands first, then what is newest; a host stands where its gravest alarm does", () => {
  const alarms = [
    alarm({ id: 1, fired: NOW - 10, host: "a" }),
    alarm({ id: 2, severity: "critical", fired: NOW - 900, host: "z" }),
    alarm({ id: 3, severity: "info", fired: NOW, host: "a" }),
    alarm({ id: 4, fired: NOW - 5, host: "z" }),
  ];
  assert.deepEqual(
    [...alarms].sort(compareAlarms).map(({ id }) => id),
    [2, 4, 1, 3],
  );
  assert.deepEqual(
    groupByHost(alarms).map(({ host, alarms: own }) => [host, own.map(({ id }) => id)]),
    [
      ["z", [2, 4]],
      ["a", [1, 3]],
    ],
  );
});

test("its value and limit, where it has some: that a host is silent is no number", () => {
  assert.equal(describeNow(alarm(), format), "97.4% (limit 97%)");
  assert.equal(describeNow(alarm({ limit: null }), format), "97.4%");
  assert.equal(describeNow(alarm({ metric: "host_silent", value: 1, unit: "count" }), format), "");
  assert.equal(describeNow(alarm({ unit: "count", value: 2, limit: 0.5 }), format), "2 (limit 0.5)");
});

test("what one should know of it is told in words", () => {
  const words = (more) => stateWords(alarm(more), NOW, format).map(({ text }) => text);
  assert.deepEqual(words({}), []);
  assert.deepEqual(words({ unknown_since: NOW - 300 }), [
    "unknown since 07:55: nothing is measured, so it stays as it was",
  ]);
  assert.match(words({ unknown_since: NOW - 86_400 })[0], /^unknown since 22 Nov 2025, 08:00/);
  assert.deepEqual(words({ silenced: { id: 1, until: NOW + 3600 } }), ["silenced until 09:00"]);
  assert.deepEqual(words({ acknowledged: { by: "anna", at: NOW, until: 0, note: "disk is ordered" } }), [
    "acknowledged by anna: disk is ordered",
  ]);
  assert.deepEqual(words({ acknowledged: { by: "anna", at: NOW, until: NOW + 3600, note: "" } }), [
    "acknowledged by anna until 09:00",
  ]);
  assert.deepEqual(
    stateWords(alarm({ state: "clearing", settling: true, late: true, flapping: true }), NOW, format).map(
      ({ kind }) => kind,
    ),
    ["clearing", "settling", "late", "flapping"],
  );
});

test("why it ended: well again has a value as its proof, everything else has a word", () => {
  const ended = { ended: NOW, state: "ended" };
  assert.equal(describeEnd(alarm({ ...ended, end_reason: "cleared", value_ended: 86 }), format), "well again at 86.0%");
  assert.equal(describeEnd(alarm({ ...ended, end_reason: "no longer measured" }), format), "no longer measured");
  assert.equal(describeEnd(alarm(), format), "open");
});

test("who was told; info tells nobody, and that is said", () => {
  assert.equal(describeTold(alarm({ told: ["ops", "mail"] })), "told: ops, mail");
  assert.equal(describeTold(alarm()), "nobody was told");
  assert.match(describeTold(alarm({ severity: "info" })), /for the history alone/);
});

test("what happened; a kind that this page does not know is told as it is", () => {
  assert.equal(describeEvent({ kind: "fired", detail: "" }), "It fired");
  assert.equal(describeEvent({ kind: "told", detail: "mail" }), "Told: mail");
  assert.equal(describeEvent({ kind: "some_thing", detail: "x" }), "Some thing: x");
});

test("only addresses of pages become links", () => {
  assert.equal(safeLink("https://wiki.example/disk"), "https://wiki.example/disk");
  assert.equal(safeLink("http://wiki.example/"), "http://wiki.example/");
  for (const bad of [
    "javascript:alert(1)",
    "data:text/html,x",
    "/relative",
    "",
    "vbscript:x",
    " javascript:alert(1)",
  ]) {
    assert.equal(safeLink(bad), null, bad);
  }
});

test("an empty list says what is watched", () => {
  const rules = (...enabled) => enabled.map((is, id) => /** @type {any} */ ({ rule: { id, enabled: is } }));
  assert.equal(calmWords(rules(true, true, false), 5), "2 rules watch 5 hosts; nothing is wrong.");
  assert.equal(calmWords(rules(undefined), 1), "1 rule watches 1 host; nothing is wrong.");
  assert.equal(calmWords(rules(false), 5), "No rule is enabled: nothing is watched.");
  assert.equal(calmWords([], 5), "Nothing is wrong.", "the rules are not known yet");
});

test("how many are open, and how many of them are shown", () => {
  const alarms = [alarm(), alarm({ severity: "critical" }), alarm(), alarm({ severity: "info" })];
  assert.equal(describeOpen(alarms, alarms), "1 critical, 2 warnings, 1 for information open");
  assert.equal(
    describeOpen(alarms, alarms.slice(1, 2)),
    "1 critical, 2 warnings, 1 for information open, 1 of them shown",
  );
  assert.equal(describeOpen([], []), "nothing is wrong");
});

test("filters hold together", () => {
  assert.ok(matchesFilters(alarm(), {}));
  assert.ok(matchesFilters(alarm(), { host: "web-1", severity: "warning", rule: "disk-full" }));
  assert.ok(!matchesFilters(alarm(), { host: "web-1", severity: "critical" }));
});

test("the history goes back as far as the address says, a range before all else", () => {
  const state = (more) => /** @type {any} */ ({ range: null, options: {}, ...more });
  assert.deepEqual(historyRange(state({}), NOW), { from: NOW - 7 * 86_400, to: undefined });
  assert.deepEqual(historyRange(state({ options: { last: "24h" } }), NOW), { from: NOW - 86_400, to: undefined });
  assert.deepEqual(historyRange(state({ range: { from: 1, to: 2 }, options: { last: "24h" } }), NOW), {
    from: 1,
    to: 2,
  });
});

test("a small line leaves room for its limits, and breaks where nothing came", () => {
  const { path, limits } = sparkOf([NOW - 3600, NOW - 3000, NOW], [10, 20, 30], [90], NOW, 900);
  assert.equal(path.match(/M/g).length, 2, "a gap");
  assert.ok(limits[0] >= 0 && limits[0] < 10, "the limit stands near the top");
  assert.deepEqual(sparkOf([NOW], [null], [90], NOW, 60), { path: "", limits: [] });
});

test("what may become an alarm says when", () => {
  const pending = { rule: "x", name: "Disk", host: "web-1", instance: "/", severity: "critical", held: 120, for: 300 };
  assert.equal(describePending(pending), "Disk / on web-1: critical in 3 min");
  assert.equal(describePending({ ...pending, host: "", instance: "", held: 999 }), "Disk: critical in 0 s");
});

test("what one may silence of an alarm goes from it alone to all hosts", () => {
  assert.deepEqual(
    scopesOf(/** @type {any} */ (alarm())).map(({ scope }) => scope),
    [
      { rules: ["disk-full"], hosts: ["web-1"], instances: ["/"] },
      { rules: ["disk-full"], hosts: ["web-1"] },
      { hosts: ["web-1"] },
      { rules: ["disk-full"] },
    ],
  );
  assert.deepEqual(
    scopesOf(/** @type {any} */ (alarm({ host: "", instance: "" }))).map(({ scope }) => scope),
    [{ rules: ["disk-full"] }],
    "the server's own",
  );
});
