import assert from "node:assert/strict";
import { pageTest, until } from "./fixture.js";

const HOSTS = [
  { hostname: "web-1" },
  { hostname: "web-2", clockSkew: 42 },
  { hostname: "db-1" },
  { hostname: "cache-1", down: true },
];
const MANY = Array.from({ length: 2000 }, (_, index) => ({ hostname: `host-${index}` }));
const names = (page) => page.locator(".row-link").allTextContents();
const hashOf = (page) => new URL(page.url()).hash;

pageTest(
  "what is down comes first, then what has a warning; a click on a column sorts by it, one way and the other",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    assert.deepEqual(await names(page), ["cache-1", "web-2", "db-1", "web-1"]);
    await page.getByRole("button", { name: "Host", exact: true }).click();
    await page.waitForSelector('th[aria-sort="ascending"]');
    assert.deepEqual(await names(page), ["cache-1", "db-1", "web-1", "web-2"]);
    await page.getByRole("button", { name: "Host", exact: true }).click();
    await page.waitForSelector('th[aria-sort="descending"]');
    assert.deepEqual(await names(page), ["web-2", "web-1", "db-1", "cache-1"]);
    assert.equal(hashOf(page), "#/?sort=-host");
    await page.getByRole("button", { name: "CPU", exact: true }).click();
    await page.waitForFunction(() => location.hash === "#/?sort=-cpu");
    const values = (await page.locator("tbody tr td:nth-child(3) .meter-value").allTextContents()).map(parseFloat);
    assert.deepEqual(
      values,
      [...values].sort((first, second) => second - first),
    );
  },
);

pageTest("search narrows the list as one types, and stands in the address", { hosts: HOSTS }, async ({ page }) => {
  await page.waitForSelector("tbody tr");
  await page.keyboard.press("/");
  await page.keyboard.type("WEB");
  await page.waitForFunction(() => document.querySelectorAll(".row-link").length === 2);
  assert.equal(hashOf(page), "#/?search=WEB");
  await page.keyboard.type(" nothing");
  await page.getByRole("button", { name: "Show all hosts" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".row-link").length === 4);
});

pageTest("hosts are filtered by status, with counts", { hosts: HOSTS }, async ({ page }) => {
  assert.equal(await page.getByRole("button", { name: /^Late/ }).count(), 0, "none is");
  await page.getByRole("button", { name: "Down 1" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".row-link").length === 1);
  assert.deepEqual(await names(page), ["cache-1"]);
  await page.getByRole("button", { name: "Up 3" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".row-link").length === 3);
  await page.reload();
  await page.waitForSelector("tbody tr");
  assert.equal((await names(page)).length, 3, "the address keeps it");
});

pageTest(
  "hosts are rows or cards",
  { hosts: HOSTS, options: { viewport: { width: 1440, height: 900 } } },
  async ({ page }) => {
    await page.getByRole("button", { name: "Show cards" }).click();
    await page.waitForSelector('table[data-layout="cards"]');
    await page.getByRole("button", { name: "Show rows" }).click();
    await page.waitForSelector('table[data-layout="rows"]');
  },
);

pageTest(
  "hosts on the screen have a line of the last hour",
  { hosts: HOSTS, options: { viewport: { width: 1440, height: 900 } } },
  async ({ page }) => {
    await page.waitForFunction(
      () => [...document.querySelectorAll(".sparkline path")].filter((path) => path.getAttribute("d")).length >= 3,
    );
  },
);

pageTest(
  "of 2,000 hosts only those near the screen are drawn, and only their lines are asked for",
  { hosts: MANY, options: { viewport: { width: 1440, height: 900 } } },
  async ({ page, server }) => {
    await page.waitForSelector(".sparkline path[d^=M]");
    assert.equal(await page.locator(".row-link").count(), 2000);
    assert.ok((await page.locator(".cell-meter").count()) < 300);
    await page.locator(".row-link").nth(1500).scrollIntoViewIfNeeded();
    await page.waitForFunction(() =>
      document.querySelectorAll("tbody tr")[1500].querySelector(".sparkline path[d^=M]"),
    );
    assert.ok(
      server.requests
        .filter((request) => request.startsWith("data?"))
        .every((request) => request.match(/hostname=/g).length <= 50),
    );
  },
);

