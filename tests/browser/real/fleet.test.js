/**
 * Two thousand hosts on the real server: what one sees first, and that the page does no more than it has to.
 */

import assert from "node:assert/strict";
import { testsOverGeneratedHosts } from "./generated.js";
import { fleet } from "./made_up_hosts.js";

const COUNT = 2000;
const DOWN = 20;
/** What a screen and its surroundings hold, at most. */
const MOST_NEAR_THE_SCREEN = 150;

const fleetTest = testsOverGeneratedHosts((now) => fleet(COUNT, now));
const names = (page) => page.locator(".row-link").allTextContents();
const rowOf = (page, name) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const values = (row) => row.locator(".meter-value");
const hostsOf = (asked) => new Set(asked.flatMap((parameters) => parameters.getAll("hostname")));

/** Waits until the list holds so many hosts. */
async function untilCounted(page, count) {
  await page.waitForFunction((wanted) => document.querySelectorAll(".row-link").length === wanted, count);
}

fleetTest(
  "all are counted, what is down comes first, then the fullest; the tab's title tells how many are down",
  async ({ page, hosts, open }) => {
    await open("#/");
    await page.waitForSelector(".meter-value");
    await page.getByText(`${COUNT - DOWN} up, ${DOWN} down`).waitFor();
    for (const name of [`All ${COUNT}`, `Up ${COUNT - DOWN}`, `Down ${DOWN}`, "Warning 0"]) {
      await page.getByRole("button", { name, exact: true }).waitFor();
    }
    assert.equal(await page.title(), `(${DOWN} down) Overview · Hostwatch`);

    const byName = (list) => list.map(({ hostname }) => hostname).sort();
    const down = byName(hosts.filter((host) => host.down));
    const full = byName(hosts.filter((host) => host.fixed.disk === 97));
    const almostFull = byName(hosts.filter((host) => host.fixed.disk === 86.5));
    assert.deepEqual((await names(page)).slice(0, down.length + full.length), [...down, ...full]);
    const rest = (await names(page)).slice(down.length + full.length);
    assert.ok(
      almostFull.every((name) => rest.indexOf(name) < rest.indexOf("web-0000")),
      "the almost full before those that are well",
    );
  },
);

fleetTest(
  "only rows near the screen are made, and only their lines are asked for; the last host is drawn when one scrolls to it",
  async ({ page, asked, open }) => {
    await open("#/");
    await page.waitForSelector(".sparkline path[d^=M]");
    assert.ok((await page.locator(".meter-value").count()) / 3 < MOST_NEAR_THE_SCREEN, "rows with values");
    assert.ok(hostsOf(asked).size < MOST_NEAR_THE_SCREEN, `${hostsOf(asked).size} lines asked for`);

    const last = (await names(page)).at(-1);
    assert.equal(hostsOf(asked).has(last), false);
    await page.keyboard.press("End");
    await rowOf(page, last).locator(".sparkline path[d^=M]").waitFor({ state: "attached" });
    assert.match(await values(rowOf(page, last)).first().textContent(), /^\d+\.\d%$/);
    const { y, height } = await rowOf(page, last).boundingBox();
    assert.ok(y >= 0 && y + height <= 800, "it is on the screen");
    assert.ok(hostsOf(asked).has(last));
    assert.ok(hostsOf(asked).size < COUNT / 2, "those in between are not all asked for");
  },
);

fleetTest(
  "a search narrows the list to the hosts whose names hold it, and an empty one shows all again",
  async ({ page, hosts, open }) => {
    await open("#/");
    await page.waitForSelector(".meter-value");
    const wanted = hosts.map(({ hostname }) => hostname).filter((name) => name.includes("db-01"));
    await page.getByLabel("Find hosts").fill("DB-01");
    await untilCounted(page, wanted.length);
    assert.deepEqual((await names(page)).sort(), wanted.sort());
    await page.getByLabel("Find hosts").fill("");
    await untilCounted(page, COUNT);
  },
);

fleetTest(
  "a click on a column sorts all hosts by it, the highest first, and another one the other way round",
  async ({ page, open }) => {
    await open("#/");
    await page.waitForSelector(".meter-value");
    const shown = async () =>
      (await page.locator("td[data-label=Disk] .meter-value").allTextContents()).map(parseFloat);
    for (const [sort, most] of [
      ["descending", true],
      ["ascending", false],
    ]) {
      await page.getByRole("button", { name: "Disk", exact: true }).click();
      await page.waitForSelector(`th[aria-sort="${sort}"]`);
      // Rows that were made before stay in the page, wherever they now stand.
      const disks = await shown();
      assert.deepEqual(
        disks,
        [...disks].sort((first, second) => (most ? second - first : first - second)),
      );
      if (most) assert.equal(disks[0], 97);
      else assert.ok(disks[0] < 50);
    }
  },
);

fleetTest("from the list to a host found in it, and Back to what was found", async ({ page, open }) => {
  await open("#/");
  await page.waitForSelector(".meter-value");
  await page.getByLabel("Find hosts").fill("queue-1203");
  await untilCounted(page, 1);
  await page.getByRole("link", { name: "queue-1203" }).click();
  await page.locator('canvas[aria-label^="CPU of queue-1203 over the last hour."][aria-label*="now "]').waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "queue-1203");
  await page.goBack();
  await untilCounted(page, 1);
  assert.deepEqual(await names(page), ["queue-1203"]);
  assert.equal(await page.getByLabel("Find hosts").inputValue(), "queue-1203");
});
