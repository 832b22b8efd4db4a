/** Time of a page's main thread, from a trace of Chromium. */

const CATEGORIES = ["disabled-by-default-devtools.timeline", "devtools.timeline", "blink.user_timing"];
const START = "hostwatch-bench-start";
const END = "hostwatch-bench-end";
const LONG_MILLISECONDS = 50;

/**
 * What counts as what in a trace of devtools.timeline. Script has no name of its own there: what follows an answered
 * request runs as microtasks.
 */
const KINDS = {
  style: new Set(["UpdateLayoutTree", "RecalcStyle", "RecalculateStyles"]),
  layout: new Set(["Layout"]),
  paint: new Set(["Paint", "PrePaint", "Layerize", "Commit", "UpdateLayer"]),
};

/** The time that events of a kind take, those within others of it left out. */
function sumOf(events, names) {
  let sum = 0;
  let end = -Infinity;
  for (const { name, ts, dur } of events) {
    if (!names.has(name) || ts < end) continue;
    sum += dur;
    end = ts + dur;
  }
  return sum / 1000;
}

/**
 * What the main thread does while `act` runs.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<any>} act
 * @returns {Promise<{sum: number, processor: number, largest: number, long: number, style: number, layout: number,
 *   paint: number, rest: number}>} milliseconds; processor: of these, on a core; long: how many tasks took more than
 *   50; rest: script for the most
 */
export async function tasksDuring(browser, page, act) {
  const mark = (name) => page.evaluate((text) => performance.mark(text) && undefined, name);
  await browser.startTracing(page, { categories: CATEGORIES });
  let trace;
  try {
    await mark(START);
    await act();
    await mark(END);
  } finally {
    trace = JSON.parse(await browser.stopTracing());
  }
  const start = trace.traceEvents.findLast(({ name }) => name === START);
  const end = trace.traceEvents.findLast(({ name }) => name === END);
  if (!start || !end) throw new Error("the trace does not hold the marks");
  const events = trace.traceEvents
    .filter(
      ({ pid, tid, ts, dur }) =>
        pid === start.pid && tid === start.tid && dur !== undefined && ts > start.ts && ts < end.ts,
    )
    .sort((first, second) => first.ts - second.ts);
  const tasks = events.filter(({ name }) => name === "RunTask");
  if (tasks.length === 0) throw new Error("the trace holds no tasks");
  const total = (key) => tasks.reduce((sum, task) => sum + (task[key] ?? 0), 0) / 1000;
  const kinds = Object.fromEntries(Object.entries(KINDS).map(([kind, names]) => [kind, sumOf(events, names)]));
  const sum = total("dur");
  return {
    sum,
    processor: total("tdur"),
    largest: Math.max(...tasks.map(({ dur }) => dur)) / 1000,
    long: tasks.filter(({ dur }) => dur > LONG_MILLISECONDS * 1000).length,
    ...kinds,
    rest: sum - Object.values(kinds).reduce((all, kind) => all + kind, 0),
  };
}

export const TASK_HEAD = [
  "main thread ms, median",
  "worst",
  "on a core",
  "largest task, median",
  "worst",
  "style",
  "layout",
  "paint",
  "the rest (script)",
  "tasks over 50 ms",
];

/** @param {Awaited<ReturnType<typeof tasksDuring>>[]} measured @param {(list: number[]) => number} median */
export function taskCells(measured, median) {
  const each = (key) => measured.map((one) => one[key]);
  return [
    median(each("sum")),
    Math.max(...each("sum")),
    median(each("processor")),
    median(each("largest")),
    Math.max(...each("largest")),
    ...[...Object.keys(KINDS), "rest"].map((kind) => median(each(kind))),
    String(median(each("long"))),
  ];
}
