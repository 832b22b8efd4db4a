#!/usr/bin/env node
/**
 * What everybody else feels while somebody attacks the server: how long /health takes, whether posts of honest agents
 * are taken, and how long an administrator's revoking of a token takes. The attackers are a process of its own that
 * gives way to the others (nice 19): here all share one machine.
 *
 *     node tests/bench/attacks.mjs [--program build/server/hostwatch-server] [--seconds 5] [--only NAME] [--connections
 *     4,60]
 */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as askPlainly } from "node:http";
import { Agent as TlsAgent, request as askOverTls } from "node:https";
import { connect } from "node:net";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { parseArgs } from "node:util";

import { Program, freePort } from "./history/program.mjs";

const MIB = 1024 * 1024;
const { values: chosen } = parseArgs({
  options: {
    program: { type: "string", default: "build/server/hostwatch-server" },
    seconds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    connections: { type: "string", default: "4,60" },
    attack: { type: "string" }, // the rest is for the process of attackers
    port: { type: "string" },
    token: { type: "string" },
    asset: { type: "string" },
  },
});
const seconds = Number(chosen.seconds);
const end = Date.now() + seconds * 1000;

/** A connection that sends `text` over and over as fast as it is taken, and begins again when it is closed. */
function repeat(port, text, begin = connect) {
  return new Promise((resolve) => {
    const again = () => {
      if (Date.now() >= end) return resolve();
      const socket = begin({ port, host: "127.0.0.1", rejectUnauthorized: false });
      const pump = () => {
        while (Date.now() < end && socket.writable && socket.write(text));
        if (Date.now() >= end) socket.destroy();
      };
      socket.on(begin === connect ? "connect" : "secureConnect", pump);
      socket.on("drain", pump);
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.on("close", () => setTimeout(again, 5));
      setTimeout(() => socket.destroy(), Math.max(0, end - Date.now()));
    };
    again();
  });
}

/** Asks again and again; hangs up after `patience` ms, if that is given. */
async function askOften(port, { method = "GET", path, headers = {}, body, patience }) {
  while (Date.now() < end) {
    await new Promise((resolve) => {
      const asked = askPlainly(
        {
          port,
          host: "127.0.0.1",
          method,
          path,
          headers: { ...headers, ...(body ? { "Content-Length": body.length } : {}) },
        },
        (answer) => answer.resume().once("close", resolve),
      );
      asked.once("error", resolve);
      asked.end(body);
      const wait = Math.min(patience ?? Infinity, end - Date.now());
      setTimeout(() => asked.destroy(), Math.max(0, wait)).unref();
    });
    await sleep(1);
  }
}

/** A body that is announced and never finished. */
async function holdBody(port, bytes) {
  while (Date.now() < end) {
    await new Promise((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("connect", () => {
        socket.write(
          `POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${8 * MIB}\r\n\r\n`,
        );
        socket.write(Buffer.alloc(bytes, 32));
      });
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.on("close", resolve);
      setTimeout(() => socket.destroy(), Math.max(0, end - Date.now()));
    });
    await sleep(20);
  }
}

async function handshake(port) {
  while (Date.now() < end) {
    await new Promise((resolve) => {
      const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => socket.destroy());
      socket.on("error", () => {});
      socket.on("close", resolve);
      setTimeout(() => socket.destroy(), Math.max(0, end - Date.now()));
    });
  }
}

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const dear = "/data?timeframe=24h&metrics=*&step=0&format=csv";

/** What each of the attackers does; `tls`: against a server that speaks it. */
const ATTACKS = {
  "nobody attacks": { each: () => {} },
  "pipelined HEAD of an asset": {
    each: ({ port, asset }) =>
      repeat(port, `HEAD ${asset} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n`.repeat(600)),
  },
  "wide CSV by a reader": { each: ({ port, token }) => askOften(port, { path: dear, headers: bearer(token) }) },
  "queries whose clients hang up": {
    each: ({ port, token }) => askOften(port, { path: dear, headers: bearer(token), patience: 20 }),
  },
  "wrong passwords": {
    each: ({ port }, index) =>
      askOften(port, {
        method: "POST",
        path: "/session",
        headers: { "Content-Type": "application/json" },
        body: `{"user":"anna","password":"wrong-${index}"}`,
      }),
  },
  "bodies without end and credential": {
    each: ({ port }, index) => holdBody(port, index % 8 === 0 ? 8 * MIB - 65536 : 120_000),
  },
  "TLS handshakes": { tls: true, each: ({ port }) => handshake(port) },
  "TLS records of one byte": { tls: true, each: ({ port }) => repeat(port, "a", connectTls) },
};

