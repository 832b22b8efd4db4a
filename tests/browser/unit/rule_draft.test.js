/** Rules as the texts of a form, and back. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { listToText, tagsToText, textToList, textToTags } from "../../../web/alerts/lists.js";
import { formatQuantity, formatSeconds, parseDuration, parseQuantity } from "../../../web/alerts/quantity.js";
import { metricChoices, reportedBy, spread } from "../../../web/alerts/reported_metrics.js";
import { draftToRule, idFor, problemOf, ruleToDraft, splitError } from "../../../web/alerts/rule_draft.js";
import { limitsFor, matchesPattern, selectsHost } from "../../../web/alerts/rule_limits.js";
import { describeHosts, describeRule, describeSelected, unitOf } from "../../../web/alerts/rule_words.js";
import { roundedLimit } from "../../../web/alerts/limit_handles.js";

const { metrics } = JSON.parse(readFileSync(new URL("../catalogue.json", import.meta.url), "utf8"));

const DISK_FULL = {
  id: "disk-full",
  name: "Disk almost full",
  help: "Find what grows",
  runbook: "https://wiki.example/disk",
  hosts: { names: ["*"], except: ["lab-*"], tags: { role: ["db", "web"] } },
  when: [
    {
      metric: "filesystem_used_percent",
      except: ["/boot/efi"],
      above: { warning: { fire: 90, clear: 87 }, critical: { fire: 97, clear: 95 } },
    },
    { metric: "filesystem_free_bytes", below: { warning: { fire: "20GiB", clear: "22GiB" } } },
  ],
  for: "5m",
  clear_for: "5m",
  missing: "hold",
  notify: ["ops"],
  repeat: "24h",
  enabled: true,
};

test("a rule comes back from its form as it was", () => {
  assert.deepEqual(draftToRule(ruleToDraft(DISK_FULL, metrics), metrics), DISK_FULL);
  const others = [
    { metric: "host_silent", severity: "critical" },
    { metric: "host_clock_skew", above: { warning: { fire: "5s", clear: "3s" } } },
    { metric: "cpu", value: { mean: "10m" }, above: { warning: { fire: 80 } } },
    {
      metric: "filesystem_free_bytes",
      value: { time_until: 0, over: "6h" },
      below: { critical: { fire: "4h", clear: "6h" } },
    },
    {
      metric: "swap_used_bytes",
      value: { percent_of: "swap_total_bytes" },
      above: { warning: { fire: 50, clear: 40 } },
    },
    {
      metric: "pressure_full_percent",
      instance: "memory",
      value: { mean: "5m" },
      above: { warning: { fire: 10, clear: 5 } },
    },
    { metric: "agent_dropped_readings", value: { increase: "10m" }, above: { warning: { fire: 0.5, clear: 0 } } },
  ];
  for (const condition of others) {
    const rule = { id: "x", name: "X", when: [condition], for: "2m", clear_for: "2m", missing: "hold", enabled: true };
    assert.deepEqual(draftToRule(ruleToDraft(rule, metrics), metrics), rule, condition.metric);
  }
});

test("a condition of which nothing is known yet has empty fields", () => {
  const draft = ruleToDraft({ when: [{}] }, metrics);
  assert.equal(draft.when[0].metric, "");
  assert.equal(problemOf({ ...draft, name: "x", id: "x" }, metrics).path, "when[0].metric");
});

test("what no field shows is kept, and what a state cannot have is left out", () => {
  const rule = { id: "x", name: "X", when: [{ metric: "cpu", later: 1, above: { warning: { fire: 1 } } }] };
  const draft = ruleToDraft(rule, metrics);
  assert.equal(draftToRule(draft, metrics).when[0].later, 1);
  draft.when[0].metric = "host_silent";
  assert.deepEqual(draftToRule(draft, metrics).when[0], { later: 1, metric: "host_silent", severity: "critical" });
});

test("what is missing is told by the path that the server would name", () => {
  const draft = ruleToDraft(DISK_FULL, metrics);
  const problem = (change) => {
    const changed = structuredClone(draft);
    change(changed);
    return problemOf(changed, metrics)?.path ?? null;
  };
  assert.equal(
    problem(() => {}),
    null,
  );
  assert.equal(
    problem((one) => (one.name = " ")),
    "name",
  );
  assert.equal(
    problem((one) => (one.id = "Not this")),
    "id",
  );
  assert.equal(
    problem((one) => (one.when[1].metric = "")),
    "when[1].metric",
  );
  assert.equal(
    problem((one) => (one.when[0].limits.warning.fire = "many")),
    "when[0].above.warning.fire",
  );
  assert.equal(
    problem((one) => (one.when[1].limits.warning.clear = "5m")),
    "when[1].below.warning.clear",
  );
  assert.equal(
    problem((one) => (one.when[0].limits.info.fire = "80")),
    "when[0].above.info.fire",
    "three severities",
  );
  assert.equal(
    problem((one) => (one.hold = "soon")),
    "for",
  );
  assert.equal(
    problem((one) => (one.when[0].kind = "mean")),
    "when[0].value",
  );
});

test("an error of the server is split into the field and what it says", () => {
  assert.deepEqual(splitError("when[0].above.warning.fire: must be a number"), {
    path: "when[0].above.warning.fire",
    message: "must be a number",
  });
  assert.deepEqual(splitError("id: there is one of this id: choose another"), {
    path: "id",
    message: "there is one of this id: choose another",
  });
  assert.deepEqual(splitError("The server answers 500"), { path: "", message: "The server answers 500" });
});

test("an id is made of a name", () => {
  assert.equal(idFor("Disk almost full!"), "disk-almost-full");
  assert.equal(idFor("Übergröße 90 %"), "ubergro-e-90");
  assert.equal(idFor("x".repeat(100)).length, 63);
  assert.equal(idFor("日本"), "");
});

test("values are read with the units that people write, and only with those of their kind", () => {
  assert.equal(parseQuantity("20GiB", "bytes"), 20 * 2 ** 30);
  assert.equal(parseQuantity("500 MB", "bytes"), 5e8);
  assert.equal(parseQuantity("20MB/s", "bytes_per_second"), 2e7);
  assert.equal(parseQuantity("90%", "percent"), 90);
  assert.equal(parseQuantity("90", "percent"), 90);
  assert.equal(parseQuantity("5m", "seconds"), 300);
  for (const [text, unit] of [
    ["5m", "bytes"],
    ["5min", "seconds"],
    ["20GiB", "percent"],
    ["", "bytes"],
    ["x", "count"],
    ["constructor", "count"],
    ["5constructor", "bytes"],
  ]) {
    assert.ok(Number.isNaN(parseQuantity(text, unit)), `${text} ${unit}`);
  }
  assert.equal(parseDuration("90s"), 90);
  assert.equal(formatSeconds(5400), "90m");
  assert.equal(formatSeconds(0), "0");
  assert.equal(formatQuantity(20 * 2 ** 30, "bytes"), "20GiB");
  assert.equal(formatQuantity(90.1234, "percent"), "90.123");
});

test("lists and tags are typed with commas", () => {
  assert.deepEqual(textToList(" a, b ,,c "), ["a", "b", "c"]);
  assert.equal(listToText(["a", "b"]), "a, b");
  assert.deepEqual(textToTags("role=db, role=web, site=fra"), { role: ["db", "web"], site: ["fra"] });
  assert.equal(tagsToText({ role: ["db", "web"] }), "role=db, role=web");
  assert.deepEqual(Object.keys(textToTags("__proto__=x")), ["__proto__"]);
});

test("a pattern's star stands for anything", () => {
  for (const [pattern, text, is] of [
    ["*", "", true],
    ["web-*", "web-1", true],
    ["web-*", "db-1", false],
    ["*-1", "web-1", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*a", "a", false],
    ["web.1", "webx1", false],
  ]) {
    assert.equal(
      matchesPattern(/** @type {string} */ (pattern), /** @type {string} */ (text)),
      is,
      `${pattern} ${text}`,
    );
  }
});

