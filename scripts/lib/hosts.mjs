// Asks a server about a host, without curl: exit 0 when it has a reading of it from a time on.
//   node hosts.mjs http://127.0.0.1:5000/hosts NAME UNIX_SECONDS
const [address, name, since] = process.argv.slice(2);
try {
  const answer = await fetch(address, { signal: AbortSignal.timeout(5000) });
  const { hosts } = await answer.json();
  process.exitCode = hosts.some((host) => host.hostname === name && host.last_seen >= Number(since)) ? 0 : 1;
} catch {
  process.exitCode = 1;
}
