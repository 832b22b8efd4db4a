/**
 * Pictures of every view, at desktop and phone size, light and dark: `node tools/screenshots.js FOLDER [ADDRESS]`.
 * Without an address it shows made-up hosts.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser, openPage } from "../browser.js";
import { StandInServer } from "../stand_in_server.js";

const [folder = "test-results", address] = process.argv.slice(2);
const SIZES = { desktop: { width: Number(process.env.SCREENSHOT_WIDTH ?? 1280), height: 800 }, phone: { width: 390, height: 844 } };
const HOSTS = [
  { hostname: "web-1", gaps: [[2200, 1500]] }, { hostname: "web-2", clockSkew: 42 },
  { hostname: "web-3", clockSkew: -3700, conflict: "two agents report as 'web-3': 10.0.0.13 (agent 0a1b2c3d) and 10.0.0.31 (agent 4e5f6071); give each machine a name of its own with --hostname (AGENT_HOSTNAME)" },
  { hostname: "db-primary.internal.example", interval: 10 },
  { hostname: "cache-1", down: true }, { hostname: "build-10", small: true }, { hostname: "build-9" },
  { hostname: "<img src=x onerror=alert(1)>" }, { hostname: "raspberrypi" },
];

mkdirSync(folder, { recursive: true });
const server = new StandInServer(HOSTS);
await server.start();
const empty = new StandInServer([]);
await empty.start();
const page0 = address ?? server.address;
const host = process.env.SCREENSHOT_HOST ?? "web-1";
const views = {
  overview: `${page0}#/`, host: `${page0}#/host/${encodeURIComponent(host)}`, host_day: `${page0}#/host/${encodeURIComponent(host)}?timeframe=24h`,
  host_warned: `${page0}#/host/web-3`, host_whole: `${page0}#/host/${encodeURIComponent(host)}`, compare: `${page0}#/compare`, empty: `${empty.address}#/`, unknown: `${page0}#/host/nobody`,
};
const browser = await launchBrowser();
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [view, target] of Object.entries(views)) {
      // Charts are drawn near the screen alone, so a picture of the whole page needs a tall screen.
      const tall = view === "host_whole" ? { ...viewport, height: size === "phone" ? 4800 : 3000 } : viewport;
      const { page, context, problems } = await openPage(browser, { viewport: tall, colorScheme, deviceScaleFactor: size === "phone" ? 2 : 1 });
      await page.goto(target);
      await page.waitForSelector(view.startsWith("host") || view === "compare" ? "canvas[aria-label*=' of ']" : "h1, h2");
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(folder, `${view}-${size}-${colorScheme}.png`) });
      if (problems.length > 0) console.log(view, size, colorScheme, problems);
      await context.close();
    }
  }
}
await browser.close();
await server.stop();
await empty.stop();
