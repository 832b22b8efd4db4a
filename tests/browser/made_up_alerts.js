/**
 * Alarms, rules, silences and channels as a small company has them, for tests and pictures.
 */

const NOW = Math.floor(Date.now() / 1000);
const HOUR = 3600;
const DAY = 24 * HOUR;
const GIB = 2 ** 30;

/** @param {number} id @param {any} more @returns {any} an alarm as the server lists it */
export function alarm(id, more) {
  const started = more.started ?? NOW - HOUR;
  return {
    id,
    rule: "disk-full",
    name: "Disk almost full",
    severity: "warning",
    highest: more.severity ?? "warning",
    host: "web-1",
    instance: "",
    metric: "filesystem_used_percent",
    unit: "percent",
    value: 92.4,
    value_fired: 90.3,
    value_worst: 92.6,
    value_ended: null,
    limit: 90,
    state: more.ended ? "ended" : "firing",
    started,
    fired: started + 300,
    ended: null,
    end_reason: more.ended ? "cleared" : null,
    late: false,
    flapping: false,
    unknown_since: null,
    silenced: null,
    settling: false,
    acknowledged: null,
    told: ["mail"],
    help: "",
    runbook: "",
    ...more,
  };
}

/** @param {string} id @param {any} rule @param {any} [more] @returns {any} a rule's entry */
export function entry(id, rule, more = {}) {
  return {
    rule: { id, for: "5m", clear_for: "5m", ...rule },
    source: "shipped",
    revision: 1,
    changed: NOW - 40 * DAY,
    changed_by: "",
    hosts: 12,
    open: 0,
    problems: [],
    ...more,
  };
}

export const RULES = [
  entry("host-down", {
    name: "Host is down",
    when: [{ metric: "host_silent", severity: "critical" }],
    for: "2m",
    help: "Is it switched on? Is its agent running?",
  }),
  entry(
    "disk-full",
    {
      name: "Disk almost full",
      help: "Find what grows: du -xh --max-depth=1 {instance}",
      runbook: "https://wiki.example/disk-full",
      when: [
        {
          metric: "filesystem_used_percent",
          except: ["/boot/efi"],
          above: { warning: { fire: 70, clear: 67 }, critical: { fire: 78, clear: 75 } },
        },
      ],
    },
    { open: 2 },
  ),
  entry("memory-pressure", {
    name: "Memory is short",
    when: [
      {
        metric: "pressure_full_percent",
        instance: "memory",
        value: { mean: "5m" },
        above: { warning: { fire: 10, clear: 5 }, critical: { fire: 40, clear: 20 } },
      },
      { metric: "ram", above: { warning: { fire: 90, clear: 87 } } },
    ],
    for: "2m",
  }),
  entry(
    "cpu-high",
    {
      name: "Build hosts are busy for an hour",
      hosts: { tags: { role: ["build"] }, except: ["build-9"] },
      when: [{ metric: "cpu", value: { mean: "10m" }, above: { warning: { fire: 55, clear: 50 } } }],
      for: "1h",
      enabled: false,
    },
    { source: "page", revision: 3, changed_by: "anna", changed: NOW - 3 * DAY, hosts: 2 },
  ),
  entry(
    "backup-volume",
    {
      name: "Backups need room",
      hosts: { names: ["backup-*"] },
      when: [{ metric: "filesystem_free_bytes", below: { critical: { fire: "200GiB", clear: "220GiB" } } }],
    },
    { source: "file", hosts: 1, problems: ["no host that it selects sends filesystem_free_bytes"] },
  ),
];

