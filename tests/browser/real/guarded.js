/**
 * A server that asks for credentials, behind a real nginx that serves it under /hostwatch/.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, programOf } from "./programs.js";

const NGINX = "/usr/sbin/nginx";

/** A port that nobody listens on. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
        probe.close(() => resolve(port));
      });
  });
}

/** @param {string} folder @param {number} port of nginx @param {number} server's port */
function configuration(folder, port, server) {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location /hostwatch/ {
      proxy_pass http://127.0.0.1:${server}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      client_max_body_size 8m;
    }
  }
}
`;
}

export class GuardedInstallation {
  #folder = mkdtempSync(join(tmpdir(), "hostwatch-guarded-"));
  /** @type {Program[]} */
  #programs = [];
  /** Of the server, through nginx. */
  base = "";
  setupAddress = "";

  async start() {
    const port = await freePort();
    this.base = `http://127.0.0.1:${port}/hostwatch`;
    const server = new Program(
      programOf("HOSTWATCH_SERVER"),
      [
        "--port",
        "0",
        "--database",
        join(this.#folder, "metrics.db"),
        "--trusted-proxy",
        "127.0.0.1",
        "--public-url",
        this.base,
      ],
      this.#folder,
    );
    this.#programs.push(server);
    const [, own] = await server.line(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
    [this.setupAddress] = await server.line(/http:\S+#\/setup\/\S+/);
    const file = join(this.#folder, "nginx.conf");
    writeFileSync(file, configuration(this.#folder, port, Number(own)));
    mkdirSync(join(this.#folder, "logs"));
    const nginx = new Program(NGINX, ["-p", this.#folder, "-c", file, "-e", "stderr"], this.#folder);
    this.#programs.push(nginx);
    await nginx.line(/start worker process \d+/);
  }

  /** @param {string} hostname @param {string} token to enrol with */
  startAgent(hostname, token) {
    const file = join(this.#folder, "enroll.token");
    writeFileSync(file, `${token}\n`);
    this.#programs.push(
      new Program(
        programOf("HOSTWATCH_AGENT"),
        [
          "--server-url",
          `${this.base}/metrics`,
          "--interval",
          "1",
          "--hostname",
          hostname,
          "--token-file",
          file,
          "--spool",
          join(this.#folder, "spool"),
        ],
        this.#folder,
      ),
    );
  }

  async stop() {
    for (const program of [...this.#programs].reverse()) await program.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the programs said, for the message of a failed test. */
  get output() {
    return this.#programs.map((program) => program.output).join("\n");
  }
}
