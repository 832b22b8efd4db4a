import assert from "node:assert/strict";
import { overflow, pageTest, until } from "./fixture.js";

const NOW = Math.floor(Date.now() / 1000);
const HOSTS = [{ hostname: "web-1", interval: 1 }];
const HOSTILE = "<img src=x onerror=alert(1)>";
const refusal = (address, more = {}) => ({
  address,
  reason: "address",
  where: "POST /write",
  status: 404,
  error: "there is nothing at this address; the page is at /dashboard",
  program: null,
  first: NOW - 600,
  last: NOW - 130,
  count: 3,
  ...more,
});
const COLLECTD = refusal("10.0.0.7", { program: "collectd's write_http" });
const closed = (more = {}) => ({
  authentication: "required",
  users: { admin: { password: "correct horse", role: "admin" }, mira: { password: "battery staple", role: "viewer" } },
  ...more,
});
const ADMIN = { hosts: HOSTS, access: closed(), as: "admin" };

const dialog = (page) => page.getByRole("dialog");
const button = (scope, name) => scope.getByRole("button", { name, exact: true });
const list = (scope) => scope.getByRole("list", { name: "Refused lately" });
const lines = (scope) => list(scope).getByRole("listitem").allTextContents();
const asked = (server) => server.requests.filter((request) => request === "refusals").length;
const made = (server) =>
  server.access.changes.filter(({ method, path }) => method === "POST" && path === "tokens").length;
const command = (page) => dialog(page).locator("pre").first().textContent();

/** Opens the window, reads its command, and closes it. */
async function addHost(page) {
  await button(page, "Add a host").click();
  const text = await command(page);
  await button(dialog(page), "Close").click();
  await dialog(page).waitFor({ state: "detached" });
  return text;
}

pageTest(
  "what is refused is shown while a host is added: who, why, what would help, and how often",
  { ...ADMIN, access: closed({ refusals: [COLLECTD] }) },
  async ({ page }) => {
    await button(page, "Add a host").click();
    await list(dialog(page)).waitFor();
    const [line] = await lines(dialog(page));
    assert.match(
      line,
      /^10\.0\.0\.7 is refused: there is nothing at this address; the page is at \/dashboard\. Readings are JSON posted to \/metrics, as hostwatch-agent sends them\. \(it looks like collectd's write_http; POST \/write, 404, 3 times, last 2 min ago\)$/,
    );
  },
);

pageTest(
  "what is refused meanwhile appears in the open window, and is told aloud once by its address alone",
  { ...ADMIN, open: false },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(server.address);
    await button(page, "Add a host").click();
    await dialog(page).waitFor();
    assert.equal(await list(dialog(page)).count(), 0, "nothing is said while nothing is refused");
    server.access.refusals = [
      refusal("10.0.0.8", {
        reason: "access",
        where: "POST /metrics",
        status: 401,
        error: "the token is not valid",
        count: 1,
      }),
    ];
    await page.clock.runFor(6000);
    await list(dialog(page)).waitFor();
    const told = dialog(page).locator(".refused-place > [role=status]");
    assert.equal(await told.textContent(), "10.0.0.8 is refused.");
    assert.equal(await told.getAttribute("aria-live"), "polite");
    server.access.refusals = [COLLECTD, { ...server.access.refusals[0], count: 2 }];
    await page.clock.runFor(6000);
    await list(dialog(page)).getByText("2 times").waitFor();
    assert.equal(await told.textContent(), "10.0.0.7 is refused.");
  },
);

pageTest(
  "the window shows the latest three, and none of hours ago",
  {
    ...ADMIN,
    access: closed({
      refusals: [1, 2, 3, 4]
        .map((index) => refusal(`10.0.0.${index}`))
        .concat(refusal("10.0.0.9", { last: NOW - 7200 })),
    }),
  },
  async ({ page }) => {
    await button(page, "Add a host").click();
    await list(dialog(page)).waitFor();
    assert.deepEqual(
      (await lines(dialog(page))).map((line) => line.split(" is ")[0]),
      ["10.0.0.1", "10.0.0.2", "10.0.0.3", "and 1 more"],
    );
  },
);

pageTest(
  "nothing is asked for once the window is closed, or gone with its view",
  { ...ADMIN, open: false },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(server.address);
    await button(page, "Add a host").click();
    await until(() => asked(server) >= 1, "the first");
    await button(dialog(page), "Close").click();
    await dialog(page).waitFor({ state: "detached" });
    const before = asked(server);
    await page.clock.runFor(30_000);
    assert.equal(asked(server), before);
    await button(page, "Add a host").click();
    await until(() => asked(server) > before, "again");
    await page.evaluate(() => (location.hash = "#/compare"));
    await dialog(page).waitFor({ state: "detached" });
    await page.clock.runFor(6000);
    const after = asked(server);
    await page.clock.runFor(30_000);
    assert.equal(asked(server), after);
  },
);

