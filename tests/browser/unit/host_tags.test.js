import assert from "node:assert/strict";
import { test } from "node:test";
import { historyOfFleet } from "../../../web/history/fleet_history.js";
import { countTags, groupHosts, hasTags, parseTags, toggleTag } from "../../../web/overview/host_tags.js";

const host = (hostname, tags) => ({ hostname, facts: { tags } });
const HOSTS = [
  host("a", { role: "web", site: "fra" }),
  host("b", { role: "db" }),
  host("c", { role: "web" }),
  { hostname: "d" },
];

test("tags in an address are read once each, and what is no tag is left out", () => {
  assert.deepEqual(parseTags("role=db,site=fra,role=db"), ["role=db", "site=fra"]);
  assert.deepEqual(parseTags("role=a=b"), ["role=a=b"], "a value may hold an equals sign");
  assert.deepEqual(parseTags(",role,=x,role=,"), []);
  assert.deepEqual(parseTags(""), []);
});

test("a tag is added, and taken away", () => {
  assert.equal(toggleTag("", "role=db"), "role=db");
  assert.equal(toggleTag("role=db", "site=fra"), "role=db,site=fra");
  assert.equal(toggleTag("role=db,site=fra", "role=db"), "site=fra");
});

test("a host has what is asked for where it has one of each key's values", () => {
  assert.ok(hasTags(HOSTS[0], "role=web"));
  assert.ok(hasTags(HOSTS[0], "role=db,role=web,site=fra"));
  assert.ok(!hasTags(HOSTS[0], "role=web,site=ams"));
  assert.ok(!hasTags(HOSTS[3], "role=web"));
  assert.ok(hasTags(HOSTS[3], ""));
});

test("tags are counted by key and value, sorted", () => {
  assert.deepEqual(countTags(HOSTS), [
    [
      "role",
      [
        ["db", 1],
        ["web", 2],
      ],
    ],
    ["site", [["fra", 1]]],
  ]);
  assert.deepEqual(countTags([{ hostname: "d" }]), []);
});

test("groups stand by name, hosts without the tag last, each group in the order it was given", () => {
  const groups = groupHosts([HOSTS[2], HOSTS[3], HOSTS[0], HOSTS[1]], "role").map(({ name, hosts }) => [
    name,
    hosts.map(({ hostname }) => hostname),
  ]);
  assert.deepEqual(groups, [
    ["db", ["b"]],
    ["web", ["c", "a"]],
    [null, ["d"]],
  ]);
  assert.deepEqual(groupHosts(HOSTS, ""), [{ name: null, hosts: HOSTS }]);
});

test("the fleet's answer reads like a host's history: the median with all hosts around it, the percentile with the median below", () => {
  const answer = {
    step: 60,
    from: 0,
    to: 120,
    hosts: 7,
    timestamps: [0, 60],
    minimum: [1, 2],
    median: [3, 4],
    p95: [5, 6],
    maximum: [7, 8],
  };
  assert.deepEqual(historyOfFleet(answer), {
    step: 60,
    from: 0,
    to: 120,
    count: 7,
    hosts: [
      {
        hostname: "",
        timestamps: [0, 60],
        series: [
          { metric: "median", instance: "", average: [3, 4], minimum: [1, 2], maximum: [7, 8] },
          { metric: "95th percentile", instance: "", average: [5, 6], minimum: [3, 4], maximum: [5, 6] },
        ],
      },
    ],
  });
  assert.deepEqual(historyOfFleet({ ...answer, timestamps: [] }).hosts, []);
});

test("a tag may have a key that objects know otherwise, and nobody else has that", () => {
  for (const key of ["__proto__", "constructor", "toString"]) {
    const tagged = host("e", JSON.parse(`{"${key}":"db"}`));
    assert.ok(hasTags(tagged, `${key}=db`), key);
    assert.ok(!hasTags(HOSTS[0], `${key}=db`), key);
    const groups = groupHosts([...HOSTS, tagged], key);
    assert.deepEqual(groups, [
      { name: "db", hosts: [tagged] },
      { name: null, hosts: HOSTS },
    ]);
  }
});
