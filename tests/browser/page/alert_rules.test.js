/** Rules, their editor, silences and channels. */

import assert from "node:assert/strict";
import { ALERTS } from "../made_up_alerts.js";
import { HOSTS } from "../views.js";
import { button, closed, dialog, HOSTILE } from "./access_fixture.js";
import { chartOf, pageTest, until } from "./fixture.js";

const ADMIN = { hosts: HOSTS, alerts: ALERTS, access: closed(), as: "admin" };
const VIEWER = { ...ADMIN, as: "mira" };

const hash = (page) => page.evaluate(() => location.hash);
const row = (page, name) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const sentence = (page) => page.locator(".preview-sentence");
/** The field that the error stands at. */
const invalid = (page) =>
  page.evaluate(() => {
    const field = document.querySelector("[aria-invalid=true]");
    const described = document.getElementById(field?.getAttribute("aria-describedby"))?.textContent;
    return { name: field?.getAttribute("name"), focused: field === document.activeElement, described };
  });

pageTest(
  "rules say what they watch, where they come from, and what is open",
  { ...ADMIN, hash: "#/rules" },
  async ({ page }) => {
    await row(page, "Disk almost full").waitFor();
    const text = await row(page, "Disk almost full").innerText();
    for (const part of [
      "Space used above 70% (warning), 78% (critical), for 5 min",
      "12: every host",
      "shipped",
      "2",
      "on",
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.match(await row(page, "Backups need room").innerText(), /a file on the server/);
    await page.getByText("No host that it selects sends filesystem_free_bytes.").waitFor();
    await page.getByRole("link", { name: "2 open: Disk almost full" }).click();
    assert.equal(await hash(page), "#/alarms?rule=disk-full");
  },
);

pageTest("a rule is switched off and on in its list", { ...ADMIN, hash: "#/rules" }, async ({ page, server }) => {
  const box = page.getByRole("switch", { name: "Disk almost full is enabled" });
  assert.equal(await box.getAttribute("aria-checked"), "true");
  await box.focus();
  await page.keyboard.press("Space");
  await page.waitForFunction(
    () => document.querySelector("[aria-label^='Disk almost full is']").getAttribute("aria-checked") === "false",
  );
  const [{ method, path, headers, body }] = server.alerts.changes;
  assert.equal(`${method} ${path} ${headers["if-match"]}`, "PUT alerts/rules/disk-full 1");
  assert.equal(body.enabled, false);
  assert.equal(body.when.length, 1, "the rest of it is as it was");
  assert.equal(await page.getByRole("switch", { name: "Backups need room is enabled" }).count(), 0, "a file's");
});

pageTest(
  "a viewer may read a rule and see what it would have done, and has nothing to change it by",
  { ...VIEWER, hash: "#/rules" },
  async ({ page }) => {
    await row(page, "Disk almost full").waitFor();
    assert.equal(await page.getByRole("switch").count(), 0);
    assert.equal(await page.getByRole("link", { name: "New rule" }).count(), 0);
    await page.getByRole("link", { name: "Disk almost full", exact: true }).click();
    await sentence(page).getByText("It would have fired 3 times").waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).isDisabled(), true);
    assert.equal(await page.getByRole("button", { name: /Save|Delete/ }).count(), 0);
    assert.equal(await page.getByRole("slider").count(), 0);
  },
);

pageTest(
  "as one types, the page says what the rule would have done",
  { ...ADMIN, hash: "#/rules/disk-full" },
  async ({ page, server }) => {
    await sentence(page)
      .getByText(
        "It would have fired 3 times on 2 hosts in the last 7 days, at night twice; you would have got 4 messages.",
      )
      .waitFor();
    await page.getByText("With for 15m it would have fired once.").waitFor();
    await chartOf(page, "Space used of web-2").waitFor();
    const bands = () =>
      chartOf(page, "Space used of web-2").evaluate((canvas) => globalThis.Chart.getChart(canvas).extra.alarms.length);
    await page.waitForFunction(() => {
      const canvas = document.querySelector("canvas[aria-label^='Space used of web-2']");
      return globalThis.Chart.getChart(canvas)?.extra.alarms.length === 2;
    });
    assert.equal(await bands(), 2);
    server.alerts.preview = {
      ...server.alerts.preview,
      fired: 0,
      told: 0,
      night: 0,
      hosts: 0,
      alarms: [],
      noisiest: [],
      what_if: [],
    };
    const before = server.alerts.previewed.length;
    await page.getByRole("textbox", { name: "Warning fires at" }).fill("55");
    await sentence(page).getByText("It would not have fired in the last 7 days, on any of 12 hosts.").waitFor();
    assert.equal(server.alerts.previewed.length, before + 1, "once, after the last key");
    assert.equal(server.alerts.previewed.at(-1).rule.when[0].above.warning.fire, 55);
    await button(page, "24h").click();
    await sentence(page).getByText("in the last 24 hours").waitFor();
    const { from, to } = server.alerts.previewed.at(-1);
    assert.ok(Math.abs(to - from - 86_400) <= 300);
  },
);

