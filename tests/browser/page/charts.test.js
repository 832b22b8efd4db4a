import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chartOf, pageTest, until } from "./fixture.js";

const HOSTS = [
  { hostname: "web-1", gaps: [[2200, 1500]] },
  { hostname: "web-2" },
  { hostname: "many-cores", cores: 32 },
];
const hashOf = (page) => new URL(page.url()).hash;
const headerOf = (page, title) =>
  page.locator(".chart-card", { has: page.getByRole("heading", { name: title, exact: true }) });

/** Drags over a chart, from one share of its width to another. */
async function drag(page, title, from, to) {
  const box = await chartOf(page, title).boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, y, { steps: 8 });
  await page.mouse.up();
}

pageTest(
  "the pointer over one chart shows its time in all of them, and the values in one line",
  { hosts: HOSTS, hash: "#/host/web-2" },
  async ({ page }) => {
    await chartOf(page, "CPU").waitFor();
    const box = await chartOf(page, "CPU").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForFunction(() => document.querySelectorAll(".cursor-line:not([hidden])").length >= 3);
    assert.match(
      await page.locator(".readout").textContent(),
      /\d\d:\d\d:\d\d.*CPU \d+\.\d%.*Memory \d+\.\d%.*Disk \d+\.\d%/,
    );
    await page.mouse.move(5, 5);
    await page.waitForFunction(() => document.querySelectorAll(".cursor-line:not([hidden])").length === 0);
    assert.equal(await page.locator(".readout").textContent(), "");
  },
);

pageTest(
  "a time without readings is told apart from zero",
  { hosts: HOSTS, hash: "#/host/web-1" },
  async ({ page }) => {
    await chartOf(page, "CPU").waitFor();
    const box = await chartOf(page, "CPU").boundingBox();
    await page.mouse.move(box.x + 48 + (box.width - 54) * 0.48, box.y + box.height / 2);
    await page.waitForSelector(".readout >> text=no readings: the host was away");
  },
);

pageTest(
  "a drag magnifies all charts with finer data; Escape, a double-click and Back lead back",
  { hosts: HOSTS, hash: "#/host/web-2?timeframe=24h" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    await drag(page, "CPU", 0.5, 0.6);
    await page.waitForFunction(() => location.hash.includes("zoom="));
    await until(
      () => server.requests.some((request) => /^data\?hostname=web-2&from=\d+&to=\d+&metrics/.test(request)),
      "a request for the part",
    );
    assert.match(hashOf(page), /^#\/host\/web-2\?timeframe=24h&zoom=\d+-\d+$/);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !location.hash.includes("zoom="));
    await drag(page, "Memory", 0.3, 0.4);
    await page.waitForFunction(() => location.hash.includes("zoom="));
    await chartOf(page, "Memory").dblclick();
    await page.waitForFunction(() => !location.hash.includes("zoom="));
    await page.goBack();
    await page.waitForFunction(() => location.hash.includes("zoom="));
  },
);

pageTest("Shift and a drag move the charts", { hosts: HOSTS, hash: "#/host/web-2" }, async ({ page, server }) => {
  const now = server.now();
  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    `#/host/web-2?zoom=${now - 2000}-${now - 1000}`,
  );
  await page.waitForFunction(() => location.hash.includes("zoom="));
  await chartOf(page, "CPU").waitFor();
  await page.keyboard.down("Shift");
  await drag(page, "CPU", 0.4, 0.7);
  await page.keyboard.up("Shift");
  await page.waitForFunction((old) => Number(/zoom=(\d+)-/.exec(location.hash)[1]) < old - 100, now - 2000);
  const [, from, to] = /zoom=(\d+)-(\d+)/.exec(hashOf(page)).map(Number);
  assert.ok(Math.abs(to - from - 1000) <= 2, "as long as before");
});

pageTest(
  "with the keyboard alone one moves the cursor and magnifies",
  { hosts: HOSTS, hash: "#/host/web-2" },
  async ({ page }) => {
    await chartOf(page, "CPU").focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => /CPU \d/.test(document.querySelector(".readout").textContent));
    await page.keyboard.press("+");
    await page.waitForFunction(() => location.hash.includes("zoom="));
  },
);

pageTest(
  "a fixed range is chosen in a window, shown, and kept in the address; UTC too",
  { hosts: HOSTS, hash: "#/host/web-2" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    await page.getByRole("button", { name: "Local time" }).click();
    await page.waitForFunction(() => location.hash.endsWith("utc=1"));
    await page.getByRole("button", { name: "Range…" }).click();
    await page.getByLabel("From", { exact: true }).fill("2026-01-02T03:04:05");
    await page.getByLabel("To", { exact: true }).fill("2026-01-02T03:00:00");
    await page.getByRole("button", { name: "Show this range" }).click();
    await page.waitForSelector("text=It begins after it ends.");
    await page.getByLabel("To", { exact: true }).fill("2026-01-02T04:04:05");
    await page.getByRole("button", { name: "Show this range" }).click();
    await page.waitForFunction(() => location.hash.includes("from="));
    assert.equal(hashOf(page), "#/host/web-2?from=1767323045&to=1767326645&utc=1");
    await until(
      () => server.requests.some((request) => request.includes("from=1767323045&to=1767326645")),
      "a request for the range",
    );
  },
);

