import assert from "node:assert/strict";
import { test } from "node:test";
import { menuItems } from "../../../web/access/account_menu.js";
import { isLoopback, isOpenToReaders, noticesOf } from "../../../web/access/notices.js";
import { LEAST_PASSWORD_LENGTH, passwordProblem } from "../../../web/access/passwords.js";
import { chooseView } from "../../../web/page/routes.js";
import { codeOf } from "../../../web/access/setup.js";

/** @returns {import("../../../web/access/session.js").SessionState} */
const session = (more = {}) => ({
  authentication: "required",
  encrypted: false,
  setup_needed: false,
  guest: false,
  user: null,
  can_read: false,
  can_manage: false,
  csrf: null,
  ...more,
});
const person = (role, via = "session") =>
  session({ user: { name: "mira", role, via }, can_read: true, can_manage: role === "admin", csrf: "c" });
const OPEN = session({ authentication: "open", can_read: true, can_manage: true });
const INSECURE = { ...OPEN, authentication: "insecure" };
const GUEST = session({ guest: true, can_read: true });
const NOBODY = session();
const FRESH = session({ setup_needed: true });

const VIEWS = ["overview", "host", "compare", "access", "account", "sign-in", "setup"];
const chosen = (state) =>
  Object.fromEntries(VIEWS.map((view) => [view, chooseView({ view, hosts: [], timeframe: null }, state)]));

test("who may not read sees the door, whatever the address", () => {
  for (const view of VIEWS) {
    assert.equal(chosen(NOBODY)[view], "sign-in");
    assert.equal(chosen(FRESH)[view], "setup");
  }
});

test("who is signed in is not kept at the door, and sees what the role allows", () => {
  const rest = { overview: "overview", host: "host", compare: "compare", "sign-in": "overview", setup: "overview" };
  assert.deepEqual(chosen(person("admin")), { ...rest, access: "access", account: "account" });
  assert.deepEqual(chosen(person("viewer")), { ...rest, access: "refused", account: "account" });
  assert.deepEqual(
    chosen(person("admin", "proxy")),
    { ...rest, access: "access", account: "refused" },
    "a proxy's user has no password here",
  );
});

test("where nobody signs in there is no door and no account, but access", () => {
  for (const state of [OPEN, INSECURE, { ...OPEN, setup_needed: true }]) {
    assert.deepEqual(chosen(state), {
      overview: "overview",
      host: "host",
      compare: "compare",
      access: "access",
      account: "refused",
      "sign-in": "overview",
      setup: "overview",
    });
  }
});

test("a guest may go to the door", () => {
  assert.equal(chosen(GUEST)["sign-in"], "sign-in");
  assert.equal(chosen(GUEST).access, "refused");
  assert.equal(chosen({ ...GUEST, setup_needed: true })["sign-in"], "setup");
  assert.equal(chosen({ ...GUEST, setup_needed: true }).setup, "setup");
  assert.equal(chosen({ ...GUEST, setup_needed: true }).overview, "overview");
});

test("the menu offers what the person can do here", () => {
  assert.deepEqual(menuItems(person("admin")), ["account", "access", "sign-out"]);
  assert.deepEqual(menuItems(person("viewer")), ["account", "sign-out"]);
  assert.deepEqual(menuItems(person("admin", "proxy")), ["access"]);
  for (const state of [person("viewer", "proxy"), OPEN, INSECURE, GUEST, NOBODY]) {
    assert.deepEqual(menuItems(state), []);
  }
});

test("loopback is this machine alone", () => {
  for (const name of ["localhost", "watch.localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
    assert.equal(isLoopback(name), true, name);
  }
  for (const name of [
    "localhost.example",
    "127.0.0.1.example",
    "10.0.0.1",
    "0.0.0.0",
    "[::]",
    "hostwatch",
    "1270.0.0.1",
    "",
  ]) {
    assert.equal(isLoopback(name), false, name);
  }
});

test("a connection is open to readers where neither the server nor the address tells of encryption, beyond loopback", () => {
  const far = { protocol: "http:", hostname: "hostwatch.example" };
  assert.equal(isOpenToReaders(NOBODY, far), true);
  assert.equal(isOpenToReaders({ ...NOBODY, encrypted: true }, far), false);
  assert.equal(isOpenToReaders(NOBODY, { ...far, protocol: "https:" }), false, "a proxy in front encrypts");
  assert.equal(isOpenToReaders(NOBODY, { ...far, hostname: "127.0.0.1" }), false);
});

test("notices: none on loopback; an insecure server always; an open line for who signed in with a password", () => {
  const near = { protocol: "http:", hostname: "127.0.0.1" };
  const far = { protocol: "http:", hostname: "hostwatch.example" };
  assert.deepEqual(noticesOf(OPEN, near), []);
  assert.deepEqual(noticesOf(person("admin"), near), []);
  assert.deepEqual(noticesOf(person("admin", "proxy"), far), []);
  assert.deepEqual(noticesOf(INSECURE, near), [
    "Anybody who can reach this server can read and change everything: it was started with --insecure.",
  ]);
  assert.match(noticesOf(person("admin"), far).join(), /^This connection is not encrypted/);
});

test("a new password is long enough and typed the same way twice; characters are counted, not bytes", () => {
  const long = "x".repeat(LEAST_PASSWORD_LENGTH);
  assert.equal(passwordProblem(long, long), null);
  assert.equal(passwordProblem(long.slice(1), long.slice(1)).part, "password");
  assert.equal(passwordProblem("😀".repeat(9), "😀".repeat(9)).part, "password");
  assert.equal(passwordProblem("😀".repeat(10), "😀".repeat(10)), null);
  assert.equal(passwordProblem(long, `${long}y`).part, "repeated");
});

test("the set-up code is taken out of whatever was pasted", () => {
  for (const text of [
    "aB3-_x",
    "  aB3-_x\n",
    "http://127.0.0.1:5000/dashboard#/setup/aB3-_x",
    "set up the first administrator at http://[::1]:5000/dashboard#/setup/aB3-_x\n",
    "#/setup/aB3-_x?timeframe=1h",
  ]) {
    assert.equal(codeOf(text), "aB3-_x", text);
  }
  assert.equal(codeOf(" "), "");
});
