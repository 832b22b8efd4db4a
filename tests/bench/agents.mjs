// Many agents that keep their connections, each posting every ten seconds, and open pages that poll: what a fixed pool
// of threads makes of it.
//   node tests/bench/agents.mjs SERVER_PROGRAM [--agents 10000] [--pages 20] [--seconds 60] [--slow 0]
// --slow: so many connections besides that send a byte of a head every second. With credentials, as off loopback.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const {
  values,
  positionals: [program],
} = parseArgs({
  allowPositionals: true,
  options: {
    agents: { type: "string", default: "10000" },
    pages: { type: "string", default: "20" },
    seconds: { type: "string", default: "60" },
    slow: { type: "string", default: "0" },
  },
});
const agents = Number(values.agents);
const until = (end) => new Promise((resolve) => setTimeout(resolve, Math.max(0, end - Date.now())));

const folder = mkdtempSync(join(tmpdir(), "hostwatch-agents-"));
const database = join(folder, "metrics.db");
const server = spawn(program, ["--port", "0", "--require-sign-in", "--database", database], {
  stdio: ["ignore", "ignore", "pipe"],
});
const port = await new Promise((resolve, reject) => {
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
    const found = said.match(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
    if (found) resolve(Number(found[1]));
  });
  server.once("exit", () => reject(new Error(said)));
});
const token = (scope) =>
  execFileSync(program, ["token", "create", scope, "--scope", scope, "--database", database], {
    stdio: ["ignore", "pipe", "ignore"],
  })
    .toString()
    .trim();
const writer = `Bearer ${token("write")}`;
const reader = `Bearer ${token("read")}`;
await until(Date.now() + 1500);

const figures = { posts: [], pages: [], health: [], errors: 0 };
function ask(keep, method, path, authorization, body, times) {
  return new Promise((resolve) => {
    const began = performance.now();
    const headers = { Authorization: authorization };
    if (body) Object.assign(headers, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: keep }, (answer) => {
      if (answer.statusCode !== 200) figures.errors += 1;
      answer.resume().once("end", () => {
        times.push(performance.now() - began);
        resolve();
      });
    });
    sent.once("error", () => {
      figures.errors += 1;
      resolve();
    });
    sent.end(body);
  });
}

const end = Date.now() + Number(values.seconds) * 1000;
const interval = 10_000;
async function agent(number) {
  const keep = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let at = Date.now() + (number / agents) * interval; at < end; at += interval) {
    await until(at);
    const reading = {
      hostname: `host-${number}`,
      timestamp: Math.floor(Date.now() / 1000),
      cpu: 12.5,
      ram: 41,
      disk: 73.2,
      metrics: { load1: 0.4, load5: 0.3, network_receive_bytes_per_second: { eth0: number } },
    };
    await ask(keep, "POST", "/metrics", writer, JSON.stringify(reading), figures.posts);
  }
  keep.destroy();
}
async function page(number) {
  const keep = new Agent({ keepAlive: true });
  for (let at = Date.now() + number * 250; at < end; at += 5000) {
    await until(at);
    await Promise.all([
      ask(keep, "GET", "/hosts", reader, null, figures.pages),
      ask(
        keep,
        "GET",
        `/data?hostname=host-${number}&timeframe=1h&format=columns&metrics=*`,
        reader,
        null,
        figures.pages,
      ),
    ]);
  }
  keep.destroy();
}
async function health() {
  for (let at = Date.now(); at < end; at += 100) {
    await until(at);
    await ask(false, "GET", "/health", "", null, figures.health);
  }
}
function slow() {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  const timer = setInterval(
    () => (Date.now() < end ? socket.write("x") : (clearInterval(timer), socket.destroy())),
    1000,
  );
  socket.on("close", () => clearInterval(timer));
}
let most = 0;
const watch = setInterval(() => {
  const [, size] = readFileSync(`/proc/${server.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/);
  most = Math.max(most, Number(size));
}, 500);
for (let i = 0; i < Number(values.slow); i += 1) slow();
await Promise.all([
  ...Array.from({ length: agents }, (_, i) => agent(i)),
  ...Array.from({ length: Number(values.pages) }, (_, i) => page(i)),
  health(),
]);
clearInterval(watch);

const quantile = (times, share) =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * share)]?.toFixed(1) ?? "-";
for (const kind of ["posts", "pages", "health"]) {
  const times = figures[kind];
  console.log(
    `${kind.padEnd(7)} ${times.length} answered, p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`,
  );
}
console.log(
  `errors  ${figures.errors}\nmemory  ${(most / 1024).toFixed(0)} MiB at most, ${readdirSync(`/proc/${server.pid}/task`).length} threads`,
);
server.kill("SIGTERM");
await new Promise((resolve) => server.once("exit", resolve));
rmSync(folder, { recursive: true, force: true });
process.exitCode = figures.errors === 0 ? 0 : 1;
