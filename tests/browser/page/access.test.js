import assert from "node:assert/strict";
import {
  HOSTS,
  NOW,
  DAY,
  HOSTILE,
  token,
  closed,
  ADMIN,
  heading,
  dialog,
  button,
  focused,
  clipboard,
  cells,
} from "./access_fixture.js";
import { pageTest, until } from "./fixture.js";

pageTest(
  "an administrator by proxy makes changes with the CSRF token",
  { hosts: HOSTS, access: closed({ proxyUser: { name: "otto", role: "admin" } }), hash: "#/access" },
  async ({ page, server }) => {
    await button(page, "Add a host").click();
    await heading(dialog(page), "Add a host", 2).waitFor();
    assert.equal(server.access.changes[0].headers["x-csrf-token"], "of-the-proxy");
  },
);

pageTest(
  "tokens are listed with what they may do; what was used up or has expired is told",
  { ...ADMIN, hash: "#/access" },
  async ({ page }) => {
    await page.waitForSelector(".tokens");
    assert.deepEqual(await page.locator(".token-name").allTextContents(), [HOSTILE, "Prometheus", "Racks", "web-1"]);
    assert.deepEqual((await cells(page, "Prometheus")).slice(1, 3), ["read hosts and history", "–"]);
    assert.equal((await cells(page, "Prometheus"))[4], "1 h ago");
    assert.deepEqual((await cells(page, HOSTILE)).slice(4, 7), ["never", "never", "–"]);
    const racks = await cells(page, "Racks");
    assert.match(racks[5], /^expired /);
    assert.equal(racks[6], "4");
    assert.equal((await cells(page, "web-1"))[2], "web-1");
    assert.equal(await page.locator("main img").count(), 0);
  },
);

pageTest(
  "a token that is used elsewhere is shown as used, without a reload",
  { ...ADMIN, hash: "#/access", open: false },
  async ({ page, server }) => {
    await page.clock.install();
    await page.goto(`${server.address}#/access`);
    await page.waitForSelector(".tokens");
    server.access.tokens = server.access.tokens.map((each) =>
      each.id === "t/2" ? { ...each, last_used: Math.floor(Date.now() / 1000) - 7200 } : each,
    );
    await page.clock.runFor(20_000);
    await page.waitForSelector(".tokens >> text=2 h ago");
  },
);

pageTest(
  "revoking asks first, naming the token; Cancel has the focus and leaves it",
  { ...ADMIN, hash: "#/access" },
  async ({ page, server }) => {
    await button(page, "Revoke web-1").click();
    assert.match(await dialog(page).innerText(), /Revoke web-1\? The agent of web-1 can deliver no more/);
    assert.equal(await focused(page), "Cancel");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "detached" });
    await button(page, "Revoke web-1").click();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    assert.deepEqual(server.access.changes, []);
    assert.equal(
      await page.evaluate(() => document.activeElement.getAttribute("aria-label")),
      "Revoke web-1",
      "the focus is back",
    );
  },
);

pageTest(
  "a revoked token is gone, whatever its id and name",
  { ...ADMIN, hash: "#/access" },
  async ({ page, server }) => {
    await button(page, `Revoke ${HOSTILE}`).click();
    assert.ok((await dialog(page).innerText()).includes(`Revoke ${HOSTILE}?`));
    await button(dialog(page), "Revoke").click();
    await button(page, `Revoke ${HOSTILE}`).waitFor({ state: "detached" });
    assert.deepEqual(
      server.access.changes.map(({ method, path }) => `${method} ${path}`),
      ["DELETE tokens/t%2F2"],
    );
    assert.equal(server.access.changes[0].query, "", "nobody is shut out by it");
    assert.equal(await focused(page), "Access");
  },
);

