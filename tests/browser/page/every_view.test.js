/**
 * Every view, at desktop and phone size, light and dark: nothing that axe-core finds (in dark: of colours, which alone
 * differ), nothing wider than its place, and a picture of it in test-results/, to be looked at.
 */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { violations } from "../axe.js";
import { reach, VIEWS, HOSTS } from "../views.js";
import { chartsFit, overflow, pageTest } from "./fixture.js";

const PICTURES = fileURLToPath(new URL("../test-results/", import.meta.url));
const SIZES = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } };
const SMALLEST = { width: 360, height: 640 };
/** Far more than a screen: what is below it is drawn too. */
const WHOLE = { 1440: 3200, 390: 6400 };

/** Boxes whose content is wider than they are. @param {import("playwright-core").Page} page */
const cut = (page) =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll(
        "dialog, .dialog-body, .door, .menu, .page-header, .host-tools, .compare-what, .timeframes, .hosts",
      ),
    ]
      .filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => box.className),
  );

/**
 * @param {import("../views.js").View} view
 * @param {import("playwright-core").BrowserContextOptions} options
 */
const settingOf = ({ hosts = HOSTS, hash, access, alerts, as, elsewhere, failure }, options) => ({
  hosts,
  hash,
  access,
  alerts,
  as,
  elsewhere,
  open: false,
  failures: Boolean(failure),
  options,
});

/**
 * @param {import("playwright-core").Page} page
 * @param {import("../stand_in_server.js").StandInServer} server
 * @param {import("../views.js").View} view
 */
async function open(page, server, { hash = "", elsewhere, failure = null }) {
  server.failure = failure;
  await page.goto(`${elsewhere ? server.addressFromElsewhere : server.address}${hash}`);
}

mkdirSync(PICTURES, { recursive: true });

for (const [name, view] of Object.entries(VIEWS)) {
  pageTest(
    `nothing is wrong with ${name.replaceAll("_", " ")}`,
    settingOf(view, { viewport: SIZES[1440], colorScheme: "light" }),
    async ({ page, server }) => {
      await open(page, server, view);
      await reach(page, view);
      for (const [width, size] of Object.entries(SIZES)) {
        await page.setViewportSize(view.whole ? { ...size, height: WHOLE[width] } : size);
        await chartsFit(page);
        for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
          await page.emulateMedia({ colorScheme });
          const where = `${width} pixels wide, ${colorScheme}`;
          assert.deepEqual(await violations(page, colorScheme === "dark" ? ["color-contrast"] : undefined), [], where);
          assert.equal(await overflow(page), 0, where);
          assert.deepEqual(await cut(page), [], where);
          await page.screenshot({ path: `${PICTURES}${name}-${width}-${colorScheme}.png` });
        }
      }
      await page.setViewportSize(SMALLEST);
      assert.equal(await overflow(page), 0, "on the smallest phone");
      assert.deepEqual(await cut(page), [], "on the smallest phone");
    },
  );
}

for (const name of ["overview", "overview_groups", "host", "compare_top", "access", "sign_in"]) {
  pageTest(
    `with text twice as large ${name.replaceAll("_", " ")} keeps to its place`,
    settingOf(VIEWS[name], { viewport: SIZES[1440] }),
    async ({ page, server }) => {
      // As the browser's own setting does it: style sheets' conditions in rem know of it too.
      const settings = await page.context().newCDPSession(page);
      await settings.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
      await open(page, server, VIEWS[name]);
      await reach(page, VIEWS[name]);
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "32px");
      assert.equal(await overflow(page), 0);
      assert.deepEqual(await cut(page), []);
      await page.screenshot({ path: `${PICTURES}${name}-1440-large-text.png` });
    },
  );
}
