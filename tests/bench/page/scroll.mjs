/** Scrolling through all hosts by wheel: how smooth it is. */

import { setTimeout as sleep } from "node:timers/promises";
import { fleet } from "../../browser/real/made_up_hosts.js";
import { median, table } from "../history/tables.mjs";
import { loadAverage, seconds, withPage, withServer } from "./setting.mjs";

/** As somebody who looks for the end: this far, so often. */
const WHEEL_PIXELS = 500;
const WHEEL_MILLISECONDS = 50;
/** The end is looked for after so many turns; without it, after the most, something is wrong. */
const TURNS_A_LOOK = 20;
const MOST_TURNS = 4000;
const LONG_MILLISECONDS = 50;

/** Runs in the page: writes down the time of every frame, and tasks that took long. */
function watchFrames() {
  globalThis.frames = [];
  globalThis.longTasks = [];
  const frame = (time) => {
    globalThis.frames.push(time);
    globalThis.frameRequest = requestAnimationFrame(frame);
  };
  globalThis.frameRequest = requestAnimationFrame(frame);
  globalThis.taskObserver = new PerformanceObserver((list) =>
    globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration)),
  );
  globalThis.taskObserver.observe({ type: "longtask" });
}

function stopWatching() {
  cancelAnimationFrame(globalThis.frameRequest);
  globalThis.taskObserver.disconnect();
  const { frames, longTasks } = globalThis;
  return { frames: frames.slice(1).map((time, index) => time - frames[index]), longTasks };
}

export async function scroll(browser, { fleet: count, times }) {
  const runs = Math.min(times, 3);
  const rows = [];
  await withServer(fleet(count, seconds()), async ({ address }) => {
    for (let run = 1; run <= runs; run += 1) {
      await withPage(browser, {}, async (page) => {
        await page.goto(address);
        await page.waitForSelector(".sparkline path[d^=M]");
        await page.mouse.move(700, 500);
        await page.evaluate(watchFrames);
        const atEnd = () => page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2);
        const began = Date.now();
        let turns = 0;
        do {
          if (turns >= MOST_TURNS) throw new Error(`${turns} turns of the wheel do not lead to the end of the list`);
          const answered = [];
          for (let turn = 0; turn < TURNS_A_LOOK; turn += 1) {
            answered.push(page.mouse.wheel(0, WHEEL_PIXELS)); // a hand does not wait for the page either
            await sleep(WHEEL_MILLISECONDS);
          }
          await Promise.all(answered);
          turns += TURNS_A_LOOK;
        } while (!(await atEnd()));
        const spent = (Date.now() - began) / 1000;
        const { frames, longTasks } = await page.evaluate(stopWatching);
        const long = frames.filter((duration) => duration > LONG_MILLISECONDS);
        rows.push([
          String(run),
          String(turns),
          spent.toFixed(1),
          String(frames.length),
          String(long.length),
          `${((100 * long.length) / frames.length).toFixed(1)} %`,
          median(frames),
          Math.max(...frames),
          String(longTasks.length),
          Math.max(0, ...longTasks),
          loadAverage().split(" ")[0],
        ]);
      });
    }
  });
  table(
    `Scrolling through ${count} hosts by wheel, ${WHEEL_PIXELS} pixels every ${WHEEL_MILLISECONDS} ms, each run from a fresh page`,
    [
      "run",
      "turns",
      "s",
      "frames",
      "over 50 ms",
      "share",
      "frame ms, median",
      "longest",
      "tasks over 50 ms",
      "longest task ms",
      "load average",
    ],
    rows,
  );
}
