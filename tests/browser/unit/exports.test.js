import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../../web/", import.meta.url);
const TESTS = new URL("../", import.meta.url);

/** @param {URL} folder @returns {{name: string, text: string}[]} our scripts in it */
function scriptsIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?js$/.test(name) && !name.startsWith("node_modules"))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));
}

test("what the page's modules export is wanted by others, or by a test", () => {
  const page = scriptsIn(WEB);
  const all = [...page, ...scriptsIn(TESTS)];
  for (const { name, text } of page) {
    for (const [, exported] of text.matchAll(/^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm)) {
      const word = new RegExp(`\\b${exported}\\b`);
      assert.ok(
        all.some((other) => other.text !== text && word.test(other.text)),
        `nobody imports ${exported} of ${name}`,
      );
    }
  }
});
