/**
 * Whatever hosts, tags, mount points, metrics and people are called, and however long, and however large their values:
 * no view is wider than a phone, and nothing in it reaches beyond the screen where it cannot be seen.
 */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { longAlerts } from "../made_up_long_alerts.js";
import { reach } from "../views.js";
import { chartsFit, overflow, pageTest } from "./fixture.js";

const PICTURES = fileURLToPath(new URL("../test-results/", import.meta.url));
const PHONES = [390, 320];
const OTHERS = [1440, 1024];
const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);

/** As long as the server takes them, without a place to break a line at. */
const NAME = "h".repeat(253);
const OTHER = `${"W".repeat(60)}.example`;
const KEY = `topology.kubernetes.io_zone${"k".repeat(36)}`;
const VALUE = "v".repeat(200);
const INSTANCE = `/srv/${"m".repeat(120)}`;
const METRIC = `queue_${"n".repeat(100)}_bytes_per_second`;
/** Metrics of each unit, with values as large as the server takes them. */
const HUGE = ["job_percent", "x_bytes", "lag_seconds", "tries_per_second", "tries"];
const SENTENCE = `two agents report as '${NAME}': 2001:db8:1111:2222:3333:4444:5555:6666%enp0s31f6.4094 (agent ${"a".repeat(32)})`;
const PASSWORD = "correct horse";
const PERSON = "p".repeat(60);

const WORDS = "w".repeat(200);
const LARGE = {
  load1: 1e15,
  network_receive_bytes_per_second: { [INSTANCE]: 1.7e18 },
  network_transmit_bytes_per_second: { [INSTANCE]: 1.7e18 },
};
const long = (hostname, more = {}) => ({
  hostname,
  tags: {
    [KEY]: VALUE,
    environment: "production-eu-central-1",
    ...Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`key-${index}`, VALUE])),
  },
  facts: {
    os: WORDS,
    kernel: WORDS,
    architecture: WORDS,
    cpu_model: WORDS,
    cpu_cores: 100_000,
    memory_bytes: 1e18,
    agent_version: WORDS,
  },
  conflict: SENTENCE,
  clockSkew: 9e8,
  latestMetrics: LARGE,
  extraInstances: [INSTANCE, `${INSTANCE}2`],
  extraMetrics: [METRIC, ...HUGE],
  extraMaximum: 9.9e299,
  cores: 12,
  ...more,
});
const HOSTS = [long(NAME), long(OTHER, { down: true }), { hostname: "web-1", tags: { role: "db" } }];
const TAG = encodeURIComponent(`${KEY}=${VALUE}`);

const token = {
  id: "l",
  name: PERSON.repeat(3),
  scope: "agent",
  host: NAME,
  created: NOW - DAY,
  last_used: NOW - 8,
  expires: NOW + 300 * DAY,
  uses_left: 1_000_000,
  made_by: `user ${PERSON}`,
};
const AGENTS = ["waiting", "allowed", "shut_out"].map((standing) => ({
  host: NAME,
  agent: "4".repeat(32),
  standing,
  since: NOW - 90,
  by: "2001:db8:1111:2222:3333:4444:5555:6666%enp0s31f6.4094",
}));
const access = {
  authentication: "required",
  users: { [PERSON]: { password: PASSWORD, role: "admin" } },
  tokens: [token],
  agents: AGENTS,
};

const CHART = ".chart-card"; // facts and warnings may push what is drawn below the screen
const ROW = ".row-link";
const OPENED = "dialog[open]";
const click = (name) => (page) => page.getByRole("button", { name, exact: true }).first().click();
const menuOf = (name, entry) => async (page) => {
  await click(`More about ${name}`)(page);
  await click(entry)(page);
};

const alerts = longAlerts({ NAME, KEY, VALUE, INSTANCE, METRIC, WORDS, PERSON });

