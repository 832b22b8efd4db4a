import assert from "node:assert/strict";
import { chartOf, pageTest, until } from "./fixture.js";

const HOSTS = [
  { hostname: "web-1", interval: 1 },
  { hostname: "web-2", interval: 1 },
];
const USERS = () => ({
  admin: { password: "correct horse", role: "admin" },
  mira: { password: "battery staple", role: "viewer" },
});
const closed = (more = {}) => ({ authentication: "required", users: USERS(), ...more });
const fresh = (more = {}) => ({ authentication: "required", setupCode: "aB3-_x", ...more });

const hashOf = (page) => new URL(page.url()).hash;
const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
/** The label of what has the focus. */
const focused = (page) =>
  page.evaluate(() => {
    const field = /** @type {HTMLInputElement} */ (document.activeElement);
    return field.labels?.[0]?.textContent ?? field.textContent;
  });
const alertText = (page) => page.locator("form [role=alert]").textContent();

async function signIn(page, user, password) {
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

/** Requests for what only readers may see. */
const readings = (server) => server.requests.filter((request) => /^(catalogue|hosts|data|health)/.test(request));

pageTest(
  "who may not read is asked to sign in, and the page asks for nothing else",
  { hosts: HOSTS, access: closed(), hash: "#/host/web-1?timeframe=6h" },
  async ({ page, server }) => {
    await heading(page, "Sign in").waitFor();
    assert.equal(await page.title(), "Sign in · Hostwatch");
    assert.equal(await focused(page), "User name");
    assert.equal(await page.getByLabel("User name").getAttribute("autocomplete"), "username");
    assert.equal(await page.getByLabel("Password").getAttribute("autocomplete"), "current-password");
    assert.equal(await page.getByLabel("Password").getAttribute("type"), "password");
    for (const hidden of ["#views", "#account", "#security"]) {
      assert.equal(await page.locator(hidden).isVisible(), false, hidden);
    }
    await page.evaluate(async () => (await fetch("session")).text());
    assert.deepEqual(server.requests, ["session", "session"], "the page's own and this test's");
  },
);

pageTest(
  "after signing in with the keyboard alone comes the view that the address names",
  { hosts: HOSTS, access: closed(), hash: "#/host/web-1?timeframe=6h" },
  async ({ page, server }) => {
    await heading(page, "Sign in").waitFor();
    await page.keyboard.type("mira");
    await page.keyboard.press("Tab");
    await page.keyboard.type("battery staple");
    await page.keyboard.press("Enter");
    await page.waitForSelector('canvas[aria-label^="CPU of web-1 over the last 6 hours"]');
    assert.equal(hashOf(page), "#/host/web-1?timeframe=6h");
    assert.equal(await page.getByLabel("Password").count(), 0, "the password is no longer in the page");
    assert.equal(await focused(page), "web-1", "a screen reader starts at the view's heading");
    const [change] = server.access.changes;
    assert.deepEqual(
      [change.method, change.path, change.headers["content-type"], change.body],
      ["POST", "session", "application/json", { user: "mira", password: "battery staple" }],
    );
  },
);

pageTest(
  "a wrong password is told, what was typed stays, and the next try works",
  { hosts: HOSTS, access: closed(), failures: true },
  async ({ page }) => {
    await signIn(page, "mira", "wrong");
    await page.waitForSelector("form >> text=Wrong user name or password.");
    assert.equal(await page.getByLabel("User name").inputValue(), "mira");
    assert.equal(await focused(page), "Password");
    assert.equal(await page.getByLabel("Password").getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator("#banner").isVisible(), false);
    await signIn(page, "mira", "battery staple");
    await page.getByRole("link", { name: "web-1" }).waitFor();
  },
);

pageTest(
  "an empty field is told without asking the server",
  { hosts: HOSTS, access: closed() },
  async ({ page, server }) => {
    await heading(page, "Sign in").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    assert.equal(await alertText(page), "Type your user name.");
    await signIn(page, "mira", "");
    assert.equal(await alertText(page), "Type your password.");
    assert.deepEqual(server.access.changes, []);
  },
);

pageTest(
  "after too many attempts the page counts down, and sends nothing before the end",
  { hosts: HOSTS, access: closed(), failures: true, open: false },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(server.address);
    await page.clock.pauseAt(Date.now() + 60_000); // from here on the page's time goes as the test says
    server.access.tooManyAttempts = 90;
    await signIn(page, "mira", "battery staple");
    await page.waitForSelector("form >> text=Too many attempts. Try again in 1 min 30 s.");
    server.access.tooManyAttempts = 0;
    const attempts = server.access.changes.length;
    await page.clock.runFor(80_000);
    assert.equal(await alertText(page), "Too many attempts. Try again in 10 s.");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Sign in", disabled: true }).click({ force: true });
    assert.equal(server.access.changes.length, attempts);
    await page.clock.runFor(10_000);
    assert.equal(await alertText(page), "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "web-1" }).waitFor();
  },
);

pageTest(
  "a session that ends in the middle leads to signing in, polling stops, and the view comes back",
  { hosts: HOSTS, access: closed(), as: "mira", failures: true, open: false },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(`${server.address}#/host/web-1?timeframe=15m`);
    await chartOf(page, "CPU").waitFor();
    server.access.endSessions();
    await heading(page, "Sign in").waitFor();
    assert.equal(hashOf(page), "#/host/web-1?timeframe=15m");
    assert.equal(await page.locator("#banner").isVisible(), false);
    assert.equal(await page.locator("#history").textContent(), "");
    assert.equal(await page.locator("#live").textContent(), "");
    const before = server.requests.length;
    await page.clock.runFor(130_000); // longer than two of the slowest polls
    // What a poll asked for would have come before the answer to this.
    await page.evaluate(async () => (await fetch("session")).text());
    assert.deepEqual(server.requests.slice(before), ["session"]);
    await signIn(page, "mira", "battery staple");
    await chartOf(page, "CPU").waitFor();
    assert.equal(hashOf(page), "#/host/web-1?timeframe=15m");
  },
);