export const ALARMS = [
  alarm(4711, {
    severity: "critical",
    host: "db-primary.internal.example",
    instance: "/",
    value: 79.1,
    value_fired: 78.2,
    value_worst: 79.6,
    limit: 78,
    started: NOW - 1500,
    told: ["mail", "ops"],
    help: "Find what grows: du -xh --max-depth=1 / (see https://wiki.example/du)",
    runbook: "https://wiki.example/disk-full",
  }),
  alarm(4712, {
    host: "db-primary.internal.example",
    rule: "cpu-high",
    name: "Busy",
    metric: "cpu",
    value: 61.2,
    limit: 55,
    started: NOW - 5 * HOUR,
    acknowledged: { by: "anna", at: NOW - HOUR, until: 0, note: "the nightly export, ends at six" },
  }),
  alarm(4713, {
    rule: "host-down",
    name: "Host is down",
    severity: "critical",
    host: "cache-1",
    metric: "host_silent",
    unit: "count",
    value: null,
    value_fired: null,
    value_worst: null,
    limit: null,
    started: NOW - 4000,
    told: ["mail", "ops"],
  }),
  alarm(4714, {
    host: "cache-1",
    instance: "/home",
    value: 74.2,
    limit: 70,
    started: NOW - 3 * HOUR,
    unknown_since: NOW - 4000,
    told: [],
  }),
  alarm(4715, {
    host: "web-1",
    instance: "/home",
    value: 68.4,
    limit: 70,
    state: "clearing",
    flapping: true,
    started: NOW - 2 * HOUR,
  }),
  alarm(4716, {
    host: "build-9",
    instance: "/",
    value: 71,
    limit: 70,
    started: NOW - 1200,
    silenced: { id: 1, until: NOW + 3 * HOUR },
    told: [],
  }),
  alarm(4717, {
    host: "",
    rule: "dead-letters",
    name: "Messages could not be delivered",
    metric: "server_dead_letters",
    unit: "count",
    value: 2,
    limit: 0.5,
    severity: "critical",
    started: NOW - 600,
  }),
  alarm(4601, {
    host: "web-1",
    severity: "critical",
    instance: "/",
    started: NOW - 2900,
    ended: NOW - 2300,
    value_worst: 98,
    value_ended: 71,
  }),
  alarm(4602, {
    host: "web-1",
    rule: "cpu-high",
    name: "Busy",
    metric: "cpu",
    late: true,
    started: NOW - 1900,
    ended: NOW - 1300,
    value_worst: 61,
    value_ended: 40,
    told: [],
  }),
  alarm(4603, {
    host: "backup-1",
    rule: "backup-volume",
    name: "Backups need room",
    metric: "filesystem_free_bytes",
    unit: "bytes",
    severity: "critical",
    limit: 200 * GIB,
    value: 190 * GIB,
    value_worst: 120 * GIB,
    started: NOW - 3 * DAY,
    ended: NOW - 2 * DAY,
    end_reason: "rule changed",
  }),
];

const events = (...given) => given.map(([ago, kind, value, detail = "", later = 0]) => ({
  at: NOW - ago,
  decided: NOW - ago + later,
  kind,
  value,
  detail,
}));

export const DETAILS = {
  4711: {
    events: events(
      [1500, "pending", 70.4, "warning"],
      [1200, "fired", 72.2, "warning"],
      [1199, "told", null, "mail"],
      [700, "raised", 78.2, "critical", 240],
      [699, "told", null, "mail, ops"],
    ),
    why: [
      { channel: "mail", text: "02:10:03 sent", at: NOW - 699, state: "sent" },
      { channel: "ops", text: "held: sent by 07:00, after its quiet hours", at: null, state: "held" },
      { channel: "slack", text: "given up after 5 tries: 404, no such hook", at: NOW - 300, state: "dead" },
      { channel: "ntfy", text: "no route leads to it", at: null, state: "not routed" },
    ],
  },
  4601: {
    events: events([2900, "pending", 71], [2600, "fired", 90], [2300, "ended", 71, "cleared"]),
    why: [{ channel: "mail", text: "sent, and its end too", at: NOW - 2300, state: "sent" }],
  },
};