pageTest(
  "an agent whose token is revoked is shut out, unless that is not wanted; the token that it enrolled with is named",
  {
    hosts: HOSTS,
    as: "admin",
    hash: "#/access",
    access: closed({
      tokens: [
        token(7, "Racks", "enroll"),
        token(8, "web-1", "agent", { host: "web-1", made_by: "token 7" }),
        token(9, "web-2", "agent", { host: "web-2" }),
      ],
    }),
  },
  async ({ page, server }) => {
    await button(page, "Revoke web-1").click();
    assert.match(await dialog(page).innerText(), /The token Racks, which it enrolled with, is still good/);
    await button(dialog(page), "Revoke").click();
    await button(page, "Revoke web-1").waitFor({ state: "detached" });
    await button(page, "Revoke web-2").click();
    await dialog(page).getByRole("checkbox", { name: "Shut its agent out" }).uncheck();
    await button(dialog(page), "Revoke").click();
    await button(page, "Revoke web-2").waitFor({ state: "detached" });
    assert.deepEqual(
      server.access.changes.map(({ path, query }) => path + query),
      ["tokens/8?shut_out=true", "tokens/9?shut_out=false"],
    );
  },
);

const AGENT = "abcdef0123456789abcdef0123456789";
const AGENTS = () => [
  { host: "web-1", agent: null, standing: "shut_out", since: NOW - DAY, by: "user mira" },
  { host: HOSTILE, agent: AGENT, standing: "waiting", since: NOW - 60, by: "192.0.2.7" },
  { host: "db-1", agent: AGENT, standing: "allowed", since: NOW, by: "command line" },
];

pageTest(
  "who is shut out, waits or is allowed is listed, who waits first, and allowed after a question",
  { hosts: HOSTS, as: "admin", hash: "#/access", access: closed({ agents: AGENTS() }) },
  async ({ page, server }) => {
    const list = page.getByRole("table", { name: "Agents and permission" });
    await list.waitFor();
    assert.deepEqual(await list.locator(".token-name").allTextContents(), [HOSTILE, "web-1", "db-1"]);
    assert.deepEqual((await cells(page, HOSTILE)).filter((_, index) => index !== 2).slice(0, 3), [
      HOSTILE,
      "waits for permission (abcdef01)",
      "from 192.0.2.7",
    ]);
    assert.equal((await cells(page, "web-1"))[3], "mira");
    assert.equal(await button(page, "Allow db-1 (abcdef01)").count(), 0);
    assert.equal(await button(page, "Take back web-1").count(), 0);
    assert.equal(await page.locator("main img").count(), 0);
    await button(page, `Allow ${HOSTILE} (abcdef01)`).click();
    assert.match(await dialog(page).innerText(), /an agent that had this name is refused/);
    await button(dialog(page), "Cancel").click();
    await button(page, `Allow ${HOSTILE} (abcdef01)`).click();
    await button(dialog(page), "Allow").click();
    await button(page, `Allow ${HOSTILE} (abcdef01)`).waitFor({ state: "hidden" });
    await button(page, "Allow web-1").click();
    await button(dialog(page), "Allow").click();
    await button(page, "Allow web-1").waitFor({ state: "hidden" });
    assert.deepEqual(
      server.access.changes.map(({ method, path, query }) => `${method} ${path}${query}`),
      [`POST hosts/${encodeURIComponent(HOSTILE)}/allow?agent=${AGENT}`, "POST hosts/web-1/allow?open=true"],
    );
  },
);

pageTest(
  "who waits is dismissed, and permission is taken back, after a question",
  { hosts: HOSTS, as: "admin", hash: "#/access", access: closed({ agents: AGENTS() }) },
  async ({ page, server }) => {
    await button(page, `Dismiss ${HOSTILE} (abcdef01)`).click();
    assert.match(await dialog(page).innerText(), /If its agent still asks, it is listed again/);
    await button(dialog(page), "Dismiss").click();
    await button(page, `Dismiss ${HOSTILE} (abcdef01)`).waitFor({ state: "detached" });
    await button(page, "Take back db-1 (abcdef01)").click();
    assert.match(await dialog(page).innerText(), /The agent may not enrol any more/);
    await button(dialog(page), "Take back").click();
    await button(page, "Take back db-1 (abcdef01)").waitFor({ state: "detached" });
    assert.deepEqual(
      server.access.changes.map(({ method, path, query }) => `${method} ${path}${query}`),
      [`DELETE hosts/${encodeURIComponent(HOSTILE)}/allow?agent=${AGENT}`, `DELETE hosts/db-1/allow?agent=${AGENT}`],
    );
  },
);

