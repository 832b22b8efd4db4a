import assert from "node:assert/strict";
import { pageTest } from "./fixture.js";

const HOSTS = [
  { hostname: "web-1" },
  { hostname: "web-2" },
  { hostname: "cache-1", down: true },
  { hostname: "web-3", clockSkew: 42 },
];
const hashOf = (page) => page.evaluate(() => location.hash);
const shows = (page, hash) => page.waitForFunction((wanted) => location.hash === wanted, hash);
const bar = (page) => page.getByRole("complementary", { name: "Wall mode" });
/** Every address from now on, as it comes. */
const record = (page) =>
  page.evaluate(() => {
    globalThis.addresses = [];
    const original = history.replaceState;
    history.replaceState = function replaceState(...parts) {
      globalThis.addresses.push(parts[2]);
      return original.apply(this, parts);
    };
  });
const hide = (page, hidden) =>
  page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

pageTest(
  "the wall shows the overview, then the hosts in turn, what is down or warned first, and begins anew",
  { hosts: HOSTS, hash: "#/?wall=1" },
  async ({ page }) => {
    await bar(page).waitFor();
    await record(page);
    await page.waitForFunction(() => globalThis.addresses.length >= 6);
    const seen = (await page.evaluate(() => globalThis.addresses)).slice(0, 6);
    assert.deepEqual(seen, [
      "#/host/cache-1?wall=1",
      "#/host/web-3?wall=1",
      "#/host/web-1?wall=1",
      "#/host/web-2?wall=1",
      "#/?wall=1",
      "#/host/cache-1?wall=1",
    ]);
  },
);

pageTest(
  "the wall is started in the header, hides what is not to be seen, and Escape leads back to where one was",
  { hosts: HOSTS, hash: "#/compare" },
  async ({ page }) => {
    await page.waitForSelector("canvas[aria-label*=' of ']");
    const before = await page.evaluate(() => history.length);
    await page.getByRole("button", { name: "Wall: all hosts in turn" }).click();
    await shows(page, "#/?wall=15");
    assert.deepEqual(
      await page
        .locator(".page-header, .page-footer, .host-tools")
        .evaluateAll((parts) => parts.map((part) => part.checkVisibility())),
      [false, false, false],
    );
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Stop");
    await page.keyboard.press("Escape");
    await shows(page, "#/compare");
    await page.waitForFunction(() => document.querySelector(".page-header").checkVisibility());
    assert.equal(await bar(page).count(), 0);
    assert.equal(
      await page.evaluate(() => history.length),
      before + 1,
      "the hosts that were shown are not in the history",
    );
  },
);

pageTest(
  "a key starts and stops it; Stop leads back, to the whole overview with its search",
  { hosts: HOSTS, hash: "#/?search=web" },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    await page.keyboard.press("w");
    await shows(page, "#/?search=web&wall=15");
    await page.keyboard.press("w");
    await shows(page, "#/?search=web");
    await page.keyboard.press("w");
    await bar(page).getByLabel("Show each for").selectOption("5");
    await shows(page, "#/?search=web&wall=5");
    // of those that the search finds
    await page.waitForFunction(() => location.hash === "#/host/web-3?search=web&wall=5");
    await bar(page).getByRole("button", { name: "Stop" }).click();
    await shows(page, "#/?search=web");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Hosts");
  },
);

pageTest(
  "a reload goes on; stopped, the wall then leads to the overview of the same time",
  { hosts: HOSTS, hash: "#/host/web-1?timeframe=24h&wall=1" },
  async ({ page }) => {
    await page.waitForFunction(() => location.hash === "#/?wall=1&timeframe=24h");
    await page.reload();
    await bar(page).waitFor();
    const place = await page.waitForFunction(
      () =>
        location.hash === "#/host/cache-1?wall=1&timeframe=24h" && document.querySelector(".wall-place").textContent,
    );
    assert.equal(await place.jsonValue(), "1 of 4");
    await page.keyboard.press("Escape");
    await shows(page, "#/?timeframe=24h");
  },
);

pageTest(
  "a hidden tab stays where it is, and goes on when it is seen again",
  { hosts: HOSTS, hash: "#/?wall=1" },
  async ({ page }) => {
    await bar(page).waitFor();
    await hide(page, true);
    const at = await hashOf(page);
    // Longer than two would be shown: what must not happen can only be waited for.
    await page.waitForFunction((end) => Date.now() > end, Date.now() + 2500);
    assert.equal(await hashOf(page), at);
    await hide(page, false);
    await page.waitForFunction((before) => location.hash !== before, at);
  },
);

pageTest(
  "the screen is kept awake while the wall runs, and not after",
  { hosts: HOSTS, hash: "#/?wall=300", open: false },
  async ({ page, server }) => {
    await page.addInitScript(() => {
      globalThis.awake = 0;
      Object.defineProperty(navigator, "wakeLock", {
        value: {
          async request() {
            globalThis.awake += 1;
            return {
              async release() {
                globalThis.awake -= 1;
              },
            };
          },
        },
      });
    });
    await page.goto(`${server.address}#/?wall=300`);
    await page.waitForFunction(() => globalThis.awake === 1);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => globalThis.awake === 0);
  },
);

pageTest(
  "nothing moves for who wants no motion",
  { hosts: HOSTS, hash: "#/?wall=15", options: { reducedMotion: "reduce" } },
  async ({ page }) => {
    await bar(page).waitFor();
    assert.equal(
      await page.evaluate(() => document.querySelector(".wall-bar").getAnimations({ subtree: true }).length),
      0,
    );
  },
);

pageTest("an open window holds the wall", { hosts: HOSTS, hash: "#/?wall=1" }, async ({ page }) => {
  await page.waitForSelector("tbody tr");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  const at = await hashOf(page);
  await page.waitForFunction((end) => Date.now() > end, Date.now() + 2500);
  assert.equal(await hashOf(page), at);
  await page.keyboard.press("Escape");
  await page.waitForFunction((before) => location.hash !== before, at);
  await bar(page).waitFor();
});

pageTest(
  "who may not read sees no wall",
  {
    hosts: HOSTS,
    hash: "#/?wall=1",
    access: { authentication: "required", users: { mira: { password: "battery staple", role: "viewer" } } },
  },
  async ({ page }) => {
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(await bar(page).count(), 0);
    assert.equal(await page.getByRole("button", { name: /Wall/ }).count(), 0);
  },
);
