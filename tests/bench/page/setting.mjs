/** What is measured: a server with made-up hosts, and a page of it. */

import { readFileSync } from "node:fs";
import { openPage } from "../../browser/browser.js";
import { loadHistory, sendCurrent } from "../../browser/real/load_history.js";
import { Installation } from "../../browser/real/programs.js";

export const loadAverage = () => readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(" ");
export const seconds = () => Math.floor(Date.now() / 1000);

/** Runs `measure` over a server that holds the hosts' readings; server and database are gone afterwards. */
export async function withServer(hosts, measure) {
  const installation = new Installation();
  try {
    await installation.startServer();
    if (hosts.length > 0) await loadHistory(installation.port, hosts);
    return await measure(installation);
  } catch (error) {
    error.message += `\nThe server said:\n${installation.output}`;
    throw error;
  } finally {
    await installation.stop();
  }
}

/** Runs `measure` with a page whose cache is empty. What goes wrong in the page fails it. */
export async function withPage(browser, options, measure) {
  const { page, context, problems } = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
  try {
    const result = await measure(page, context);
    if (problems.length > 0) throw new Error(`The page has problems: ${problems.join("; ")}`);
    return result;
  } finally {
    await context.close();
  }
}

/**
 * Waits until the page has painted twice and has nothing to do for a moment.
 * @param {import("playwright-core").Page} page
 */
export function settled(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() =>
          requestAnimationFrame(() => requestIdleCallback(() => setTimeout(() => requestIdleCallback(resolve), 200))),
        );
      }),
  );
}

/**
 * The page's next answer from an address, all of it.
 * @param {import("playwright-core").Page} page
 * @param {string} path
 */
export async function nextAnswer(page, path, accept = () => true) {
  const response = await page.waitForResponse((candidate) => {
    const address = new URL(candidate.url());
    return address.pathname === path && accept(address.searchParams);
  });
  await response.finished();
  return response;
}

/** Sends a reading of every host at an interval until it is stopped. */
export class Feed {
  #timer;
  #last = Promise.resolve();

  /**
   * @param {number} port
   * @param {import("../../browser/real/made_up_hosts.js").MadeUpHost[]} hosts
   * @param {number} interval seconds
   */
  constructor(port, hosts, interval) {
    this.#timer = setInterval(() => {
      this.#last = this.#last.then(() => sendCurrent(port, hosts, seconds()));
    }, interval * 1000);
  }

  /** Fails if any of them was not taken. */
  async stop() {
    clearInterval(this.#timer);
    await this.#last;
  }
}