if (chosen.attack) {
  setPriority(19);
  const input = { port: Number(chosen.port), token: chosen.token, asset: chosen.asset };
  await Promise.all(
    Array.from({ length: Number(chosen.connections) }, (unused, i) => ATTACKS[chosen.attack].each(input, i)),
  );
  process.exit(0);
}

const work = mkdtempSync(join(tmpdir(), "hostwatch-attacks-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
const database = join(work, "metrics.db");
const certificate = join(work, "certificate.pem");
const key = join(work, "key.pem");
execFileSync(
  "openssl",
  [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    key,
    "-out",
    certificate,
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
  ],
  { stdio: "ignore" },
);

const cli = (...list) =>
  execFileSync(chosen.program, ["--database", database, ...list], {
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
    input: "correct horse battery staple\n",
  });
const tokenOf = (scope) => cli("token", "create", scope, "--scope", scope).match(/hw[a-z]*_\S+|\S{30,}/)[0];

const now = () => Math.floor(Date.now() / 1000);
const reading = (hostname, timestamp, metrics = "{}") =>
  `{"hostname":"${hostname}","timestamp":${timestamp},"cpu":12.5,"ram":41,"disk":73.2,"metrics":${metrics}}`;
const own = (count, prefix) =>
  `{"own":{${Array.from({ length: count }, (unused, i) => `"${prefix}${i}":0.125`).join(",")}}}`;

class Client {
  constructor(port, tls) {
    this.port = port;
    this.ask = tls ? askOverTls : askPlainly;
    this.agent = tls ? new TlsAgent({ keepAlive: true, rejectUnauthorized: false }) : new Agent({ keepAlive: true });
  }
  /** @returns {Promise<{status: number, text: string, milliseconds: number}>} status 0: the connection broke */
  request(method, path, token, body) {
    const began = process.hrtime.bigint();
    return new Promise((resolve) => {
      const headers = {
        ...(token ? bearer(token) : {}),
        ...(body ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) } : {}),
      };
      const sent = this.ask(
        { port: this.port, host: "127.0.0.1", method, path, agent: this.agent, headers },
        (answer) => {
          let text = "";
          answer.on("data", (piece) => {
            text += piece;
          });
          answer.on("end", () =>
            resolve({ status: answer.statusCode, text, milliseconds: Number(process.hrtime.bigint() - began) / 1e6 }),
          );
          answer.on("error", () => resolve({ status: 0, text, milliseconds: 0 }));
        },
      );
      sent.once("error", (error) =>
        resolve({ status: 0, text: String(error), milliseconds: Number(process.hrtime.bigint() - began) / 1e6 }),
      );
      sent.end(body);
    });
  }
}

/** A server that speaks TLS. */
class TlsProgram extends Program {
  isHealthy() {
    return new Client(this.port, true).request("GET", "/health").then(({ status }) => status === 200);
  }
}

const quantile = (list, part) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? NaN;

/** Asks every `pause` ms until the attack is over; counts what is not 200. */
async function probe(pause, ask) {
  const times = [];
  const refused = {};
  while (Date.now() < probing) {
    const { status, milliseconds } = await ask();
    times.push(milliseconds);
    if (status < 200 || status > 299) refused[status] = (refused[status] ?? 0) + 1;
    await sleep(pause);
  }
  return { times, refused };
}
let probing = 0;

/** @param {string} name of the attack that it is for @param {number} port */
function serverFor(name, port) {
  const { tls } = ATTACKS[name];
  const list = [
    ...["--listen", "127.0.0.1", "--port", String(port), "--database", database],
    ...["--require-sign-in", "--log-level", "off"],
    ...(tls ? ["--tls-certificate", certificate, "--tls-key", key] : []),
  ];
  return new (tls ? TlsProgram : Program)({
    name,
    command: chosen.program,
    arguments: list,
    port,
    log: join(work, "log"),
  });
}

