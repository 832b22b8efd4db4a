/**
 * For a file of tests: one real server with generated readings, one browser; for each test a page of its own, which
 * must end without problems.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, openPage } from "../browser.js";
import { loadHistory } from "./load_history.js";
import { Installation } from "./programs.js";

const LONGEST_MILLISECONDS = 60_000;

/**
 * @typedef {object} Answer of GET /data
 * @property {URLSearchParams} asked
 * @property {number} step seconds; 0: raw readings
 * @property {number} from
 * @property {number} to
 * @property {{hostname: string, timestamps: number[], series: object[]}[]} hosts
 *
 * @typedef {object} Tools
 * @property {import("playwright-core").Page} page
 * @property {number} now Unix seconds: when the last readings were taken
 * @property {import("./made_up_hosts.js").MadeUpHost[]} hosts
 * @property {URLSearchParams[]} asked what the page asked of GET /data so far
 * @property {(accept: (answer: Answer) => boolean) => Promise<Answer>} answer waits for the next one of that kind
 * @property {(hash: string) => Promise<void>} open
 */

/**
 * @param {(now: number) => import("./made_up_hosts.js").MadeUpHost[]} makeHosts
 * @param {{serverOptions?: string[], options?: import("playwright-core").BrowserContextOptions}} [setting]
 * @returns {(name: string, body: (tools: Tools) => Promise<void>) => void} declares a test
 */
export function testsOverGeneratedHosts(makeHosts, { serverOptions = [], options = {} } = {}) {
  const installation = new Installation(serverOptions);
  const now = Math.floor(Date.now() / 1000);
  const hosts = makeHosts(now);
  let browser;
  before(async () => {
    await installation.startServer();
    await loadHistory(installation.port, hosts);
    // A server that starts reckons from each host's last reading whether it is down; the one that took them heard of
    // all just now.
    await installation.stopServer();
    await installation.startServer();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await installation.stop();
  });

  return (name, body) => {
    test(name, { timeout: LONGEST_MILLISECONDS }, async () => {
      const { page, context, problems } = await openPage(browser, options);
      const asked = [];
      page.on("request", (request) => {
        const address = new URL(request.url());
        if (address.pathname === "/data") asked.push(address.searchParams);
      });
      try {
        await body({
          page,
          now,
          hosts,
          asked,
          answer: (accept) => nextAnswer(page, accept),
          open: async (hash) => void (await page.goto(`${installation.address}${hash}`)),
        });
        assert.deepEqual(problems, [], "the page has problems");
      } catch (error) {
        error.message += `\nThe page told: ${problems.join("; ")}\nThe server said:\n${installation.output}`;
        throw error;
      } finally {
        await context.close();
      }
    });
  };
}

/** @param {import("playwright-core").Page} page @param {(answer: Answer) => boolean} accept */
async function nextAnswer(page, accept) {
  let found;
  await page.waitForResponse(async (response) => {
    const address = new URL(response.url());
    if (address.pathname !== "/data" || address.searchParams.get("format") !== "columns") return false;
    const answer = { asked: address.searchParams, ...(await response.json()) };
    if (!accept(answer)) return false;
    found = answer;
    return true;
  });
  return found;
}

/**
 * A chart that shows values.
 * @param {import("playwright-core").Page} page
 * @param {string} title
 * @param {string} [subject]
 */
export function chartWithValues(page, title, subject = "") {
  return page.locator(`canvas[aria-label^="${title} of ${subject}"][aria-label*="now "]`);
}