pageTest(
  "the view of access lists what is refused, as text, of many the latest; it is gone when they are",
  {
    ...ADMIN,
    hash: "#/access",
    open: false,
    access: closed({
      refusals: [
        refusal("10.0.0.7", { where: `POST /${HOSTILE}`, error: HOSTILE, program: HOSTILE }),
        ...Array.from({ length: 20 }, (_, index) => refusal(`10.0.1.${index}`)),
      ],
    }),
  },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(`${server.address}#/access`);
    await list(page).waitFor();
    const all = await lines(page);
    assert.equal(all.length, 9);
    assert.ok(all[0].includes(`is refused: ${HOSTILE}. `));
    assert.equal(all[8], "and 13 more");
    assert.equal(await page.locator("main img").count(), 0);
    server.access.refusals = [];
    await page.clock.runFor(20_000);
    await list(page).waitFor({ state: "hidden" });
    assert.equal(await page.getByRole("heading", { name: "Refused lately" }).count(), 0);
  },
);

pageTest(
  "where there are no hosts yet, who may add them sees what is refused, until the first host is there",
  { ...ADMIN, hosts: [], access: closed({ refusals: [COLLECTD] }) },
  async ({ page, server }) => {
    await list(page).waitFor();
    server.hosts = HOSTS;
    await page.getByRole("link", { name: "web-1" }).waitFor();
    await list(page).waitFor({ state: "hidden" });
  },
);

pageTest(
  "a viewer is told nothing of it, and the page does not ask",
  { ...ADMIN, hosts: [], as: "mira", access: closed({ refusals: [COLLECTD] }) },
  async ({ page, server }) => {
    await page.waitForSelector("text=No hosts yet");
    await until(
      () => server.requests.filter((request) => request.startsWith("hosts")).length >= 2,
      "a second look at the hosts",
    );
    assert.equal(asked(server), 0);
    assert.equal(await list(page).count(), 0);
  },
);

pageTest(
  "long words of a refusal stay in the window on a phone",
  {
    ...ADMIN,
    access: closed({
      refusals: [refusal("2001:db8:1:2:3:4:5:6", { where: `POST /${"x".repeat(95)}`, error: "y".repeat(200) })],
    }),
    options: { viewport: { width: 390, height: 844 } },
  },
  async ({ page }) => {
    await button(page, "Add a host").click();
    await list(dialog(page)).waitFor();
    assert.equal(await overflow(page), 0);
    assert.ok(await dialog(page).evaluate((box) => box.scrollWidth <= box.clientWidth + 1));
  },
);

pageTest(
  "asked again, the page shows the token that nobody has used, and makes no other, wherever the button is",
  ADMIN,
  async ({ page, server }) => {
    const first = await addHost(page);
    assert.match(first, /hwe_/);
    assert.equal(await addHost(page), first);
    await page.evaluate(() => (location.hash = "#/access"));
    await page.getByRole("heading", { level: 1, name: "Access" }).waitFor();
    await button(page, "Add a host").click();
    assert.equal(await command(page), first);
    assert.match(
      await dialog(page).innerText(),
      /the one from before, which nobody has used yet: it is good for one host until /,
    );
    assert.equal(made(server), 1);
  },
);

/** @type {[string, (token: any) => object[]][]} what became of the token, and which ones there are then */
const ENDS = [
  ["was used", (token) => [{ ...token, uses_left: 0 }]],
  ["was revoked", () => []],
  ["has expired", (token) => [{ ...token, expires: NOW - 1 }]],
];
for (const [what, change] of ENDS) {
  pageTest(`where the token ${what}, another is made`, ADMIN, async ({ page, server }) => {
    const first = await addHost(page);
    server.access.tokens = change(server.access.tokens[0]);
    assert.notEqual(await addHost(page), first);
    assert.equal(made(server), 2);
  });
}

pageTest("who signs in after another is not shown the other's token", ADMIN, async ({ page, server }) => {
  const first = await addHost(page);
  await button(page, "Signed in as admin").click();
  await page.locator("#account-menu").getByText("Sign out").click();
  await page.getByLabel("User").fill("admin");
  await page.getByLabel("Password").fill("correct horse");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "web-1" }).waitFor();
  assert.notEqual(await addHost(page), first);
  assert.equal(made(server), 2);
});
