/**
 * One host and fifty hosts on the real server: the overview and the comparison of them.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { chartWithValues, testsOverGeneratedHosts } from "./generated.js";
import { fleet } from "./made_up_hosts.js";

for (const count of [1, 50]) {
  describe(`with ${count === 1 ? "one host" : `${count} hosts`}`, () => {
    const hostsTest = testsOverGeneratedHosts((now) => fleet(count, now, { metrics: "all", interval: 60 }));

    hostsTest("the overview shows every host, with its values and its line", async ({ page, hosts, open }) => {
      await open("#/");
      await page.waitForFunction((wanted) => document.querySelectorAll(".row-link").length === wanted, count);
      assert.deepEqual(
        (await page.locator(".row-link").allTextContents()).sort(),
        hosts.map(({ hostname }) => hostname).sort(),
      );
      const rows = page.locator("tbody").getByRole("row");
      for (let index = 0; index < count; index += 10) await rows.nth(index).scrollIntoViewIfNeeded();
      await rows.last().scrollIntoViewIfNeeded();
      await page.waitForFunction(
        (wanted) => document.querySelectorAll(".sparkline path[d^=M]").length === wanted,
        count,
      );
      const values = await page.locator(".meter-value").allTextContents();
      assert.equal(values.length, 3 * count);
      for (const text of values) assert.match(text, /^\d+(\.\d+)?%$/);
    });

    hostsTest("the comparison draws a line for each of them", async ({ page, answer, open }) => {
      const answered = answer(({ asked }) => asked.get("timeframe") === "1h");
      await open("#/compare?timeframe=1h");
      assert.equal((await answered).hosts.length, count);
      for (const title of ["CPU", "Memory", "Disk"]) {
        const words = await chartWithValues(page, title).getAttribute("aria-label");
        if (count > 12) assert.match(words, new RegExp(`and ${count - 12} more`));
        else assert.match(words, /now \d+\.\d%, lowest \d+\.\d%, highest \d+\.\d%/);
      }
    });
  });
}
