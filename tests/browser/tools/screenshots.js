/**
 * Pictures of every view, at desktop and phone size, light and dark: `node tools/screenshots.js FOLDER [ADDRESS]`.
 * Without an address it shows made-up hosts. SCREENSHOT_VIEWS=sign_in,access takes these alone.
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

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const token = (id, name, scope, more = {}) => ({ id, name, scope, host: null, created: NOW - 40 * DAY, last_used: NOW - 8, expires: null, uses_left: null, ...more });
const TOKENS = [
  token("a", "Add a host", "enroll", { created: NOW - 3600, last_used: null, expires: NOW + DAY - 3600, uses_left: 1 }),
  token("b", "Grafana and Prometheus", "read", { expires: NOW + 300 * DAY }),
  token("c", "Backup script of the night", "write", { host: "db-primary.internal.example", last_used: NOW - 5 * 3600, expires: NOW + 20 * DAY }),
  token("d", "Old deployment", "admin", { expires: NOW - 3 * DAY, last_used: NOW - 4 * DAY }),
  ...["web-1", "web-2", "web-3", "db-primary.internal.example"].map((name) => token(name, name, "agent", { host: name })),
];
const USERS = { admin: { password: "correct horse", role: "admin" }, mira: { password: "correct horse", role: "viewer" } };
const CLOSED = { authentication: "required", users: USERS, tokens: TOKENS };

mkdirSync(folder, { recursive: true });
const servers = {
  open: new StandInServer(HOSTS), empty: new StandInServer([]), closed: new StandInServer(HOSTS, "/", CLOSED), insecure: new StandInServer(HOSTS, "/", { authentication: "insecure", tokens: TOKENS }),
  fresh: new StandInServer([], "/", { authentication: "required", setupCode: "7Yk2mQ" }), closedEmpty: new StandInServer([], "/", CLOSED),
};
await Promise.all(Object.values(servers).map((server) => server.start()));
const page0 = address ?? servers.open.address;
const host = process.env.SCREENSHOT_HOST ?? "web-1";
const click = (name) => (page) => page.getByRole("button", { name, exact: true }).click();
const named = (server, hash, more = {}) => ({ target: `${server.address}${hash}`, server, ...more });
/** @type {Record<string, {target: string, server?: StandInServer, as?: string, wait?: string, then?: (page: import("playwright-core").Page) => Promise<void>}>} */
const views = {
  overview: { target: `${page0}#/` }, host: { target: `${page0}#/host/${encodeURIComponent(host)}` }, host_day: { target: `${page0}#/host/${encodeURIComponent(host)}?timeframe=24h` },
  host_warned: { target: `${page0}#/host/web-3` }, host_whole: { target: `${page0}#/host/${encodeURIComponent(host)}` }, compare: { target: `${page0}#/compare` },
  empty: { target: `${servers.empty.address}#/` }, unknown: { target: `${page0}#/host/nobody` },
  access_open: named(servers.open, "#/access"), insecure: named(servers.insecure, "#/"),
  sign_in: named(servers.closed, "#/"), sign_in_elsewhere: { ...named(servers.closed, "#/"), target: servers.closed.addressFromElsewhere },
  setup: named(servers.fresh, "#/setup/7Yk2mQ"), setup_without_code: named(servers.fresh, "#/"),
  signed_in: named(servers.closed, "#/", { as: "admin" }), menu: named(servers.closed, "#/", { as: "admin", then: (page) => page.locator("#account button").first().click() }),
  access: named(servers.closed, "#/access", { as: "admin", wait: ".tokens" }), access_new: named(servers.closed, "#/access", { as: "admin", wait: ".tokens", then: click("New token") }),
  access_revoke: named(servers.closed, "#/access", { as: "admin", wait: ".tokens", then: click("Revoke web-1") }),
  add_host: named(servers.closed, "#/", { as: "admin", then: click("Add a host") }), empty_closed: named(servers.closedEmpty, "#/", { as: "admin" }),
  account: named(servers.closed, "#/account", { as: "mira" }), refused: named(servers.closed, "#/access", { as: "mira" }),
};
const wanted = process.env.SCREENSHOT_VIEWS?.split(",");
const browser = await launchBrowser();
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [view, { target, server, as, wait, then }] of Object.entries(views)) {
      if (wanted && !wanted.includes(view)) continue;
      // Charts are drawn near the screen alone, so a picture of the whole page needs a tall screen.
      const tall = view === "host_whole" ? { ...viewport, height: size === "phone" ? 4800 : 3000 } : viewport;
      const { page, context, problems } = await openPage(browser, { viewport: tall, colorScheme, deviceScaleFactor: size === "phone" ? 2 : 1 });
      if (as) await context.addCookies([{ name: "session", value: server.access.makeSession(as), url: target }]);
      await page.goto(target);
      await page.waitForSelector(wait ?? (view.startsWith("host") || view === "compare" ? "canvas[aria-label*=' of ']" : "h1:not(.visually-hidden), h2"));
      await page.waitForLoadState("networkidle");
      if (then) {
        await then(page);
        await page.waitForLoadState("networkidle");
        await page.waitForSelector("dialog[open], .menu:not([hidden])");
      }
      await page.screenshot({ path: join(folder, `${view}-${size}-${colorScheme}.png`) });
      if (problems.length > 0) console.log(view, size, colorScheme, problems);
      await context.close();
    }
  }
}
await browser.close();
await Promise.all(Object.values(servers).map((server) => server.stop()));
