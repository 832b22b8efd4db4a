#!/usr/bin/env node
/**
 * What the dearest questions of a reader cost: the server's greatest memory over that before the question, and the
 * answer's length. Fails where one takes more than 200 MiB or an answer has more than 64 MiB.
 *
 *     node tests/bench/answers.mjs [--program build/server/hostwatch-server]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Connection } from "./history/connection.mjs";
import { Program, freePort } from "./history/program.mjs";

const MIB = 1024 * 1024;
const MOST_MEMORY = 200;
const MOST_TEXT = 64;
const LONG = "-2.2250738585072014e-308"; // no number is longer in JSON
const READINGS_A_REQUEST = 10000;
const BYTES_A_REQUEST = 7 * MIB;

const { values: chosen } = parseArgs({
  options: {
    program: { type: "string", default: "build/server/hostwatch-server" },
    only: { type: "string", default: "" },
  },
});
const now = Math.floor(Date.now() / 1000);

const times = (count, make) => Array.from({ length: count }, (unused, i) => make(i));
const reading = (hostname, timestamp, metrics = "{}", facts = "{}") =>
  `{"hostname":${JSON.stringify(hostname)},"timestamp":${timestamp},"cpu":12.5,"ram":41,"disk":73.2,"metrics":${metrics},"facts":${facts}}`;
const UP_FOR_HOURS = '{"interval_seconds":3600}'; // Prometheus is told of hosts that are up
const instances = (count, name, value = "0.125") =>
  `{"own":{${times(count, (i) => `${JSON.stringify(name(i))}:${value}`).join(",")}}}`;

/** Each is a set of readings in a database of its own, and what is asked of it. */
const CASES = {
  "60 hosts with 499 names of their own, and one of 4,000 readings": {
    *readings() {
      for (let host = 0; host < 60; ++host) {
        yield reading(
          `h${host}`,
          now - 10,
          instances(497, (i) => `h${host}-${i}`),
        );
      }
      for (let i = 0; i < 4000; ++i) yield reading("many", now - 4100 + i);
    },
    ask: ["rows", "columns", "csv", "csv&layout=long"].map(
      (format) => `/data?timeframe=6h&metrics=*&step=0&format=${format}`,
    ),
  },
  "a reading of 497 series, fine steps": {
    *readings() {
      yield reading(
        "a",
        now - 50000,
        instances(497, (i) => `i${i}`),
      );
    },
    ask: [
      `/data?from=${now - 99000}&to=${now}&step=1&metrics=*&format=columns`,
      `/data?from=${now - 999000}&to=${now}&step=1&metrics=*&format=columns`,
      `/fleet?metric=own&from=${now - 49000}&to=${now}&step=1&top=5`,
    ],
  },
  "2,000 hosts of 60 series, 25 readings": {
    *readings() {
      for (let host = 0; host < 2000; ++host) {
        for (let i = 0; i < 25; ++i) {
          yield reading(
            `host-${host}`,
            now - 3000 + i * 100,
            instances(57, (k) => `eth${k}`),
          );
        }
      }
    },
    ask: [
      ...["rows", "columns", "csv", "csv&layout=long"].map((format) => `/data?timeframe=1h&metrics=*&format=${format}`),
      "/fleet?metric=own&timeframe=1h&top=50",
      "/hosts",
      "/metrics",
    ],
  },
  "a host of 497 series, each second for 100 minutes, numbers of 24 characters": {
    *readings() {
      const metrics = instances(497, (i) => `instance-${i}`, LONG);
      for (let i = 0; i < 6000; ++i) yield reading("a", now - 6100 + i, metrics);
    },
    ask: [
      ...["rows", "columns", "csv", "csv&layout=long"].flatMap((format) => [
        `/data?timeframe=6h&metrics=*&step=0&format=${format}`,
        `/data?timeframe=6h&metrics=*&step=2&format=${format}`,
        `/data?from=${now - 3500}&metrics=*&step=0&format=${format}`,
        `/data?from=${now - 1700}&metrics=*&step=0&format=${format}`,
        `/data?from=${now - 1700}&metrics=*&step=1&format=${format}`,
      ]),
      "/fleet?metric=own&timeframe=6h&step=1&top=50",
    ],
  },
  "397 hosts of 497 names, the longest and such as JSON escapes": {
    *readings() {
      for (let host = 0; host < 397; ++host) {
        const name = `"\\`.repeat(70) + host;
        yield reading(
          name,
          now - 10,
          instances(497, (i) => `"\\`.repeat(95) + (host * 497 + i), LONG),
          UP_FOR_HOURS,
        );
      }
    },
    ask: [
      "/metrics",
      "/hosts",
      ...["rows", "columns", "csv", "csv&layout=long"].map((format) => `/data?timeframe=1h&metrics=*&format=${format}`),
    ],
  },
  "397 hosts of 497 names, as long as just fits into GET /metrics": {
    *readings() {
      for (let host = 0; host < 397; ++host) {
        yield reading(
          "h".repeat(55) + host,
          now - 10,
          instances(497, (i) => "i".repeat(180) + (host * 497 + i), LONG),
          UP_FOR_HOURS,
        );
      }
    },
    ask: [
      "/metrics",
      "/hosts",
      ...["rows", "columns", "csv", "csv&layout=long"].map((format) => `/data?timeframe=1h&metrics=*&format=${format}`),
    ],
  },
  "397 hosts of the same 497 names": {
    *readings() {
      const metrics = instances(497, (i) => `instance-${i}`);
      for (let i = 0; i < 5; ++i) {
        for (let host = 0; host < 397; ++host) yield reading(`h${host}`, now - 100 + i * 10, metrics, UP_FOR_HOURS);
      }
    },
    ask: [
      "/metrics",
      "/hosts",
      ...["rows", "columns", "csv", "csv&layout=long"].map((format) => `/data?timeframe=1h&metrics=*&format=${format}`),
    ],
  },
  "a host of each second for 13 hours, and 99 others": {
    *readings() {
      for (let i = 0; i < 46800; ++i) yield reading("dense", now - 48000 + i);
      for (let host = 0; host < 99; ++host) yield reading(`h${host}`, now - 10);
    },
    ask: [
      `/fleet?metric=cpu&from=${now - 49000}&to=${now}&step=1&top=50`,
      ...["rows", "columns", "csv"].map(
        (format) => `/data?hostname=dense&from=${now - 49000}&step=1&metrics=*&format=${format}`,
      ),
    ],
  },
};