pageTest(
  "where nobody is shut out or waits, nothing is said of it",
  { ...ADMIN, hash: "#/access" },
  async ({ page }) => {
    await page.waitForSelector(".tokens >> text=Prometheus");
    assert.equal(await page.locator(".agents").isVisible(), false);
  },
);

pageTest(
  "who made a token is told, and what anybody could make is marked",
  {
    hosts: HOSTS,
    as: "admin",
    hash: "#/access",
    access: closed({
      tokens: [
        token(1, "CI", "read", { made_by: "user mira" }),
        token(2, "left", "admin", { made_by: "anybody, while the server was open" }),
      ],
    }),
  },
  async ({ page }) => {
    await page.waitForSelector(".tokens >> text=CI");
    assert.equal((await cells(page, "CI"))[7], "mira");
    assert.equal((await cells(page, "left"))[7], "anybody, while the server was open");
    assert.deepEqual(await page.locator("tr[data-anybody=true] .token-name").allTextContents(), ["left"]);
  },
);

pageTest(
  "a host is deleted so that it stays away, or so that it may come back",
  { ...ADMIN, hash: "#/host/web-1" },
  async ({ page, server }) => {
    const ask = async () => {
      await page.getByRole("button", { name: "More about web-1" }).click();
      await page.getByRole("button", { name: "Delete host…" }).click();
    };
    await ask();
    const choice = dialog(page).getByRole("checkbox", { name: "Shut its agent out" });
    assert.equal(await choice.isChecked(), true);
    await choice.uncheck();
    await button(dialog(page), "Delete host").click();
    await until(() => server.requests.includes("DELETE hosts/web-1?shut_out=false"), "it may come back");
  },
);

pageTest(
  "a change works although the session has another CSRF token by now",
  { ...ADMIN, hash: "#/access", failures: true },
  async ({ page, server }) => {
    await page.waitForSelector(".tokens");
    server.access.renewSessions();
    await button(page, "Revoke web-1").click();
    await button(dialog(page), "Revoke").click();
    await button(page, "Revoke web-1").waitFor({ state: "detached" });
  },
);

pageTest(
  "what the server has against revoking is told, as text",
  { ...ADMIN, hash: "#/access", failures: true },
  async ({ page, server }) => {
    await button(page, "Revoke web-1").click();
    server.failure = { status: 500, body: '{"error":"no <b>room</b>"}' };
    await button(dialog(page), "Revoke").click();
    await page.waitForSelector("main >> text=The server answers 500: no <b>room</b>.");
    server.failure = null;
  },
);

pageTest(
  "a new token is shown once, and can be copied",
  { ...ADMIN, hash: "#/access", options: clipboard },
  async ({ page, server }) => {
    await button(page, "New token").click();
    assert.equal(await focused(page), "Name");
    await page.keyboard.press("Enter");
    assert.equal(await dialog(page).getByRole("alert").textContent(), "Give it a name.");
    await page.getByLabel("Name").fill("Night's backup");
    await page.getByLabel("It may").selectOption("Send readings");
    await page.getByLabel("Host (empty: any)").fill("db-1");
    assert.equal(await page.getByLabel("Hosts that it can add").isVisible(), false);
    await page.getByLabel("It expires").selectOption("in 30 days");
    await button(page, "Make the token").click();
    await heading(dialog(page), "The new token", 2).waitFor();
    const secret = await dialog(page).locator("pre").textContent();
    assert.match(secret, /^hw_[\w-]{43}$/);
    assert.deepEqual(server.access.changes[0].body, {
      name: "Night's backup",
      scope: "write",
      host: "db-1",
      expires_in: 30 * DAY,
    });
    await button(page, "Copy: Token").click();
    await page.waitForSelector("dialog >> text=Copied");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await button(dialog(page), "Close").click();
    await page.waitForSelector("dialog", { state: "detached" });
    await page.waitForSelector(".tokens >> text=Night's backup");
    assert.ok(!(await page.content()).includes(secret), "nothing of it stays in the page");
  },
);