/** The attack, by a process of its own that ends by itself. */
function attack(name, port, connections, tokens, asset) {
  const list = [
    ...["--attack", name, "--connections", String(connections), "--port", String(port)],
    ...["--token", tokens.read, "--asset", asset, "--seconds", String(seconds + 1)],
  ];
  return spawn(process.execPath, [process.argv[1], ...list], { stdio: "inherit" });
}

/** "median / 99th / greatest (how often asked)", and what was refused. */
function cell({ times, refused }) {
  const figures = [quantile(times, 0.5).toFixed(1), quantile(times, 0.99).toFixed(1), Math.max(...times).toFixed(0)];
  const failures = Object.keys(refused).length > 0 ? ` **${JSON.stringify(refused)}**` : "";
  return `${figures.join(" / ")} (${times.length})${failures}`;
}

async function measure(name, connections, tokens, asset) {
  const { tls } = ATTACKS[name];
  const port = await freePort();
  const server = serverFor(name, port);
  await server.start();
  const client = new Client(port, tls);
  const large = (time) =>
    `[${Array.from({ length: 200 }, (unused, i) => reading("honest-backlog", time - 100000 + i, own(80, "disk"))).join(",")}]`;
  let time = now() - 50000;
  await sleep(500);
  const attackers = attack(name, port, connections, tokens, asset);
  const over = new Promise((resolve) => attackers.once("close", resolve));
  await sleep(500);
  probing = Date.now() + seconds * 1000;
  const [health, posts, backlog, admin] = await Promise.all([
    probe(10, () => client.request("GET", "/health")),
    probe(50, () => client.request("POST", "/metrics", tokens.write, reading("honest", (time += 1)))),
    probe(1000, () => client.request("POST", "/metrics", tokens.write, large((time += 300)))),
    probe(250, async () => {
      const made = await client.request("POST", "/tokens", tokens.admin, '{"name":"x","scope":"read"}');
      if (made.status > 299 || made.status === 0) return made;
      const gone = await client.request("DELETE", `/tokens/${JSON.parse(made.text).id}`, tokens.admin);
      return { ...gone, milliseconds: gone.milliseconds + made.milliseconds };
    }),
  ]);
  const peak = server.memory("VmHWM");
  await over;
  await server.stop();
  console.log(
    `| ${name}, ${connections} | ${cell(health)} | ${cell(posts)} | ${cell(backlog)} | ${cell(admin)} | ${peak.toFixed(0)} |`,
  );
  return (
    quantile(health.times, 0.99) < 50 &&
    [posts, backlog, health, admin].every(({ refused }) => Object.keys(refused).length === 0)
  );
}

cli("user", "add", "anna");
const tokens = { read: tokenOf("read"), write: tokenOf("write"), admin: tokenOf("admin") };
{
  const port = await freePort();
  const server = new Program({
    name: "hostwatch",
    command: chosen.program,
    arguments: [
      "--listen",
      "127.0.0.1",
      "--port",
      String(port),
      "--database",
      database,
      "--require-sign-in",
      "--log-level",
      "off",
    ],
    port,
    log: join(work, "log"),
  });
  await server.start();
  const client = new Client(port, false);
  for (let host = 0; host < 60; ++host) {
    await client.request(
      "POST",
      "/metrics",
      tokens.write,
      `[${reading(`h${host}`, now() - 100, own(490, `h${host}-`))}]`,
    );
  }
  await client.request(
    "POST",
    "/metrics",
    tokens.write,
    `[${Array.from({ length: 4000 }, (unused, i) => reading("many", now() - 5000 + i)).join(",")}]`,
  );
  tokens.asset = (await client.request("GET", "/dashboard")).text.match(/\/assets\/[\w.-]+\.js/)?.[0];
  await server.stop();
}
console.log(
  `ms: median / 99th of a hundred / greatest (how often asked), answers that were not 2xx\n\n| attack, connections | /health | a reading | 200 readings, 300 KB | make and revoke a token | MiB |\n| --- | --- | --- | --- | --- | --- |`,
);
let good = true;
for (const name of Object.keys(ATTACKS).filter((one) => one.includes(chosen.only))) {
  for (const connections of chosen.connections.split(",")) {
    good = (await measure(name, Number(connections), tokens, tokens.asset ?? "/assets/app.js")) && good;
  }
}
if (!good) process.exitCode = 1;
