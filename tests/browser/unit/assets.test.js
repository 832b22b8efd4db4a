import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../../web/", import.meta.url);
const read = (name) => readFileSync(new URL(name, WEB), "utf8");
const assets = new Map(read("assets.txt").split("\n").filter(Boolean).map((line) => line.split(/\s+/)));
const own = readdirSync(WEB).filter((name) => /\.(js|css|html|svg)$/.test(name));

test("every file of the page is served, and everything that is served is there", () => {
  for (const name of own) assert.equal(assets.get(name), name, `${name} in assets.txt`);
  for (const path of assets.values()) assert.ok(existsSync(new URL(path, WEB)), `${path}: run npm ci in web/`);
});

test("everything that the page and its modules load is served, by a relative address", () => {
  for (const [, , address] of read("dashboard.html").matchAll(/(src|href)="([^"#]+)"/g)) {
    assert.ok(address.startsWith("assets/") && assets.has(address.slice("assets/".length)), address);
  }
  for (const name of own.filter((file) => file.endsWith(".js"))) {
    for (const [, address] of read(name).matchAll(/^import .* from "([^"]+)";$/gm)) {
      assert.ok(address.startsWith("./") && assets.has(address.slice(2)), `${name} imports ${address}`);
    }
  }
});

test("text from hosts has no way to become markup, and nothing needs a looser policy", () => {
  for (const name of own) {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|setHTMLUnsafe/, name);
  }
  assert.doesNotMatch(read("dashboard.html"), /<style|\sstyle=|\son\w+=|<script>/);
});

test("files stay small enough to read", () => {
  for (const name of own) assert.ok(read(name).split("\n").length < 400, name);
});
