/** What a full redraw of a host's view costs the main thread: every chart there is, all of them on the screen. */

import { madeUpHost } from "../../browser/real/made_up_hosts.js";
import { median, table } from "../history/tables.mjs";
import { Feed, loadAverage, nextAnswer, seconds, settled, withPage, withServer } from "./setting.mjs";
import { TASK_HEAD, taskCells, tasksDuring } from "./tasks.mjs";

const INTERVAL = 10;
const POINTS = 500;
const SPAN = (POINTS - 1) * INTERVAL;
/** So that no chart is off the screen. */
const VIEWPORT = { width: 1440, height: 6000 };
const FIRST_CHART = "canvas[aria-label^='CPU of'][aria-label*='now ']";

export async function redraw(browser, { times }) {
  const now = Math.floor(seconds() / INTERVAL) * INTERVAL;
  const host = madeUpHost("host", now, { interval: INTERVAL, seconds: 2 * SPAN + 600, metrics: "all" });
  await withServer([host], async ({ address, port }) => {
    const rows = [];
    const fixed = (to) => `#/host/host?from=${to - SPAN}&to=${to}`;
    const drawn = (page) => page.locator("canvas[aria-label*='now ']").count();
    await withPage(browser, { viewport: VIEWPORT }, async (page) => {
      await page.goto(`${address}${fixed(now)}`);
      await page.waitForSelector(FIRST_CHART);
      await settled(page);
      const measured = [];
      let points = 0;
      for (let time = 0; time < times; time += 1) {
        const to = time % 2 === 0 ? now - SPAN - INTERVAL : now;
        measured.push(
          await tasksDuring(browser, page, async () => {
            const answered = nextAnswer(page, "/data", (asked) => asked.get("to") === String(to));
            await page.evaluate((hash) => {
              location.hash = hash;
            }, fixed(to));
            points = (await (await answered).json()).hosts[0].timestamps.length;
            await settled(page);
          }),
        );
      }
      rows.push([`another time of ${await drawn(page)} charts, ${points} points`, ...taskCells(measured, median)]);
    });

    const feed = new Feed(port, [host], INTERVAL);
    try {
      await withPage(browser, { viewport: VIEWPORT }, async (page) => {
        await page.goto(`${address}#/host/host?timeframe=1h`);
        await page.waitForSelector(FIRST_CHART);
        await settled(page);
        const measured = [];
        for (let time = 0; time < times; time += 1) {
          measured.push(
            await tasksDuring(browser, page, async () => {
              await nextAnswer(page, "/data");
              await settled(page);
            }),
          );
        }
        rows.push([
          `a poll of ${await drawn(page)} charts, the last hour of ${3600 / INTERVAL} points`,
          ...taskCells(measured, median),
        ]);
      });
    } finally {
      await feed.stop();
    }
    table(
      `A redraw of a host's view, every chart on the screen, ${times} times; load average ${loadAverage()}`,
      ["what", ...TASK_HEAD],
      rows,
    );
  });
}
