/**
 * Many agents that all have a backlog: connections that post gzipped arrays of readings without pause, each again until
 * it is taken. Tells what was answered, how fast, and how much memory the server took.
 *
 *     node tests/bench/flood.mjs PORT PID [SECONDS] [CONNECTIONS] [READINGS an array] [VALUES a reading]
 */

import { existsSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const [port, pid, seconds = 60, connections = 100, readings = 330, values = 100] = process.argv.slice(2).map(Number);
const compress = promisify(gzip);
const agent = new Agent({ keepAlive: true, maxSockets: connections + 1 });
const end = Date.now() + seconds * 1000;
const first = Math.floor(Date.now() / 1000) - 6 * 86_400;

/** Texts of `metrics` with values as agents send them; some, so that an array does not compress to nothing. */
const METRICS = Array.from({ length: 24 }, () => {
  const disks = Object.fromEntries(
    Array.from({ length: values - 20 }, (_, disk) => [
      `/srv/volumes/data-${disk}`,
      Math.round(Math.random() * 1000) / 10,
    ]),
  );
  const network = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`eth${index}`, Math.round(Math.random() * 1e8)]),
  );
  return JSON.stringify({ filesystem_used_percent: disks, network_receive_bytes_per_second: network });
});

const counts = new Map();
const times = { taken: [], "turned away": [], health: [] };
let largest = 0;
let taken = 0;

/** @returns {Promise<{status: number, milliseconds: number}>} status 0: the connection broke */
function ask(method, path, body) {
  const began = process.hrtime.bigint();
  return new Promise((resolve) => {
    const done = (status) => resolve({ status, milliseconds: Number(process.hrtime.bigint() - began) / 1e6 });
    const headers = body
      ? { "Content-Type": "application/json", "Content-Encoding": "gzip", "Content-Length": body.length }
      : {};
    const sent = request({ port, host: "127.0.0.1", method, path, agent, headers }, (answer) =>
      answer.resume().once("end", () => done(answer.statusCode)),
    );
    sent.once("error", () => done(0));
    sent.end(body);
  });
}

async function flood(index) {
  let time = first;
  while (Date.now() < end) {
    const list = Array.from({ length: readings }, () => {
      time += 1;
      return `{"hostname":"flood-${index}","timestamp":${time},"cpu":12.5,"ram":41.0,"disk":73.2,"metrics":${METRICS[(time + index) % METRICS.length]}}`;
    });
    const text = `[${list.join(",")}]`;
    largest = Math.max(largest, text.length);
    const body = await compress(text, { level: 1 });
    for (let stored = false; !stored && Date.now() < end;) {
      const { status, milliseconds } = await ask("POST", "/metrics", body);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      stored = status === 200;
      if (stored) taken += readings;
      if (stored) times.taken.push(milliseconds);
      else if (status === 503) times["turned away"].push(milliseconds);
      // it is being stopped: do not spin
      else if (status === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** In MiB; 0 when the server has ended. @param {string} name of a line in /proc/PID/status */
function memory(name) {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return 0;
  return Number(readFileSync(path, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`))?.[1] ?? 0) / 1024;
}

const quantile = (list, part) =>
  list.length === 0
    ? "-"
    : [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))].toFixed(1);

async function watch() {
  for (let round = 0; Date.now() < end; round += 1) {
    times.health.push((await ask("GET", "/health")).milliseconds);
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (round % 20 === 19) {
      console.log(
        `${((Date.now() - end) / 1000 + seconds).toFixed(0)} s: VmRSS ${memory("VmRSS").toFixed(0)} MiB, ${taken} readings`,
      );
    }
  }
}

await Promise.all([watch(), ...Array.from({ length: connections }, (_, index) => flood(index))]);
console.log(
  `answers ${JSON.stringify(Object.fromEntries(counts))}, ${Math.round(taken / seconds)} readings/s, arrays up to ${(largest / 2 ** 20).toFixed(2)} MiB`,
);
for (const [name, list] of Object.entries(times)) {
  console.log(`${name}: p50 ${quantile(list, 0.5)} ms, p99 ${quantile(list, 0.99)} ms`);
}
console.log(`VmRSS ${memory("VmRSS").toFixed(0)} MiB, VmHWM ${memory("VmHWM").toFixed(0)} MiB`);
await new Promise((resolve) => setTimeout(resolve, 15_000));
console.log(`15 s later: VmRSS ${memory("VmRSS").toFixed(0)} MiB`);
agent.destroy();