pageTest(
  "the tab tells how many hosts are down, in its title and its icon",
  { hosts: HOSTS, hash: "#/host/web-1" },
  async ({ page, server }) => {
    await page.waitForFunction(() => document.title === "(1 down) web-1 · Hostwatch");
    await page.waitForFunction(() =>
      document.querySelector("link[rel=icon]").getAttribute("href").startsWith("data:image/png"),
    );
    server.hosts = server.hosts.slice(0, 3);
    await page.waitForFunction(() => document.title === "web-1 · Hostwatch", undefined, { timeout: 30_000 });
    assert.match(await page.locator("link[rel=icon]").getAttribute("href"), /favicon\.svg$/);
  },
);

pageTest(
  "keys go through the list and from host to host; a question mark lists them, and letters can be switched off",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "web-2");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash === "#/host/web-2");
    await page.waitForFunction(() => document.activeElement.tagName === "H1");
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => location.hash === "#/host/web-1");
    await page.keyboard.press("o");
    await page.waitForSelector("tbody tr");
    await page.keyboard.press("?");
    await page.getByLabel("Single letters and signs do something").uncheck();
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    await page.keyboard.press("c");
    await page.keyboard.press("ArrowDown");
    assert.equal(hashOf(page), "#/");
  },
);

pageTest(
  "a host that goes down is told, once one has asked for it",
  {
    hosts: [
      { hostname: "fast-1", interval: 1 },
      { hostname: "fast-2", interval: 1 },
    ],
    open: false,
  },
  async ({ page, server }) => {
    await page.addInitScript(() => {
      globalThis.told = [];
      const FakeNotification = class {
        static permission = "default";
        static async requestPermission() {
          this.permission = "granted";
          return "granted";
        }
        constructor(title, { body }) {
          globalThis.told.push(`${title}: ${body}`);
        }
      };
      Object.defineProperty(globalThis, "Notification", { value: FakeNotification });
    });
    await page.goto(server.address);
    await page.waitForSelector("tbody tr");
    await page.getByRole("button", { name: "Notify me of alarms, and of hosts that go down" }).click();
    await page.getByRole("button", { name: "Stop notifying me" }).waitFor();
    server.hosts = [
      { hostname: "fast-1", interval: 1, down: true },
      { hostname: "fast-2", interval: 1 },
      { hostname: "new", down: true },
    ];
    await page.waitForFunction(() => globalThis.told.length > 0);
    server.hosts = [
      { hostname: "fast-1", interval: 1 },
      { hostname: "fast-2", interval: 1 },
    ];
    await page.waitForFunction(() => globalThis.told.length > 1);
    assert.deepEqual(await page.evaluate(() => globalThis.told), [
      "Hostwatch: fast-1 is down",
      "Hostwatch: fast-1 is up again",
    ]);
  },
);

pageTest(
  "the list of keys stays while the view behind it changes, as on the wall",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    await page.evaluate(() => (location.hash = "#/host/web-1"));
    await page.waitForSelector("canvas[aria-label*=' of ']");
    assert.equal(await page.locator("dialog[open]").count(), 1);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  },
);

pageTest(
  "a host that sends old readings is called late, not up and last seen long ago",
  { hosts: [{ hostname: "web-1" }, { hostname: "old-1", lateBy: 33 * 86_400 }] },
  async ({ page }) => {
    await page.waitForSelector(".meter-value");
    assert.deepEqual(await names(page), ["old-1", "web-1"]);
    assert.deepEqual(await page.locator(".cell-status").allTextContents(), ["Late", "Up"]);
    assert.equal(await page.locator(".cell-seen").first().textContent(), "33 d old");
    assert.equal(await page.locator(".title-detail").first().textContent(), "1 up, 1 late");
    await page.getByRole("button", { name: "Late 1" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".row-link").length === 1);
    assert.deepEqual(await names(page), ["old-1"]);
    assert.equal(hashOf(page), "#/?status=late");
    await page.getByRole("link", { name: "old-1" }).click();
    await page.waitForSelector(".notice");
    assert.equal(await page.locator(".title-row .status").textContent(), "Late");
    assert.equal(await page.locator(".title-row .title-detail").textContent(), "Its newest reading is 33 d old");
    assert.match(
      await page.locator(".notice").textContent(),
      /There is nothing of this host in the last hour\. Its newest reading is 33 d old, of /,
    );
  },
);