pageTest(
  "limits are dragged in the chart, and moved by the keyboard",
  { ...ADMIN, hash: "#/rules/disk-full" },
  async ({ page }) => {
    const handle = page.getByRole("slider", { name: "Critical fires at" });
    await handle.waitFor();
    const field = page.getByLabel("Critical fires at").and(page.locator("input"));
    await handle.focus();
    await page.keyboard.press("ArrowUp");
    assert.equal(await field.inputValue(), "79");
    await page.keyboard.press("Shift+ArrowUp");
    assert.equal(await field.inputValue(), "89");
    const box = await handle.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 60, { steps: 4 });
    await page.mouse.up();
    const value = Number(await field.inputValue());
    assert.ok(value > 30 && value < 75, `dragged to ${value}`);
    await page.waitForFunction(
      () => document.querySelector(".limit-handle[data-severity=critical]").getAttribute("aria-valuenow") !== "89",
    );
  },
);

pageTest(
  "a new rule: chosen from what hosts send, named, saved; an id that is taken is said at its field",
  { ...ADMIN, hash: "#/new-rule", failures: true },
  async ({ page, server }) => {
    await page.getByLabel("Name", { exact: true }).fill("Disk almost full");
    assert.equal(await page.getByLabel("Id").inputValue(), "disk-almost-full");
    await page.locator("select[name=metric] option[value=load1]").waitFor({ state: "attached" });
    assert.equal(
      await page.locator("select[name=metric] option[value=swap_total_bytes]").count(),
      0,
      "nobody sends it",
    );
    await button(page, "Save").click();
    assert.deepEqual(await invalid(page), { name: "metric", focused: true, described: "Choose what is watched." });
    await page.locator("select[name=metric]").selectOption("load1");
    await button(page, "Save").click();
    assert.deepEqual((await invalid(page)).name, "warning.fire");
    await page.getByRole("textbox", { name: "Warning fires at" }).fill("5");
    await page.getByLabel("Id").fill("disk-full");
    await button(page, "Save").click();
    await page.getByText("There is a rule of this id: choose another.").waitFor();
    assert.equal((await invalid(page)).name, "id");
    await page.getByLabel("Id").fill("load");
    await page.getByLabel("Tags").fill("role=web");
    await button(page, "Save").click();
    await row(page, "Disk almost full").nth(1).waitFor();
    const { method, path, headers, body } = server.alerts.changes.at(-1);
    assert.equal(`${method} ${path} ${headers["if-none-match"]}`, "PUT alerts/rules/load *");
    assert.deepEqual(body, {
      id: "load",
      name: "Disk almost full",
      hosts: { tags: { role: ["web"] } },
      when: [{ metric: "load1", above: { warning: { fire: 5 } } }],
      for: "2m",
      clear_for: "2m",
      missing: "hold",
      enabled: true,
    });
  },
);

pageTest(
  "what the server refuses is told at the field that it names",
  { ...ADMIN, hash: "#/rules/disk-full", failures: true },
  async ({ page, server }) => {
    await sentence(page).getByText("It would have fired").waitFor();
    for (const [error, name] of [
      ["when[0].above.critical.clear: must be below fire", "critical.clear"],
      ["when[0].metric: no such metric", "metric"],
      ["hosts.tags: 'x y' is no key", "host-tags"],
      ["for: must be at most 24h", "for"],
      ["runbook: must be an address", "runbook"],
    ]) {
      server.alerts.refusal = { status: 400, error };
      await button(page, "Save").click();
      const words = error.slice(error.indexOf(": ") + 2);
      await page.getByText(`${words.charAt(0).toUpperCase()}${words.slice(1)}.`).waitFor();
      const found = await invalid(page);
      assert.equal(found.name, name);
      assert.ok(found.focused);
    }
    server.alerts.refusal = { status: 412, error: "the rule has another revision" };
    await button(page, "Save").click();
    await page.getByText(/Somebody else changed this rule since you opened it/).waitFor();
    server.alerts.refusal = null;
    await button(page, "Load theirs").click();
    await page.getByText(/Somebody else changed/).waitFor({ state: "detached" });
    assert.equal(await hash(page), "#/rules/disk-full");
  },
);

