#!/usr/bin/env node
/**
 * What the page costs, in Chromium over the real server with made-up hosts:
 *
 *     node tests/bench/page.mjs --help
 */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../browser/browser.js";
import { bytes } from "./page/bytes.mjs";
import { firstPaint } from "./page/first_paint.mjs";
import { memory } from "./page/memory.mjs";
import { HELP, parseOptions } from "./page/options.mjs";
import { redraw } from "./page/redraw.mjs";
import { scroll } from "./page/scroll.mjs";
import { loadAverage } from "./page/setting.mjs";
import { update } from "./page/update.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PARTS = { "first-paint": firstPaint, bytes, update, redraw, scroll, memory };

function end(message, status) {
  console.error(`bench: ${message}`);
  process.exit(status);
}

let chosen;
try {
  chosen = parseOptions(process.argv.slice(2));
} catch (error) {
  end(`${error.message}; see --help`, 2);
}
if (chosen.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
process.env.HOSTWATCH_SERVER = chosen.program ?? process.env.HOSTWATCH_SERVER ?? `${ROOT}build/server/hostwatch-server`;
process.env.HOSTWATCH_AGENT = chosen.agent ?? process.env.HOSTWATCH_AGENT ?? `${ROOT}build/agent/hostwatch-agent`;
for (const program of [
  process.env.HOSTWATCH_SERVER,
  ...(chosen.parts.has("memory") ? [process.env.HOSTWATCH_AGENT] : []),
]) {
  if (!existsSync(program)) {
    end(`${program} is missing: build first (scripts/run), or name another with --program and --agent`, 1);
  }
}

const began = Date.now();
const browser = await launchBrowser();
try {
  console.log(
    `Chromium ${browser.version()} without a GPU, ${availableParallelism()} cores that server and loader share, load average before: ${loadAverage()}.`,
  );
  for (const [name, part] of Object.entries(PARTS)) if (chosen.parts.has(name)) await part(browser, chosen);
  console.log(`\nLoad average after: ${loadAverage()}; ${Math.round((Date.now() - began) / 1000)} s in all.`);
} catch (error) {
  console.error(`bench: ${error.stack}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
