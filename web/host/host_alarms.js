/**
 * The alarms of one host over the time that its view shows: as bands and limits of its charts, and those that are open
 * as a list above them.
 */

import { getAlarms, getRules } from "../alerts/alerts_api.js";
import { compareAlarms, describeNow, isSignal, SEVERITY_WORDS, stateWords } from "../alerts/alarm_words.js";
import { limitsFor } from "../alerts/rule_limits.js";
import { severityBadge } from "../alerts/severity_badge.js";
import { Poller } from "../history/poller.js";
import { element } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { formatHash, stateOfOne } from "../page/state.js";

/** What fires or ends is told by the list of hosts at once: see hostChanged(). */
const POLL_SECONDS = 30;
/** A time in the past changes only by what comes late. */
const IDLE_SECONDS = 300;
const MOST_ALARMS = 500;

/** @typedef {import("../alerts/alerts_api.js").Alarm} Alarm */

/**
 * @param {Alarm} alarm
 * @param {number} end where it is still open, in Unix seconds
 * @returns {import("../charts/alarm_bands.js").AlarmBand}
 */
export function bandOf({ id, name, instance, severity, highest = severity, fired, ended, late }, end) {
  const what = [name, instance].filter(Boolean).join(" ");
  const label = `${what}, ${SEVERITY_WORDS[highest].toLowerCase()}, from ${format.formatDateTime(fired, 60)}`;
  return { id, severity: highest, from: fired, to: Math.max(ended ?? end, fired), late, label };
}

/**
 * Whether a chart is about an alarm's value. What no chart shows, as that the host is silent, stands in the first ones.
 * @param {Alarm} alarm @param {{metric: string, instance: string}[]} lines @param {boolean} isFirst
 */
export function isOfChart({ metric, instance }, lines, isFirst) {
  if (isSignal(metric)) return isFirst;
  return lines.some((line) => line.metric === metric && (instance === "" || line.instance === instance));
}

export class HostAlarms {
  /** Those that are open just now. */
  element = element("ul", { class: "host-alarms", "aria-label": "Open alarms", hidden: true });
  #context;
  #hostname;
  #onChange;
  /** @type {import("../time/time_span.js").Span|null} */
  #span = null;
  /** @type {Alarm[]} */
  #alarms = [];
  #rules = null;
  #key = "";
  #openKey = "";
  /** How many of its alarms are open, as the list of hosts tells it. */
  #counts = "";
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => (this.#span?.range ? IDLE_SECONDS : POLL_SECONDS),
  );

  /**
   * @param {import("../page/context.js").Context} context
   * @param {string} hostname
   * @param {() => void} onChange charts are to be drawn anew
   */
  constructor(context, hostname, onChange) {
    this.#context = context;
    this.#hostname = hostname;
    this.#onChange = onChange;
  }

  /** @param {import("../time/time_span.js").Span} span that the charts show */
  select(span) {
    this.#span = span;
    if (!this.#poller.start()) this.#poller.restart();
  }

  /** The list of hosts is new. @param {any|undefined} host */
  hostChanged(host) {
    const counts = JSON.stringify(host?.alarms ?? null);
    if (counts === this.#counts) return;
    this.#counts = counts;
    this.#poller.restart();
  }

  stop() {
    this.#poller.stop();
  }

  /**
   * @param {import("../charts/chart_plan.js").ChartPlan} plan @param {boolean} isFirst
   * @param {import("../page/state.js").Range} window
   */
  bandsOf({ lines }, isFirst, { from, to }) {
    return this.#alarms
      .filter((alarm) => isOfChart(alarm, lines, isFirst))
      .map((alarm) => bandOf(alarm, this.#context.now()))
      .filter((band) => band.to >= from && band.from <= to);
  }

  /** @param {import("../charts/chart_plan.js").ChartPlan} plan @param {any} host of the server's list */
  limitsOf({ lines, unit }, host) {
    if (this.#rules === null || !host) return [];
    const about = { hostname: this.#hostname, tags: host.facts?.tags ?? {} };
    return limitsFor(this.#rules, about, lines, unit).map(({ severity, fire }) => ({ severity, value: fire }));
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    const { range, seconds } = this.#span;
    const now = Math.floor(this.#context.now());
    const time = range ? { from: range.from, to: range.to } : { from: now - seconds };
    try {
      const isFirst = this.#rules === null;
      const [{ alarms }, rules] = await Promise.all([
        getAlarms({ hosts: [this.#hostname], ...time, limit: MOST_ALARMS }, signal),
        this.#rules ?? getRules(signal),
      ]);
      if (signal.aborted) return;
      this.#rules = rules;
      this.#alarms = [...alarms].sort(compareAlarms).reverse(); // the gravest is drawn last, above the others
      this.#showOpen();
      const key = alarms.map(({ id, severity, ended, late }) => `${id} ${severity} ${ended} ${late}`).join("\n");
      if (key === this.#key && !isFirst) return;
      this.#key = key;
      this.#onChange();
    } catch {
      // That the server is away is told by the banner; the bands come with the next turn.
    }
  }

  #showOpen() {
    const open = this.#alarms.filter(({ ended }) => ended === null).sort(compareAlarms);
    const now = this.#context.now();
    const key = JSON.stringify(open);
    if (key === this.#openKey) return;
    this.#openKey = key;
    this.element.hidden = open.length === 0;
    const state = { view: "host", hosts: [], timeframe: null, utc: format.isUtc() };
    this.element.replaceChildren(
      ...open.map((alarm) => {
        const href = formatHash(stateOfOne("alarm", /** @type {any} */ (state), alarm.id));
        const words = [describeNow(alarm), ...stateWords(alarm, now).map(({ text }) => text)].filter(Boolean);
        return element(
          "li",
          {},
          severityBadge(alarm.severity),
          element("a", { class: "name", href }, [alarm.name, alarm.instance].filter(Boolean).join(" ")),
          element("span", { class: "name host-alarm-words" }, words.join("; ")),
        );
      }),
    );
  }
}
