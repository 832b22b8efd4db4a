// From a reading that crosses a limit to its webhook: the time between, while other readings arrive.
//
//   node tests/bench/alerts.mjs SERVER_PROGRAM
//   ALARMS=40 READINGS_PER_SECOND=1000 SECONDS=20 are the amounts
//
// Each alarm has a channel of its own: what is measured is the first message to a quiet channel, as in the
// figures of Prometheus and Alertmanager with one group an alarm (docs/performance.md).
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.argv[2];
if (!program) throw new Error("usage: node tests/bench/alerts.mjs SERVER_PROGRAM");
const alarms = Number(process.env.ALARMS ?? 40);
const rate = Number(process.env.READINGS_PER_SECOND ?? 1000);
const seconds = Number(process.env.SECONDS ?? 20);
const port = 5971;
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

/** @returns {Promise<number>} the status */
function send(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const request = http.request(
      {
        agent,
        host: "127.0.0.1",
        port,
        method,
        path,
        headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), ...headers },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      },
    );
    request.on("error", reject);
    request.end(text);
  });
}

function percentile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

const sent = new Map(); // host -> when the reading that crosses was sent
const latencies = [];
const sink = http.createServer((request, response) => {
  const at = performance.now();
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    for (const alarm of JSON.parse(body).alarms) {
      if (alarm.event === "fired") latencies.push(at - sent.get(alarm.host));
    }
    response.end();
  });
});
await new Promise((resolve) => sink.listen(0, "127.0.0.1", resolve));

const folder = await mkdtemp(join(tmpdir(), "hostwatch-alerts-"));
const server = spawn(
  program,
  [
    "--port",
    String(port),
    "--database",
    join(folder, "metrics.db"),
    "--alert-allow",
    "127.0.0.0/8",
    "--log-level",
    "warning",
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
server.once("exit", (code) => {
  if (code !== 0) process.exit(1); // it has said why
});
try {
  for (let tries = 0; tries < 100; ++tries) {
    const status = await send("GET", "/health", {}).catch(() => 0);
    if (status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (let i = 0; i < alarms; ++i) {
    await send("PUT", `/alerts/channels/hook-${i}`, {
      kind: "webhook",
      default: false,
      settings: { url: `http://127.0.0.1:${sink.address().port}/${i}` },
    });
    const rule = {
      hosts: { names: [`alarm-${i}`] },
      when: [{ metric: "cpu", above: { critical: 90 } }],
      for: "0s",
      notify: [`hook-${i}`],
    };
    const status = await send("PUT", `/alerts/rules/bench-${i}`, rule, { "If-None-Match": "*" });
    if (status !== 201) throw new Error(`the rule was answered ${status}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 1500)); // channels are known with the next tick

  const reading = (hostname, cpu) => ({ hostname, timestamp: Math.floor(Date.now() / 1000), cpu, ram: 40, disk: 50 });
  const began = performance.now();
  const due = Array.from({ length: alarms }, () => began + 500 + Math.random() * (seconds * 1000 - 1000));
  due.sort((a, b) => a - b);
  let answered = 0;
  let refused = 0;
  let count = 0;
  const load = setInterval(() => {
    const wanted = ((performance.now() - began) / 1000) * rate;
    for (; count < wanted; ++count) {
      // Each second another timestamp for each of these hosts.
      send("POST", "/metrics", reading(`load-${count % rate}`, 20)).then((status) => {
        if (status === 200) ++answered;
        else ++refused;
      });
    }
  }, 5);
  for (let i = 0; i < alarms; ++i) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due[i] - performance.now())));
    sent.set(`alarm-${i}`, performance.now());
    await send("POST", "/metrics", reading(`alarm-${i}`, 95));
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(500, began + seconds * 1000 - performance.now())));
  clearInterval(load);
  await new Promise((resolve) => setTimeout(resolve, 500));

  latencies.sort((a, b) => a - b);
  console.log(`| readings/s | refused | alarms | told | p50 ms | p99 ms | longest ms |`);
  console.log(`| --- | --- | --- | --- | --- | --- | --- |`);
  console.log(
    `| ${Math.round(answered / seconds)} | ${refused} | ${alarms} | ${latencies.length} | ${[
      percentile(latencies, 0.5),
      percentile(latencies, 0.99),
      latencies.at(-1),
    ]
      .map((ms) => ms?.toFixed(1))
      .join(" | ")} |`,
  );
} finally {
  server.kill("SIGTERM");
  await new Promise((resolve) => server.on("exit", resolve));
  sink.close();
  agent.destroy();
  await rm(folder, { recursive: true, force: true });
}
