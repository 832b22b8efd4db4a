import assert from "node:assert/strict";
import { chartOf, overflow, pageTest, until } from "./fixture.js";

const HOSTS = [
  { hostname: "web-1", gaps: [[2200, 1500]] },
  { hostname: "web-2" },
  { hostname: "web-10", small: true },
  { hostname: "cache-1", down: true },
];
const FAST = [
  { hostname: "fast-1", interval: 1 },
  { hostname: "fast-2", interval: 1 },
];

pageTest(
  "the overview shows every host with its values, those that are down first",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    assert.deepEqual(await page.locator(".row-link").allTextContents(), ["cache-1", "web-1", "web-2", "web-10"]);
    assert.deepEqual(await page.locator(".cell-status").allTextContents(), ["Down", "Up", "Up", "Up"]);
    assert.match(
      await page.locator("tbody tr").nth(1).textContent(),
      /web-1Debian GNU\/Linux 13.*Up\d+\.\d%\d+\.\d%\d+\.\d%/,
    );
    assert.equal(await page.locator(".title-detail").textContent(), "3 up, 1 down");
    assert.equal(await page.title(), "(1 down) Overview · Hostwatch");
  },
);

pageTest(
  "the foot of the page tells how much history there is and where it is going",
  { hosts: HOSTS },
  async ({ page }) => {
    const line = page.locator("footer #history");
    await page.waitForFunction(() => document.querySelector("#history").textContent !== "");
    assert.match(
      await line.textContent(),
      /^History: 3 GiB, since .*2023\. Single readings since .*2025, averages before\. Grows by about 14 MiB a day, and reaches its limit of 20 GiB in about 3 years\.$/,
    );
  },
);

pageTest(
  "a host that appears is shown without a reload, one that goes away is not",
  { hosts: FAST.slice(0, 1) },
  async ({ page, server }) => {
    await page.waitForSelector("text=fast-1");
    server.hosts = FAST.slice(1);
    await page.waitForSelector("text=fast-2");
    assert.equal(await page.locator("tbody tr").count(), 1);
  },
);

pageTest("a click on a host leads to its facts and charts, and Back leads back", { hosts: HOSTS }, async ({ page }) => {
  await page.click("text=web-1 >> nth=0");
  await chartOf(page, "CPU").waitFor();
  assert.equal(await page.locator("h1").textContent(), "web-1");
  assert.equal(
    await page.evaluate(() => document.activeElement.tagName),
    "H1",
    "a screen reader starts at the new view's heading",
  );
  assert.match(
    await page.locator(".facts").textContent(),
    /SystemDebian GNU\/Linux 13 \(trixie\)Kernel.*Processor4 × AMD.*Memory8/,
  );
  assert.deepEqual((await page.locator("h3").allTextContents()).slice(0, 4), ["CPU", "Memory", "Disk", "CPU by state"]);
  assert.match(
    await chartOf(page, "CPU").getAttribute("aria-label"),
    /^CPU of web-1 over the last hour\. .*now \d+\.\d%, lowest \d/,
  );
  await page.goBack();
  await page.waitForSelector("tbody tr");
});

pageTest(
  "charts far below are drawn when one scrolls to them",
  { hosts: HOSTS, hash: "#/host/web-1" },
  async ({ page }) => {
    await chartOf(page, "CPU").waitFor();
    assert.equal(await chartOf(page, "Uptime").count(), 0);
    await page.locator("h3", { hasText: "Uptime" }).scrollIntoViewIfNeeded();
    await chartOf(page, "Uptime").waitFor();
  },
);

pageTest(
  "the timeframe is chosen by button, kept in the address, and carried to other views",
  { hosts: HOSTS, hash: "#/host/web-1" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    await page.click("button:text-is('24h')");
    await until(() => server.requests.some((request) => request.includes("timeframe=24h")), "a request for 24 hours");
    await page.waitForSelector('canvas[aria-label*="over the last 24 hours"]');
    assert.equal(await page.getAttribute("button:text-is('24h')", "aria-pressed"), "true");
    assert.equal(await page.getAttribute("button:text-is('1h')", "aria-pressed"), "false");
    await page.reload();
    await page.waitForSelector('canvas[aria-label*="over the last 24 hours"]');
    await page.click("#link-compare");
    await page.waitForSelector('canvas[aria-label*="over the last 24 hours"]');
    assert.equal(new URL(page.url()).hash, "#/compare?timeframe=24h");
  },
);

