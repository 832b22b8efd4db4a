#!/usr/bin/env node
/**
 * Lighthouse over the real server with made-up hosts: the overview and a host's view, as on a desktop and as on a
 * phone.
 *
 *     node tests/lighthouse/run.mjs --help
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadHistory } from "../browser/real/load_history.js";
import { fleet } from "../browser/real/made_up_hosts.js";
import { Installation } from "../browser/real/programs.js";
import { parseOptions, HELP } from "./options.mjs";
import { findingsOf, printFindings, printScores } from "./tables.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Those of tests/browser/browser.js that chrome-launcher does not have by itself. */
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const VIEWS = { overview: () => "#/", host: (hosts) => `#/host/${hosts[0].hostname}` };

function end(message, status) {
  console.error(`lighthouse: ${message}`);
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
process.env.HOSTWATCH_SERVER =
  chosen.program ?? process.env.HOSTWATCH_SERVER ?? join(ROOT, "build/server/hostwatch-server");
process.env.CHROME_PATH ??= process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(process.env.HOSTWATCH_SERVER)) {
  end(`${process.env.HOSTWATCH_SERVER} is missing: build first (scripts/run), or name another with --program`, 1);
}
if (!existsSync(join(ROOT, "tests/lighthouse/node_modules"))) {
  end("run `npm ci --ignore-scripts` in tests/lighthouse first", 1);
}

const { launch } = await import("chrome-launcher");
const { default: lighthouse, desktopConfig } = await import("lighthouse");

/**
 * One run in a browser of its own, so that nothing is in its cache.
 * @param {string} address
 * @param {"desktop"|"mobile"} preset
 */
async function look(address, preset) {
  const chrome = await launch({ chromeFlags: FLAGS, chromePath: process.env.CHROME_PATH });
  try {
    const { lhr } = await lighthouse(
      address,
      { port: chrome.port, logLevel: "error", output: "json", onlyCategories: CATEGORIES },
      preset === "desktop" ? desktopConfig : undefined,
    );
    if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
    return lhr;
  } finally {
    chrome.kill();
  }
}

/** The run whose performance is in the middle: it varies, the other categories do not. */
function middle(runs) {
  return [...runs].sort((first, second) => first.categories.performance.score - second.categories.performance.score)[
    Math.floor(runs.length / 2)
  ];
}

const load = () => readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(" ");
const installation = new Installation();
const results = [];
try {
  await installation.startServer();
  const hosts = fleet(chosen.hosts, Math.floor(Date.now() / 1000), { metrics: "all" });
  await loadHistory(installation.port, hosts);
  console.log(`${chosen.hosts} hosts with an hour of every metric each. Load average before: ${load()}.`);
  for (const view of chosen.views) {
    for (const preset of chosen.presets) {
      const runs = [];
      for (let run = 0; run < chosen.runs; run += 1) {
        runs.push(await look(`${installation.address}${VIEWS[view](hosts)}`, preset));
      }
      const lhr = middle(runs);
      results.push({ view, preset, lhr, performances: runs.map(({ categories }) => categories.performance.score) });
      if (chosen.folder) {
        mkdirSync(chosen.folder, { recursive: true });
        writeFileSync(join(chosen.folder, `${view}-${preset}.json`), JSON.stringify(lhr));
      }
    }
  }
  console.log(
    `Lighthouse ${results[0].lhr.lighthouseVersion}, ${results[0].lhr.environment.hostUserAgent.match(/Chrome\/[\d.]+/)[0]}. Load average after: ${load()}.`,
  );
  printScores(results, CATEGORIES);
  for (const { view, preset, lhr } of results) printFindings(`${view}, ${preset}`, findingsOf(lhr));
} catch (error) {
  console.error(`lighthouse: ${error.message}\n${installation.output}`);
  process.exitCode = 1;
} finally {
  await installation.stop();
}
