/**
 * Which alarms are new: asked for when the hosts' counts have changed, for who wants to be notified.
 */

const SEVERITIES = { critical: "Critical", warning: "Warning" };
/** A host that went down was told already, by its status. */
const SILENCE = "host_silent";
const MOST_TOLD = 4;

/** What of the counts matters: who has how many. @param {any[]} hosts */
export function countsKey(hosts) {
  return hosts
    .filter(({ alarms }) => alarms)
    .map(({ hostname, alarms }) => `${hostname} ${alarms.critical ?? 0} ${alarms.warning ?? 0}`)
    .join("\n");
}

/**
 * Alarms that nobody was notified of: not of those that are silenced or acknowledged, nor of those that only say what a
 * host's status said.
 * @param {Set<number>} known ids
 * @param {any[]} alarms that are open
 * @param {Set<string>} down hosts that were told to be down
 */
export function newAlarms(known, alarms, down) {
  return alarms.filter(
    ({ id, severity, silenced, acknowledged, metric, host }) =>
      !known.has(id) && severity in SEVERITIES && !silenced && !acknowledged && !(metric === SILENCE && down.has(host)),
  );
}

/** @param {any} alarm @returns {string} "Critical: web-1: Disk almost full /" */
function describeAlarm({ severity, host, name, instance }) {
  return [`${SEVERITIES[severity]}:`, host ? `${host}:` : "", name, instance].filter(Boolean).join(" ");
}

/**
 * @param {any[]} alarms new ones
 * @returns {{text: string, id: number|null}[]} a text each, or one for all that are too many; id: of what it is about
 */
export function notificationsOf(alarms) {
  if (alarms.length <= MOST_TOLD) return alarms.map((alarm) => ({ text: describeAlarm(alarm), id: alarm.id }));
  const critical = alarms.filter(({ severity }) => severity === "critical").length;
  const hosts = new Set(alarms.map(({ host }) => host)).size;
  const text = `${alarms.length} new alarms${critical > 0 ? `, ${critical} of them critical,` : ""} on ${hosts} host${hosts === 1 ? "" : "s"}`;
  return [{ text, id: null }];
}