pageTest(
  "a file's rule can be read and copied, not changed",
  { ...ADMIN, hash: "#/rules/backup-volume" },
  async ({ page }) => {
    await page.getByText(/This rule is kept in a file on the server/).waitFor();
    assert.equal(await page.getByRole("button", { name: /Save|Delete/ }).count(), 0);
    await page.getByRole("link", { name: "Copy to change" }).click();
    await page.getByRole("heading", { level: 1, name: "New rule" }).waitFor();
    assert.equal(await page.getByLabel("Id").inputValue(), "backup-volume-copy");
    assert.equal(await page.getByRole("textbox", { name: "Critical fires at" }).inputValue(), "200GiB");
    await button(page, "Save").waitFor();
  },
);

pageTest(
  "a rule of several conditions: one more, one less",
  { ...ADMIN, hash: "#/rules/memory-pressure" },
  async ({ page }) => {
    await page.locator(".condition").nth(1).waitFor();
    assert.equal(await page.getByLabel("Over how long").first().inputValue(), "5m");
    await button(page, "And also …").click();
    assert.equal(await page.locator(".condition").count(), 3);
    await page.locator(".condition").nth(2).locator("select[name=metric]").selectOption("host_silent");
    assert.equal(await page.locator(".condition").nth(2).getByLabel("Warning fires at").isVisible(), false);
    await page.locator(".condition").nth(2).getByLabel("Severity").waitFor();
    await button(page.locator(".condition").nth(2), "Remove this condition").click();
    assert.equal(await page.locator(".condition").count(), 2);
  },
);

pageTest(
  "a rule of one's own is deleted after a question",
  { ...ADMIN, hash: "#/rules/cpu-high" },
  async ({ page, server }) => {
    await button(page, "Delete…").click();
    await button(dialog(page), "Delete").click();
    await row(page, "Host is down").waitFor();
    assert.equal(await row(page, "Build hosts are busy for an hour").count(), 0);
    assert.equal(server.alerts.changes.at(-1).method, "DELETE");
  },
);

pageTest(
  "silences are listed with their reasons, ended, and made",
  { ...ADMIN, hash: "#/silences" },
  async ({ page, server }) => {
    await page.getByText("Host build-9").waitFor();
    await page.getByText("Rule disk-*, hosts with role=backup, role=db").waitFor();
    await page.getByRole("button", { name: "Delete: Host web-3" }).waitFor();
    await page.getByRole("button", { name: "End: Host build-9" }).click();
    await button(dialog(page), "End it").click();
    await page.getByRole("cell", { name: "Host build-9", exact: true }).waitFor({ state: "detached" });
    await button(page, "New silence").click();
    await dialog(page).getByLabel("Hosts").fill("db-*, web-1");
    await dialog(page).getByLabel("Reason").fill("upgrade");
    await button(dialog(page), "1 day").click();
    await button(dialog(page), "Silence").click();
    await page.getByText("Hosts db-*, web-1").waitFor();
    const { body } = server.alerts.changes.at(-1);
    assert.deepEqual(body.hosts, ["db-*", "web-1"]);
    assert.equal(body.reason, "upgrade");
  },
);

pageTest("a viewer sees silences and cannot end them", { ...VIEWER, hash: "#/silences" }, async ({ page }) => {
  await page.getByText("Host build-9").waitFor();
  assert.equal(await page.locator("main").getByRole("button").count(), 0);
});

