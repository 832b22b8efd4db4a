/**
 * Every view of the page, as tests and pictures show it: what the server has, what the address names, and what to wait
 * for.
 */

import { ALERTS } from "./made_up_alerts.js";

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const LONG = "x".repeat(100);
const PASSWORD = "correct horse";
const VIEWER = "mira";

const host = (hostname, role, site, more = {}) => ({ hostname, tags: { role, site }, ...more });

/** A small company's hosts: some of them in trouble. */
export const HOSTS = [
  host("web-1", "web", "fra", { gaps: [[2200, 1500]] }),
  host("web-2", "web", "ams", { clockSkew: 42 }),
  host("web-3", "web", "nyc", {
    clockSkew: -3700,
    conflict:
      "two agents report as 'web-3': 10.0.0.13 (agent 0a1b2c3d) and 10.0.0.31 (agent 4e5f6071); give each machine a name of its own with --hostname (AGENT_HOSTNAME)",
  }),
  host("db-primary.internal.example", "db", "fra", { cores: 32 }),
  host("db-replica.internal.example", "db", "ams"),
  host("cache-1", "cache", "fra", { down: true }),
  host("cache-2", "cache", "ams"),
  host("queue-1", "queue", "fra"),
  host("backup-1", "backup", "nyc"),
  host("build-9", "build", "fra"),
  host("build-10", "build", "fra"),
  { hostname: "raspberrypi", small: true },
];
const LATE = [...HOSTS.slice(0, 2), host("old-1", "backup", "nyc", { lateBy: 33 * DAY })];
const FLEET = Array.from({ length: 120 }, (_, index) =>
  host(
    `${["web", "db", "cache", "build"][index % 4]}-${String(index).padStart(3, "0")}`,
    ["web", "db", "cache", "build"][index % 4],
    ["fra", "ams", "nyc"][index % 3],
  ),
);

const token = (id, name, scope, more = {}) => ({
  id,
  name,
  scope,
  host: null,
  created: NOW - 40 * DAY,
  last_used: NOW - 8,
  expires: null,
  uses_left: null,
  made_by: "user admin",
  ...more,
});
const TOKENS = [
  token("a", "Add a host", "enroll", { created: NOW - 3600, last_used: null, expires: NOW + DAY - 3600, uses_left: 1 }),
  token("b", "Grafana and Prometheus", "read", { expires: NOW + 300 * DAY }),
  token("c", "Backup script of the night", "write", {
    host: "db-primary.internal.example",
    last_used: NOW - 5 * 3600,
    expires: NOW + 20 * DAY,
  }),
  token("d", "Old deployment", "admin", {
    made_by: "anybody, while the server was open",
    expires: NOW - 3 * DAY,
    last_used: NOW - 4 * DAY,
  }),
  ...["web-1", "web-2"].map((name) => token(name, name, "agent", { host: name, made_by: "token a" })),
];
const AGENT = "4e5f60718293a4b5c6d7e8f901234567";
const AGENTS = [
  { host: "build-10", agent: null, standing: "shut_out", since: NOW - 9 * DAY, by: "user admin" },
  { host: "db-replica.internal.example", agent: AGENT, standing: "waiting", since: NOW - 90, by: "10.0.0.31" },
  { host: "web-9", agent: AGENT, standing: "allowed", since: NOW - 3600, by: "command line" },
];
const refusal = (address, more = {}) => ({
  address,
  reason: "form",
  where: "POST /metrics",
  status: 415,
  error: "send readings as JSON, with Content-Type: application/json",
  program: null,
  first: NOW - 3600,
  last: NOW - 130,
  count: 3,
  ...more,
});
const REFUSALS = [
  refusal("10.0.0.7", {
    reason: "address",
    where: "POST /write",
    status: 404,
    error: "there is nothing at this address; the page is at /dashboard",
    program: "collectd's write_http",
  }),
  refusal("10.0.0.31", { program: "Prometheus remote write", count: 1240, last: NOW - 8 }),
  refusal("2001:db8:1:2:3:4:5:6", {
    reason: "access",
    status: 401,
    error: "the token is not valid: it is unknown or revoked",
    count: 1,
  }),
  refusal("10.0.0.9", { where: `POST /${"x".repeat(90)}…`, error: "y".repeat(200), reason: "address", status: 404 }),
];
const closed = (more = {}) => ({
  authentication: "required",
  users: {
    admin: { password: PASSWORD, role: "admin" },
    [VIEWER]: { password: PASSWORD, role: "viewer" },
    ["w".repeat(60)]: { password: PASSWORD, role: "viewer" },
  },
  tokens: TOKENS,
  ...more,
});
const toSetUp = { authentication: "required", setupCode: "7Yk2mQ" };

