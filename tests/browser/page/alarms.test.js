/** The views of alarms: what is open, what ended, one of them; and where alarms show elsewhere. */

import assert from "node:assert/strict";
import { ALARMS, alarm } from "../made_up_alarms.js";
import { ALERTS } from "../made_up_alerts.js";
import { HOSTS } from "../views.js";
import { button, closed, dialog, HOSTILE } from "./access_fixture.js";
import { chartOf, pageTest, until } from "./fixture.js";

const ADMIN = { hosts: HOSTS, alerts: ALERTS, access: closed(), as: "admin" };
const VIEWER = { ...ADMIN, as: "mira" };
const NOW = Math.floor(Date.now() / 1000);

const items = (page) => page.locator(".alarm-item");
const ended = (page) => page.getByRole("table", { name: "Alarms that ended" }).locator("tbody tr");
const count = (page) => page.locator("#alarm-count");
const hash = (page) => page.evaluate(() => location.hash);
/** A made-up alarm by its id. @param {number} id */
const made = (id) => ALARMS.find((one) => one.id === id);

pageTest(
  "open alarms stand by host, the gravest first, with value, limit and who was told",
  ADMIN,
  async ({ page }) => {
    await page.locator("#link-alarms").click();
    await items(page).first().waitFor();
    assert.deepEqual(await page.locator(".alarm-host h2 .name").allTextContents(), [
      "cache-1",
      "db-primary.internal.example",
      "The server",
      "build-9",
      "web-1",
    ]);
    const text = await items(page).nth(2).innerText();
    for (const part of ["Critical", "Disk almost full", "79.1% (limit 78%)", "for 25 min", "told: mail, ops"]) {
      assert.ok(text.includes(part), part);
    }
    await items(page).nth(2).locator(".alarm-spark path[d^=M]").waitFor({ state: "attached" });
    assert.equal(await items(page).nth(2).locator(".alarm-spark-limit").count(), 2, "both limits");
    assert.match(await items(page).nth(1).innerText(), /unknown since .*: nothing is measured/);
    await page.getByText("Disk almost full / on queue-1: warning in 3 min").waitFor();
  },
);

pageTest("the link in the header counts them, as do the tab and the rows of hosts", ADMIN, async ({ page, server }) => {
  await page.locator(".alarm-badge").first().waitFor();
  assert.equal(await count(page).textContent(), "6");
  assert.match(await page.title(), /^\(2 critical, 4 warnings, 1 down\) Overview/);
  const badge = page.getByRole("link", { name: "Alarms of db-primary.internal.example: 1 critical, 1 warning" });
  await badge.click();
  await items(page).first().waitFor();
  assert.equal(await hash(page), "#/alarms?host=db-primary.internal.example");
  assert.equal(await items(page).count(), 2);
  server.alerts.alarms = [];
  await count(page).waitFor({ state: "hidden" });
  await page.waitForFunction(() => document.title.startsWith("(1 down) "));
});

pageTest(
  "an alarm is silenced with a reason, for a while, and no more than was asked",
  { ...ADMIN, hash: "#/alarms" },
  async ({ page, server }) => {
    await page.getByRole("button", { name: "Silence… Disk almost full / of db-primary.internal.example" }).click();
    await dialog(page).getByRole("button", { name: "Silence", exact: true }).click();
    await dialog(page).getByText("Give a reason.").waitFor();
    await button(dialog(page), "4 h").click();
    await dialog(page).getByLabel("Reason").fill("we know");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "detached" });
    const [{ method, path, headers, body }] = server.alerts.changes;
    assert.equal(`${method} ${path}`, "POST alerts/silences");
    assert.ok(headers["x-csrf-token"]);
    assert.ok(Math.abs(body.until - NOW - 4 * 3600) < 60);
    delete body.until;
    assert.deepEqual(body, {
      rules: ["disk-full"],
      hosts: ["db-primary.internal.example"],
      instances: ["/"],
      reason: "we know",
    });
  },
);

pageTest(
  "an alarm is acknowledged with a note, and one may take that back",
  { ...ADMIN, hash: "#/alarms?host=web-1" },
  async ({ page, server }) => {
    await page.getByRole("button", { name: /^Acknowledge…/ }).click();
    await dialog(page).getByLabel("Note").fill("disk is ordered");
    await button(dialog(page), "Acknowledge").click();
    await page.getByText("acknowledged by admin: disk is ordered").waitFor();
    await page.getByRole("button", { name: /^Unacknowledge/ }).click();
    await page.getByText("acknowledged by admin").waitFor({ state: "detached" });
    assert.deepEqual(
      server.alerts.changes.map(({ method, path }) => `${method} ${path}`),
      ["POST alerts/4715/acknowledge", "DELETE alerts/4715/acknowledge"],
    );
  },
);

