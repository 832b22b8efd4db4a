import assert from "node:assert/strict";
import { violations } from "../axe.js";
import { overflow, pageTest } from "./fixture.js";

const NOW = Math.floor(Date.now() / 1000);
const HOSTS = [{ hostname: "web-1" }, { hostname: "cache-1", down: true }];
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 }, "small phone": { width: 360, height: 640 } };
const LONG = "x".repeat(100);
const token = (id, name, scope, more = {}) => ({ id, name, scope, host: null, created: NOW - 9000, last_used: NOW - 60, expires: null, uses_left: null, ...more });
const closed = (more = {}) => ({
  authentication: "required", users: { admin: { password: "correct horse", role: "admin" }, ["w".repeat(60)]: { password: "correct horse", role: "viewer" } },
  tokens: [token(1, "Prometheus", "read", { expires: NOW - 5 }), token(2, LONG, "agent", { host: LONG }), token(3, "Racks", "enroll", { uses_left: 3 })], ...more,
});
const click = (name) => (page) => page.getByRole("button", { name, exact: true }).click();
const opened = "dialog[open]";

/** @type {Record<string, import("./fixture.js").Setting & {wait: string, then?: (page: any) => Promise<void>, after?: string}>} */
const VIEWS = {
  "sign-in": { access: closed(), wait: "form" },
  "sign-in with an error, not encrypted": { access: closed(), elsewhere: true, wait: ".form-note", then: click("Sign in"), after: ".form-error:not(:empty)" },
  "set-up": { access: { authentication: "required", setupCode: "x" }, hash: "#/setup/x", wait: "form" },
  "set-up without a code": { access: { authentication: "required", setupCode: "x" }, wait: "form" },
  "guests' overview": { access: closed({ guest: true }), wait: ".row-link" },
  "an open server's access": { access: {}, hash: "#/access", wait: ".notice" },
  "the notice of an insecure server": { access: { authentication: "insecure" }, wait: "#security:not([hidden])" },
  "the menu": { access: closed(), as: "admin", wait: ".row-link", then: click("Signed in as admin"), after: ".menu:not([hidden])" },
  tokens: { access: closed(), as: "admin", hash: "#/access", wait: ".tokens tbody tr" },
  "a new token": { access: closed(), as: "admin", hash: "#/access", wait: ".tokens tbody tr", then: click("New token"), after: opened },
  "revoking a token": { access: closed(), as: "admin", hash: "#/access", wait: ".tokens tbody tr", then: click(`Revoke ${LONG}`), after: opened },
  "adding a host": { access: closed(), as: "admin", wait: ".row-link", then: click("Add a host"), after: opened },
  "no hosts yet": { hosts: [], access: closed(), as: "admin", wait: ".notice button" },
  account: { access: closed(), as: "admin", hash: "#/account", wait: "form" },
  "a refused view and a long name": { access: closed(), as: "w".repeat(60), hash: "#/access", wait: ".notice" },
};

for (const [size, viewport] of Object.entries(SIZES)) {
  // The smallest is there for its width, which no colour changes.
  for (const colorScheme of size === "small phone" ? ["light"] : ["light", "dark"]) {
    for (const [name, { wait, then, after, ...setting }] of Object.entries(VIEWS)) {
      pageTest(`axe-core finds nothing, and nothing is too wide: ${name}, ${size}, ${colorScheme}`, { hosts: HOSTS, ...setting, options: { viewport, colorScheme } }, async ({ page }) => {
        await page.waitForSelector(wait);
        await then?.(page);
        if (after) await page.waitForSelector(after);
        assert.deepEqual(await violations(page), []);
        assert.equal(await overflow(page), 0);
        const cut = await page.evaluate(() => [...document.querySelectorAll("dialog, .dialog-body, .door, .menu, .page-header")].filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.className));
        assert.deepEqual(cut, []);
      });
    }
  }
}
