import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { onUnauthorized } from "../../../web/history/api.js";
import { Session } from "../../../web/access/session.js";

const MIRA = { name: "mira", role: "admin", via: "session" };
const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
  onUnauthorized(async () => {});
});

/**
 * A server of prepared answers, in order; keeps what was asked.
 * @param {[number, any, Record<string, string>?][]} answers
 */
function serve(...answers) {
  const asked = [];
  globalThis.fetch = async (address, { method = "GET", headers, body }) => {
    asked.push({ what: `${method} ${address}`, headers, body });
    const [status, content, more] = answers.shift();
    return new Response(JSON.stringify(content), { status, headers: more });
  };
  return asked;
}

test("a change carries the CSRF token of the session, and says that it is JSON", async () => {
  const asked = serve([200, { user: MIRA, csrf: "one" }], [200, { id: 1 }], [200, {}]);
  const session = new Session(() => {});
  await session.load();
  await session.change("POST", "tokens", { name: "x" });
  assert.equal(asked[1].headers["X-CSRF-Token"], "one");
  assert.equal(asked[1].headers["Content-Type"], "application/json");
  assert.equal(asked[1].body, '{"name":"x"}');
  await session.change("DELETE", "tokens/1");
  assert.equal(asked[2].headers["Content-Type"], undefined, "there is no body");
});

test("a refusal is tried again once where the same person has another CSRF token by now", async () => {
  const asked = serve(
    [200, { user: MIRA, csrf: "one" }],
    [403, { error: "csrf" }],
    [200, { user: MIRA, csrf: "two" }],
    [200, { status: "ok" }],
  );
  const session = new Session(() => {});
  await session.load();
  assert.deepEqual(await session.change("DELETE", "tokens/1"), { status: "ok" });
  assert.deepEqual(
    asked.map(({ what }) => what),
    ["GET session", "DELETE tokens/1", "GET session", "DELETE tokens/1"],
  );
  assert.equal(asked[3].headers["X-CSRF-Token"], "two");
});

for (const [who, after] of [
  ["somebody else", { user: { ...MIRA, name: "otto" }, csrf: "two" }],
  ["nobody", { user: null, csrf: null }],
  ["the same session", { user: MIRA, csrf: "one" }],
]) {
  test(`a refusal is not tried again in the name of ${who}`, async () => {
    const asked = serve([200, { user: MIRA, csrf: "one" }], [403, { error: "not for you" }], [200, after]);
    const session = new Session(() => {});
    await session.load();
    await assert.rejects(session.change("DELETE", "tokens/1"), { status: 403, detail: "not for you" });
    assert.equal(asked.length, 3);
  });
}

test("who asks twice at a time is answered once", async () => {
  const asked = serve([200, { user: null }], [200, { user: MIRA }]);
  let told = 0;
  const session = new Session(() => (told += 1));
  await Promise.all([session.load(), session.load()]);
  assert.equal(asked.length, 1);
  assert.equal(told, 1);
  await session.load();
  assert.equal(session.current.user.name, "mira");
});

test("a wrong password is told to who typed it, and to nobody else; with 429 comes the time to wait", async () => {
  let asks = 0;
  onUnauthorized(async () => {
    asks += 1;
  });
  serve(
    [401, { error: "wrong" }],
    [429, { error: "too many" }, { "Retry-After": "17" }],
    [429, {}, { "Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT" }],
  );
  const session = new Session(() => {});
  await assert.rejects(session.signIn("mira", "x"), { status: 401 });
  assert.equal(asks, 0);
  await assert.rejects(session.signIn("mira", "x"), { status: 429, retryAfter: 17 });
  await assert.rejects(session.signIn("mira", "x"), { status: 429, retryAfter: 0 });
});

test("any other request that is answered 401 has the session asked for, before it is given up", async () => {
  const order = [];
  onUnauthorized(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push("answered");
  });
  serve([401, { error: "sign in first" }]);
  await new Session(() => {}).change("DELETE", "tokens/1").catch(() => order.push("given up"));
  assert.deepEqual(order, ["answered", "given up"]);
});