pageTest(
  "channels: the last result, a test, a secret that is only ever replaced or removed",
  { ...ADMIN, hash: "#/channels" },
  async ({ page, server }) => {
    const slack = page.locator(".channel").filter({ hasText: "slack" });
    await slack.getByText("given up 5 min ago: the receiver refuses it (404)").waitFor();
    await page.getByRole("button", { name: "Send a test to mail" }).click();
    await page.getByText("The test message was taken (200) in 0.4 s.").waitFor();
    server.alerts.testResult = { outcome: "failed", status: 0, error: HOSTILE, seconds: 5 };
    await page.getByRole("button", { name: "Send a test to ops" }).click();
    await page.getByText(`The test message was not taken in 5.0 s: ${HOSTILE}.`).waitFor();
    assert.equal(await page.getByRole("button", { name: "Change pager" }).count(), 0, "from the configuration file");
    await button(page, "Change mail").click();
    await dialog(page).getByText("It is set; type another to replace it.").waitFor();
    assert.equal(await dialog(page).getByLabel("Password").inputValue(), "");
    await dialog(page).getByLabel("To").fill("all@example.org");
    await button(dialog(page), "Save").click();
    await dialog(page).waitFor({ state: "detached" });
    const first = server.alerts.changes.at(-1);
    assert.equal(`${first.method} ${first.path}`, "PUT alerts/channels/mail");
    assert.deepEqual(first.body.secrets, {}, "what is left out stays");
    assert.equal(first.body.settings.to, "all@example.org");
    await button(page, "Change mail").click();
    await button(dialog(page), "Remove").click();
    await button(dialog(page), "Save").click();
    await dialog(page).waitFor({ state: "detached" });
    assert.deepEqual(server.alerts.changes.at(-1).body.secrets, { password: null });
  },
);

pageTest(
  "a channel is added by its kind, with what that needs",
  { ...ADMIN, alerts: {}, hash: "#/channels" },
  async ({ page, server }) => {
    await page.getByRole("heading", { name: "Nobody is told yet" }).waitFor();
    await button(page, "Add a channel").click();
    await dialog(page).getByLabel("Name").fill("Phones!");
    await button(dialog(page), "Add the channel").click();
    await dialog(page).getByText("Give it a name of small letters, digits and -.").waitFor();
    await dialog(page).getByLabel("Name").fill("phones");
    await dialog(page).getByLabel("Kind").selectOption("ntfy");
    await button(dialog(page), "Add the channel").click();
    await dialog(page).getByText("Topic is needed.").waitFor();
    await dialog(page).getByLabel("Topic").fill("ops-7f3a");
    await dialog(page).getByLabel("Access token").fill("tk_secret");
    await button(dialog(page), "Add the channel").click();
    await page.getByText("ntfy: ops-7f3a on https://ntfy.sh").waitFor();
    assert.deepEqual(server.alerts.changes.at(-1).body, {
      kind: "ntfy",
      default: true,
      enabled: true,
      settings: { url: "https://ntfy.sh", topic: "ops-7f3a" },
      secrets: { token: "tk_secret" },
    });
    assert.ok(!(await page.content()).includes("tk_secret"));
  },
);

pageTest("what could not be delivered is sent again", { ...ADMIN, hash: "#/channels" }, async ({ page, server }) => {
  const again = page.getByRole("button", { name: /^Send again to slack: fired: Host is down on cache-1; ended: / });
  await again.click();
  await again.waitFor({ state: "detached" });
  assert.equal(server.alerts.changes.at(-1).path, "alerts/deliveries/a001/retry");
  await page.getByText(/next try .*, after one try: the receiver refuses it \(503\)/).waitFor();
});

pageTest("routes are changed and saved", { ...ADMIN, hash: "#/channels" }, async ({ page, server }) => {
  await page.locator(".route").nth(1).waitFor();
  assert.equal(await button(page, "Save").count(), 0, "nothing to save yet");
  await button(page, "Add a route").click();
  await button(page, "Save").click();
  await page.getByText("Route 3: name the channels that it leads to.").waitFor();
  await page.locator(".route").nth(2).getByLabel("To channels").fill("mail, ops");
  await page.locator(".route").nth(2).getByLabel("After").fill("15m");
  await button(page.locator(".route").first(), "Remove").click();
  await button(page, "Save").click();
  await page.getByText("Saved.").waitFor();
  await until(() => server.alerts.routes.length === 2, "two are left");
  assert.deepEqual(server.alerts.routes[1], {
    severity: "warning",
    tags: {},
    rules: [],
    hosts: [],
    to: ["mail", "ops"],
    after: 900,
  });
});
