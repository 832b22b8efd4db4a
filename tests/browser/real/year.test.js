/**
 * A year of one host's readings on the real server, five minutes apart: from the whole of it down to the single
 * readings.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chartWithValues, testsOverGeneratedHosts } from "./generated.js";
import { gapsOfTheYear, yearOfHistory } from "./made_up_hosts.js";

const INTERVAL = 300;
/** Of a chart, beside the times: the value axis, and the room at the right, in pixels. */
const AXIS = 48;
const ROOM = 6;

const yearTest = testsOverGeneratedHosts((now) => yearOfHistory(now), { serverOptions: ["--retention", "400d"] });
const isWhole = ({ asked }) => asked.has("timeframe") || asked.has("to");
const partOf = async (canvas, share) => {
  const { x, y, width, height } = await canvas.boundingBox();
  return { x: x + AXIS + (width - AXIS - ROOM) * share, y: y + height / 2 };
};

/** Drags over a chart, from one share of its times to another. */
async function magnify(page, canvas, from, to) {
  const start = await partOf(canvas, from);
  const end = await partOf(canvas, to);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 8 });
  await page.mouse.up();
}

yearTest(
  "each timeframe shows charts with values, in as many steps as a chart can show",
  async ({ page, answer, open }) => {
    const label = {
      "1y": "the last year",
      "30d": "the last 30 days",
      "7d": "the last 7 days",
      "24h": "the last 24 hours",
    };
    const steps = {};
    for (const [name, words] of Object.entries(label)) {
      const answered = answer(isWhole);
      if (name === "1y") await open("#/host/year?timeframe=1y");
      else await page.getByRole("button", { name: `${name}: ${words}` }).click();
      const {
        step,
        hosts: [host],
      } = await answered;
      steps[name] = step;
      assert.ok(
        host.timestamps.length > 150 && host.timestamps.length <= 501,
        `${name}: ${host.timestamps.length} points`,
      );
      for (const title of ["CPU", "Memory", "Disk"]) {
        await chartWithValues(page, title, `year over ${words}.`).waitFor();
      }
    }
    assert.ok(steps["1y"] > steps["30d"] && steps["30d"] > steps["7d"], JSON.stringify(steps));
    assert.equal(steps["24h"], 0, "the readings themselves");
    assert.deepEqual(await page.locator("h2").allTextContents(), [
      "Overview",
      "CPU",
      "Memory",
      "File systems",
      "Disk I/O",
      "Network",
      "Load",
      "Pressure",
      "System",
      "Agent",
      "Custom",
    ]);
  },
);

yearTest(
  "magnifying a time half a year back leads to finer data, down to the single readings, and Back to the whole",
  async ({ page, now, answer, open }) => {
    const whole = answer(isWhole);
    await open("#/host/year?timeframe=1y");
    const answers = [await whole];
    const cpu = chartWithValues(page, "CPU");
    await cpu.waitFor();
    for (let last = answers[0]; last.step > 0; last = answers.at(-1)) {
      assert.ok(answers.length < 6, "it never gets to the readings");
      const { from, to } = last;
      const finer = answer(
        ({ asked }) => asked.has("to") && Number(asked.get("to")) - Number(asked.get("from")) < (to - from) / 4,
      );
      await magnify(page, cpu, 0.46, 0.54);
      answers.push(await finer);
      const zoom = new URL(page.url()).hash.match(/zoom=(\d+)-(\d+)/);
      assert.deepEqual(
        [Number(zoom[1]), Number(zoom[2])],
        [answers.at(-1).from, answers.at(-1).to],
        "the address tells what is shown",
      );
    }
    const steps = answers.map(({ step }) => step);
    assert.ok(steps.length >= 3, String(steps));
    assert.deepEqual(
      steps,
      [...new Set(steps)].sort((first, second) => second - first),
      "finer each time",
    );
    const {
      from,
      to,
      hosts: [host],
    } = answers.at(-1);
    assert.ok(Math.abs(now - 182.5 * 86_400 - (from + to) / 2) < 20 * 86_400, "half a year back");
    assert.deepEqual(
      host.timestamps,
      Array.from(
        { length: host.timestamps.length },
        (_, index) => Math.ceil(from / INTERVAL) * INTERVAL + index * INTERVAL,
      ),
      "every reading of that time",
    );
    assert.ok(host.timestamps.at(-1) > to - INTERVAL);

    for (let depth = answers.length - 1; depth > 0; depth -= 1) await page.goBack();
    await chartWithValues(page, "CPU", "year over the last year.").waitFor();
  },
);

yearTest(
  "a time without readings is a gap in the whole year and in a single day",
  async ({ page, now, answer, open }) => {
    const [long, short] = gapsOfTheYear(now);
    const views = [
      { hash: "#/host/year?timeframe=1y", gap: long },
      { hash: `#/host/year?from=${short[0] - 40_000}&to=${short[1] + 40_000}`, gap: short },
    ];
    for (const {
      hash,
      gap: [start, end],
    } of views) {
      const answered = answer(isWhole);
      await open(hash);
      const {
        step,
        from,
        to,
        hosts: [host],
      } = await answered;
      assert.deepEqual(
        host.timestamps.filter((time) => time > start && time + step < end),
        [],
      );
      const cpu = chartWithValues(page, "CPU");
      await cpu.waitFor();
      const pointAt = async (time) => {
        const { x, y } = await partOf(cpu, (time - from) / (to - from));
        await page.mouse.move(x, y);
      };
      await pointAt((start + end) / 2);
      await page.locator(".readout").getByText("no readings").waitFor();
      await pointAt(start - (to - from) / 20);
      await page
        .locator(".readout")
        .getByText(/CPU \d+\.\d%/)
        .waitFor();
    }
  },
);

yearTest(
  "everything that is shown can be taken along as CSV, a year of it and a day of it",
  async ({ page, now, open }) => {
    const [[start, end]] = gapsOfTheYear(now);
    for (const [timeframe, least] of /** @type {[string, number][]} */ ([
      ["1y", 300],
      ["24h", 280],
    ])) {
      await open(`#/host/year?timeframe=${timeframe}`);
      await chartWithValues(page, "CPU").waitFor();
      await page.getByRole("button", { name: "More about year" }).click();
      const [csv] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download everything shown as CSV" }).click(),
      ]);
      const [head, ...rows] = readFileSync(await csv.path(), "utf8")
        .split(/\r?\n/)
        .filter(Boolean);
      const columns = head.split(",");
      for (const column of ["timestamp", "hostname", "cpu", "ram", "disk"]) assert.ok(columns.includes(column), head);
      assert.ok(
        columns.some((column) => column.startsWith("network_receive_bytes_per_second")),
        head,
      );
      assert.ok(rows.length >= least && rows.length <= 501, `${timeframe}: ${rows.length} rows`);
      const times = rows.map((row) => Number(row.split(",")[columns.indexOf("timestamp")]));
      assert.deepEqual(
        times.filter((time) => time > start && time + 86_400 < end),
        [],
        "the gap has no rows",
      );
      for (const row of rows) assert.match(row.split(",")[columns.indexOf("cpu")], /^\d+(\.\d+)?$/);
    }
  },
);
