/**
 * Alarms, rules, channels and silences whose every text is as long as the server accepts.
 */

import { alarm } from "./made_up_alarms.js";
import { entry } from "./made_up_alerts.js";

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);

/**
 * @param {Record<string, string>} texts
 * @returns {import("./stand_in_alerts.js").Alerts}
 */
// eslint-disable-next-line max-lines-per-function -- one list of made-up things
export function longAlerts({ NAME, KEY, VALUE, INSTANCE, METRIC, WORDS, PERSON }) {
  const LONG_ALARM = {
    name: WORDS,
    instance: INSTANCE,
    host: NAME,
    rule: "r".repeat(63),
    metric: METRIC,
    unit: "bytes_per_second",
    value: 9e299,
    value_worst: 9e299,
    limit: 9e299,
    told: [WORDS, WORDS],
    help: `${WORDS} https://${WORDS}.example/${WORDS}`,
    runbook: `https://${WORDS}.example/`,
    acknowledged: { by: PERSON, at: NOW, until: NOW + DAY, note: WORDS },
  };
  const LONG_RULE = {
    name: WORDS,
    help: WORDS,
    hosts: { names: [`${NAME}*`], tags: { [KEY]: [VALUE] }, except: [NAME] },
    when: [
      { metric: METRIC, instance: INSTANCE, above: { warning: { fire: 9e299 }, critical: { fire: 9.5e299 } } },
      { metric: METRIC, value: { percent_of: METRIC }, above: { warning: { fire: 9e299 } } },
    ],
    notify: [WORDS],
  };
  const LONG_CHANNEL = {
    name: "c".repeat(63),
    kind: "webhook",
    default: true,
    enabled: true,
    from_file: false,
    settings: { url: `https://${WORDS}.example/` },
    secrets: { secret: "set" },
    last: { at: NOW, outcome: "dead", status: 404, error: WORDS },
    waiting: 100_000,
    dead: 100_000,
  };
  const LONG_SILENCE = {
    id: 1,
    rules: ["r".repeat(63)],
    hosts: [NAME],
    tags: { [KEY]: [VALUE] },
    instances: [INSTANCE],
    weekly: ["sat 02:00-04:00"],
    from: NOW,
    until: NOW + DAY,
    reason: WORDS,
    author: PERSON,
    created: NOW,
    active: true,
  };
  return {
    alarms: [
      alarm(1, LONG_ALARM),
      alarm(2, { ...LONG_ALARM, severity: "critical", unknown_since: NOW - 60, flapping: true }),
      alarm(3, { ...LONG_ALARM, ended: NOW - 60, end_reason: WORDS }),
    ],
    pending: [{ name: WORDS, host: NAME, instance: INSTANCE, severity: "critical", held: 1, for: 300 }],
    rules: [entry("r".repeat(63), LONG_RULE, { changed_by: PERSON, source: "page", problems: [WORDS] })],
    channels: [LONG_CHANNEL],
    silences: [LONG_SILENCE],
    routes: [{ severity: "info", tags: { [KEY]: [VALUE] }, rules: [WORDS], hosts: [NAME], to: [WORDS], after: 900 }],
    deliveries: [
      {
        id: "a",
        channel: LONG_CHANNEL.name,
        created: NOW,
        due: NOW,
        attempts: 5,
        state: "dead",
        status: 404,
        error: WORDS,
        alarms: [{ event: "fired", name: WORDS, host: NAME, instance: INSTANCE }],
      },
    ],
    details: {
      1: {
        events: [{ at: NOW, decided: NOW + 90, kind: "fired", value: 9e299, detail: WORDS }],
        why: [{ channel: LONG_CHANNEL.name, text: WORDS, at: NOW, state: "sent" }],
      },
    },
  };
}
