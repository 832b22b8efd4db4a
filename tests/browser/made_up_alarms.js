/**
 * Alarms as a small company has them, for tests and pictures.
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

const events = (...given) =>
  given.map(([ago, kind, value, detail = "", later = 0]) => ({
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
