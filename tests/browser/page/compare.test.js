import assert from "node:assert/strict";
import { chartOf, pageTest, until } from "./fixture.js";

const FEW = ["web-1", "web-2", "db-1"].map((hostname) => ({ hostname, tags: { role: hostname.split("-")[0] } }));
const MANY = Array.from({ length: 120 }, (_, index) => ({
  hostname: `host-${index}`,
  tags: { role: index % 2 ? "web" : "db" },
}));
const labels = (page, title) =>
  page.evaluate((start) => {
    const chart = Object.values(globalThis.Chart.instances).find(({ canvas }) =>
      canvas.getAttribute("aria-label").startsWith(start),
    );
    return chart.data.datasets.map((dataset) => dataset.label);
  }, title);
const asked = (server, start) => server.requests.filter((request) => request.startsWith(start));

pageTest(
  "of many hosts the ten highest are drawn, each metric's own, and how many they are chosen from is told",
  { hosts: MANY, hash: "#/compare" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    assert.equal(await page.getByRole("button", { name: "Top", exact: true }).getAttribute("aria-pressed"), "true");
    assert.equal((await labels(page, "CPU of")).length, 10);
    assert.match(
      await chartOf(page, "CPU").getAttribute("aria-label"),
      /^CPU of the 10 highest of 120 hosts over the last hour\./,
    );
    assert.ok(asked(server, "fleet?").some((request) => /metric=cpu&top=10&by=average/.test(request)));
    await page.getByLabel("How many hosts").selectOption("5");
    await page.waitForFunction(() => location.hash === "#/compare?top=5");
    await page.locator('canvas[aria-label^="CPU of the 5 highest of 120 hosts"]').waitFor();
    assert.equal((await labels(page, "CPU of")).length, 5);
    await page.getByLabel("Highest by").selectOption("maximum");
    await until(
      () => asked(server, "fleet?").some((request) => /by=maximum/.test(request)),
      "hosts with the highest single values",
    );
  },
);

pageTest(
  "the fleet is drawn as median and 95th percentile, with bands, and only what is new is asked for",
  { hosts: MANY.map((host) => ({ ...host, interval: 1 })), hash: "#/compare?show=fleet&timeframe=15m" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    assert.deepEqual(await labels(page, "CPU of"), ["median", "95th percentile"]);
    assert.match(
      await chartOf(page, "CPU").getAttribute("aria-label"),
      /^CPU of 120 hosts together over the last 15 minutes\. .*median: now .*; 95th percentile: now /,
    );
    assert.match(await page.locator(".card-about").first().textContent(), /120 hosts/);
    await until(() => asked(server, "fleet?from=").length > 0, "what is new alone");
    const points = await page.evaluate(() =>
      Object.values(globalThis.Chart.instances)[0].data.datasets.map((dataset) => dataset.data.length),
    );
    assert.ok(points.length === 2 && points.every((number) => number === points[0] && number > 50), String(points));
  },
);

pageTest(
  "any metric can be asked for: of one instance, of hosts with a tag, of chosen hosts",
  { hosts: MANY, hash: "#/compare?show=fleet&metric=network_receive_bytes_per_second" },
  async ({ page, server }) => {
    await chartOf(page, "Received, all together").waitFor();
    await page.getByLabel("Of what").selectOption("eth0");
    await chartOf(page, "Received, eth0").waitFor();
    await page.getByLabel("Hosts with tag").selectOption("role=db");
    await until(
      () => asked(server, "fleet?").some((request) => /tag=role%3Ddb/.test(request) && /instance=eth0/.test(request)),
      "hosts with the tag",
    );
    assert.equal(await page.locator(".filter-list .filter-item").count(), 60);
    await page
      .locator(".filter-list label")
      .filter({ has: page.getByText("host-10", { exact: true }) })
      .locator("input")
      .check();
    await until(() => asked(server, "fleet?").some((request) => /hostname=host-10&/.test(request)), "the chosen host");
  },
);

pageTest(
  "few hosts have a line each, and Back leads from the fleet to them",
  { hosts: FEW, hash: "#/compare" },
  async ({ page }) => {
    await chartOf(page, "CPU").waitFor();
    assert.deepEqual(await labels(page, "CPU of"), ["db-1", "web-1", "web-2"]);
    await page.getByRole("button", { name: "Fleet", exact: true }).click();
    await page.locator('canvas[aria-label^="CPU of 3 hosts together"]').waitFor();
    await page.goBack();
    await page.locator('canvas[aria-label^="CPU of 3 hosts over"]').waitFor();
    assert.deepEqual(await labels(page, "CPU of"), ["db-1", "web-1", "web-2"]);
  },
);

pageTest(
  "a tag that no host has is told as such",
  { hosts: FEW, hash: "#/compare?tag=role%3Dmail" },
  async ({ page }) => {
    await page.getByRole("heading", { name: "No such hosts" }).waitFor();
    await page.getByLabel("Hosts with tag").selectOption("");
    await chartOf(page, "CPU").waitFor();
  },
);

pageTest(
  "of 2,000 hosts the list shows the first, and a search finds the others",
  { hosts: Array.from({ length: 2000 }, (_, index) => ({ hostname: `host-${index}` })), hash: "#/compare?show=fleet" },
  async ({ page }) => {
    await page.getByText("and 1800 more: search for them").waitFor();
    assert.equal(await page.locator(".filter-list li").count(), 200);
    await page.getByLabel("Find a host").fill("host-1999");
    await page.waitForFunction(() => document.querySelectorAll(".filter-list li").length === 1);
  },
);

pageTest(
  "while the server is away what was drawn stays, and all of it comes back by itself",
  { hosts: MANY.map((host) => ({ ...host, interval: 1 })), hash: "#/compare?show=top&timeframe=15m", failures: true },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    server.failure = { status: 503, body: '{"error":"not now"}' };
    await page.locator("#banner").waitFor();
    assert.equal((await labels(page, "CPU of")).length, 10);
    server.failure = null;
    await page.locator("#banner").waitFor({ state: "hidden" });
  },
);

pageTest(
  "a host's own metric stands in the list while the address names it",
  { hosts: [{ hostname: "web-1", extraMetrics: ["queue_depth"] }], hash: "#/compare?metric=queue_depth" },
  async ({ page }) => {
    await chartOf(page, "Queue depth").waitFor();
    const list = page.getByLabel("Metric", { exact: true });
    assert.deepEqual(await list.locator("option:checked").allTextContents(), ["Queue depth"]);
    await list.selectOption("load1");
    await page.waitForFunction(() => location.hash === "#/compare?metric=load1");
    assert.equal(await list.locator("option", { hasText: "Queue depth" }).count(), 0);
    await page.goBack();
    await chartOf(page, "Queue depth").waitFor();
    assert.equal(await list.inputValue(), "queue_depth");
  },
);
