/** What `tests/bench/history.mjs` can be told. */

import { parseArgs } from "node:util";

export const HELP = `Measures storage and queries of hostwatch beside VictoriaMetrics (Debian's victoria-metrics) in one run: markdown tables of
figures and ratios. Everything stays on loopback, in a temporary folder that is deleted at the end.

  node tests/bench/history.mjs [PARTS] [OPTIONS]

Parts (default: all of them)
  --storage          10 hosts, 30 days of cpu, ram and disk every 10 s: loading and bytes a reading
  --queries          over that data: 1 h, 24 h, 7 d, 30 d (1 y when --days is long enough) of one host, latest of all hosts
  --start            over that data: time from exec to the first answered GET /health, memory 10 s later
  --wide             10 hosts, 1 day, 60 values a reading at jittered times: loading and bytes a reading
  --growth           1, 10, 100 and 1,000 hosts with an hour each: loading, bytes, memory, queries
  --hosts N[,N...]   growth with these numbers of hosts instead
  --fleet            1,000 hosts, an hour, 60 values a reading, one reading a request: memory, bytes (hostwatch alone)

Options
  --fleet-hosts N    hosts of --fleet (1000)
  --days N           days of --storage, --queries, --start (30)
  --interval S       seconds between readings, everywhere (10)
  --requests N       requests of each kind of query (40)
  --seed N           of the generated values (1)
  --settle S         longest wait for a server to come to rest after loading (180)
  --program PATH     hostwatch-server (build/server/hostwatch-server)
  --victoria PATH    victoria-metrics (victoria-metrics)
  --retention TEXT   of hostwatch (four days more than --days, as in 34d)
  --option TEXT      a further option for hostwatch-server, as in --option=--log-level=info; may stand several times
  --folder PATH      where the temporary folder is made (the system's)
  --keep             leave the temporary folder, with both servers' logs, and say where it is

A year, for a server that keeps one:
  node tests/bench/history.mjs --storage --queries --days 366 --interval 60
Ten days in a hurry:
  node tests/bench/history.mjs --storage --queries --days 10
`;

const PARTS = ["storage", "queries", "start", "wide", "fleet", "growth"];

const text = (value) => ({ type: "string", default: value });
const flag = { type: "boolean", default: false };
const OPTIONS = {
  ...Object.fromEntries(PARTS.map((part) => [part, flag])),
  hosts: { type: "string" },
  "fleet-hosts": text("1000"),
  days: text("30"),
  interval: text("10"),
  requests: text("40"),
  seed: text("1"),
  settle: text("180"),
  program: text("build/server/hostwatch-server"),
  victoria: text("victoria-metrics"),
  retention: { type: "string" },
  option: { type: "string", multiple: true, default: [] },
  folder: { type: "string" },
  keep: flag,
  help: { type: "boolean", short: "h", default: false },
};

function number(name, value, least) {
  if (!/^\d+$/.test(value) || Number(value) < least) {
    throw new TypeError(`--${name} wants a whole number of at least ${least}, not '${value}'`);
  }
  return Number(value);
}

/** @throws {TypeError} for what it does not understand */
export function parseOptions(list) {
  const { values } = parseArgs({ args: list, options: OPTIONS });
  const days = number("days", values.days, 1);
  const growth = (values.hosts ?? "1,10,100,1000").split(",").map((count) => number("hosts", count, 1));
  const chosen = PARTS.filter((part) => values[part] || (part === "growth" && values.hosts !== undefined));
  return {
    help: values.help,
    parts: new Set(chosen.length > 0 ? chosen : PARTS),
    growth,
    fleet: number("fleet-hosts", values["fleet-hosts"], 1),
    days,
    interval: number("interval", values.interval, 3),
    requests: number("requests", values.requests, 1),
    seed: number("seed", values.seed, 0),
    settle: number("settle", values.settle, 1),
    program: values.program,
    victoria: values.victoria,
    retention: values.retention ?? `${days + 4}d`,
    serverOptions: values.option,
    folder: values.folder,
    keep: values.keep,
  };
}
