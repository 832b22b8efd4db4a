/**
 * The real server where credentials are asked for, behind a real nginx under a base path: from the address in the log
 * to a signed-in page with an enrolled agent, by what the page itself shows.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { launchBrowser, openPage, withoutFailedRequests } from "../browser.js";
import { GuardedInstallation } from "./guarded.js";

const PASSWORD = "correct horse battery";

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/**
 * @param {string} name
 * @param {(tools: {page: import("playwright-core").Page, installation: GuardedInstallation, problems: string[]}) =>
 *   Promise<void>} body
 */
function guardedTest(name, body) {
  test(name, { timeout: 120_000 }, async () => {
    const installation = new GuardedInstallation();
    let context;
    try {
      await installation.start();
      const opened = await openPage(browser);
      context = opened.context;
      await body({ ...opened, installation });
    } catch (error) {
      error.message += `\nThe programs said:\n${installation.output}`;
      throw error;
    } finally {
      await context?.close();
      await installation.stop();
    }
  });
}

/** @param {import("playwright-core").Page} page @param {GuardedInstallation} installation */
async function setUp(page, installation) {
  await page.goto(installation.setupAddress);
  await page.locator("input[type=password]").nth(1).waitFor();
  for (const field of await page.locator("input[type=password]").all()) await field.fill(PASSWORD);
  await page.keyboard.press("Enter");
}

guardedTest(
  "from the address in the log to a signed-in page with a host that has enrolled, behind nginx",
  async ({ page, installation, problems }) => {
    await setUp(page, installation);
    await page.waitForSelector("text=No hosts yet");
    assert.ok(!page.url().includes("setup"), "the code is gone from the address");

    const made = page.waitForResponse(
      (response) => response.url().endsWith("/hostwatch/tokens") && response.request().method() === "POST",
    );
    await page.getByRole("button", { name: "Add a host" }).first().click();
    const { token } = await (await made).json();
    assert.match(token, /^hwe_/);
    await page.waitForSelector(`text=${installation.base}/metrics`);
    installation.startAgent("web-1", token);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "web-1" }).waitFor();
    await page.waitForSelector(".cell-status >> text=Up");
    assert.deepEqual(withoutFailedRequests(problems), []);
  },
);

guardedTest(
  "who has signed in stays so over a reload, and who signs out sees nothing",
  async ({ page, installation }) => {
    await setUp(page, installation);
    await page.waitForSelector("text=No hosts yet");
    await page.reload();
    await page.waitForSelector("text=No hosts yet");
    const cookies = await page.context().cookies();
    assert.equal(cookies.length, 1);
    assert.equal(cookies[0].httpOnly, true);
    assert.equal(cookies[0].sameSite, "Strict");
    const cookie = `${cookies[0].name}=${cookies[0].value}`;
    await page.getByRole("button", { name: /admin/ }).click();
    await page
      .getByRole("menuitem", { name: "Sign out" })
      .or(page.getByRole("button", { name: "Sign out" }))
      .first()
      .click();
    await page.getByLabel("Password").waitFor();
    const answer = await fetch(`${installation.base}/hosts`, { headers: { Cookie: cookie } });
    assert.equal(answer.status, 401, "the cookie from before is good for nothing");
  },
);

guardedTest("the address that the server sees is the client's, not the proxy's", async ({ installation }) => {
  const status = await new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      localAddress: "127.0.0.2", // nginx is 127.0.0.1
      headers: { "Content-Type": "application/json", "X-Forwarded-For": "6.6.6.6" },
    };
    const sent = request(`${installation.base}/session`, options, (answer) => resolve(answer.resume().statusCode));
    sent.once("error", reject).end(JSON.stringify({ user: "admin", password: "wrong" }));
  });
  assert.equal(status, 401);
  assert.match(installation.output, /'admin' could not sign in from 127\.0\.0\.2/);
  assert.doesNotMatch(installation.output, /6\.6\.6\.6/);
});

test("the nginx configuration of the documentation is the one that is tested", () => {
  const documented = readFileSync(new URL("../../../docs/install.md", import.meta.url), "utf8");
  const tested = readFileSync(new URL("./guarded.js", import.meta.url), "utf8");
  for (const line of [
    "proxy_http_version 1.1;",
    "proxy_set_header Host $http_host;",
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "proxy_set_header X-Forwarded-Proto $scheme;",
  ]) {
    assert.ok(documented.includes(line) && tested.includes(line), line);
  }
  assert.ok(existsSync("/usr/sbin/nginx"));
});
