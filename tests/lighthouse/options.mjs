/** What `tests/lighthouse/run.mjs` can be told. */

import { parseArgs } from "node:util";

export const HELP = `Runs Lighthouse over hostwatch-server with made-up hosts: markdown tables of scores, and of every audit without its full score.
Needs \`npm ci --ignore-scripts\` in tests/lighthouse/, tests/browser/ and a Chromium (CHROME_PATH, or /usr/bin/chromium). Everything stays on loopback.

  node tests/lighthouse/run.mjs [OPTIONS]

Options
  --hosts N          made-up hosts (50)
  --views LIST       of overview,host (both)
  --presets LIST     of desktop,mobile (both)
  --runs N           of each; told is the one whose performance is in the middle (1)
  --program PATH     hostwatch-server (HOSTWATCH_SERVER, or build/server/hostwatch-server)
  --folder PATH      keeps the whole reports there, as JSON
`;

const text = (value) => ({ type: "string", default: value });

function number(name, value) {
  if (!/^[1-9]\d*$/.test(value)) throw new TypeError(`--${name} wants a whole number of at least 1, not '${value}'`);
  return Number(value);
}

function list(name, value, known) {
  const wanted = value.split(",");
  for (const part of wanted) {
    if (!known.includes(part)) throw new TypeError(`--${name} wants some of ${known.join(",")}, not '${part}'`);
  }
  return wanted;
}

/** @throws {TypeError} for what it does not understand */
export function parseOptions(words) {
  const { values } = parseArgs({
    args: words,
    options: {
      hosts: text("50"),
      views: text("overview,host"),
      presets: text("desktop,mobile"),
      runs: text("1"),
      program: { type: "string" },
      folder: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return {
    help: values.help,
    hosts: number("hosts", values.hosts),
    views: list("views", values.views, ["overview", "host"]),
    presets: list("presets", values.presets, ["desktop", "mobile"]),
    runs: number("runs", values.runs),
    program: values.program,
    folder: values.folder,
  };
}
