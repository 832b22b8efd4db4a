/** Open alarms as the list of hosts tells them: on every view, in the tab's title, and as notifications. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { countAlarms, describeCounts } from "../../../web/parts/alarm_counts.js";
import { HostList } from "../../../web/page/host_list.js";
import { countsKey, newAlarms, notificationsOf } from "../../../web/page/open_alarms.js";
import { iconOf, titleOf } from "../../../web/page/page_title.js";
import { badness, countStatuses, describeCount, filterHosts } from "../../../web/overview/host_order.js";

const NOW = 1_763_884_800;
const host = (hostname, alarms, more = {}) => ({
  hostname,
  status: "up",
  last_seen: NOW,
  interval: 10,
  latest: { cpu: 1 },
  alarms,
  ...more,
});
const answer = (hosts, more = {}) => ({ now: NOW, since: "7-1", complete: true, hosts, count: hosts.length, ...more });

test("alarms of all hosts are counted; what is no number counts nothing", () => {
  const hosts = [
    host("a", { critical: 1, warning: 2 }),
    host("b"),
    host("c", { warning: 1 }),
    host("d", { critical: "x" }),
  ];
  assert.deepEqual(countAlarms(hosts), { critical: 1, warning: 3 });
  assert.equal(describeCounts({ critical: 1, warning: 3 }), "1 critical, 3 warnings");
  assert.equal(describeCounts({ critical: 0, warning: 1 }), "1 warning");
  assert.equal(describeCounts({ critical: 0, warning: 0 }), "");
});

test("an entry among the changes brings a host's alarms, and takes them away", () => {
  const list = new HostList();
  list.take(answer([host("a"), host("b")]));
  assert.deepEqual(list.alarms, { critical: 0, warning: 0 });
  const changed = (one) => ({
    now: NOW,
    since: "7-2",
    complete: false,
    hosts: [one],
    values: [],
    deleted: [],
    count: 2,
  });
  const before = list.hosts.find(({ hostname }) => hostname === "b").revision;
  list.take(changed(host("a", { critical: 2 })));
  assert.deepEqual(list.alarms, { critical: 2, warning: 0 });
  assert.equal(list.hosts.find(({ hostname }) => hostname === "b").revision, before);
  list.take({ ...changed(host("a")), hosts: [], values: [{ metrics: [], rows: [["a", NOW, 1, 2, 3]] }] });
  assert.deepEqual(list.alarms, { critical: 2, warning: 0 }, "readings alone change nothing of them");
  list.take(changed(host("a")));
  assert.deepEqual(list.alarms, { critical: 0, warning: 0 });
});

test("the server's own count goes before the sum, as it knows of its own alarms too", () => {
  const list = new HostList();
  list.take(answer([host("a", { warning: 1 })], { alarms: { critical: 1, warning: 1 } }));
  assert.deepEqual(list.alarms, { critical: 1, warning: 1 });
  list.forget();
  assert.deepEqual(list.alarms, { critical: 0, warning: 0 });
});

test("the tab's title and icon tell of alarms and of what is down", () => {
  assert.equal(titleOf("Overview", 0, { critical: 0, warning: 0 }), "Overview · Hostwatch");
  assert.equal(titleOf("web-1", 1, { critical: 1, warning: 2 }), "(1 critical, 2 warnings, 1 down) web-1 · Hostwatch");
  assert.equal(titleOf("web-1", 1, { critical: 0, warning: 0 }), "(1 down) web-1 · Hostwatch");
  assert.deepEqual(iconOf(0, { critical: 0, warning: 2 }), { count: 2, severity: "warning" });
  assert.deepEqual(iconOf(1, { critical: 0, warning: 0 }), { count: 1, severity: "critical" });
});

test("hosts with a critical alarm stand with those that are down, with a warning after them; both can be found", () => {
  assert.equal(badness(host("a", { critical: 1 })), 0);
  assert.equal(badness(host("a", { warning: 1 })), 1);
  const hosts = [host("a", { critical: 1 }), host("b", { warning: 1 }), host("c")];
  assert.equal(countStatuses(hosts).alarm, 2);
  assert.equal(filterHosts(hosts, { status: "alarm" }).length, 2);
  assert.equal(describeCount(hosts), "3 up, 2 with an alarm");
});

const alarm = (id, more = {}) => ({
  id,
  severity: "critical",
  host: "web-1",
  name: "Disk full",
  instance: "/",
  ...more,
});

test("one is notified of alarms that are new, and neither silenced, nor acknowledged, nor told already", () => {
  const alarms = [
    alarm(1),
    alarm(2),
    alarm(3, { silenced: { id: 1, until: 9 } }),
    alarm(4, { acknowledged: { by: "x" } }),
    alarm(5, { severity: "info" }),
    alarm(6, { metric: "host_silent", host: "gone" }),
    alarm(7, { metric: "host_silent", host: "other" }),
  ];
  assert.deepEqual(
    newAlarms(new Set([1]), alarms, new Set(["gone"])).map(({ id }) => id),
    [2, 7],
  );
});

test("few alarms are told one by one, many in one sentence", () => {
  assert.deepEqual(notificationsOf([alarm(1)]), [{ text: "Critical: web-1: Disk full /", id: 1 }]);
  const many = Array.from({ length: 6 }, (_, id) =>
    alarm(id, { host: `h${id % 3}`, severity: id < 2 ? "critical" : "warning" }),
  );
  assert.deepEqual(notificationsOf(many), [{ text: "6 new alarms, 2 of them critical, on 3 hosts", id: null }]);
  assert.deepEqual(notificationsOf([]), []);
});

test("alarms are asked for again where the counts of some host are others", () => {
  const key = countsKey([host("a", { critical: 1 }), host("b")]);
  assert.equal(key, countsKey([host("b"), host("a", { critical: 1, warning: 0 })]));
  assert.notEqual(key, countsKey([host("a", { warning: 1 }), host("b")]));
});