test("a rule selects hosts by names and tags", () => {
  assert.ok(selectsHost(undefined, "web-1", {}));
  assert.ok(selectsHost({ tags: { role: ["db", "web"] } }, "web-1", { role: "web" }));
  assert.ok(!selectsHost({ tags: { role: ["db"], site: ["fra"] } }, "db-1", { role: "db" }));
  assert.ok(!selectsHost({ names: ["web-*"], except: ["web-1"] }, "web-1", {}));
});

test("a chart shows the limits of the rules that are about it, each once", () => {
  const host = { hostname: "db-1", tags: { role: "db" } };
  const entries = [
    { rule: DISK_FULL },
    { rule: { ...DISK_FULL, id: "again" } },
    { rule: { ...DISK_FULL, enabled: false } },
  ];
  const lines = [{ metric: "filesystem_used_percent", instance: "/" }];
  assert.deepEqual(limitsFor(entries, host, lines, "percent"), [
    { severity: "warning", fire: 90, clear: 87 },
    { severity: "critical", fire: 97, clear: 95 },
  ]);
  assert.deepEqual(limitsFor(entries, { ...host, tags: {} }, lines, "percent"), [], "another host");
  const efi = [{ metric: "filesystem_used_percent", instance: "/boot/efi" }];
  assert.deepEqual(limitsFor(entries, host, efi, "percent"), [], "an instance that it leaves out");
  const trend = { rule: { when: [{ metric: "cpu", value: { increase: "5m" }, above: { warning: 5 } }] } };
  assert.deepEqual(limitsFor([trend], host, [{ metric: "cpu", instance: "" }], "percent"), [], "on another axis");
});