/** @type {Record<string, import("../views.js").View>} */
const VIEWS = {
  overview: { wait: ".meter-value" },
  overview_cards: { hash: "#/?layout=cards", wait: ".meter-value" },
  overview_groups: { hash: `#/?group=${encodeURIComponent(KEY)}&tag=${TAG}`, wait: ".group-row" },
  overview_nothing_found: { hash: `#/?search=nobody-${WORDS}&tag=${TAG}`, wait: "text=No host matches." },
  host: { hash: `#/host/${NAME}`, wait: CHART },
  host_down: { hash: `#/host/${OTHER}`, wait: `${CHART}, .notice` },
  host_over_both_times: {
    hash: `#/host/${NAME}?from=${Date.UTC(2026, 9, 25) / 1000}&to=${Date.UTC(2026, 9, 25, 1, 30) / 1000}`,
    wait: `${CHART}, .notice`,
  },
  host_menu: { hash: `#/host/${NAME}`, wait: CHART, then: click(`More about ${NAME}`), after: ".menu:not([hidden])" },
  host_table: {
    hash: `#/host/${NAME}`,
    wait: CHART,
    then: menuOf("Space used", "Show as table"),
    after: ".chart-table",
  },
  host_range: { hash: `#/host/${NAME}`, wait: CHART, then: click("Range…"), after: ".time-picker:not([hidden])" },
  host_unknown: { hash: `#/host/${"u".repeat(253)}`, wait: ".notice" },
  host_moment: {
    hash: `#/host/${NAME}`,
    wait: CHART,
    then: (page) => page.locator(".chart-card", { hasText: "Space used" }).first().hover(),
  },
  compare: { hash: "#/compare", wait: CHART },
  compare_none: { hash: `#/compare?host=web-1&tag=${TAG}`, wait: ".notice" },
  compare_top: { hash: "#/compare?show=top", wait: CHART },
  compare_fleet: { hash: "#/compare?show=fleet", wait: CHART },
  compare_metric: { hash: `#/compare?metric=${METRIC}`, wait: CHART },
  ...Object.fromEntries(
    HUGE.map((metric) => [`compare_${metric}`, { hash: `#/compare?metric=${metric}`, wait: CHART }]),
  ),
  host_huge_table: { hash: `#/host/${NAME}`, wait: CHART, then: menuOf("X", "Show as table"), after: ".chart-table" },
  compare_instance: {
    hash: `#/compare?metric=filesystem_used_percent&instance=${encodeURIComponent(INSTANCE)}`,
    wait: CHART,
  },
  wall: { hash: "#/?wall=300", wait: ".wall-bar" },
  wall_host: { hash: `#/host/${NAME}?wall=300`, wait: CHART },
  keys: { wait: ROW, then: click("Keys"), after: OPENED },
  away: { failure: { status: 500, body: JSON.stringify({ error: WORDS }) }, wait: "#banner:not([hidden])" },
  host_delete: { hash: `#/host/${NAME}`, wait: CHART, then: menuOf(NAME, "Delete host…"), after: OPENED },
  sign_in: { access, wait: "form" },
  menu: { access, as: PERSON, wait: ROW, then: click(`Signed in as ${PERSON}`), after: ".menu:not([hidden])" },
  access: { access, as: PERSON, hash: "#/access", wait: ".tokens tbody tr" },
  access_revoke: {
    access,
    as: PERSON,
    hash: "#/access",
    wait: ".tokens tbody tr",
    then: click(`Revoke ${token.name}`),
    after: OPENED,
  },
  access_let_in: {
    access,
    as: PERSON,
    hash: "#/access",
    wait: ".agents tbody tr",
    then: click(`Allow ${NAME} (44444444)`),
    after: OPENED,
  },
  access_new: {
    access,
    as: PERSON,
    hash: "#/access",
    wait: ".tokens tbody tr",
    then: click("New token"),
    after: OPENED,
  },
  account: { access, as: PERSON, hash: "#/account", wait: "form" },
  add_host: { access, as: PERSON, wait: ROW, then: click("Add a host"), after: OPENED },
  alarms: { access, as: PERSON, alerts, hash: "#/alarms", wait: ".alarm-item" },
  alarms_host: { alerts, hash: `#/host/${NAME}`, wait: ".host-alarms li" },
  alarms_overview: { alerts, wait: ".alarm-badge" },
  alarm: { access, as: PERSON, alerts, hash: "#/alarms/1", wait: ".timeline li" },
  alarm_silence: {
    access,
    as: PERSON,
    alerts,
    hash: "#/alarms/1",
    wait: ".timeline li",
    then: click("Silence…"),
    after: OPENED,
  },
  rules: { access, as: PERSON, alerts, hash: "#/rules", wait: ".rules tbody tr" },
  rule: { access, as: PERSON, alerts, hash: `#/rules/${"r".repeat(63)}`, wait: ".condition" },
  silences: { access, as: PERSON, alerts, hash: "#/silences", wait: ".tokens tbody tr" },
  channels: { access, as: PERSON, alerts, hash: "#/channels", wait: ".route" },
};

