import assert from "node:assert/strict";
import { violations } from "../axe.js";
import { pageTest } from "./fixture.js";

const HOSTS = [{ hostname: "web-1", conflict: "two agents report as 'web-1': 10.0.0.1 (agent 0a1b2c3d) and 10.0.0.2 (agent 4e5f6071)", clockSkew: -42 }, { hostname: "cache-1", down: true }, ...Array.from({ length: 8 }, (_, index) => ({ hostname: `node-${index}` }))];
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const hash of ["#/", "#/host/web-1", "#/compare", "#/host/nobody"]) {
      pageTest(`axe-core finds nothing: ${hash}, ${size}, ${colorScheme}`, { hosts: HOSTS, hash, options: { viewport, colorScheme } }, async ({ page }) => {
        await page.waitForSelector("tbody tr, .notice, canvas[aria-label*=' of ']");
        assert.deepEqual(await violations(page), []);
      });
    }
    pageTest(`axe-core finds nothing: no hosts, ${size}, ${colorScheme}`, { hosts: [], options: { viewport, colorScheme } }, async ({ page }) => {
      await page.waitForSelector("text=No hosts yet");
      assert.deepEqual(await violations(page), []);
    });
    pageTest(`axe-core finds nothing: the banner, ${size}, ${colorScheme}`, { hosts: HOSTS, failures: true, open: false, options: { viewport, colorScheme } }, async ({ page, server }) => {
      server.failure = { status: 500, body: "" };
      await page.goto(server.address);
      await page.locator("#banner").waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }
}
