/**
 * One browser for all tests of a file; for each test a stand-in server and a page, which must end without problems.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, openPage } from "../browser.js";
import { StandInServer } from "../stand_in_server.js";

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/**
 * @typedef {object} Setting
 * @property {import("../stand_in_server.js").MadeUpHost[]} hosts
 * @property {string} [hash] the address after `#`
 * @property {string} [base] the path under which everything lies
 * @property {import("../stand_in_access.js").Access} [access] who may do what; left out: everybody everything
 * @property {import("../stand_in_alerts.js").Alerts} [alerts] what is wrong, and what is watched
 * @property {string} [as] the user who is signed in already
 * @property {boolean} [elsewhere] the browser takes the server for another machine
 * @property {boolean} [open] false: the test opens the page itself
 * @property {boolean} [failures] whether the test makes requests fail on purpose
 * @property {import("playwright-core").BrowserContextOptions} [options]
 *
 * @param {string} name
 * @param {Setting} setting
 * @param {(tools: {page: import("playwright-core").Page, server: StandInServer, context:
 *   import("playwright-core").BrowserContext}) => Promise<void>} body
 */
export function pageTest(name, setting, body) {
  test(name, { timeout: 60_000 }, async () => {
    const server = new StandInServer(setting.hosts, setting.base, setting.access, setting.alerts);
    await server.start();
    const { page, context, problems } = await openPage(browser, setting.options);
    const address = setting.elsewhere ? server.addressFromElsewhere : server.address;
    try {
      if (setting.as) {
        await context.addCookies([
          {
            name: "session",
            value: server.access.makeSession(setting.as),
            url: address,
            httpOnly: true,
            sameSite: "Strict",
          },
        ]);
      }
      if (setting.open !== false) await page.goto(`${address}${setting.hash ?? ""}`);
      await body({ page, server, context });
      const own = setting.failures
        ? problems.filter((problem) => !problem.startsWith("console: Failed to load resource"))
        : problems;
      assert.deepEqual(own, [], "the page has problems");
    } finally {
      await context.close();
      await server.stop().catch(() => {}); // stopped by the test already
    }
  });
}

/** Waits until a condition in this process holds. @param {() => boolean} condition @param {string} what */
export async function until(condition, what) {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a chart is drawn. @param {import("playwright-core").Page} page @param {string} title */
export function chartOf(page, title) {
  return page.locator(`canvas[aria-label^="${title} of "]`);
}

/** How far the page is wider than its window, in pixels. @param {import("playwright-core").Page} page */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Charts take on a new width a moment after the page. @param {import("playwright-core").Page} page */
export function chartsFit(page) {
  return page.waitForFunction(() => {
    /** @type {NodeListOf<HTMLCanvasElement>} */
    const canvases = document.querySelectorAll(".chart-frame canvas");
    return [...canvases].every(
      (canvas) => canvas.style.width === "" || Math.abs(canvas.clientWidth - canvas.parentElement.clientWidth) <= 1,
    );
  });
}
