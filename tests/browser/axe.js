/**
 * axe-core in a page: rules of accessibility that a program can check.
 */

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds. @param {import("playwright-core").Page} page @param {string[]} [rules] these alone */
export async function violations(page, rules) {
  await page.evaluate(AXE); // from outside: the page's own policy would not let it in
  return page.evaluate(async (only) => {
    const result = await globalThis.axe.run(document, only ? { runOnly: only } : {});
    return result.violations.map(
      ({ id, impact, nodes }) =>
        `${impact} ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`,
    );
  }, rules);
}
