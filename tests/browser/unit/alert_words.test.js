/** What a rule would have done, channels, routes and silences in words; and addresses of all their views. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { previewAdvice, previewSentence, times, whatIfSentence } from "../../../web/alerts/preview_words.js";
import {
  channelRequest,
  describeLast,
  describeTarget,
  describeTest,
  KINDS,
  kindNamed,
} from "../../../web/alerts/channel_kinds.js";
import { routeToTexts, textsToRoute } from "../../../web/alerts/routes_editor.js";
import { describeScope, describeTime, standingOf } from "../../../web/alerts/silence_words.js";
import { alarmsAddress, channelAddress, ruleAddress } from "../../../web/alerts/alerts_api.js";
import { describeDelivery } from "../../../web/alerts/dead_letters.js";
import { createFormat } from "../../../web/parts/format.js";
import { chooseView } from "../../../web/page/routes.js";
import { formatHash, parseHash, stateOfOne } from "../../../web/page/state.js";

const NOW = 1_763_884_800;
const WEEK = 7 * 86_400;
const format = createFormat({ locale: "en-GB", timeZone: "UTC" });
/** @param {any} [more] @returns {any} */
const preview = (more = {}) => ({
  fired: 3,
  hosts: 2,
  told: 4,
  night: 2,
  exact: true,
  partial: false,
  examined_hosts: 12,
  alarms: [],
  noisiest: [
    { host: "web-1", fired: 2 },
    { host: "web-2", fired: 1 },
  ],
  what_if: [],
  ...more,
});

test("one sentence says what a rule would have done", () => {
  const told = (more) => previewSentence(preview(more), "the last 7 days");
  assert.equal(
    told({}),
    "It would have fired 3 times on 2 hosts in the last 7 days, at night twice; you would have got 4 messages.",
  );
  assert.equal(
    told({ fired: 1, hosts: 1, told: 1, night: 0 }),
    "It would have fired once on 1 host in the last 7 days; you would have got 1 message.",
  );
  assert.match(told({ fired: 2, night: 2, told: 0 }), /each time at night; nobody would have got a message\.$/);
  assert.equal(told({ fired: 0 }), "It would not have fired in the last 7 days, on any of 12 hosts.");
  assert.equal(told({ fired: 0, examined_hosts: 0 }), "It is about no host that there is.");
  assert.equal(times(1000), "1,000 times");
});

test("never and too often are said in words, as is what was not exact", () => {
  const advice = (more, seconds = WEEK) => previewAdvice(preview(more), seconds).join(" ");
  assert.equal(advice({}), "Most of them on web-1: 2.");
  assert.match(advice({ fired: 0, noisiest: [] }), /its limit is too far away/);
  assert.match(advice({ fired: 11 }), /more than 10 a week: what comes so often is soon read by nobody/);
  assert.doesNotMatch(advice({ fired: 10 }), /a week/);
  assert.match(advice({ fired: 4 }, 86_400), /more than 10 a week, 28 a week:/);
  assert.match(advice({ exact: false }), /a value a minute/);
  assert.match(advice({ partial: true }), /Not all could be looked at/);
  assert.equal(whatIfSentence({ change: "for 5m", fired: 1 }), "With for 5m it would have fired once.");
  assert.equal(whatIfSentence({ change: "clear 85", fired: 0 }), "With clear 85 it would not have fired.");
});

test("secrets are sent only where they are typed, and taken away only where one says so", () => {
  const kind = kindNamed("mail");
  const values = { server: "smtp://m", from: "a@b", to: "c@d", user: "", password: "", tls: "required" };
  const more = { isDefault: true, isEnabled: false };
  assert.deepEqual(channelRequest(kind, values, [], more), {
    kind: "mail",
    default: true,
    enabled: false,
    settings: { server: "smtp://m", from: "a@b", to: "c@d", tls: "required" },
    secrets: {},
  });
  assert.deepEqual(channelRequest(kind, { ...values, password: "x" }, [], more).secrets, { password: "x" });
  assert.deepEqual(channelRequest(kind, values, ["password"], more).secrets, { password: null });
  assert.equal(channelRequest(kindNamed("heartbeat"), { url: "https://x", every: "30" }, [], more).settings.every, 30);
});

test("every kind of channel has what it needs; no secret is among what is shown", () => {
  for (const { name, fields } of KINDS) {
    assert.ok(
      fields.some(({ required }) => required),
      name,
    );
    for (const field of fields) assert.ok(!(field.secret && field.value), `${name} ${field.name}`);
  }
  const channel = (kind, settings) => /** @type {any} */ ({ kind, settings });
  assert.equal(describeTarget(channel("mail", { to: "ops@x", server: "smtp://m" })), "ops@x by smtp://m");
  assert.equal(describeTarget(channel("slack", {})), "");
  assert.equal(kindNamed("pigeon").label, "pigeon", "one that this page does not know");
});