class Server extends Program {
  /** From now on the greatest memory counts anew: proc(5). */
  forgetPeak() {
    writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }
}

async function load(server, readings) {
  const connection = new Connection(server.port);
  let batch = [];
  let bytes = 0;
  const send = async () => {
    for (;;) {
      const { status, body } = await connection.request("POST", "/metrics", Buffer.from(`[${batch.join(",")}]`));
      if (status === 200) break;
      if (status !== 503) throw new Error(`${status}: ${body.toString().slice(0, 300)}`);
      await sleep(200);
    }
    batch = [];
    bytes = 0;
  };
  for (const one of readings) {
    if (batch.length >= READINGS_A_REQUEST || bytes + one.length > BYTES_A_REQUEST) await send();
    batch.push(one);
    bytes += one.length + 1;
  }
  await send();
  connection.close();
}

function fetch(port, path, gzip) {
  const began = Date.now();
  return new Promise((resolve, reject) => {
    get({ port, path, host: "127.0.0.1", headers: gzip ? { "Accept-Encoding": "gzip" } : {} }, (response) => {
      let bytes = 0;
      let text = "";
      response.on("data", (piece) => {
        bytes += piece.length;
        if (response.statusCode !== 200) text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode, bytes, text, milliseconds: Date.now() - began }));
    }).on("error", reject);
  });
}

const work = mkdtempSync(join(tmpdir(), "hostwatch-answers-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
const bad = [];
console.log("| question | gzip | status | MiB | ms | MiB of memory over idle |\n| --- | --- | --- | --- | --- | --- |");
let number = 0;
for (const [name, { readings, ask }] of Object.entries(CASES)) {
  if (!name.includes(chosen.only)) continue;
  const port = await freePort();
  const list = [
    "--listen",
    "127.0.0.1",
    "--port",
    String(port),
    "--database",
    join(work, `${++number}.db`),
    "--log-level",
    "warning",
  ];
  const start = async () => {
    const server = new Server({
      name: "hostwatch",
      command: chosen.program,
      arguments: list,
      port,
      log: join(work, "log"),
    });
    await server.start();
    return server;
  };
  let server = await start();
  await load(server, readings());
  await sleep(3000);
  console.log(`| **${name}** | | | | | |`);
  for (const path of ask) {
    for (const gzip of [true, false]) {
      await server.stop();
      server = await start();
      await sleep(1500); // what was not filed yet is
      server.forgetPeak();
      const idle = server.memory("VmRSS");
      const { status, bytes, text, milliseconds } = await fetch(port, path, gzip);
      const memory = server.memory("VmHWM") - idle;
      console.log(
        `| ${path.replaceAll(String(now), "now")} ${text.slice(0, 120)} | ${gzip ? "yes" : "no"} | ${status} | ${(bytes / MIB).toFixed(1)} | ${milliseconds} | ${memory.toFixed(0)} |`,
      );
      if (memory > MOST_MEMORY || bytes > MOST_TEXT * MIB) bad.push(path);
    }
  }
  await server.stop();
}
if (bad.length > 0) {
  console.error(`answers: more than ${MOST_MEMORY} MiB of memory or ${MOST_TEXT} MiB of text: ${bad.join(" ")}`);
  process.exitCode = 1;
}
