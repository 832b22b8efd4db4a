// Asks a server which hosts it knows, without curl: exit 0 when the host has a reading taken at or after a time.
//   node hosts.mjs http://127.0.0.1:5000/hosts NAME UNIX_SECONDS
const [address, name, since] = process.argv.slice(2);

/** Every object in the answer that names a host, wherever it stands. */
function* hosts(value) {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.hostname === 'string') yield value;
  for (const child of Object.values(value)) yield* hosts(child);
}

try {
  const answer = await fetch(address, { signal: AbortSignal.timeout(5000) });
  const known = [...hosts(await answer.json())];
  process.exitCode = known.some((host) => host.hostname === name && (host.last_seen ?? host.timestamp) >= Number(since)) ? 0 : 1;
} catch {
  process.exitCode = 1;
}