pageTest(
  "the comparison has a line for each host, or for those chosen",
  { hosts: HOSTS, hash: "#/compare" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    assert.match(
      await chartOf(page, "CPU").getAttribute("aria-label"),
      /^CPU of 4 hosts .*web-1: now .*web-2: now .*web-10: now/,
    );
    assert.deepEqual(await page.locator("h3").allTextContents(), ["CPU", "Memory", "Disk"]);
    await page.getByRole("checkbox", { name: "web-2" }).check();
    await page.waitForSelector('canvas[aria-label^="CPU of web-2 over"]');
    await page.getByRole("checkbox", { name: "web-10" }).check();
    await page.waitForSelector('canvas[aria-label^="CPU of 2 hosts over"]');
    assert.equal(new URL(page.url()).hash, "#/compare?host=web-2&host=web-10");
    assert.equal(await page.getByRole("checkbox", { name: "All hosts" }).isChecked(), false);
    assert.ok(server.requests.some((request) => request.startsWith("data?hostname=web-2&hostname=web-10&")));
    await page.getByRole("checkbox", { name: "All hosts" }).check();
    await page.waitForSelector('canvas[aria-label^="CPU of 4 hosts over"]');
  },
);

pageTest(
  "any metric is compared, of all instances together or of one",
  { hosts: HOSTS, hash: "#/compare" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    await page.getByLabel("Metric").selectOption("network_receive_bytes_per_second");
    await page.waitForSelector('canvas[aria-label^="Received, all together of 4 hosts over"]');
    assert.equal(new URL(page.url()).hash, "#/compare?metric=network_receive_bytes_per_second");
    assert.ok(server.requests.some((request) => request.includes("metrics=network_receive_bytes_per_second&")));
    await page.getByLabel("Of what").selectOption("lo");
    await page.waitForSelector('canvas[aria-label^="Received, lo of 4 hosts over"]');
    await page.reload();
    await page.waitForSelector('canvas[aria-label^="Received, lo of 4 hosts over"]');
    assert.deepEqual(await page.locator("h3").allTextContents(), ["Received, lo"]);
    await page.goto(`${server.address}#/compare?metric=load1`);
    await page.waitForSelector('canvas[aria-label^="Load of 4 hosts over"]');
  },
);

pageTest(
  "polls ask only for what is new, one request at a time",
  { hosts: FAST, hash: "#/host/fast-1?timeframe=15m" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    const polls = () => server.requests.filter((request) => request.startsWith("data?"));
    await until(() => polls().length >= 3, "two polls");
    const [first, ...later] = polls().map((request) => new URLSearchParams(request.slice("data?".length)));
    assert.equal(first.get("timeframe"), "15m");
    for (const poll of later) {
      assert.equal(poll.get("timeframe"), null);
      assert.equal(poll.get("step"), "10");
      assert.ok(Number(poll.get("from")) > server.now() - 60, "from the last bucket on");
    }
    server.delay = 3000; // slower than the polls: they must not pile up
    const before = polls().length;
    await until(() => polls().length >= before + 2, "slow polls");
    for (const [path, most] of server.mostAtOnce) assert.equal(most, 1, `requests of ${path} at once`);
  },
);

pageTest(
  "a hidden page stops asking, and asks at once when it is seen again",
  { hosts: FAST },
  async ({ page, server }) => {
    await page.waitForSelector("text=fast-1");
    const hide = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    await page.waitForLoadState("networkidle");
    const before = server.requests.length;
    // Longer than two polls would take: what must not happen can only be waited for.
    await page.waitForFunction((end) => Date.now() > end, Date.now() + 5000);
    assert.equal(server.requests.length, before);
    await hide(false);
    await until(() => server.requests.length > before, "a request");
  },
);

pageTest("a gap in time is a gap in the line", { hosts: HOSTS, hash: "#/host/web-1" }, async ({ page }) => {
  await chartOf(page, "CPU").waitFor();
  const breaks = await page.evaluate(() => {
    const [chart] = Object.values(globalThis.Chart.instances);
    return {
      breaks: chart.data.datasets[0].data.filter((point) => point.y === null).length,
      spanGaps: chart.options.spanGaps,
    };
  });
  assert.deepEqual(breaks, { breaks: 1, spanGaps: false });
});

const TROUBLED = [
  {
    hostname: "web-1",
    conflict:
      "two agents report as 'web-1': 10.0.0.1 (agent 0a1b2c3d) and 10.0.0.2 (agent 4e5f6071); give each machine a name of its own",
    clockSkew: 42,
  },
  { hostname: "a-healthy-host", clockSkew: -3 },
];

