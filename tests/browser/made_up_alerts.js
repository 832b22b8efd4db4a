/**
 * Rules, silences and channels as a small company has them, and its alarms, for tests and pictures.
 */

import { ALARMS, DETAILS } from "./made_up_alarms.js";

const NOW = Math.floor(Date.now() / 1000);
const HOUR = 3600;
const DAY = 24 * HOUR;

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
    {
      server: "smtp://mail.example:587",
      from: "hostwatch@example.org",
      to: "ops@example.org",
      user: "hostwatch",
      tls: "required",
    },
    { secrets: { password: "set" } },
  ),
  channel(
    "ops",
    "ntfy",
    { url: "https://ntfy.example", topic: "ops-7f3a" },
    { secrets: { token: "set" }, default: false },
  ),
  channel(
    "slack",
    "slack",
    {},
    {
      secrets: { url: "set" },
      last: { at: NOW - 300, outcome: "dead", status: 404, error: "the receiver refuses it" },
      waiting: 1,
      dead: 2,
    },
  ),
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
  alarms: [
    {
      id: 4711,
      event: "fired",
      name: "Disk almost full",
      host: "db-primary.internal.example",
      instance: "/",
      severity: "critical",
    },
  ],
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
  pending: [
    {
      rule: "disk-full",
      name: "Disk almost full",
      host: "queue-1",
      instance: "/",
      severity: "warning",
      since: NOW - 120,
      held: 120,
      for: 300,
      value: 71,
    },
  ],
  rules: RULES,
  silences: SILENCES,
  channels: CHANNELS,
  deliveries: DELIVERIES,
  routes: ROUTES,
  preview: PREVIEW,
  details: DETAILS,
};
