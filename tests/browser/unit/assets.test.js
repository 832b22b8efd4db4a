import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bundle } from "../../../web/build.mjs";

const WEB = new URL("../../../web/", import.meta.url);
/** Of all that the page may ever load, with the libraries, as the server compresses it. */
const MOST_BYTES = 195_000;
/** Of what the overview needs before it can show anything. */
const MOST_BYTES_AT_FIRST = 50_000;

const read = (name) => readFileSync(new URL(name, WEB), "utf8");
const own = readdirSync(WEB, { recursive: true }).filter(
  (name) => /\.(js|css|html|svg)$/.test(name) && !name.startsWith("node_modules"),
);
const files = await bundle();
const textOf = (name) => new TextDecoder().decode(files.get(name));
const compressed = (names) => names.reduce((sum, name) => sum + gzipSync(files.get(name), { level: 6 }).length, 0);
/** Besides files the page names one answer, which it asks for before its modules are there: who one is. */
const SESSION = "session";
const namesInPage = [...textOf("dashboard.html").matchAll(/(?:src|href)="([^"#]+)"/g)]
  .map(([, address]) => address)
  .filter((address) => address !== SESSION);

test("everything that the page names is there, by a relative address, and nothing comes from anywhere else", () => {
  for (const address of namesInPage) {
    assert.ok(address.startsWith("assets/") && files.has(address.slice("assets/".length)), address);
  }
  for (const name of files.keys()) {
    for (const [, address] of textOf(name).matchAll(/(?:\}from|\bimport\(?)"([^"]+)"/g)) {
      assert.ok(address.startsWith("./") && files.has(address.slice(2)), `${name} imports ${address}`);
    }
  }
});

test("a file's name tells its content, so that it can be kept for ever; the page and its icon alone keep theirs", () => {
  for (const name of files.keys()) assert.match(name, /^(dashboard\.html|favicon\.svg|[a-z_]+-[A-Z2-7]{8}\.(js|css))$/);
});

test("two builds of the same sources are the same", async () => {
  const again = await bundle();
  assert.deepEqual([...again.keys()].sort(), [...files.keys()].sort());
});

test(`all of it is less than ${MOST_BYTES / 1000} kB compressed, what the overview waits for less than ${MOST_BYTES_AT_FIRST / 1000} kB`, () => {
  assert.ok(compressed([...files.keys()]) < MOST_BYTES, `${compressed([...files.keys()])} bytes`);
  const first = ["dashboard.html", ...new Set(namesInPage.map((address) => address.slice("assets/".length)))];
  assert.ok(compressed(first) < MOST_BYTES_AT_FIRST, `${compressed(first)} bytes`);
});

test("text from hosts has no way to become markup, and nothing needs a looser policy", () => {
  for (const name of own) {
    assert.doesNotMatch(
      read(name),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|setHTMLUnsafe/,
      name,
    );
  }
  assert.doesNotMatch(read("dashboard.html"), /<style|\sstyle=|\son\w+=|<script>/);
});

test("files stay small enough to read", () => {
  for (const name of own) assert.ok(read(name).split("\n").length < 400, name);
});