pageTest(
  "a token for an agent needs its host, a number of hosts is a number",
  { ...ADMIN, hash: "#/access" },
  async ({ page, server }) => {
    await button(page, "New token").click();
    await page.getByLabel("Name").fill("x");
    await page.getByLabel("Hosts that it can add").fill("many");
    await page.keyboard.press("Enter");
    assert.match(await dialog(page).getByRole("alert").textContent(), /^Type a number from 1 to/);
    await page.getByLabel("It may").selectOption("Send readings as one host's agent");
    await button(page, "Make the token").click();
    assert.equal(await dialog(page).getByRole("alert").textContent(), "Name the host whose readings it sends.");
    assert.equal(await focused(page), "Host");
    assert.deepEqual(server.access.changes, []);
  },
);

pageTest(
  "an enrolment token comes with the commands that use it",
  { ...ADMIN, hash: "#/access" },
  async ({ page, server }) => {
    await button(page, "New token").click();
    await page.getByLabel("Name").fill("Rack 7");
    await page.getByLabel("Hosts that it can add").fill("40");
    await button(page, "Make the token").click();
    await heading(dialog(page), "The new token", 2).waitFor();
    assert.deepEqual(server.access.changes[0].body, { name: "Rack 7", scope: "enroll", expires_in: DAY, uses: 40 });
    const [secret, program, docker] = await dialog(page).locator("pre").allTextContents();
    for (const commands of [program, docker]) assert.ok(commands.includes(`printf '%s\\n' ${secret} `), commands);
  },
);

pageTest(
  "a host is added with one click: a token for one host and one day, and the commands with the page's own address",
  { ...ADMIN, base: "/tools/watch/", elsewhere: true },
  async ({ page, server }) => {
    await button(page, "Add a host").click();
    await heading(dialog(page), "Add a host", 2).waitFor();
    const [{ method, path, body, headers }] = server.access.changes;
    assert.deepEqual(
      [method, path, body],
      ["POST", "tokens", { name: "Add a host", scope: "enroll", expires_in: DAY, uses: 1 }],
    );
    assert.ok(headers["x-csrf-token"]);
    const [program, docker] = await dialog(page).locator("pre").allTextContents();
    const address = server.addressFromElsewhere.replace("dashboard", "metrics");
    assert.match(program, new RegExp(`--server-url ${address} `));
    assert.match(docker, new RegExp(`-e SERVER_URL=${address} `));
    assert.ok(!docker.includes("--network host"));
    assert.match(await dialog(page).innerText(), /This address is not encrypted: others on the way can read the token/);
    for (const commands of [program, docker]) assert.match(commands, / --allow-plaintext-token$/);
    // Without encryption the browser keeps its clipboard away: the old way has to do.
    await button(page, "Copy: With Docker").click();
    await page.waitForSelector("dialog >> text=/^Copied$/");
    await button(dialog(page), "Close").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
);

pageTest("two impatient clicks make one token", ADMIN, async ({ page, server }) => {
  await button(page, "Add a host").waitFor();
  server.delay = 300;
  await page.evaluate(() => {
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = document.querySelectorAll("main button");
    const add = [...buttons].find((each) => each.textContent === "Add a host");
    add.click();
    add.click();
  });
  await heading(dialog(page), "Add a host", 2).waitFor();
  assert.equal(server.access.changes.length, 1);
});

pageTest(
  "without hosts an administrator is offered to add one, and sees it come",
  { ...ADMIN, hosts: [] },
  async ({ page, server }) => {
    await page.waitForSelector("text=No hosts yet");
    await button(page, "Add a host").click();
    await heading(dialog(page), "Add a host", 2).waitFor();
    server.hosts = HOSTS;
    await page.waitForSelector(".row-link >> text=web-1");
    assert.equal(await dialog(page).count(), 1, "the commands are still there");
  },
);

pageTest("without hosts a viewer is told who can add one", { ...ADMIN, as: "mira", hosts: [] }, async ({ page }) => {
  await page.waitForSelector("text=An administrator can add hosts");
  assert.equal(await page.locator("main button, main pre").count(), 0);
});

pageTest(
  "a host that could not be added is told beside the button",
  { ...ADMIN, failures: true },
  async ({ page, server }) => {
    await button(page, "Add a host").waitFor();
    server.failure = { status: 503, body: '{"error":"the database is full"}' };
    await button(page, "Add a host").click();
    await page.waitForSelector("main >> text=The server answers 503: the database is full.");
  },
);
