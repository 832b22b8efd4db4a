import assert from "node:assert/strict";
import { test } from "node:test";
import { dataAddress } from "../../../web/api.js";
import { formatHash, MAXIMUM_HOSTS, parseHash } from "../../../web/state.js";

const HOSTILE_NAMES = ["<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "a/b", "..", "a?b=c&d#e", "50% off", "ünï cödé 日本", "a+b c", "javascript:alert(1)", "__proto__"];

test("every state comes back from its address, whatever the host's name", () => {
  for (const name of HOSTILE_NAMES) {
    for (const timeframe of [null, "24h"]) {
      const host = { view: "host", hosts: [name], timeframe };
      assert.deepEqual(parseHash(formatHash(host)), host);
      const compare = { view: "compare", hosts: [name, "other"], timeframe };
      assert.deepEqual(parseHash(formatHash(compare)), compare);
    }
  }
  assert.deepEqual(parseHash(formatHash({ view: "overview", hosts: [], timeframe: "7d" })), { view: "overview", hosts: [], timeframe: "7d" });
});

test("the views of access come back from their addresses; a code of any make stays as it is", () => {
  for (const view of ["access", "account", "sign-in"]) assert.deepEqual(parseHash(formatHash({ view, hosts: [], timeframe: null })), { view, hosts: [], timeframe: null });
  for (const code of ["", "aB3-_x", "a/b?c&d#e", "<img src=x>"]) {
    const state = { view: "setup", hosts: [], timeframe: null, code };
    assert.deepEqual(parseHash(formatHash(state)), state);
  }
  assert.equal(parseHash(`#/setup/${"x".repeat(10_000)}`).code, "", "too long for a code");
  assert.equal(parseHash("#/setup/%").code, "");
});

test("broken and hostile addresses lead to the overview, never to an exception", () => {
  const overview = { view: "overview", hosts: [], timeframe: null };
  for (const hash of ["", "#", "#/", "#main", "#/nowhere", "#/host/", "#/host/%", "#/host/%E0%A4%A", "#/host/%ff", `#/host/${"a".repeat(254)}`, "#__proto__", "#/accessory", "#/setups", "#//evil.example", `#/${"x".repeat(100_000)}`]) {
    assert.deepEqual(parseHash(hash), overview, hash.slice(0, 40));
  }
});

test("a timeframe is a short word or none", () => {
  for (const bad of ["<b>", "", "a".repeat(17), "1h&x", "../1h"]) assert.equal(parseHash(`#/?timeframe=${encodeURIComponent(bad)}`).timeframe, null);
});

test("hosts of a comparison are named once, and not without end", () => {
  assert.deepEqual(parseHash("#/compare?host=a&host=a&host=&host=b").hosts, ["a", "b"]);
  const many = Array.from({ length: 500 }, (_, index) => `host=${index}`).join("&");
  assert.equal(parseHash(`#/compare?${many}`).hosts.length, MAXIMUM_HOSTS);
});

test("a lone surrogate in a name does not throw", () => {
  assert.equal(formatHash({ view: "host", hosts: ["\ud800"], timeframe: null }), "#/host/%EF%BF%BD");
});

test("data addresses encode names and prefer a start to a timeframe", () => {
  assert.equal(dataAddress({ hosts: ["a&b", "c d"], timeframe: "1h", metrics: "cpu,ram" }), "data?hostname=a%26b&hostname=c+d&timeframe=1h&metrics=cpu%2Cram&format=columns");
  assert.equal(dataAddress({ from: 5, step: 0, timeframe: "1h", metrics: "*" }), "data?from=5&step=0&metrics=*&format=columns");
});