test("what became of messages is told in words", () => {
  const last = (one) => describeLast(/** @type {any} */ ({ last: one }), NOW);
  assert.equal(last(null), "nothing sent yet");
  assert.equal(last({ at: NOW - 600, outcome: "sent", status: 200, error: "" }), "sent 10 min ago");
  assert.equal(
    last({ at: NOW - 600, outcome: "dead", status: 404, error: "no hook" }),
    "given up 10 min ago: no hook (404)",
  );
  assert.match(
    last({ at: NOW, outcome: "failed", status: 0, error: "" }),
    /^failed, and is tried again just now: no answer$/,
  );
  assert.equal(
    describeTest({ outcome: "sent", status: 204, error: "", seconds: 0.42 }),
    "The test message was taken (204) in 0.4 s.",
  );
  assert.equal(
    describeTest({ outcome: "failed", status: 0, error: "the name cannot be resolved", seconds: 5 }),
    "The test message was not taken in 5.0 s: the name cannot be resolved.",
  );
  const told = (count) => ({
    alarms: Array.from({ length: count }, () => ({ event: "fired", name: "Disk", host: "a", instance: "/" })),
  });
  assert.equal(describeDelivery(told(1)), "fired: Disk / on a");
  assert.match(describeDelivery(told(5)), /; and 2 more$/);
});

test("a route comes back from its fields", () => {
  const route = {
    severity: "critical",
    tags: { site: ["fra"] },
    rules: ["disk-*"],
    hosts: ["*"],
    to: ["ops"],
    after: 900,
  };
  const texts = routeToTexts(route);
  assert.equal(texts.after, "15m");
  assert.deepEqual(textsToRoute("critical", texts), route);
  assert.ok(Number.isNaN(textsToRoute("info", { ...texts, after: "soon" }).after));
});

test("silences in words: what, and when", () => {
  /** @param {any} [more] @returns {any} */
  const silence = (more = {}) => ({
    rules: [],
    hosts: [],
    tags: {},
    instances: [],
    weekly: [],
    from: NOW - 60,
    until: NOW + 3600,
    active: true,
    ...more,
  });
  assert.equal(describeScope(silence()), "Everything");
  assert.equal(
    describeScope(silence({ rules: ["disk-full"], hosts: ["a", "b"], instances: ["/"] })),
    "Rule disk-full, hosts a, b, instance /",
  );
  assert.equal(describeScope(silence({ tags: { role: ["db"] } })), "Hosts with role=db");
  assert.equal(standingOf(silence(), NOW), "active");
  assert.equal(standingOf(silence({ until: NOW }), NOW), "over");
  assert.equal(standingOf(silence({ from: NOW + 60, active: false }), NOW), "waiting");
  assert.equal(standingOf(silence({ active: false, weekly: ["sat 02:00-04:00"] }), NOW), "between");
  assert.equal(describeTime(silence(), NOW, format), "until 23 Nov 2025, 09:00, 1 h more");
  assert.match(
    describeTime(silence({ active: false, weekly: ["sat 02:00-04:00"] }), NOW, format),
    /^not just now: each sat 02:00-04:00/,
  );
});

test("addresses of requests hold names of any make", () => {
  assert.equal(
    alarmsAddress({ state: "open", hosts: ["a&b", "c"], limit: 5 }),
    "alerts?state=open&host=a%26b&host=c&limit=5",
  );
  assert.equal(
    alarmsAddress({ from: 0, to: 5, rule: "x", severity: "critical" }),
    "alerts?state=all&rule=x&severity=critical&from=0&to=5",
  );
  assert.equal(ruleAddress("a/b"), "alerts/rules/a%2Fb");
  assert.equal(channelAddress("a b"), "alerts/channels/a%20b");
});

test("every view of alarms comes back from its address", () => {
  for (const hash of [
    "#/alarms",
    "#/alarms?host=web-1&rule=disk-full&severity=critical&last=30d",
    "#/alarms?host=a%26b&from=100&to=200",
    "#/alarms/4711",
    "#/alarms/4711?zoom=100-200",
    "#/rules",
    "#/rules/disk-full",
    "#/new-rule",
    "#/new-rule?copy=disk-full",
    "#/silences",
    "#/channels",
  ]) {
    assert.equal(formatHash(parseHash(hash)), hash);
  }
  assert.equal(
    formatHash(stateOfOne("alarm", parseHash("#/host/a?timeframe=7d&utc=1"), 12)),
    "#/alarms/12?timeframe=7d&utc=1",
  );
});

test("hostile addresses of alarms lead to the overview", () => {
  for (const hash of [
    "#/alarms/x",
    "#/alarms/0",
    "#/alarms/1/2",
    "#/rules/%3Cb%3E",
    "#/rules/A",
    `#/rules/${"a".repeat(64)}`,
    "#/alarms/",
  ]) {
    assert.equal(parseHash(hash).view, "overview", hash);
  }
  const options = parseHash("#/alarms?severity=x&rule=A%20B&last=99y").options;
  assert.deepEqual(options, {});
});

test("viewers see everything but channels and new rules", () => {
  const session = (mayManage) =>
    /** @type {any} */ ({ authentication: "required", can_read: true, can_manage: mayManage, user: {} });
  for (const hash of ["#/alarms", "#/alarms/1", "#/rules", "#/rules/x", "#/silences"]) {
    assert.equal(chooseView(parseHash(hash), session(false)), parseHash(hash).view);
  }
  for (const hash of ["#/channels", "#/new-rule"]) {
    assert.equal(chooseView(parseHash(hash), session(false)), "refused", hash);
    assert.equal(chooseView(parseHash(hash), session(true)), parseHash(hash).view);
  }
});