/** Hosts whose name runs into the word beside it. @param {import("playwright-core").Page} page */
const overprinted = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".hosts tr")]
      .filter((row) => {
        const [name, status] = [row.querySelector(".row-link"), row.querySelector(".cell-status")].map((box) =>
          box?.getBoundingClientRect(),
        );
        return (
          name && status && name.right > status.left + 1 && name.bottom > status.top + 1 && status.bottom > name.top + 1
        );
      })
      .map((row) => row.textContent.slice(0, 8)),
  );

/**
 * What can be seen and reaches beyond the screen's edge, but for what lies in a box that scrolls or tells by dots that
 * it is cut. A box that hides what is too wide without a word counts as well; canvases have their own wait, and the
 * readout is cut at its end.
 * @param {import("playwright-core").Page} page
 */
const beyond = (page) =>
  page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    const isTold = (box) => {
      for (let at = box; at && at !== document.body; at = at.parentElement) {
        const { overflowX, textOverflow, clipPath, position } = getComputedStyle(at);
        if (
          ["auto", "scroll"].includes(overflowX) ||
          textOverflow === "ellipsis" ||
          (position === "absolute" && clipPath !== "none")
        ) {
          return true;
        }
      }
      return false;
    };
    return [...document.querySelectorAll("body *")]
      .filter(
        (box) =>
          box.checkVisibility?.({ visibilityProperty: true }) &&
          !(box instanceof SVGElement) &&
          !box.matches("option, canvas, .readout *"),
      )
      .filter((box) => {
        const { left, right, width } = box.getBoundingClientRect();
        return width > 0 && (right > edge + 1 || left < -1) && !isTold(box);
      })
      .map((box) => `${box.tagName.toLowerCase()}.${box.className}`);
  });

mkdirSync(PICTURES, { recursive: true });

for (const [name, view] of Object.entries(VIEWS)) {
  const setting = {
    hosts: HOSTS,
    access: view.access,
    alerts: view.alerts,
    as: view.as,
    open: false,
    failures: Boolean(view.failure),
    options: { viewport: { width: PHONES[0], height: 844 } },
  };
  pageTest(`long names leave ${name.replaceAll("_", " ")} as narrow as a phone`, setting, async ({ page, server }) => {
    server.failure = view.failure ?? null;
    await page.goto(`${server.address}${view.hash ?? ""}`);
    await reach(page, view);
    for (const width of [...OTHERS, ...PHONES]) {
      await page.setViewportSize({ width, height: 844 });
      await chartsFit(page);
      await page.screenshot({ path: `${PICTURES}long-${name}-${width}.png` });
      assert.equal(await overflow(page), 0, `${width} pixels wide`);
      assert.deepEqual(await overprinted(page), [], `${width} pixels wide`);
      assert.deepEqual([...new Set(await beyond(page))], [], `${width} pixels wide`);
    }
  });
}
