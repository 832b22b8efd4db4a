/** From the start of a navigation to the first row of the overview that is painted with values. */

import { fleet } from "../../browser/real/made_up_hosts.js";
import { median, table } from "../history/tables.mjs";
import { loadAverage, seconds, withPage, withServer } from "./setting.mjs";

/**
 * Runs in the page before its scripts: notices the first value of a row, and the frame after that, which has painted
 * it. A MutationObserver sees it in the task that makes it; the first animation frame after it comes before the paint,
 * and a message posted there is handled after it.
 */
function watchFirstRow() {
  const observer = new MutationObserver(() => {
    if (!/\d/.test(document.querySelector("tbody .meter-value")?.textContent ?? "")) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        globalThis.firstRowPainted = performance.now();
      };
      port2.postMessage(null);
    });
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
}

/** @param {import("playwright-core").Page} page */
async function visit(page, address) {
  await page.goto("about:blank");
  await page.goto(address);
  await page.waitForFunction(() => globalThis.firstRowPainted > 0);
  return page.evaluate(() => ({
    row: globalThis.firstRowPainted,
    content: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
    answer:
      performance.getEntriesByType("resource").find(({ name }) => new URL(name).pathname.endsWith("/hosts"))
        ?.duration ?? NaN,
  }));
}

export async function firstPaint(browser, { hosts: counts, times }) {
  const rows = [];
  for (const count of counts) {
    await withServer(fleet(count, seconds()), async ({ address }) => {
      const measured = { cold: [], warm: [] };
      for (let time = 0; time < times; time += 1) {
        await withPage(browser, {}, async (page) => {
          await page.addInitScript(watchFirstRow);
          measured.cold.push(await visit(page, address));
          measured.warm.push(await visit(page, address));
        });
      }
      for (const [cache, list] of Object.entries(measured)) {
        const each = (key) => list.map((one) => one[key]);
        rows.push([
          String(count),
          cache,
          median(each("row")),
          Math.max(...each("row")),
          median(each("content")),
          Math.max(...each("content")),
          median(each("answer")),
          loadAverage().split(" ")[0],
        ]);
      }
    });
  }
  table(
    `First paint, ms from the navigation's start (\`performance.timeOrigin\`), ${times} visits each; a row: the frame after a MutationObserver saw its first value; FCP: \`PerformanceObserver\`'s \`first-contentful-paint\``,
    [
      "hosts",
      "cache",
      "row with values, median",
      "worst",
      "FCP, median",
      "worst",
      "`GET /hosts`, median",
      "load average",
    ],
    rows,
  );
}