pageTest("many cores are a heat strip", { hosts: HOSTS, hash: "#/host/many-cores" }, async ({ page }) => {
  await headerOf(page, "CPU by core").locator("text=32 rows").waitFor();
  assert.ok(await headerOf(page, "CPU by core").locator(".heat-scale").isVisible());
  assert.equal(await headerOf(page, "CPU by state").locator(".heat-scale").isVisible(), false);
});

pageTest(
  "a chart can be read as a table, and taken along as CSV and as a picture",
  { hosts: HOSTS, hash: "#/host/web-2" },
  async ({ page }) => {
    await chartOf(page, "CPU").waitFor();
    const choose = async (what) => {
      await page.getByRole("button", { name: "More about CPU", exact: true }).click();
      await page.getByRole("button", { name: what }).click();
    };
    const [csv] = await Promise.all([page.waitForEvent("download"), choose("Download CSV")]);
    const lines = readFileSync(await csv.path(), "utf8").split("\r\n");
    assert.equal(lines[0], "time,CPU");
    assert.match(lines[1], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z,\d+(\.\d+)?$/);
    assert.match(csv.suggestedFilename(), /^CPU_web-2-over-the-last-hour\.csv$/);
    const [picture] = await Promise.all([page.waitForEvent("download"), choose("Download picture")]);
    assert.deepEqual([...readFileSync(await picture.path()).subarray(1, 4)], [...Buffer.from("PNG")]);
    await choose("Show as table");
    const table = page.getByRole("region", { name: "CPU as a table" });
    assert.match(await table.locator("tbody tr").first().textContent(), /\d+\.\d%$/);
    await choose("Show as chart");
    assert.equal(await table.isVisible(), false);
  },
);

pageTest(
  "a host is cleared or deleted after a question that names it",
  { hosts: HOSTS, hash: "#/host/web-2" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    const choose = async (what) => {
      await page.getByRole("button", { name: "More about web-2" }).click();
      await page.getByRole("button", { name: what }).click();
      assert.match(await page.locator("dialog").textContent(), /web-2/);
    };
    await choose("Clear history…");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForSelector("dialog", { state: "detached" });
    assert.ok(!server.requests.some((request) => /^(POST|DELETE) hosts/.test(request)));
    await choose("Clear history…");
    await page.locator("dialog").getByRole("button", { name: "Clear history" }).click();
    await until(() => server.requests.includes("POST hosts/web-2/clean"), "its history is cleared");
    await choose("Delete host…");
    await page.locator("dialog").getByRole("button", { name: "Delete host" }).click();
    await page.waitForSelector("tbody tr");
    assert.ok(server.requests.includes("DELETE hosts/web-2"));
  },
);

pageTest(
  "live follows the present; stopped, what is shown stays, and live again goes on",
  { hosts: [{ hostname: "fast-1", interval: 1 }], hash: "#/host/fast-1?timeframe=15m" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    const live = page.getByRole("button", { name: "Live" });
    assert.equal(await live.getAttribute("aria-pressed"), "true");
    await live.click();
    await page.waitForFunction(() => /timeframe=15m&from=\d+&to=\d+$/.test(location.hash));
    const [, from, to] = /from=(\d+)&to=(\d+)/.exec(hashOf(page)).map(Number);
    assert.equal(to - from, 900);
    assert.equal(await live.getAttribute("aria-pressed"), "false");
    await until(
      () => server.requests.some((request) => request.startsWith("data?") && request.includes(`to=${to}`)),
      "the time that stands still",
    );
    await page.keyboard.press("l");
    await page.waitForFunction(() => location.hash === "#/host/fast-1?timeframe=15m");
    const polls = () =>
      server.requests.filter((request) => request.startsWith("data?") && request.includes("step=")).length;
    const before = polls();
    await until(() => polls() > before, "what is new");
  },
);

pageTest(
  "on a touch screen two fingers magnify all charts, one scrolls the page",
  {
    hosts: HOSTS,
    hash: "#/host/web-2",
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  },
  async ({ page, context }) => {
    const chart = chartOf(page, "CPU");
    await chart.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await chart.boundingBox();
    const client = await context.newCDPSession(page);
    const middle = { x: x + width * 0.6, y: y + height * 0.5 };
    const touch = (type, apart) =>
      client.send("Input.dispatchTouchEvent", {
        type,
        touchPoints:
          type === "touchEnd"
            ? []
            : [
                { x: middle.x - apart, y: middle.y, id: 1 },
                { x: middle.x + apart, y: middle.y, id: 2 },
              ],
      });
    await touch("touchStart", 15);
    for (let apart = 20; apart <= 70; apart += 5) await touch("touchMove", apart);
    await touch("touchEnd");
    await page.waitForFunction(() => location.hash.includes("zoom="));
    const [, from, to] = /zoom=(\d+)-(\d+)/.exec(await page.evaluate(() => location.hash)).map(Number);
    assert.ok(to - from < 3000, "a part of the hour");
  },
);
