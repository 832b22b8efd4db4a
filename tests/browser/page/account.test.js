import assert from "node:assert/strict";
import { HOSTS, closed, ADMIN, heading, dialog, button, focused } from "./access_fixture.js";
import { pageTest, until } from "./fixture.js";

pageTest(
  "the header tells who is signed in; its menu works with the keyboard, and Escape closes it",
  ADMIN,
  async ({ page }) => {
    const name = button(page, "Signed in as admin");
    await name.waitFor();
    assert.equal(await name.getAttribute("aria-expanded"), "false");
    await name.focus();
    await page.keyboard.press("Enter");
    assert.equal(await name.getAttribute("aria-expanded"), "true");
    assert.deepEqual(await page.locator("#account-menu .menu-item").allTextContents(), [
      "Account",
      "Access",
      "Sign out",
    ]);
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Account");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#account-menu").isVisible(), false);
    assert.match(await focused(page), /admin/, "the focus is back where it was");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await heading(page, "Access").waitFor();
    assert.equal(await page.locator("#account-menu").isVisible(), false);
  },
);

pageTest("the menu closes when one clicks or tabs out of it", ADMIN, async ({ page }) => {
  const name = button(page, "Signed in as admin");
  await name.click();
  await page.locator("main").click();
  assert.equal(await name.getAttribute("aria-expanded"), "false");
  await name.click();
  for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press("Tab");
  assert.equal(await name.getAttribute("aria-expanded"), "false");
});

pageTest("a viewer sees no ways to change anything", { ...ADMIN, as: "mira" }, async ({ page }) => {
  await button(page, "Signed in as mira").click();
  assert.deepEqual(await page.locator("#account-menu .menu-item").allTextContents(), ["Account", "Sign out"]);
  assert.equal(await button(page, "Add a host").count(), 0);
  await page.evaluate(() => (location.hash = "#/access"));
  await page.waitForSelector("text=Tokens are kept by administrators.");
});

pageTest(
  "who a proxy signs in has a name, and neither password nor session to end",
  { hosts: HOSTS, access: closed({ proxyUser: { name: "otto", role: "viewer" } }) },
  async ({ page }) => {
    await page.waitForSelector("#account >> text=otto");
    assert.equal(await page.locator("#account button, #account a").count(), 0);
    await page.evaluate(() => (location.hash = "#/account"));
    await page.waitForSelector("text=Passwords are changed here by who has signed in here.");
  },
);

pageTest(
  "where nobody signs in there is nobody to tell of, but access and adding hosts, without a token",
  { hosts: HOSTS },
  async ({ page, server }) => {
    await page.getByRole("link", { name: "web-1" }).waitFor();
    assert.equal(await page.locator("#account").isVisible(), false);
    assert.equal(await page.locator("#security").isVisible(), false);
    await button(page, "Add a host").click();
    const [program, docker] = await dialog(page).locator("pre").allTextContents();
    assert.equal(program, `hostwatch-agent --server-url ${new URL("/metrics", server.address)}`);
    assert.match(docker, /^docker run .*--network host/s);
    assert.deepEqual(server.access.changes, []);
    await button(dialog(page), "Close").click();
    await page.getByRole("link", { name: "Access" }).click();
    await page.waitForSelector("text=No tokens yet");
  },
);

pageTest(
  "the password is changed, for who knows the current one",
  { ...ADMIN, as: "mira", hash: "#/account", failures: true },
  async ({ page, server }) => {
    await heading(page, "Account").waitFor();
    assert.match(await page.locator(".title-detail").textContent(), /^Signed in as mira, viewer$/);
    const type = async (current, next, again) => {
      await page.getByLabel("Current password").fill(current);
      await page.getByLabel("New password").fill(next);
      await page.getByLabel("The same again").fill(again);
      await page.keyboard.press("Enter");
    };
    await type("wrong", "a longer one", "a longer one");
    await page.waitForSelector("form >> text=This is not your current password.");
    await type("battery staple", "a longer one", "a longer two");
    await page.waitForSelector("form >> text=The two passwords differ.");
    await type("battery staple", "a longer one", "a longer one");
    await page.waitForSelector("text=The password is changed.");
    assert.equal(server.access.users.mira.password, "a longer one");
    assert.equal(await page.getByLabel("Current password").inputValue(), "");
    await until(
      () => server.requests.filter((request) => request === "session").length >= 2,
      "the session is asked for anew",
    );
  },
);
