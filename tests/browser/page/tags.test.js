import assert from "node:assert/strict";
import { pageTest } from "./fixture.js";

const HOSTS = [
  { hostname: "web-1", tags: { role: "web", site: "fra" } },
  { hostname: "web-2", tags: { role: "web", site: "ams" }, down: true },
  { hostname: "db-1", tags: { role: "db", site: "fra" } },
  { hostname: "cache-1", tags: { role: "cache" } },
  { hostname: "plain" },
];
const names = (page) => page.locator(".row-link").allTextContents();
const count = (page, number) =>
  page.waitForFunction((wanted) => document.querySelectorAll(".row-link").length === wanted, number);

pageTest(
  "hosts are filtered by tag: of one key either value, of two keys both; the address keeps it",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.getByLabel("Filter by tag").selectOption("site=fra");
    await count(page, 2);
    assert.deepEqual(await names(page), ["db-1", "web-1"]);
    await page.getByLabel("Filter by tag").selectOption("site=ams");
    await count(page, 3);
    await page.getByLabel("Filter by tag").selectOption("role=web");
    await count(page, 2);
    assert.deepEqual(await names(page), ["web-2", "web-1"], "what is down comes first");
    await page.reload();
    await count(page, 2);
    await page.getByRole("button", { name: "No longer ask for role=web" }).click();
    await count(page, 3);
    await page.goBack();
    await count(page, 2);
  },
);

pageTest("each tag's choice tells how many hosts have it", { hosts: HOSTS }, async ({ page }) => {
  await page.waitForSelector("tbody tr");
  const texts = await page.getByLabel("Filter by tag").locator("option").allTextContents();
  assert.deepEqual(texts, ["Tags…", "role=cache (1)", "role=db (1)", "role=web (2)", "site=ams (1)", "site=fra (2)"]);
});

pageTest(
  "a tag of a host is a button that asks for hosts with it; a search finds tags too",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.getByRole("button", { name: "role=db", exact: true }).click();
    await count(page, 1);
    await page.getByRole("button", { name: "No longer ask for role=db" }).click();
    await count(page, 5);
    await page.keyboard.press("/");
    await page.keyboard.type("site=ams");
    await count(page, 1);
  },
);

pageTest(
  "hosts stand in groups by a tag's values, each with its counts; those without it are last",
  { hosts: HOSTS },
  async ({ page }) => {
    await page.getByLabel("Group by tag").selectOption("role");
    await page.waitForSelector(".group-row");
    assert.deepEqual(await page.locator(".group-row").allTextContents(), [
      "cache1 up",
      "db1 up",
      "web1 up, 1 down",
      "without role1 up",
    ]);
    assert.deepEqual(await names(page), ["cache-1", "db-1", "web-2", "web-1", "plain"]);
    assert.equal(new URL(page.url()).hash, "#/?group=role");
    await page.getByLabel("Group by tag").selectOption("");
    await page.waitForSelector(".group-row", { state: "detached" });
  },
);

pageTest(
  "a host's own view tells its tags; each leads to the hosts that have it",
  { hosts: HOSTS, hash: "#/host/web-1" },
  async ({ page }) => {
    await page.getByRole("link", { name: "site=fra" }).click();
    await count(page, 2);
    assert.equal(new URL(page.url()).hash, "#/?tag=site%3Dfra");
  },
);

pageTest(
  "where no host has tags there is nothing to choose by",
  { hosts: [{ hostname: "plain" }] },
  async ({ page }) => {
    await page.waitForSelector("tbody tr");
    assert.equal(await page.getByLabel("Filter by tag").isVisible(), false);
    assert.equal(await page.getByLabel("Group by tag").isVisible(), false);
  },
);

pageTest(
  "a hostile tag is text",
  { hosts: [{ hostname: "web-1", tags: { x: "<img src=x onerror=alert(1)>" } }], hash: "#/?group=x" },
  async ({ page }) => {
    await page.waitForSelector(".group-row");
    assert.equal(await page.locator(".group-row .name").textContent(), "<img src=x onerror=alert(1)>");
    assert.equal(await page.locator("main img").count(), 0);
  },
);
