/**
 * The page as the real server serves it, with readings of the real agent: HOSTWATCH_SERVER and HOSTWATCH_AGENT name the
 * programs.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, openPage, withoutFailedRequests } from "../browser.js";
import { Installation, programOf } from "./programs.js";

const HOSTILE_NAME = "<img src=x onerror=alert(1)>";

let browser;
before(async () => {
  programOf("HOSTWATCH_SERVER");
  programOf("HOSTWATCH_AGENT");
  browser = await launchBrowser();
});
after(() => browser?.close());

/**
 * @param {string} name
 * @param {(tools: {page: import("playwright-core").Page, installation: Installation, problems: string[]}) =>
 *   Promise<void>} body
 */
function realTest(name, body) {
  test(name, { timeout: 120_000 }, async () => {
    const installation = new Installation();
    let context;
    try {
      await installation.startServer();
      const opened = await openPage(browser);
      context = opened.context;
      await opened.page.goto(installation.address);
      await body({ ...opened, installation });
    } catch (error) {
      error.message += `\nThe programs said:\n${installation.output}`;
      throw error;
    } finally {
      await context?.close();
      await installation.stop();
    }
  });
}

realTest(
  "from no host at all to a host with charts, over all timeframes, without a single problem",
  async ({ page, installation, problems }) => {
    await page.waitForSelector("text=No hosts yet");
    installation.startAgent("first.example");
    await page.getByRole("link", { name: "first.example" }).waitFor();
    await page.waitForSelector(".cell-status >> text=Up");

    await page.getByRole("link", { name: "first.example" }).click();
    await page.waitForSelector("canvas[aria-label*='CPU of first.example over the last'][aria-label*='now']");
    assert.match(await page.locator(".facts").textContent(), /System.+Kernel.+Agent/);
    const groups = await page.locator("h2").allTextContents();
    for (const group of ["CPU", "Memory", "Network", "Load"]) {
      assert.ok(groups.includes(group), `${group} in ${groups}`);
    }

    const names = await page.locator(".timeframes button").allTextContents();
    assert.deepEqual(names, ["15m", "1h", "6h", "24h", "7d", "30d", "1y"]);
    for (const name of names) {
      await page.click(`.timeframes button:text-is('${name}')`);
      await page.waitForFunction((wanted) => {
        const label = document
          .querySelector(`.timeframes button[aria-pressed="true"]`)
          ?.getAttribute("aria-label")
          ?.split(": ")[1];
        const chart = document.querySelector("canvas[aria-label^='CPU of ']")?.getAttribute("aria-label") ?? "";
        return location.hash.endsWith(`timeframe=${wanted}`) && chart.includes(`over ${label}.`);
      }, name);
    }

    await page.click("#link-compare");
    await page.waitForSelector("canvas[aria-label^='Disk of first.example over']");
    assert.deepEqual(problems, []);
  },
);

realTest(
  "new readings appear by themselves, fetched from the last one on",
  async ({ page, installation, problems }) => {
    installation.startAgent("first.example");
    const polls = [];
    page.on("request", (request) => {
      const address = new URL(request.url());
      if (address.pathname === "/data") polls.push(address.searchParams);
    });
    await page.getByRole("link", { name: "first.example" }).click();
    await page.click(".timeframes button:text-is('15m')");
    await page.waitForSelector("canvas[aria-label*='CPU of first.example over the last 15 minutes']");
    const points = () =>
      page.evaluate(() =>
        Math.max(...Object.values(globalThis.Chart.instances).map((chart) => chart.data.datasets[0]?.data.length ?? 0)),
      );
    const countBefore = await points();
    await page.waitForFunction(
      (count) =>
        Object.values(globalThis.Chart.instances).some((chart) => (chart.data.datasets[0]?.data.length ?? 0) >= count),
      countBefore + 2,
    );
    const last = polls[polls.length - 1];
    assert.equal(last.has("timeframe"), false);
    assert.ok(Number(last.get("from")) > Date.now() / 1000 - 120);
    assert.deepEqual(problems, []);
  },
);

realTest("a host with a hostile name is text on every view", async ({ page, installation, problems }) => {
  installation.startAgent(HOSTILE_NAME);
  await page.getByRole("link", { name: HOSTILE_NAME, exact: true }).click();
  await page.waitForSelector("canvas[aria-label*=' of <img src=x onerror=alert(1)> over']");
  assert.equal(await page.locator("h1").textContent(), HOSTILE_NAME);
  await page.click("#link-compare");
  await page.getByRole("checkbox", { name: HOSTILE_NAME, exact: true }).check();
  await page.waitForSelector("canvas[aria-label^='CPU of <img src=x onerror=alert(1)> over']");
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.deepEqual(problems, []);
});