const click = (name) => (page) => page.getByRole("button", { name, exact: true }).first().click();
const CHART = "canvas[aria-label*=' of ']";
const ROW = ".row-link";
const ALARM = ".alarm-item";
const OPENED = "dialog[open]";

/**
 * @typedef {object} View
 * @property {import("./stand_in_server.js").MadeUpHost[]} [hosts] HOSTS where left out
 * @property {string} [hash]
 * @property {import("./stand_in_access.js").Access} [access]
 * @property {import("./stand_in_alerts.js").Alerts} [alerts]
 * @property {string} [as]
 * @property {boolean} [elsewhere]
 * @property {{status: number, body: string}} [failure] of all requests, from the start
 * @property {string} wait for this before anything else
 * @property {(page: import("playwright-core").Page) => Promise<void>} [then]
 * @property {string} [after] wait for this then
 * @property {boolean} [whole] a picture of all of it: what is far below the screen is drawn too
 */

/** @type {Record<string, View>} */
export const VIEWS = {
  overview: { wait: ".meter-value" },
  overview_cards: { hash: "#/?layout=cards", wait: ".meter-value" },
  overview_groups: { hash: "#/?group=role&tag=site%3Dfra", wait: ".group-row" },
  overview_nothing_found: { hash: "#/?search=nobody", wait: "text=No host matches." },
  no_hosts: { hosts: [], wait: "text=No hosts yet" },
  host: { hash: "#/host/web-1", wait: CHART },
  host_warned: { hash: "#/host/web-3?timeframe=24h", wait: CHART },
  host_many_cores: { hash: "#/host/db-primary.internal.example?timeframe=6h", wait: CHART, whole: true },
  host_table: {
    hash: "#/host/web-2",
    wait: CHART,
    then: async (page) => {
      await click("More about CPU")(page);
      await click("Show as table")(page);
    },
    after: ".chart-table",
  },
  host_range: { hash: "#/host/web-2", wait: CHART, then: click("Range…"), after: ".time-picker:not([hidden])" },
  overview_late: { hosts: LATE, wait: ".meter-value" },
  overview_late_cards: { hosts: LATE, hash: "#/?layout=cards", wait: ".meter-value" },
  host_late: { hosts: LATE, hash: "#/host/old-1?timeframe=15m", wait: ".notice" },
  host_unknown: { hash: "#/host/nobody", wait: ".notice" },
  compare: { hash: "#/compare?host=web-1&host=web-2&host=db-primary.internal.example", wait: CHART },
  compare_top: { hosts: FLEET, hash: "#/compare?show=top", wait: CHART },
  compare_fleet: { hosts: FLEET, hash: "#/compare?show=fleet", wait: CHART },
  compare_metric: { hash: "#/compare?metric=network_receive_bytes_per_second&instance=eth0", wait: CHART },
  wall: { hash: "#/?wall=300", wait: ".wall-bar" },
  wall_host: { hash: "#/host/web-1?wall=300", wait: CHART },
  keys: { wait: ROW, then: click("Keys"), after: OPENED },
  away: { failure: { status: 500, body: "" }, wait: "#banner:not([hidden])" },
  host_delete: {
    hash: "#/host/web-1",
    wait: CHART,
    then: async (page) => {
      await click("More about web-1")(page);
      await click("Delete host…")(page);
    },
    after: OPENED,
  },
  sign_in: { access: closed(), wait: "form" },
  sign_in_not_encrypted: {
    access: closed(),
    elsewhere: true,
    wait: ".form-note",
    then: click("Sign in"),
    after: ".form-error:not(:empty)",
  },
  set_up: { access: toSetUp, hash: "#/setup/7Yk2mQ", wait: "form" },
  set_up_without_a_code: { access: toSetUp, wait: "form" },
  guests: { access: closed({ guest: true }), wait: ROW },
  insecure: { access: { authentication: "insecure" }, wait: "#security:not([hidden])" },
  menu: { access: closed(), as: "admin", wait: ROW, then: click("Signed in as admin"), after: ".menu:not([hidden])" },
  access_open: { access: {}, hash: "#/access", wait: ".notice" },
  access: { access: closed(), as: "admin", hash: "#/access", wait: ".tokens tbody tr" },
  access_long_names: {
    access: closed({ tokens: [token("l", LONG, "agent", { host: LONG })] }),
    as: "admin",
    hash: "#/access",
    wait: ".tokens tbody tr",
    then: click(`Revoke ${LONG}`),
    after: OPENED,
  },
  access_new: {
    access: closed(),
    as: "admin",
    hash: "#/access",
    wait: ".tokens tbody tr",
    then: click("New token"),
    after: OPENED,
  },
  access_agents: { access: closed({ agents: AGENTS }), as: "admin", hash: "#/access", wait: ".agents tbody tr" },
  access_let_in: {
    access: closed({ agents: AGENTS }),
    as: "admin",
    hash: "#/access",
    wait: ".agents tbody tr",
    then: click("Allow db-replica.internal.example (4e5f6071)"),
    after: OPENED,
  },
  access_revoke: {
    access: closed(),
    as: "admin",
    hash: "#/access",
    wait: ".tokens tbody tr",
    then: click("Revoke web-1"),
    after: OPENED,
  },
  host_delete_signed_in: {
    access: closed(),
    as: "admin",
    hash: "#/host/web-1",
    wait: CHART,
    then: async (page) => {
      await click("More about web-1")(page);
      await click("Delete host…")(page);
    },
    after: OPENED,
  },
  access_refused: { access: closed({ refusals: REFUSALS }), as: "admin", hash: "#/access", wait: ".refusals li" },
  add_host_refused: {
    access: closed({ refusals: REFUSALS }),
    as: "admin",
    wait: ROW,
    then: click("Add a host"),
    after: ".refusals li",
  },
  no_hosts_refused: { hosts: [], access: closed({ refusals: REFUSALS }), as: "admin", wait: ".refusals li" },
  add_host: { access: closed(), as: "admin", wait: ROW, then: click("Add a host"), after: OPENED },
  no_hosts_signed_in: { hosts: [], access: closed(), as: "admin", wait: ".notice button" },
  account: { access: closed(), as: "admin", hash: "#/account", wait: "form" },
  alarms: { alerts: ALERTS, access: closed(), as: "admin", hash: "#/alarms?last=30d", wait: ALARM, whole: true },
  alarms_viewer: { alerts: ALERTS, access: closed(), as: VIEWER, hash: "#/alarms?host=web-1", wait: ALARM },
  alarms_none: {
    alerts: { rules: ALERTS.rules },
    access: closed(),
    as: "admin",
    hash: "#/alarms",
    wait: ".alarm-calm",
    after: ".form-note:not([hidden])",
  },
  alarms_overview: { alerts: ALERTS, wait: ".alarm-badge" },
  alarms_host: {
    alerts: ALERTS,
    hash: "#/host/web-1?timeframe=6h",
    wait: ".host-alarms li",
    after: CHART,
    whole: true,
  },
  alarm: {
    alerts: ALERTS,
    access: closed(),
    as: "admin",
    hash: "#/alarms/4711",
    wait: `.alarm-chart ${CHART}`,
    whole: true,
  },
  alarm_silence: {
    alerts: ALERTS,
    access: closed(),
    as: "admin",
    hash: "#/alarms/4711",
    wait: `.alarm-chart ${CHART}`,
    then: click("Silence…"),
    after: OPENED,
  },
  rules: { alerts: ALERTS, access: closed(), as: "admin", hash: "#/rules", wait: ".rules tbody tr" },
  rules_viewer: { alerts: ALERTS, access: closed(), as: VIEWER, hash: "#/rules", wait: ".rules tbody tr" },
  rule: {
    alerts: ALERTS,
    access: closed(),
    as: "admin",
    hash: "#/rules/disk-full",
    wait: ".preview-what-if li",
    after: `.rule-chart ${CHART}`,
    whole: true,
  },
  rule_new: { alerts: ALERTS, access: closed(), as: "admin", hash: "#/new-rule", wait: ".condition" },
  rule_of_a_file: { alerts: ALERTS, access: closed(), as: "admin", hash: "#/rules/backup-volume", wait: ".condition" },
  silences: { alerts: ALERTS, access: closed(), as: "admin", hash: "#/silences", wait: ".tokens tbody tr" },
  silences_new: {
    alerts: ALERTS,
    access: closed(),
    as: "admin",
    hash: "#/silences",
    wait: ".tokens tbody tr",
    then: click("New silence"),
    after: OPENED,
  },
  channels: { alerts: ALERTS, access: closed(), as: "admin", hash: "#/channels", wait: ".route", whole: true },
  channels_none: { access: closed(), as: "admin", hash: "#/channels", wait: ".notice" },
  channels_change: {
    alerts: ALERTS,
    access: closed(),
    as: "admin",
    hash: "#/channels",
    wait: ".channel",
    then: click("Change mail"),
    after: OPENED,
  },
  refused: { access: closed(), as: "w".repeat(60), hash: "#/access", wait: ".notice" },
};

/** Brings a page to a view. @param {import("playwright-core").Page} page @param {View} view */
export async function reach(page, { wait, then, after }) {
  await page.waitForSelector(wait);
  if (then) await then(page);
  if (after) await page.waitForSelector(after);
}
