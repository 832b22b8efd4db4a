import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { dockerCommands, programCommands, shellWord } from "../../../web/access/agent_commands.js";
import { createFormat } from "../../../web/parts/format.js";
import {
  describeLettingIn,
  describeMaker,
  describeStanding,
  describeTakingBack,
  lettingInAddress,
} from "../../../web/access/agents.js";
import { deletionAddress } from "../../../web/host/manage_host.js";
import {
  compareTokens,
  describeExpiry,
  describeOrigin,
  describeRevocation,
  describeScope,
  describeUses,
  isSpent,
  LIFETIMES,
  SCOPES,
  tokenForOneHost,
  tokenRequest,
  wasMadeByAnybody,
} from "../../../web/access/tokens.js";

const NOW = 1_763_884_800;
const DAY = 86_400;
const ADDRESS = "https://watch.example/tools/metrics";
const TOKEN = "hwe_AbCdEf-_0123";
const token = (more = {}) => ({
  id: 1,
  name: "x",
  scope: "read",
  host: null,
  created: NOW,
  last_used: null,
  expires: null,
  uses_left: null,
  made_by: null,
  ...more,
});

test("a scope is told in words, with what it is tied to; one that the page does not know by its own name", () => {
  assert.equal(describeScope(token({ scope: "write" })), "send readings of any host");
  assert.equal(describeScope(token({ scope: "write", host: "web-1" })), "send one host's readings");
  assert.equal(describeScope(token({ scope: "agent", host: "web-1" })), "send its host's readings");
  assert.equal(describeScope(token({ scope: "enroll" })), "add hosts");
  assert.equal(describeScope(token({ scope: "alerts" })), "alerts");
  for (const { name } of SCOPES) {
    assert.notEqual(describeScope(token({ scope: name, host: "h" })), name, `${name} has words`);
  }
});

test("expiry and uses", () => {
  const format = createFormat({ locale: "en-GB", timeZone: "UTC" });
  assert.equal(describeExpiry(token(), NOW, format), "never");
  assert.equal(describeExpiry(token({ expires: NOW + DAY }), NOW, format), "24 Nov 2025, 08:00");
  assert.equal(describeExpiry(token({ expires: NOW }), NOW, format), "expired 23 Nov 2025, 08:00");
  assert.equal(describeUses(token({ scope: "enroll", uses_left: 3 })), "3");
  assert.equal(describeUses(token({ scope: "enroll", uses_left: 0 })), "used up");
  assert.equal(describeUses(token({ scope: "enroll" })), "no limit");
  assert.equal(describeUses(token()), "–");
  assert.equal(isSpent(token({ expires: NOW }), NOW), true);
  assert.equal(isSpent(token({ uses_left: 0 }), NOW), true);
  assert.equal(isSpent(token({ expires: NOW + 1, uses_left: 1 }), NOW), false);
});

test("revoking is told by what it ends", () => {
  assert.match(describeRevocation(token({ scope: "agent", host: "web-1" })), /^The agent of web-1 can deliver no more/);
  assert.match(describeRevocation(token({ scope: "enroll" })), /hosts that were stay/);
});

test("revoking an agent tells of the token that it enrolled with, while that is good", () => {
  const agent = token({ id: 8, scope: "agent", host: "web-1", made_by: "token 7" });
  const racks = token({ id: 7, name: "Racks", scope: "enroll" });
  assert.match(
    describeRevocation(agent, [agent, racks], NOW),
    /The token Racks, which it enrolled with, is still good/,
  );
  for (const spent of [
    { ...racks, expires: NOW },
    { ...racks, uses_left: 0 },
  ]) {
    assert.doesNotMatch(describeRevocation(agent, [agent, spent], NOW), /Racks/);
  }
  assert.doesNotMatch(describeRevocation(agent, [agent], NOW), /enrolled with/);
});

