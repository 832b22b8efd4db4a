import assert from "node:assert/strict";
import { test } from "node:test";
import { dataAddress, fleetAddress, hostsAddress } from "../../../web/history/api.js";
import { formatHash, MAXIMUM_HOSTS, parseHash, stateFor } from "../../../web/page/state.js";

const HOSTILE_NAMES = [
  "<img src=x onerror=alert(1)>",
  '"><svg onload=alert(1)>',
  "a/b",
  "..",
  "a?b=c&d#e",
  "50% off",
  "ünï cödé 日本",
  "a+b c",
  "javascript:alert(1)",
  "__proto__",
];

/** A state with all that an address can leave out. */
const whole = (state) => ({ range: null, zoom: null, utc: false, options: {}, ...state });

test("every state comes back from its address, whatever the host's name", () => {
  for (const name of HOSTILE_NAMES) {
    for (const timeframe of [null, "24h"]) {
      const host = whole({ view: "host", hosts: [name], timeframe });
      assert.deepEqual(parseHash(formatHash(host)), host);
      const compare = whole({ view: "compare", hosts: [name, "other"], timeframe });
      assert.deepEqual(parseHash(formatHash(compare)), compare);
    }
  }
  assert.deepEqual(
    parseHash(formatHash({ view: "overview", hosts: [], timeframe: "7d" })),
    whole({ view: "overview", hosts: [], timeframe: "7d" }),
  );
});

test("the views of access come back from their addresses; a code of any make stays as it is", () => {
  for (const view of ["access", "account", "sign-in"]) {
    assert.deepEqual(
      parseHash(formatHash({ view, hosts: [], timeframe: null })),
      whole({ view, hosts: [], timeframe: null }),
    );
  }
  for (const code of ["", "aB3-_x", "a/b?c&d#e", "<img src=x>"]) {
    const state = whole({ view: "setup", hosts: [], timeframe: null, code });
    assert.deepEqual(parseHash(formatHash(state)), state);
  }
  assert.equal(parseHash(`#/setup/${"x".repeat(10_000)}`).code, "", "too long for a code");
  assert.equal(parseHash("#/setup/%").code, "");
});

test("broken and hostile addresses lead to the overview, never to an exception", () => {
  const overview = whole({ view: "overview", hosts: [], timeframe: null });
  for (const hash of [
    "",
    "#",
    "#/",
    "#main",
    "#/nowhere",
    "#/host/",
    "#/host/%",
    "#/host/%E0%A4%A",
    "#/host/%ff",
    `#/host/${"a".repeat(254)}`,
    "#__proto__",
    "#/accessory",
    "#/setups",
    "#//evil.example",
    `#/${"x".repeat(100_000)}`,
  ]) {
    assert.deepEqual(parseHash(hash), overview, hash.slice(0, 40));
  }
});

test("a timeframe is a short word or none", () => {
  for (const bad of ["<b>", "", "a".repeat(17), "1h&x", "../1h"]) {
    assert.equal(parseHash(`#/?timeframe=${encodeURIComponent(bad)}`).timeframe, null);
  }
});

test("a fixed range, what is magnified, and UTC come back", () => {
  const state = whole({
    view: "host",
    hosts: ["a"],
    timeframe: "24h",
    range: { from: 1000, to: 2000 },
    zoom: { from: 1200, to: 1300 },
    utc: true,
  });
  assert.equal(formatHash(state), "#/host/a?timeframe=24h&from=1000&to=2000&zoom=1200-1300&utc=1");
  assert.deepEqual(parseHash(formatHash(state)), state);
});

test("a range that is none is left out", () => {
  for (const bad of [
    "from=5",
    "from=5&to=5",
    "from=6&to=5",
    "from=-1&to=5",
    "from=1e3&to=2e3",
    "from=1&to=99999999999",
    "from=a&to=b",
    "from=1.5&to=2",
    "zoom=5",
    "zoom=5-",
    "zoom=9-3",
    "zoom=<b>-9",
    "utc=yes",
  ]) {
    assert.deepEqual(parseHash(`#/host/a?${bad}`), whole({ view: "host", hosts: ["a"], timeframe: null }), bad);
  }
});

test("what a view was told comes back, and only what it can be told", () => {
  const state = whole({
    view: "overview",
    hosts: [],
    timeframe: null,
    options: { search: "<b>&x=1#?", sort: "-cpu", status: "down", tag: "role=db", group: "role", layout: "cards" },
  });
  assert.deepEqual(parseHash(formatHash(state)), state);
  for (const bad of [
    "sort=<b>",
    "status=all",
    "layout=rows",
    "wall=0",
    "wall=-5",
    "wall=1e9",
    "search=",
    "unknown=1",
    "metric=cpu",
    `search=${"x".repeat(300)}`,
  ]) {
    assert.deepEqual(parseHash(`#/?${bad}`).options, {}, bad);
  }
});

test("another view keeps the time, not what is magnified", () => {
  const state = parseHash("#/host/a?timeframe=24h&from=1000&to=2000&zoom=1200-1300&utc=1&wall=10");
  assert.equal(formatHash(stateFor("compare", state, ["b"])), "#/compare?host=b&timeframe=24h&from=1000&to=2000&utc=1");
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
  assert.equal(
    dataAddress({ hosts: ["a&b", "c d"], timeframe: "1h", metrics: "cpu,ram" }),
    "data?hostname=a%26b&hostname=c+d&timeframe=1h&metrics=cpu%2Cram&format=columns",
  );
  assert.equal(
    dataAddress({ from: 5, step: 0, timeframe: "1h", metrics: "*" }),
    "data?from=5&step=0&metrics=*&format=columns",
  );
});

test("of hosts in a list little is asked for, of the one that is looked at everything", () => {
  assert.equal(
    hostsAddress(),
    "hosts?metrics=load1%2Cnetwork_receive_bytes_per_second%2Cnetwork_transmit_bytes_per_second%2Cuptime_seconds&facts=os%2Ckernel%2Cboot_time%2Ctags%2Crepeated_interfaces%2Crepeated_disks&since=",
  );
  assert.match(
    hostsAddress({ since: "7-2", metrics: ["swap_used_bytes"], whole: ["a&b"], allFacts: true }),
    /uptime_seconds%2Cswap_used_bytes&facts=\*&since=7-2&whole=a%26b$/,
  );
});

test("the fleet is asked for by one metric, of hosts and times as data are", () => {
  assert.equal(
    fleetAddress({
      hosts: ["a"],
      tags: ["role=db"],
      timeframe: "1h",
      metrics: "cpu",
      instance: "",
      top: 5,
      by: "maximum",
    }),
    "fleet?hostname=a&tag=role%3Ddb&timeframe=1h&metric=cpu&top=5&by=maximum",
  );
  assert.equal(fleetAddress({ from: 1, to: 2, step: 60, metrics: "cpu" }), "fleet?from=1&to=2&step=60&metric=cpu");
});
