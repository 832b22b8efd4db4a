// What the compose test asks of a running server, as plain lines for a shell. Exit 1 when there is no usable answer.
// HOSTWATCH_TOKEN in the environment: what it proves itself with.
//   node ask.mjs BASE health                     "ok" or the reason
//   node ask.mjs BASE hosts                      a line each host: "up NAME" or "down NAME"
//   node ask.mjs BASE readings NAME BEFORE       how many readings of the last hour are older than BEFORE (Unix s)
//   node ask.mjs BASE setup CODE                 makes the first administrator: the status
//   node ask.mjs BASE stranger                   the status of /hosts without a token
//   node ask.mjs BASE page                       the dashboard's status, then its Content-Security-Policy
const [base, command, name, before] = process.argv.slice(2);

async function get(path) {
  const headers = process.env.HOSTWATCH_TOKEN ? { Authorization: `Bearer ${process.env.HOSTWATCH_TOKEN}` } : {};
  const answer = await fetch(base + path, { headers, signal: AbortSignal.timeout(5000) });
  return { answer, text: await answer.text() };
}

async function json(path) {
  const { answer, text } = await get(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const commands = {
  async health() {
    const { text } = await get("/health");
    const { status, reason } = JSON.parse(text);
    return reason ?? status;
  },
  async hosts() {
    const { hosts } = await json("/hosts");
    return hosts.map(({ hostname, status }) => `${status} ${hostname}`).join("\n");
  },
  async readings() {
    const { data } = await json(`/data?hostname=${encodeURIComponent(name)}&timeframe=1h&step=0`);
    return data.filter((reading) => reading.timestamp < Number(before)).length;
  },
  async setup() {
    const answer = await fetch(`${base}/setup`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: name, user: "admin", password: "a password for this test" }),
      signal: AbortSignal.timeout(5000),
    });
    return answer.status;
  },
  async stranger() {
    return (await fetch(`${base}/hosts`, { signal: AbortSignal.timeout(5000) })).status;
  },
  async page() {
    const { answer } = await get("/dashboard");
    return `${answer.status} ${answer.headers.get("content-security-policy") ?? ""}`;
  },
};

try {
  console.log(await commands[command]());
} catch (error) {
  console.error(`${command}: ${error.cause?.code ?? error.message}`);
  process.exitCode = 1;
}
