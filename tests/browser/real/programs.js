/**
 * The real server and agent as child processes of a test.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WAIT_MILLISECONDS = 20_000;

/**
 * Those that run: none is left behind by a run that is broken off.
 * @type {Set<import("node:child_process").ChildProcess>}
 */
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** The program that an environment variable names. @param {string} variable */
export function programOf(variable) {
  const path = process.env[variable];
  if (!path) {
    throw new Error(
      `The environment variable ${variable} does not name a program. Build it first, or run ./scripts/test, which sets it.`,
    );
  }
  return path;
}

/** A child process whose standard error is kept. */
export class Program {
  #process;
  #ended;
  output = "";

  /** @param {string} path @param {string[]} options @param {string} folder to work in */
  constructor(path, options, folder) {
    this.#process = spawn(path, options, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    this.#process.stderr.setEncoding("utf8").on("data", (text) => (this.output += text));
    if (this.#process.pid !== undefined) running.add(this.#process);
    this.#process.once("exit", () => running.delete(this.#process));
    this.#ended = new Promise((resolve) =>
      this.#process.once("exit", resolve).once("error", (error) => {
        this.output += String(error);
        resolve(null);
      }),
    );
  }

  /** Waits for a line of standard error. @param {RegExp} pattern @returns {Promise<RegExpMatchArray>} */
  async line(pattern) {
    const end = Date.now() + WAIT_MILLISECONDS;
    let ended = false;
    this.#ended.then(() => (ended = true));
    for (;;) {
      const match = this.output.match(pattern);
      if (match) return match;
      if (ended || Date.now() > end) throw new Error(`The program never wrote ${pattern}; it wrote:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Asks it to stop, and waits until it has. */
  async stop() {
    this.#process.kill("SIGTERM");
    return this.#ended;
  }
}

/** A server with a database of its own, and agents; all of it is gone after stop(). */
export class Installation {
  #folder = mkdtempSync(join(tmpdir(), "hostwatch-browser-"));
  #server = null;
  #agents = [];
  #serverOptions;
  port = 0;

  /** @param {string[]} [serverOptions] beside port and database */
  constructor(serverOptions = []) {
    this.#serverOptions = serverOptions;
  }

  get address() {
    return `http://127.0.0.1:${this.port}/dashboard`;
  }

  /** Starts the server; a second time on the same port and database. */
  async startServer() {
    this.#server = new Program(
      programOf("HOSTWATCH_SERVER"),
      ["--port", String(this.port), "--database", join(this.#folder, "metrics.db"), ...this.#serverOptions],
      this.#folder,
    );
    const [, port] = await this.#server.line(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
    this.port = Number(port);
  }

  async stopServer() {
    await this.#server.stop();
    this.#server = null;
  }

  /** @param {string} hostname */
  startAgent(hostname) {
    const options = [
      "--server-url",
      `http://127.0.0.1:${this.port}/metrics`,
      "--interval",
      "1",
      "--hostname",
      hostname,
      "--spool",
      join(this.#folder, `spool-${this.#agents.length}`),
    ];
    this.#agents.push(new Program(programOf("HOSTWATCH_AGENT"), options, this.#folder));
  }

  /**
   * Sends readings as an agent does; the answer must be a 200.
   * @param {object[]} readings @param {Record<string, string>} [headers]
   */
  async post(readings, headers = {}) {
    const answer = await fetch(`http://127.0.0.1:${this.port}/metrics`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(readings),
    });
    if (answer.status !== 200) throw new Error(`POST /metrics: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async stop() {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the programs said, for the message of a failed test. */
  get output() {
    return [this.#server, ...this.#agents].map((program) => program?.output ?? "").join("\n");
  }
}