pageTest(
  "a change that finds the session ended leads to signing in too",
  { hosts: HOSTS, access: closed(), as: "mira", hash: "#/account", failures: true },
  async ({ page, server }) => {
    await heading(page, "Account").waitFor();
    await page.getByLabel("Current password").fill("battery staple");
    await page.getByLabel("New password").fill("another long one");
    await page.getByLabel("The same again").fill("another long one");
    server.access.endSessions();
    await page.keyboard.press("Enter");
    await heading(page, "Sign in").waitFor();
    assert.equal(hashOf(page), "#/account");
  },
);

pageTest(
  "who signs in in another tab is in here too, as soon as this one is seen",
  { hosts: HOSTS, access: closed() },
  async ({ page, server, context }) => {
    await heading(page, "Sign in").waitFor();
    await context.addCookies([{ name: "session", value: server.access.makeSession("mira"), url: server.address }]);
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.getByRole("link", { name: "web-1" }).waitFor();
  },
);

pageTest(
  "signing out takes away everything that was shown",
  { hosts: HOSTS, access: closed(), as: "mira" },
  async ({ page, server }) => {
    await page.getByRole("link", { name: "web-1" }).waitFor();
    await page.getByRole("button", { name: "Signed in as mira" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading(page, "Sign in").waitFor();
    assert.doesNotMatch(await page.locator("body").innerText(), /web-1|mira/);
    const [{ method, path, headers }] = server.access.changes;
    assert.deepEqual([method, path], ["DELETE", "session"]);
    assert.ok(headers["x-csrf-token"]);
  },
);

pageTest(
  "who could not sign out is told",
  { hosts: HOSTS, access: closed(), as: "mira", failures: true },
  async ({ page, server }) => {
    await page.getByRole("link", { name: "web-1" }).waitFor();
    await page.getByRole("button", { name: "Signed in as mira" }).click();
    server.failure = { status: 503, body: "{}" };
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Still signed in: try again" }).waitFor();
  },
);

pageTest(
  "a server that does not answer at first is asked again until it says who one is",
  { hosts: HOSTS, access: closed(), failures: true, open: false },
  async ({ page, server }) => {
    server.failure = { status: 500, body: "" };
    await page.goto(server.address);
    await page.waitForSelector("#banner >> text=The server answers 500");
    server.failure = null;
    await heading(page, "Sign in").waitFor();
    await page.locator("#banner").waitFor({ state: "hidden" });
  },
);

pageTest(
  "guests read, and may sign in: they come back to where they were",
  { hosts: HOSTS, access: closed({ guest: true }), hash: "#/compare?timeframe=6h" },
  async ({ page, server }) => {
    await chartOf(page, "CPU").waitFor();
    assert.equal(await page.getByRole("button", { name: "Add a host" }).count(), 0);
    assert.equal(await page.locator("#link-access").isVisible(), false);
    await page.getByRole("link", { name: "Sign in" }).click();
    await heading(page, "Sign in").waitFor();
    assert.equal(hashOf(page), "#/sign-in");
    await signIn(page, "admin", "correct horse");
    await page.getByRole("button", { name: "Signed in as admin" }).waitFor();
    await chartOf(page, "CPU").waitFor();
    assert.equal(hashOf(page), "#/compare?timeframe=6h");
    assert.ok(readings(server).length > 0);
  },
);

pageTest(
  "the page says that a password would travel in the clear, from another machine alone",
  { hosts: HOSTS, access: closed(), elsewhere: true },
  async ({ page, server }) => {
    await page.waitForSelector("text=This connection is not encrypted: others on the way can read the password.");
    await signIn(page, "mira", "battery staple");
    await page.waitForSelector("#security >> text=This connection is not encrypted");
    await page.goto(server.address);
    await heading(page, "Sign in").waitFor();
    assert.equal(await page.getByText("not encrypted").count(), 0);
  },
);

pageTest(
  "an encrypted connection is nothing to speak of",
  { hosts: HOSTS, access: closed({ encrypted: true }), elsewhere: true },
  async ({ page }) => {
    await heading(page, "Sign in").waitFor();
    assert.equal(await page.getByText("not encrypted").count(), 0);
  },
);

pageTest(
  "an insecure server is told of on every view, quietly",
  { hosts: HOSTS, access: { authentication: "insecure" } },
  async ({ page }) => {
    for (const hash of ["#/", "#/compare", "#/access"]) {
      await page.evaluate((address) => (location.hash = address), hash);
      await page.waitForSelector(
        "#security >> text=Anybody who can reach this server can read and change everything: it was started with --insecure.",
      );
    }
    assert.equal(await page.locator("#security button, #security[role]").count(), 0);
  },
);

pageTest(
  "the address of the log sets up the first administrator, and leaves no code behind",
  { hosts: HOSTS, access: fresh(), hash: "#/setup/aB3-_x" },
  async ({ page, server }) => {
    await heading(page, "Set up Hostwatch").waitFor();
    assert.equal(await page.getByLabel("Code").isVisible(), false);
    assert.equal(await focused(page), "User name");
    assert.equal(await page.getByLabel("User name").inputValue(), "admin");
    for (const name of ["Password", "The same again"]) {
      assert.equal(await page.getByLabel(name).getAttribute("autocomplete"), "new-password");
    }
    await page.getByLabel("Password").fill("correct horse");
    await page.getByLabel("The same again").fill("correct horse");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Signed in as admin" }).waitFor();
    await page.getByRole("link", { name: "web-1" }).waitFor();
    assert.equal(hashOf(page), "#/");
    assert.deepEqual(server.access.changes[0].body, { code: "aB3-_x", user: "admin", password: "correct horse" });
    await page.goBack().catch(() => {});
    assert.ok(!page.url().includes("aB3"), "nor does Back lead to it");
  },
);

pageTest(
  "a password that is too short or typed otherwise is told before it is sent",
  { hosts: HOSTS, access: fresh(), hash: "#/setup/aB3-_x" },
  async ({ page, server }) => {
    await page.getByLabel("Password").fill("short");
    await page.keyboard.press("Enter");
    assert.equal(await alertText(page), "The password needs at least 10 characters.");
    await page.getByLabel("Password").fill("long enough");
    await page.getByLabel("The same again").fill("long enouph");
    await page.keyboard.press("Enter");
    assert.equal(await alertText(page), "The two passwords differ.");
    assert.equal(await focused(page), "The same again");
    assert.deepEqual(server.access.changes, []);
  },
);

pageTest(
  "without a code the page tells where it is, and takes the whole address too",
  { hosts: HOSTS, access: fresh(), hash: "#/compare", failures: true },
  async ({ page, server }) => {
    await heading(page, "Set up Hostwatch").waitFor();
    const text = await page.locator("main").innerText();
    for (const command of ["docker compose logs server", "journalctl -u hostwatch-server"]) {
      assert.ok(text.includes(command), command);
    }
    assert.equal(await focused(page), "Code");
    await page.getByLabel("Password").fill("correct horse");
    await page.getByLabel("The same again").fill("correct horse");
    await page.getByLabel("Code").fill("not it");
    await page.keyboard.press("Enter");
    await page.waitForSelector("form >> text=This is not the code of the server's log.");
    assert.equal(await focused(page), "Code");
    await page.getByLabel("Code").fill(`${server.address}#/setup/aB3-_x`);
    await page.keyboard.press("Enter");
    await chartOf(page, "CPU").waitFor();
    assert.equal(hashOf(page), "#/compare");
  },
);

pageTest(
  "a code of the address that is wrong can be mended",
  { hosts: HOSTS, access: fresh(), hash: "#/setup/old", failures: true },
  async ({ page }) => {
    await page.getByLabel("Password").fill("correct horse");
    await page.getByLabel("The same again").fill("correct horse");
    await page.keyboard.press("Enter");
    await page.waitForSelector("form >> text=This is not the code of the server's log.");
    assert.equal(await page.getByLabel("Code").inputValue(), "old");
  },
);

pageTest(
  "who comes second to set up is led to sign in",
  { hosts: HOSTS, access: fresh(), hash: "#/setup/aB3-_x", failures: true },
  async ({ page, server }) => {
    await heading(page, "Set up Hostwatch").waitFor();
    server.access.setupCode = "";
    server.access.users = USERS();
    await page.getByLabel("Password").fill("correct horse");
    await page.getByLabel("The same again").fill("correct horse");
    await page.keyboard.press("Enter");
    await heading(page, "Sign in").waitFor();
    await signIn(page, "mira", "battery staple");
    await page.getByRole("link", { name: "web-1" }).waitFor();
    assert.equal(hashOf(page), "#/");
  },
);

pageTest(
  "an address to set up what is set up leads to the hosts",
  { hosts: HOSTS, access: closed(), as: "mira", hash: "#/setup/aB3-_x" },
  async ({ page }) => {
    await page.getByRole("link", { name: "web-1" }).waitFor();
    assert.equal(hashOf(page), "#/");
  },
);

pageTest(
  "all of this works under any base path",
  { hosts: HOSTS, access: closed(), base: "/tools/watch/" },
  async ({ page, server }) => {
    await signIn(page, "admin", "correct horse");
    await page.getByRole("button", { name: "Signed in as admin" }).click();
    await page.getByRole("link", { name: "Access" }).click();
    await page.waitForSelector("text=No tokens yet");
    await until(() => server.requests.includes("tokens"), "the tokens");
  },
);
