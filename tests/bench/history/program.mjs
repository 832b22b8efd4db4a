/** A server under measurement: started, asked, weighed and stopped. */

import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { Connection } from "./connection.mjs";

const TICKS_PER_SECOND = 100; // of /proc/PID/stat, on every Linux that Debian supports
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** `du -sb`: apparent sizes, folders included. */
export const folderBytes = (path) => Number(execFileSync("du", ["-sb", path], { encoding: "utf8" }).split("\t")[0]);

/** Asks until `done` says so of what it got. @returns {Promise<boolean>} false when the time ran out */
export async function until(seconds, pause, done) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(pause)) {
    if (await done()) return true;
  }
  return false;
}

/** Done once what `look` tells has stayed the same for `seconds`. */
export function unchanged(seconds, look) {
  let seen = null;
  let since = 0;
  return () => {
    const now = String(look());
    if (now !== seen) [seen, since] = [now, Date.now()];
    return Date.now() - since >= seconds * 1000;
  };
}

/** @returns {Promise<number>} a port of the loopback address that nobody listens on */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class Program {
  #child = null;

  constructor({ name, command, arguments: list, port, log }) {
    Object.assign(this, { name, command, list, port, log });
  }

  /** @returns {Promise<boolean>} whether it answers; a subclass may ask in another way */
  async isHealthy(connection) {
    return (await connection.request("GET", "/health").catch(() => ({ status: 0 }))).status === 200;
  }

  /** @returns {Promise<number>} milliseconds from exec to the first answered GET /health */
  async start() {
    const log = openSync(this.log, "a");
    const began = process.hrtime.bigint();
    this.#child = spawn(this.command, this.list, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#child.on("error", () => {});
    // to kill one that never ran would kill our own process group
    if (this.#child.pid !== undefined) running.add(this.#child);
    const connection = new Connection(this.port);
    try {
      const healthy = await until(60, 1, async () => {
        if (!this.#alive()) {
          throw new Error(`${this.name} ended: ${readFileSync(this.log, "utf8").slice(-1000) || this.command}`);
        }
        return this.isHealthy(connection);
      });
      if (!healthy) throw new Error(`${this.name} did not answer GET /health within 60 s`);
    } finally {
      connection.close();
    }
    return Number(process.hrtime.bigint() - began) / 1e6;
  }

  async stop() {
    const child = this.#child;
    child.kill("SIGTERM");
    const ended = await until(60, 20, () => !this.#alive());
    if (!ended) throw new Error(`${this.name} did not stop within 60 s`);
    running.delete(child);
  }

  get pid() {
    return this.#child.pid;
  }

  /** In MiB. @param {string} name a line of /proc/PID/status */
  memory(name) {
    return (
      Number(readFileSync(`/proc/${this.#child.pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024
    );
  }

  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async ask(path, connection = null) {
    const used = connection ?? new Connection(this.port);
    const { status, body, milliseconds } = await used.request("GET", path);
    if (!connection) used.close();
    if (status !== 200) throw new Error(`${this.name} answered ${status} to ${path}: ${body.toString().slice(0, 300)}`);
    return { text: body.toString(), milliseconds };
  }

  #alive() {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
