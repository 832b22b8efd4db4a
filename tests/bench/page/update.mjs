/** What one update of the overview costs the main thread when every host's values have changed. */

import { fleet } from "../../browser/real/made_up_hosts.js";
import { median, table } from "../history/tables.mjs";
import { Feed, loadAverage, nextAnswer, seconds, settled, withPage, withServer } from "./setting.mjs";
import { TASK_HEAD, taskCells, tasksDuring } from "./tasks.mjs";

/** The page asks as often as the fastest host sends. */
const INTERVAL = 5;

export async function update(browser, { fleet: count, times }) {
  const hosts = fleet(count, seconds(), { told: INTERVAL });
  await withServer(hosts, async ({ address, port }) => {
    const feed = new Feed(port, hosts, INTERVAL);
    try {
      await withPage(browser, {}, async (page) => {
        await page.goto(address);
        await page.waitForSelector(".sparkline path[d^=M]");
        await nextAnswer(page, "/hosts"); // one update before, as code is compiled then
        await settled(page);
        const measured = [];
        const sizes = [];
        for (let time = 0; time < times; time += 1) {
          let answer;
          measured.push(
            await tasksDuring(browser, page, async () => {
              answer = await nextAnswer(page, "/hosts");
              await settled(page);
            }),
          );
          // Afterwards: the page's own thread hands it over.
          const { responseBodySize } = await answer.request().sizes();
          sizes.push({ plain: (await answer.body()).length, transferred: responseBodySize });
        }
        const kib = (key) => (median(sizes.map((size) => size[key])) / 1024).toFixed(0);
        table(
          `One update of the overview with ${count} hosts (${kib("plain")} KiB of JSON, ${kib("transferred")} transferred), ${times} times; load average ${loadAverage()}`,
          TASK_HEAD,
          [taskCells(measured, median)],
        );
      });
    } finally {
      await feed.stop();
    }
  });
}
