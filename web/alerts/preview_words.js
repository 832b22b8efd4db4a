/**
 * What a rule would have done, in sentences. Pure.
 */

/** From how many a week on it is too often to be read. */
const TOO_MANY_A_WEEK = 10;
const WEEK = 7 * 86_400;

/**
 * @typedef {object} Preview the server's answer
 * @property {number} fired
 * @property {number} hosts
 * @property {number} told
 * @property {number} night
 * @property {boolean} exact
 * @property {boolean} partial
 * @property {number} examined_hosts
 * @property {{host: string, instance: string, severity: import("./alerts_api.js").Severity, started: number,
 *   fired: number, ended: number|null, value_fired: number, value_worst: number}[]} alarms
 * @property {{host: string, fired: number}[]} noisiest
 * @property {{change: string, fired: number}[]} what_if
 */

/** "once", "twice", "5 times". @param {number} count */
export function times(count) {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count.toLocaleString("en")} times`;
}

/** @param {number} count @param {string} word */
const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** The one sentence. @param {Preview} preview @param {string} span "the last 7 days" */
export function previewSentence({ fired, hosts, told, night, examined_hosts: examined }, span) {
  if (fired === 0) {
    return examined === 0
      ? "It is about no host that there is."
      : `It would not have fired in ${span}, on any of ${many(examined, "host")}.`;
  }
  const atNight = night === 0 ? "" : night === fired ? ", each time at night" : `, at night ${times(night)}`;
  const messages = told === 0 ? "nobody would have got a message" : `you would have got ${many(told, "message")}`;
  return `It would have fired ${times(fired)} on ${many(hosts, "host")} in ${span}${atNight}; ${messages}.`;
}

/**
 * What else one should know.
 * @param {Preview} preview @param {number} seconds that were looked at
 * @returns {string[]} sentences
 */
export function previewAdvice({ fired, exact, partial, noisiest = [], examined_hosts: examined }, seconds) {
  const sentences = [];
  const perWeek = (fired / seconds) * WEEK;
  if (fired === 0 && examined > 0) {
    sentences.push("That is as it should be if nothing was wrong then. If something was, its limit is too far away.");
  }
  if (perWeek > TOO_MANY_A_WEEK) {
    const rate = seconds === WEEK ? "" : `, ${Math.round(perWeek)} a week`;
    sentences.push(
      `That is more than ${TOO_MANY_A_WEEK} a week${rate}: what comes so often is soon read by nobody. A limit further away, or a longer time, makes it rarer.`,
    );
  }
  const [worst] = noisiest;
  if (worst && noisiest.length > 1) sentences.push(`Most of them on ${worst.host}: ${worst.fired}.`);
  if (!exact) sentences.push("Reckoned from a value a minute, not from each reading: live it may differ a little.");
  if (partial) sentences.push("Not all could be looked at in time: there may be more.");
  return sentences;
}

/** "With for 5m it would have fired once." @param {{change: string, fired: number}} what */
export function whatIfSentence({ change, fired }) {
  return `With ${change} it would ${fired === 0 ? "not have fired" : `have fired ${times(fired)}`}.`;
}
