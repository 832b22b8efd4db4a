/** What `tests/bench/page.mjs` can be told. */

import { parseArgs } from "node:util";

export const HELP = `Measures the page in Chromium over hostwatch-server with made-up hosts: markdown tables. Take ratios of two runs on one machine: there
is no GPU, and server, loader and browser share the cores. Needs \`npm ci\` in tests/browser/; everything stays on loopback.

  node tests/bench/page.mjs [PARTS] [OPTIONS]

Parts (default: all of them but --memory)
  --first-paint      from the navigation's start to the first row with values, with 1, 50 and 2,000 hosts, cold and warm cache
  --bytes            what a first visit transfers, of each kind
  --update           main thread of one update of the overview, every host's values changed
  --redraw           main thread of a full redraw of a host's view, 30 charts of 500 points
  --scroll           frames that took long while the wheel scrolls through all hosts
  --memory MINUTES   heap, nodes and listeners after garbage collection, each minute of a live view of a host that sends every second, and
                     then as long of the overview, whose values change

Options
  --hosts N[,N...]   hosts of --first-paint (1,50,2000)
  --fleet N          hosts of --update, --scroll and --memory (2000)
  --times N          measurements of each kind (7)
  --memory-views LIST  of host,overview (both)
  --program PATH     hostwatch-server (HOSTWATCH_SERVER, or build/server/hostwatch-server)
  --agent PATH       hostwatch-agent, for --memory (HOSTWATCH_AGENT, or build/agent/hostwatch-agent)
`;

const PARTS = ["first-paint", "bytes", "update", "redraw", "scroll"];
const MEMORY_VIEWS = ["host", "overview"];
const flag = { type: "boolean", default: false };
const text = (value) => ({ type: "string", default: value });

function number(name, value, least = 1) {
  if (!/^\d+$/.test(value) || Number(value) < least) {
    throw new TypeError(`--${name} wants a whole number of at least ${least}, not '${value}'`);
  }
  return Number(value);
}

/** @throws {TypeError} for what it does not understand */
export function parseOptions(list) {
  const { values } = parseArgs({
    args: list,
    options: {
      ...Object.fromEntries(PARTS.map((part) => [part, flag])),
      memory: { type: "string" },
      "memory-views": text(MEMORY_VIEWS.join(",")),
      hosts: text("1,50,2000"),
      fleet: text("2000"),
      times: text("7"),
      program: { type: "string" },
      agent: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const parts = PARTS.filter((part) => values[part]);
  if (values.memory !== undefined) parts.push("memory");
  const memoryViews = values["memory-views"].split(",");
  for (const view of memoryViews) {
    if (!MEMORY_VIEWS.includes(view)) {
      throw new TypeError(`--memory-views wants some of ${MEMORY_VIEWS.join(",")}, not '${view}'`);
    }
  }
  return {
    help: values.help,
    parts: new Set(parts.length > 0 ? parts : PARTS),
    memoryMinutes: values.memory === undefined ? 0 : number("memory", values.memory, 2),
    memoryViews,
    hosts: values.hosts.split(",").map((count) => number("hosts", count)),
    fleet: number("fleet", values.fleet),
    times: number("times", values.times),
    program: values.program,
    agent: values.agent,
  };
}