/** A made-up host's readings, five seconds apart. @param {number} from Unix seconds @param {number} to */
function readingsOf(hostname, from, to) {
  const readings = [];
  for (let timestamp = from; timestamp <= to; timestamp += 5) {
    readings.push({
      hostname,
      timestamp,
      cpu: 20 + (timestamp % 30),
      ram: 40,
      disk: 50,
      facts: { os: "Debian", interval_seconds: 5 },
    });
  }
  return readings;
}

/** How often the line of the first chart breaks. @param {import("playwright-core").Page} page */
function gaps(page) {
  return page.evaluate(
    () =>
      Object.values(globalThis.Chart.instances)[0]?.data.datasets[0]?.data.filter((point) => point.y === null).length,
  );
}

for (const view of ["host/gappy", "compare"]) {
  realTest(
    `a gap is filled without a reload when the agent delivers what it kept: ${view}`,
    async ({ page, installation, problems }) => {
      const now = Math.floor(Date.now() / 5000) * 5;
      await installation.post(readingsOf("gappy", now - 3000, now - 1800));
      await installation.post(readingsOf("gappy", now, now));
      await page.goto(`${installation.address}#/${view}?timeframe=1h`);
      await page.waitForSelector("canvas[aria-label^='CPU of gappy']");
      assert.equal(await gaps(page), 1, "half an hour is missing");
      await page.evaluate(() => (globalThis.isTheSamePage = true));

      // The backlog, oldest first, with fresh readings in between.
      for (let part = 0; part < 3; part += 1) {
        const from = now - 1795 + part * 600;
        const { accepted } = await installation.post(readingsOf("gappy", from, Math.min(from + 595, now - 5)));
        assert.ok(accepted > 100);
        const fresh = Math.floor(Date.now() / 1000);
        if (fresh > now) await installation.post(readingsOf("gappy", fresh, fresh));
      }
      await page.waitForFunction(() =>
        Object.values(globalThis.Chart.instances)[0].data.datasets[0].data.every((point) => point.y !== null),
      );
      assert.ok(await page.evaluate(() => globalThis.isTheSamePage));
      assert.deepEqual(problems, []);
    },
  );
}

realTest(
  "two machines with one name and a wrong clock are told on every view",
  async ({ page, installation, problems }) => {
    const now = Math.floor(Date.now() / 1000);
    const send = (identity, timestamp) =>
      installation.post(readingsOf("twice", timestamp, timestamp), {
        "Hostwatch-Agent": identity.repeat(32),
        Date: new Date((now + 42) * 1000).toUTCString(),
      });
    await send("a", now - 2);
    await page.getByRole("link", { name: "twice" }).waitFor();
    await page.waitForSelector(".warning-badge >> text=/^Clock 4\\d s ahead$/");
    assert.equal(await page.getByText("Name used twice").count(), 0);
    await send("b", now - 1);
    await send("a", now);
    await page.waitForSelector(".warning-badge >> text=Name used twice");
    await page.getByRole("link", { name: "twice" }).click();
    await page.waitForSelector(
      ".warning-note >> text=/Two agents report as 'twice': 127.0.0.1 \\(agent aaaaaaaa\\) and 127.0.0.1 \\(agent bbbbbbbb\\); give each machine a name of its own with --hostname/",
    );
    await page.waitForSelector(".warning-note >> text=/The clock of this host is 4\\d s ahead/");
    assert.deepEqual(problems, []);
  },
);

realTest(
  "the server stops and starts again: a banner comes and goes, and the charts go on",
  async ({ page, installation, problems }) => {
    installation.startAgent("first.example");
    await page.getByRole("link", { name: "first.example" }).click();
    await page.waitForSelector("canvas[aria-label*='CPU of first.example']");
    await installation.stopServer();
    await page.locator("#banner").waitFor();
    await page.waitForSelector("canvas[aria-label*='CPU of first.example']");
    await installation.startServer();
    await page.locator("#banner").waitFor({ state: "hidden" });
    await page.waitForSelector(".title-row .status >> text=Up");
    assert.deepEqual(withoutFailedRequests(problems), []);
  },
);