test("rules are told in words", () => {
  assert.equal(
    describeRule(DISK_FULL, metrics),
    "Space used above 90% (warning), 97% (critical) and Space free below 20 GiB (warning), for 5 min",
  );
  assert.equal(
    describeRule({ when: [{ metric: "host_silent", severity: "critical" }], for: "2m" }, metrics),
    "The host is silent, for 2 min",
  );
  assert.equal(describeHosts(DISK_FULL.hosts), "role=db, role=web but lab-*");
  assert.equal(describeHosts(undefined), "every host");
  const selected = (rule) => describeSelected(/** @type {any} */ ({ rule, hosts: 4 }));
  assert.equal(selected({ when: [{ metric: "cpu" }] }), "4: every host");
  assert.equal(selected({ when: [{ metric: "server_store_failing" }] }), "the server itself");
  assert.equal(unitOf("queue_bytes", metrics), "bytes");
  assert.equal(unitOf("server_dead_letters", metrics), "count");
});

test("one chooses from what hosts send, what the server knows, and what the rule is about already", () => {
  const series = [
    { metric: "load1", instance: "" },
    { metric: "filesystem_used_percent", instance: "/" },
    { metric: "filesystem_used_percent", instance: "/home" },
    { metric: "jobs" },
  ];
  const reported = reportedBy([{ series }, {}]);
  assert.deepEqual([...reported.get("filesystem_used_percent")], ["/", "/home"]);
  const choices = metricChoices(metrics, reported, ["gone_bytes"]);
  const all = choices.flatMap(({ metrics: own }) => own.map(({ name }) => name));
  for (const name of ["cpu", "load1", "jobs", "gone_bytes", "host_silent"]) assert.ok(all.includes(name), name);
  assert.ok(!all.includes("swap_used_bytes"), "nobody sends it");
  assert.equal(new Set(all).size, all.length);
});

test("of many hosts some are asked, from the whole list", () => {
  const names = Array.from({ length: 100 }, (_, index) => String(index));
  assert.deepEqual(spread(names, 4), ["0", "25", "50", "75"]);
  assert.deepEqual(spread(["a"], 4), ["a"]);
});

test("a dragged limit is a round value", () => {
  assert.equal(roundedLimit(83.4567, 100, "percent"), 83);
  assert.equal(roundedLimit(0.123456, 1, "count"), 0.12);
  assert.equal(roundedLimit(10.3 * 2 ** 30, 100 * 2 ** 30, "bytes") % 2 ** 30, 0);
});