const silence = (id, more) => ({
  id,
  rules: [],
  hosts: [],
  tags: {},
  instances: [],
  from: NOW - HOUR,
  until: NOW + 3 * HOUR,
  weekly: [],
  reason: "moved to another rack",
  author: "anna",
  created: NOW - HOUR,
  active: true,
  ...more,
});
export const SILENCES = [
  silence(1, { hosts: ["build-9"] }),
  silence(2, {
    tags: { role: ["backup", "db"] },
    rules: ["disk-*"],
    weekly: ["sat 02:00-04:00"],
    until: NOW + 300 * DAY,
    active: false,
    reason: "the weekly full backup",
  }),
  silence(3, { hosts: ["web-3"], from: NOW - 3 * DAY, until: NOW - 2 * DAY, active: false, author: "mira" }),
];

const channel = (name, kind, settings, more = {}) => ({
  name,
  kind,
  default: true,
  enabled: true,
  from_file: false,
  settings,
  secrets: {},
  last: { at: NOW - 600, outcome: "sent", status: 200, error: "" },
  waiting: 0,
  dead: 0,
  ...more,
});
export const CHANNELS = [
  channel(
    "mail",
    "mail",
    { server: "smtp://mail.example:587", from: "hostwatch@example.org", to: "ops@example.org", user: "hostwatch", tls: "required" },
    { secrets: { password: "set" } },
  ),
  channel("ops", "ntfy", { url: "https://ntfy.example", topic: "ops-7f3a" }, { secrets: { token: "set" }, default: false }),
  channel("slack", "slack", {}, {
    secrets: { url: "set" },
    last: { at: NOW - 300, outcome: "dead", status: 404, error: "the receiver refuses it" },
    waiting: 1,
    dead: 2,
  }),
  channel("pager", "webhook", { url: "https://pager.example/in" }, { from_file: true, last: null, enabled: false }),
];
const delivery = (id, more) => ({
  id,
  channel: "slack",
  created: NOW - 400,
  due: NOW + 60,
  attempts: 5,
  state: "dead",
  status: 404,
  error: "the receiver refuses it",
  alarms: [{ id: 4711, event: "fired", name: "Disk almost full", host: "db-primary.internal.example", instance: "/", severity: "critical" }],
  ...more,
});
export const DELIVERIES = [
  delivery("9f2c"),
  delivery("a001", {
    alarms: [
      { id: 4713, event: "fired", name: "Host is down", host: "cache-1", instance: "", severity: "critical" },
      { id: 4601, event: "ended", name: "Disk almost full", host: "web-1", instance: "/", severity: "critical" },
    ],
  }),
  delivery("b002", { state: "waiting", attempts: 1, status: 503 }),
];
export const ROUTES = [
  { severity: "critical", tags: { site: ["fra"] }, rules: [], hosts: [], to: ["ops"], after: 0 },
  { severity: "critical", tags: {}, rules: ["disk-*"], hosts: ["*"], to: ["pager"], after: 900 },
];
const found = (host, instance, ago, length, severity = "warning") => ({
  host,
  instance,
  severity,
  started: NOW - ago - 300,
  fired: NOW - ago,
  ended: NOW - ago + length,
  value_fired: 71,
  value_worst: 77,
});
export const PREVIEW = {
  fired: 3,
  hosts: 2,
  told: 4,
  night: 2,
  exact: false,
  partial: false,
  examined_hosts: 12,
  alarms: [
    found("web-2", "/home", 5 * DAY, 3 * HOUR),
    found("web-2", "/", 2 * DAY, 9 * HOUR, "critical"),
    found("web-1", "/", DAY, HOUR),
  ],
  noisiest: [
    { host: "web-2", fired: 2 },
    { host: "web-1", fired: 1 },
  ],
  what_if: [
    { change: "for 15m", fired: 1 },
    { change: "clear 60", fired: 2 },
  ],
};

/** All of it. @type {import("./stand_in_alerts.js").Alerts} */
export const ALERTS = {
  alarms: ALARMS,
  rules: RULES,
  silences: SILENCES,
  channels: CHANNELS,
  deliveries: DELIVERIES,
  routes: ROUTES,
  preview: PREVIEW,
  details: DETAILS,
};