pageTest(
  "filters are in the address, and hold for what is open and what ended",
  { ...ADMIN, hash: "#/alarms" },
  async ({ page, server }) => {
    await ended(page).first().waitFor();
    assert.equal(await ended(page).count(), 3);
    await page.getByLabel("Host", { exact: true }).selectOption("web-1");
    await until(() => server.requests.some((request) => /state=ended&host=web-1&/.test(request)), "asked for one host");
    await page.waitForFunction(() => document.querySelectorAll(".alarm-table tbody tr").length === 2);
    assert.equal(await items(page).count(), 1);
    await page.getByLabel("Severity").selectOption("critical");
    assert.equal(await hash(page), "#/alarms?host=web-1&severity=critical");
    await page.getByText("None of the open alarms matches.").waitFor();
    await button(page, "Show all").click();
    assert.equal(await hash(page), "#/alarms");
    await page.getByLabel("Time").selectOption("24h");
    await page.waitForFunction(() => document.querySelectorAll(".alarm-table tbody tr").length === 2);
    await page.getByLabel("Time").selectOption("From … to …");
    assert.match(await hash(page), /last=24h&from=\d+&to=\d+/);
    await page.reload();
    await page.getByLabel("From", { exact: true }).waitFor();
  },
);

pageTest(
  "where nothing is wrong the page says what is watched, and that nobody would be told",
  { ...ADMIN, alerts: { rules: ALERTS.rules }, hash: "#/alarms" },
  async ({ page }) => {
    await page.getByText("4 rules watch 12 hosts; nothing is wrong.").waitFor();
    await page.getByText("Nobody is told yet").waitFor();
    await page.getByRole("link", { name: "Add a channel" }).click();
    await page.getByRole("heading", { level: 1, name: "Channels" }).waitFor();
  },
);

pageTest(
  "a viewer sees all of it and can change nothing",
  { ...VIEWER, hash: "#/alarms" },
  async ({ page, server }) => {
    await items(page).first().waitFor();
    assert.equal(await page.getByRole("button", { name: /Silence|Acknowledge/ }).count(), 0);
    assert.equal(await page.getByRole("link", { name: "Channels" }).count(), 0);
    await page.evaluate(() => (location.hash = "#/alarms/4711"));
    await chartOf(page, "Space used: /").waitFor();
    assert.equal(
      await page
        .locator("main")
        .getByRole("button", { name: /Silence|Acknowledge/ })
        .count(),
      0,
    );
    await page.evaluate(() => (location.hash = "#/channels"));
    await page.getByText("Who is told of alarms is decided by administrators.").waitFor();
    assert.equal(server.requests.filter((request) => /channels|routes|deliveries/.test(request)).length, 0);
  },
);

pageTest(
  "one alarm tells what happened, who was told and why, and what to do",
  { ...ADMIN, hash: "#/alarms/4711" },
  async ({ page }) => {
    await chartOf(page, "Space used: /").waitFor();
    const main = await page.locator("main").innerText();
    for (const part of [
      "Disk almost full /",
      "Critical",
      "It got worse: critical at 78.2% (known 4 min later)",
      "given up after 5 tries: 404, no such hook",
      "no route leads to it",
      "Find what grows: du -xh",
    ]) {
      assert.ok(main.includes(part), part);
    }
    const links = page.locator("main").getByRole("link");
    const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    assert.ok(addresses.includes("https://wiki.example/disk-full"));
    assert.ok(addresses.includes("https://wiki.example/du"));
    const label = await chartOf(page, "Space used: /").getAttribute("aria-label");
    assert.match(label, /Alarms: Disk almost full \/, critical, from /);
    await page.getByRole("link", { name: "db-primary.internal.example" }).click();
    await page.waitForFunction(() => location.hash.startsWith("#/host/db-primary.internal.example"));
  },
);

pageTest(
  "texts of rules and people are text, and no address of theirs is followed but of a page",
  {
    ...ADMIN,
    alerts: {
      alarms: [
        alarm(1, {
          name: HOSTILE,
          instance: HOSTILE,
          help: `${HOSTILE} javascript:alert(1)`,
          runbook: "javascript:alert(1)",
          told: [HOSTILE],
          acknowledged: { by: HOSTILE, at: NOW, until: 0, note: HOSTILE },
        }),
      ],
      details: {
        1: {
          events: [{ at: NOW, decided: NOW, kind: HOSTILE, value: 1, detail: HOSTILE }],
          why: [{ channel: HOSTILE, text: HOSTILE, at: null, state: "sent" }],
        },
      },
    },
    hash: "#/alarms",
  },
  async ({ page }) => {
    await items(page).first().getByRole("link", { name: HOSTILE }).click();
    await page.getByText("What happened").waitFor();
    await page.getByText("Runbook: javascript:alert(1)").waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
  },
);

