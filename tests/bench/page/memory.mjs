/** Whether a page that stays open grows: heap, nodes and listeners each minute, after a garbage collection. */

import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fleet } from "../../browser/real/made_up_hosts.js";
import { table } from "../history/tables.mjs";
import { Feed, loadAverage, seconds, withPage, withServer } from "./setting.mjs";

const MIB = 2 ** 20;
const HISTORY_SECONDS = 3600;
const FEED_SECONDS = 5;
const READINGS_A_REQUEST = 1000;
/** While code is compiled and caches fill, a page grows; the slope leaves that out where there are minutes enough. */
const WARM_UP_MINUTES = 5;
const COUNTERS = ["Nodes", "JSEventListeners", "Documents"];

/** @param {number[]} values one a minute @returns {number} how much they grow in a minute, by least squares */
function slopeOf(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  values.forEach((value, minute) => {
    above += (minute - middle) * (value - mean);
    below += (minute - middle) ** 2;
  });
  return below === 0 ? 0 : above / below;
}

async function watch(browser, address, isThere, minutes) {
  return withPage(browser, {}, async (page, context) => {
    await page.goto(address);
    await page.waitForSelector(isThere);
    const client = await context.newCDPSession(page);
    await client.send("Performance.enable");
    await client.send("HeapProfiler.enable");
    const samples = [];
    for (let minute = 0; minute <= minutes; minute += 1) {
      if (minute > 0) await sleep(60_000);
      // what the first one frees may hold more
      for (let time = 0; time < 2; time += 1) await client.send("HeapProfiler.collectGarbage");
      const { metrics } = await client.send("Performance.getMetrics");
      const of = (name) => metrics.find((metric) => metric.name === name).value;
      samples.push({
        heap: of("JSHeapUsedSize") / MIB,
        ...Object.fromEntries(COUNTERS.map((name) => [name, of(name)])),
      });
    }
    return samples;
  });
}

function print(title, samples) {
  const rows = samples.map((sample, minute) => [
    String(minute),
    sample.heap.toFixed(3),
    ...COUNTERS.map((name) => String(sample[name])),
  ]);
  table(`${title}; load average ${loadAverage()}`, ["minute", "heap MiB", "nodes", "listeners", "documents"], rows);
  const skipped = samples.length > 2 * WARM_UP_MINUTES ? WARM_UP_MINUTES : 1;
  const later = samples.slice(skipped);
  const slopes = COUNTERS.map((name) => `${name} ${slopeOf(later.map((sample) => sample[name])).toFixed(2)}`).join(
    ", ",
  );
  console.log(
    `\nSlope by least squares from minute ${skipped} on: heap ${(slopeOf(later.map(({ heap }) => heap)) * 1024).toFixed(1)} KiB a minute; a minute: ${slopes}.`,
  );
}

/**
 * An hour of readings like the agent's own, so that the page's window is full from the start: otherwise it grows until
 * it is.
 */
async function fillHistory(installation, hostname) {
  const reading = JSON.parse(
    execFileSync(process.env.HOSTWATCH_AGENT, ["--once", "--hostname", hostname], { encoding: "utf8" }),
  );
  const now = seconds();
  for (let from = now - HISTORY_SECONDS; from < now; from += READINGS_A_REQUEST) {
    const length = Math.min(READINGS_A_REQUEST, now - from);
    await installation.post(
      Array.from({ length }, (_, index) => ({ ...reading, timestamp: from + index, cpu: (from + index) % 50 })),
    );
  }
}

export async function memory(browser, { memoryMinutes, memoryViews, fleet: count }) {
  if (memoryViews.includes("host")) {
    await withServer([], async (installation) => {
      await fillHistory(installation, "live");
      installation.startAgent("live");
      const samples = await watch(
        browser,
        `${installation.address}#/host/live?timeframe=1h`,
        "canvas[aria-label^='CPU of'][aria-label*='now ']",
        memoryMinutes,
      );
      print("A host that sends every second, its last hour", samples);
    });
  }
  if (memoryViews.includes("overview")) {
    const hosts = fleet(count, seconds(), { told: FEED_SECONDS });
    await withServer(hosts, async ({ address, port }) => {
      const feed = new Feed(port, hosts, FEED_SECONDS);
      try {
        print(
          `The overview of ${count} hosts whose values change every ${FEED_SECONDS} s`,
          await watch(browser, address, ".sparkline path[d^=M]", memoryMinutes),
        );
      } finally {
        await feed.stop();
      }
    });
  }
}
