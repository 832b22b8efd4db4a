import assert from "node:assert/strict";
import { chartOf, overflow, pageTest, until } from "./fixture.js";

const FAST = [
  { hostname: "fast-1", interval: 1 },
  { hostname: "fast-2", interval: 1 },
];
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  '"><svg onload=alert(1)>',
  "<script>alert(1)</script>",
  "a/b?c#d&e=f%20",
  "../../etc",
  "{{7*7}}",
  "שלום עולם",
  "__proto__",
  "constructor",
];

pageTest(
  "the server goes away: a banner says since when, the data stays, and it recovers by itself",
  { hosts: FAST, failures: true },
  async ({ page, server }) => {
    await page.waitForSelector("text=fast-1");
    assert.equal(await page.locator("#banner").isVisible(), false);
    await server.stop();
    await page.locator("#banner").waitFor();
    assert.match(
      await page.locator("#banner").textContent(),
      /The server cannot be reached\. Since \d\d:\d\d:\d\d\. .*keeps trying/,
    );
    assert.equal(await page.locator("tbody tr").count(), 2, "the last data stays");
    await server.start();
    await page.locator("#banner").waitFor({ state: "hidden" });
  },
);

pageTest(
  "the same on a host's charts, which go on where they stopped",
  { hosts: FAST, hash: "#/host/fast-1", failures: true },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    await server.stop();
    await page.locator("#banner").waitFor();
    await chartOf(page, "CPU").waitFor();
    await server.start();
    await page.locator("#banner").waitFor({ state: "hidden" });
  },
);

pageTest(
  "the server's own words reach the person, as text",
  { hosts: FAST, failures: true },
  async ({ page, server }) => {
    await page.waitForSelector("text=fast-1");
    server.failure = { status: 503, body: '{"error":"the database is locked by <b>another</b> program"}' };
    await page.locator("#banner").waitFor();
    assert.match(
      await page.locator("#banner").textContent(),
      /The server answers 503: the database is locked by <b>another<\/b> program\./,
    );
    server.failure = { status: 200, body: "<html>a proxy's page</html>" };
    await page.waitForSelector("#banner >> text=is not JSON");
    server.failure = null;
    await page.locator("#banner").waitFor({ state: "hidden" });
  },
);

pageTest(
  "a server that fails from the start is waited for",
  { hosts: FAST, open: false, failures: true },
  async ({ page, server }) => {
    server.failure = { status: 500, body: "" };
    await page.goto(server.address);
    await page.waitForSelector("#banner >> text=The server answers 500");
    server.failure = null;
    await page.waitForSelector("text=fast-1");
    await page.locator("#banner").waitFor({ state: "hidden" });
  },
);

pageTest(
  "hostile host names are text in every view",
  { hosts: [...HOSTILE.map((hostname) => ({ hostname })), ...FAST] },
  async ({ page }) => {
    await page.waitForSelector("text=fast-1");
    const names = await page.locator(".row-link").allTextContents();
    for (const name of HOSTILE) assert.ok(names.includes(name), name);
    for (const name of HOSTILE) {
      await page.evaluate(() => (location.hash = "#/"));
      await page.getByRole("link", { name, exact: true }).click();
      await chartOf(page, "CPU").waitFor();
      assert.equal(await page.locator("h1").textContent(), name);
      assert.equal(await page.title(), `${name} · Hostwatch`);
    }
    await page.evaluate(() => (location.hash = "#/compare"));
    for (const name of HOSTILE) await page.getByRole("checkbox", { name, exact: true }).check();
    await page.waitForSelector(`canvas[aria-label^="CPU of ${HOSTILE.length} hosts over"]`);
    await page.locator("canvas").first().hover();
    assert.equal(await page.locator("main script, main img, main svg").count(), 0, "no markup came from a name");
  },
);

for (const hash of [
  "#/host/%",
  "#/host/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
  "#/compare?host=%3Cscript%3Ealert(1)%3C/script%3E",
  "#javascript:alert(1)",
  "#/?timeframe=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
  "#main",
]) {
  pageTest(`a hostile address does no harm: ${hash}`, { hosts: FAST, hash }, async ({ page }) => {
    await page.waitForSelector("tbody tr, .notice, canvas[aria-label*=' of ']");
    assert.equal(await page.locator("main img, main script").count(), 0);
  });
}

pageTest(
  "sixty charts do not freeze the page",
  { hosts: [{ hostname: "big", interval: 1, customMetrics: 50 }], hash: "#/host/big?timeframe=15m" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    assert.ok((await page.locator("h3").count()) >= 60);
    await page.evaluate(() => {
      globalThis.longest = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, entry.duration);
      }).observe({ entryTypes: ["longtask"] });
    });
    await page.locator("h3").last().scrollIntoViewIfNeeded();
    await page.waitForSelector('canvas[aria-label^="Queue 49 depth"]');
    const before = server.requests.length;
    await until(() => server.requests.length >= before + 6, "a few polls");
    const longest = await page.evaluate(() => globalThis.longest);
    assert.ok(longest < 500, `the page stood still for ${longest} ms`);
  },
);

pageTest(
  "hundreds of hosts: the overview lists all, the comparison draws some and says so",
  { hosts: Array.from({ length: 300 }, (_, index) => ({ hostname: `node-${index + 1}` })) },
  async ({ page, server }) => {
    await page.waitForSelector("tbody tr");
    assert.equal(await page.locator("tbody tr").count(), 300);
    await page.click("#link-compare");
    await page.getByRole("button", { name: "Hosts", exact: true }).click();
    await page.locator("canvas[aria-label^='CPU of 50 hosts']").waitFor();
    assert.match(await page.locator(".title-detail").textContent(), /The first 50 of 300 hosts/);
    assert.ok(
      server.requests.some((request) => request.startsWith("data?") && request.split("hostname=").length === 51),
    );
    await page.getByRole("searchbox").fill("node-29");
    await page.waitForFunction(() => document.querySelectorAll(".filter-list li").length === 11);
    assert.equal(await overflow(page), 0);
  },
);