test("who made a token: a person, another token by its name, or what the server says", () => {
  const parent = token({ id: 7, name: "Racks" });
  assert.equal(describeOrigin(token({ made_by: "user anna" }), []), "anna");
  assert.equal(describeOrigin(token({ made_by: "token 7" }), [parent]), "token Racks");
  assert.equal(describeOrigin(token({ made_by: "token 7" }), []), "token 7");
  assert.equal(describeOrigin(token(), []), "–");
  assert.equal(wasMadeByAnybody(token({ made_by: "anybody, while the server was open" })), true);
  assert.equal(wasMadeByAnybody(token({ made_by: "user anybody" })), false);
  assert.equal(wasMadeByAnybody(token()), false);
});

test("an agent that is shut out, waits or is allowed, in words", () => {
  const format = createFormat({ locale: "en-GB", timeZone: "UTC" });
  const agent = "abcdef0123456789abcdef0123456789";
  const admission = (standing, more = {}) => ({ host: "web 1", agent, standing, since: NOW, by: "user anna", ...more });
  assert.equal(describeStanding(admission("shut_out"), format), "is shut out (abcdef01)");
  assert.equal(describeStanding(admission("shut_out", { agent: null }), format), "is shut out");
  assert.equal(describeStanding(admission("waiting"), format), "waits for permission (abcdef01)");
  assert.equal(describeStanding(admission("allowed"), format), "may enrol until 24 Nov 2025, 08:00 (abcdef01)");
  assert.match(describeLettingIn(admission("waiting")), /an agent that had this name is refused/);
  assert.match(describeLettingIn(admission("shut_out")), /^Its agent may enrol again/);
  assert.match(
    describeLettingIn(admission("shut_out"), [token({ scope: "agent", host: "web 2" })]),
    /^Its agent may enrol again/,
  );
  assert.match(
    describeLettingIn(admission("shut_out"), [token({ scope: "agent", host: "web 1" })]),
    /takes the place of the one that the host has now/,
  );
  assert.match(describeLettingIn(admission("shut_out", { agent: null })), /^The name is free again/);
  assert.match(describeTakingBack(admission("waiting")), /listed again/);
  assert.match(describeTakingBack(admission("allowed")), /shut out before is so again/);
  assert.equal(lettingInAddress(admission("waiting")), `hosts/web%201/allow?agent=${agent}`);
  assert.equal(lettingInAddress(admission("shut_out", { agent: null })), "hosts/web%201/allow?open=true");
  assert.equal(lettingInAddress(admission("allowed", { agent: null })), "hosts/web%201/allow");
  assert.equal(describeMaker("user user x"), "user x");
});

test("people's tokens come before the agents' own, each by name", () => {
  const names = [
    token({ name: "web-10", scope: "agent" }),
    token({ name: "z" }),
    token({ name: "web-9", scope: "agent" }),
    token({ name: "a" }),
  ]
    .sort(compareTokens)
    .map(({ name }) => name);
  assert.deepEqual(names, ["a", "z", "web-9", "web-10"]);
});

test("a request for a token holds what its scope needs, and nothing else", () => {
  const typed = { name: "  CI  ", scope: "read", host: "web-1", lifetime: null, uses: "7" };
  assert.deepEqual(tokenRequest(typed), { name: "CI", scope: "read" });
  assert.deepEqual(tokenRequest({ ...typed, scope: "write", lifetime: DAY }), {
    name: "CI",
    scope: "write",
    host: "web-1",
    expires_in: DAY,
  });
  assert.deepEqual(tokenRequest({ ...typed, scope: "write", host: " " }), { name: "CI", scope: "write" });
  assert.deepEqual(tokenRequest({ ...typed, scope: "enroll" }), { name: "CI", scope: "enroll", uses: 7 });
  assert.deepEqual(tokenRequest({ ...typed, scope: "enroll", uses: "" }), { name: "CI", scope: "enroll" });
  assert.deepEqual(tokenForOneHost(), { name: "Add a host", scope: "enroll", expires_in: DAY, uses: 1 });
});

test("each scope's own lifetime is one of those to choose from", () => {
  for (const { name, lifetime } of SCOPES) {
    assert.ok(
      LIFETIMES.some(({ seconds }) => seconds === lifetime),
      name,
    );
  }
});