const BOND = {
  network_receive_bytes_per_second: { eth0: 1024, eth1: 1024, uplink: 2048, lo: 512 },
  network_transmit_bytes_per_second: { eth0: 1024, lo: 512 },
};

pageTest(
  "what comes over several interfaces that lie on one another counts once",
  {
    hosts: [
      { hostname: "bonded", latestMetrics: BOND, facts: { repeated_interfaces: ["uplink"] } },
      { hostname: "silent", latestMetrics: BOND },
    ],
  },
  async ({ page }) => {
    await page.waitForSelector(".meter-value");
    const network = (name) => page.getByRole("row", { name }).locator(".cell-network").textContent();
    assert.equal(await network("bonded"), "received ↓ 2.00 KiB/s, sent ↑ 1.00 KiB/s");
    assert.equal(
      await network("silent"),
      "received ↓ 4.00 KiB/s, sent ↑ 1.00 KiB/s",
      "of an interface whose name tells nothing, of a host that does not tell either",
    );
  },
);

const fast = (hostname, more = {}) => ({ hostname, interval: 1, ...more });
const sinceOf = (request) => new URLSearchParams(request.slice("hosts?".length)).get("since");

pageTest(
  "what has changed alone is asked for, by whatever path; new hosts come and deleted ones leave",
  { hosts: [fast("web-1"), fast("web-2")], base: "/monitor/" },
  async ({ page, server }) => {
    await page.waitForSelector("tbody tr");
    const asked = () => server.requests.filter((request) => request.startsWith("hosts?")).map(sinceOf);
    await until(() => asked().filter((since) => since !== "").length >= 2, "changes are asked for");
    const isThere = (name) => page.locator(".row-link", { hasText: name });
    server.hosts = [fast("web-2"), fast("db-1", { tags: { role: "db" } })];
    await isThere("db-1").waitFor();
    await isThere("web-1").waitFor({ state: "detached" });
    assert.deepEqual(await names(page), ["db-1", "web-2"]);
    await page.getByRole("button", { name: "role=db" }).waitFor();
    assert.equal(asked()[0], "", "at first everything");
  },
);

pageTest(
  "the rows of hosts are those of their newest readings, and one whose readings are old is late",
  { hosts: [fast("web-1"), fast("web-2")] },
  async ({ page, server }) => {
    const load = (name) => page.locator("tr", { hasText: name }).locator(".cell-load");
    await load("web-1").waitFor();
    server.hosts = [fast("web-1", { latestMetrics: { load1: 17.25 } }), fast("web-2")];
    await load("web-1").filter({ hasText: "17.25" }).waitFor();
    server.hosts = [fast("web-1", { latestMetrics: { load1: 18.5 } }), fast("web-2", { lateBy: 600 })];
    await load("web-1").filter({ hasText: "18.50" }).waitFor();
    await page.locator('tr[data-status="late"]', { hasText: "web-2" }).waitFor();
  },
);

pageTest(
  "a server that was started anew tells everything, and the page goes on by that",
  { hosts: [fast("web-1"), fast("web-2")] },
  async ({ page, server }) => {
    await page.waitForSelector("tbody tr");
    server.hosts = [fast("web-2")];
    server.changes.forget(); // and nobody tells that web-1 was deleted
    await page.locator(".row-link", { hasText: "web-1" }).waitFor({ state: "detached" });
    assert.deepEqual(await names(page), ["web-2"]);
  },
);
