/**
 * A real browser whose pages tell everything that goes wrong in them.
 */

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A name that is not loopback to the page, and leads to the tests' own servers.
  "--host-resolver-rules=MAP hostwatch.example 127.0.0.1",
];

export async function launchBrowser() {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`No Chromium at ${CHROMIUM}: install it, or name its program in the environment variable CHROMIUM`);
  }
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS });
}

/**
 * A page in a context of its own, with the list of what went wrong in it: console errors, uncaught exceptions,
 * violations of the Content-Security-Policy, and requests to other origins.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.stack ?? error}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await context.exposeBinding("reportViolation", (_, text) => problems.push(`policy: ${text}`));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      globalThis.reportViolation(`${event.violatedDirective} ${event.blockedURI}`),
    );
    addEventListener("unhandledrejection", (event) =>
      globalThis.reportViolation(`unhandled rejection ${event.reason}`),
    );
  });
  return { page, context, problems };
}

/** Problems without the browser's own lines on failed requests, for tests that make requests fail on purpose. */
export function withoutFailedRequests(problems) {
  return problems.filter((problem) => !problem.startsWith("console: Failed to load resource"));
}