test("a word of a shell means exactly its text", () => {
  for (const text of [
    "plain",
    "http://127.0.0.1:5000/metrics",
    "a'b",
    "$(reboot)",
    "`id`",
    "a b;c&d|e>f",
    "\\",
    '"',
    "http://[::1]:5000/m?a=b&c",
    "*",
    "~",
    "#",
  ]) {
    assert.equal(execFileSync("/bin/sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" }), text);
  }
});

/** The arguments that a shell gives to the programs of these commands, a program a line. */
function argumentsOf(commands) {
  const stubs = ["sudo", "docker", "hostwatch-agent"]
    .map((name) => `stub_${name.replace("-", "_")}() { cat >&2 </dev/stdin; printf '%s|' ${name} "$@"; echo; }`)
    .join("\n");
  const called = commands
    .replace(/\b(sudo install|docker run)/g, "stub_$1")
    .replace(/^hostwatch-agent/m, "stub_hostwatch_agent")
    .replaceAll("> hostwatch-token", "> /dev/null");
  return execFileSync("/bin/sh", ["-c", `${stubs}\n${called}`], {
    encoding: "utf8",
    input: "",
    stdio: ["pipe", "pipe", "ignore"],
  })
    .trim()
    .split("\n");
}

test("the program's commands: the address as it is, the token through a file and never as an argument", () => {
  assert.equal(
    programCommands({ address: "http://127.0.0.1:5000/metrics" }),
    "hostwatch-agent --server-url http://127.0.0.1:5000/metrics",
  );
  const commands = programCommands({ address: ADDRESS, token: TOKEN });
  assert.deepEqual(argumentsOf(commands), [`hostwatch-agent|--server-url|${ADDRESS}|--token-file|hostwatch-token|`]);
  assert.ok(programCommands({ address: ADDRESS, token: TOKEN, isPlain: true }).endsWith(" --allow-plaintext-token"));
  assert.match(commands, /umask 077; printf '%s\\n' hwe_AbCdEf-_0123 /);
});

test("Docker's commands: the same, for the user of the image; a server on this machine is reached through its own network", () => {
  const commands = dockerCommands({ address: ADDRESS, token: TOKEN, isLoopback: false });
  const [install, run] = argumentsOf(commands);
  assert.equal(install, "sudo|install|-D|-m|400|-o|10001|/dev/stdin|/etc/hostwatch/agent-token|");
  assert.ok(run.startsWith("docker|run|-d|"));
  assert.ok(run.includes(`|-e|SERVER_URL=${ADDRESS}|hostwatch-agent|--proc-root|/host/proc|`), run);
  assert.ok(
    run.includes(
      "|-v|/etc/hostwatch/agent-token:/run/secrets/hostwatch-token:ro|-e|AGENT_TOKEN_FILE=/run/secrets/hostwatch-token|",
    ),
    run,
  );
  assert.ok(!run.includes(TOKEN) && !run.includes("--network"));
  assert.ok(!commands.includes("plaintext"));
  assert.ok(
    dockerCommands({ address: ADDRESS, token: TOKEN, isLoopback: false, isPlain: true }).endsWith(
      " --allow-plaintext-token",
    ),
  );
  const open = dockerCommands({ address: "http://127.0.0.1:5000/metrics", isLoopback: true });
  assert.ok(argumentsOf(open)[0].includes("|--network|host|"));
  assert.ok(!open.includes("token"));
});

test("a host is deleted by its name in the path, or by a parameter where browsers would take it out", () => {
  assert.equal(deletionAddress("a/b", null), "hosts/a%2Fb");
  assert.equal(deletionAddress("web-1", true), "hosts/web-1?shut_out=true");
  for (const name of [".", ".."]) {
    const { pathname, search } = new URL(deletionAddress(name, false), "http://server/hostwatch/");
    assert.equal(pathname, "/hostwatch/hosts");
    assert.equal(search, `?hostname=${name}&shut_out=false`);
  }
});