pageTest(
  "an alarm that is not there any more is said so",
  { ...ADMIN, hash: "#/alarms/999", failures: true },
  async ({ page }) => {
    await page.getByRole("heading", { name: "No such alarm" }).waitFor();
    await page.getByRole("link", { name: "All alarms" }).click();
    await items(page).first().waitFor();
  },
);

pageTest(
  "charts of a host mark its alarms; a click on the mark leads there, as does the chart's menu",
  { ...ADMIN, hash: "#/host/web-1?timeframe=6h" },
  async ({ page }) => {
    await page.locator(".host-alarms li").waitFor();
    const chart = chartOf(page, "Space used");
    await page.getByRole("heading", { name: "Space used" }).scrollIntoViewIfNeeded();
    await page.waitForFunction(() =>
      [...document.querySelectorAll("canvas")].some((canvas) =>
        /^Space used.*Alarms: /.test(canvas.getAttribute("aria-label") ?? ""),
      ),
    );
    const drawn = await chart.evaluate((canvas) => {
      const { extra, scales, chartArea } = globalThis.Chart.getChart(canvas);
      const [band] = extra.alarms.filter(({ id }) => id === 4715);
      const x = scales.x.getPixelForValue(band.from * 1000) + 20;
      return { ids: extra.alarms.map(({ id }) => id), limits: extra.limits, x, y: chartArea.top - 3 };
    });
    assert.deepEqual(drawn.ids.sort(), [4601, 4715]);
    assert.deepEqual(drawn.limits, [
      { severity: "warning", value: 70 },
      { severity: "critical", value: 78 },
    ]);
    const box = await chart.boundingBox();
    await page.mouse.click(box.x + drawn.x, box.y + drawn.y);
    await page.waitForFunction(() => location.hash.startsWith("#/alarms/4715"));
    await page.goBack();
    await chartOf(page, "CPU").waitFor();
    await button(page, "More about CPU").click();
    await page.getByRole("button", { name: /^Alarm: Busy/ }).click();
    await page.waitForFunction(() => location.hash.startsWith("#/alarms/4602"));
  },
);

pageTest(
  "a chart is drawn anew for alarms only when they are others",
  { ...ADMIN, open: false },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(`${server.address}#/host/web-1?from=${NOW - 7200}&to=${NOW - 600}`);
    await chartOf(page, "CPU").waitFor();
    await page.waitForFunction(() => {
      const canvas = document.querySelector("canvas[aria-label^='CPU of ']");
      return globalThis.Chart.getChart(canvas).extra.alarms.length === 1;
    });
    await page.evaluate(() => {
      globalThis.drawn = 0;
      const { prototype } = globalThis.Chart;
      const { update } = prototype;
      prototype.update = function (...given) {
        globalThis.drawn += 1;
        return update.apply(this, given);
      };
    });
    const asked = () => server.requests.filter((request) => request.startsWith("alerts?")).length;
    const before = asked();
    await page.clock.runFor(301_000);
    await until(() => asked() > before, "asked again");
    await page.clock.runFor(1000);
    const same = await page.evaluate(() => globalThis.drawn);
    server.alerts.alarms = server.alerts.alarms.filter(({ id }) => id !== made(4602).id);
    await page.clock.runFor(301_000);
    await page.waitForFunction(() => {
      const canvas = document.querySelector("canvas[aria-label^='CPU of ']");
      return globalThis.Chart.getChart(canvas).extra.alarms.length === 0;
    });
    assert.ok((await page.evaluate(() => globalThis.drawn)) > same);
  },
);

pageTest(
  "whoever wants to be notified is told of new alarms, each once",
  { hosts: [{ hostname: "web-1", interval: 1 }], alerts: { alarms: [made(4715)] }, open: false },
  async ({ page, server }) => {
    await page.addInitScript(() => {
      globalThis.told = [];
      const FakeNotification = class {
        static permission = "granted";
        static async requestPermission() {
          return "granted";
        }
        constructor(_title, { body }) {
          globalThis.told.push(body);
        }
      };
      Object.defineProperty(globalThis, "Notification", { value: FakeNotification });
    });
    await page.goto(server.address);
    await page.getByRole("button", { name: /^Notify me/ }).click();
    await until(() => server.requests.some((request) => request.startsWith("alerts?state=open")), "what is known");
    await page.waitForTimeout(300);
    server.alerts.alarms = [...server.alerts.alarms, alarm(9, { severity: "critical", instance: "/var" })];
    await page.waitForFunction(() => globalThis.told.length > 0);
    assert.deepEqual(await page.evaluate(() => globalThis.told), ["Critical: web-1: Disk almost full /var"]);
  },
);
