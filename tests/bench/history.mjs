#!/usr/bin/env node
/**
 * Storage and queries of the server beside VictoriaMetrics, in one run:
 *
 *     node tests/bench/history.mjs --help
 */

import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { HELP, parseOptions } from "./history/options.mjs";
import { fleet, growth, regular, wide } from "./history/parts.mjs";

function options() {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${error.message}; see --help`);
    return process.exit(2);
  }
}

const chosen = options();
if (chosen.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
try {
  accessSync(chosen.program, constants.X_OK);
} catch {
  console.error(`bench: ${chosen.program} is missing: build first (scripts/run), or name another with --program`);
  process.exit(1);
}

chosen.work = mkdtempSync(join(chosen.folder ?? tmpdir(), "hostwatch-history-"));
process.on("exit", () =>
  chosen.keep
    ? console.error(`bench: everything is in ${chosen.work}`)
    : rmSync(chosen.work, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
);
console.log(
  `Machine: ${availableParallelism()} cores, load average before: ${readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(" ")}. The generator runs on the same cores.`,
);
const began = Date.now();
try {
  if (["storage", "queries", "start"].some((part) => chosen.parts.has(part))) await regular(chosen);
  if (chosen.parts.has("wide")) await wide(chosen);
  if (chosen.parts.has("fleet")) await fleet(chosen);
  if (chosen.parts.has("growth")) await growth(chosen);
  console.log(
    `\nLoad average after: ${readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(" ")}; ${Math.round((Date.now() - began) / 1000)} s in all.`,
  );
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
process.exit();