pageTest(
  "a host that is not well is marked in the list and explained in its own view, until it is well",
  { hosts: TROUBLED },
  async ({ page, server }) => {
    await page.waitForSelector("tbody tr");
    assert.deepEqual(
      await page.locator(".row-link").allTextContents(),
      ["web-1", "a-healthy-host"],
      "what is not well comes first",
    );
    assert.equal(await page.locator(".title-detail").textContent(), "2 up, 1 with a warning");
    assert.deepEqual(await page.locator(".warning-badge").allTextContents(), ["!Name used twice", "!Clock 42 s ahead"]);
    await page.click("text=web-1 >> nth=0");
    await page.waitForSelector(".warning-note >> text=/Two agents report as 'web-1'.*name of its own\\./");
    await page.waitForSelector(".warning-note >> text=The clock of this host is 42 s ahead.");
    server.hosts = [{ hostname: "web-1" }];
    await page.waitForFunction(() => document.querySelectorAll(".warning-note").length === 0);
  },
);

for (const hash of ["#/host/fast-1?timeframe=15m", "#/compare?timeframe=15m"]) {
  pageTest(
    `readings that came late are loaded once, without a reload: ${hash}`,
    { hosts: FAST, hash },
    async ({ page, server }) => {
      await chartOf(page, "CPU").waitFor();
      const whole = () =>
        server.requests.filter((request) => request.startsWith("data?") && request.includes("timeframe=")).length;
      assert.equal(whole(), 1);
      server.hosts = [{ ...FAST[0], backfilled: 180 }, FAST[1]];
      await until(() => whole() === 2, "everything is asked for again");
      const polls = () => server.requests.filter((request) => request.startsWith("data?")).length;
      const before = polls();
      await until(() => polls() >= before + 2, "two more polls");
      assert.equal(whole(), 2, "and then only what is new");
    },
  );
}

pageTest(
  "a host that sent nothing in the timeframe says so",
  { hosts: HOSTS, hash: "#/host/cache-1" },
  async ({ page }) => {
    await page.waitForSelector("text=No readings in this time");
    await page.click("button:text-is('24h')");
    await chartOf(page, "CPU").waitFor();
  },
);

pageTest("without hosts the page tells how to get one", { hosts: [] }, async ({ page, server }) => {
  await page.waitForSelector("text=No hosts yet");
  assert.equal(
    await page.locator("pre").textContent(),
    `hostwatch-agent --server-url ${new URL("/metrics", server.address)}`,
  );
  server.hosts = FAST;
  await page.waitForSelector("text=fast-1");
  assert.equal(await page.getByText("No hosts yet").isVisible(), false);
});

pageTest("a host that nobody knows is told as such", { hosts: HOSTS, hash: "#/host/nobody" }, async ({ page }) => {
  await page.waitForSelector("text=No such host");
});

pageTest(
  "a host that is deleted while one looks at it is told as gone",
  { hosts: FAST, hash: "#/host/fast-1" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    server.hosts = FAST.slice(1);
    await page.waitForSelector("text=No such host");
    assert.equal(await page.locator(".chart-card").count(), 0);
  },
);

pageTest(
  "the page works under any base path",
  { hosts: HOSTS, base: "/tools/watch/", hash: "#/host/web-1" },
  async ({ page }) => {
    await chartOf(page, "CPU").waitFor();
  },
);

pageTest(
  "the theme follows the system, and a choice is remembered",
  { hosts: HOSTS, options: { colorScheme: "dark" } },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await background(), "rgb(18, 22, 28)");
    await page.click("#theme-switch");
    assert.equal(await background(), "rgb(245, 246, 249)");
    await page.reload();
    assert.equal(await background(), "rgb(245, 246, 249)");
    assert.equal(await page.getAttribute("#theme-switch", "aria-label"), "Switch to the dark theme");
  },
);

for (const hash of ["#/", "#/host/web-1", "#/compare", "#/host/nobody"]) {
  pageTest(
    `nothing is wider than a phone: ${hash}`,
    {
      hosts: [
        ...HOSTS,
        ...TROUBLED.slice(0, 1).map((host) => ({ ...host, hostname: "x".repeat(253), conflict: "y".repeat(900) })),
      ],
      hash,
      options: { viewport: { width: 360, height: 740 } },
    },
    async ({ page }) => {
      await page.waitForSelector(hash === "#/" ? "tbody tr" : "canvas[aria-label*=' of '], .notice");
      assert.equal(await overflow(page), 0);
    },
  );
}

pageTest("with the keyboard alone one gets to a host and changes the timeframe", { hosts: HOSTS }, async ({ page }) => {
  await page.waitForSelector("tbody tr");
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  for (let presses = 0; presses < 30 && (await focused()) !== "web-1"; presses += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await chartOf(page, "CPU").waitFor();
  for (let presses = 0; presses < 8 && (await focused()) !== "6h"; presses += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.waitForSelector('canvas[aria-label*="over the last 6 hours"]');
});
