/**
 * One open alarm in the list: what it is, since when, its value, what one should know of it, and what one can do.
 */

import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { formatHash, stateOfOne } from "../page/state.js";
import { AlarmSpark } from "./alarm_spark.js";
import { describeLength, describeNow, describeTold, stateWords } from "./alarm_words.js";
import { SeverityBadge } from "./severity_badge.js";

/** @typedef {import("./alerts_api.js").Alarm} Alarm */

/** What there is to know of it besides, as a list. */
export class AlarmNotes {
  element = element("ul", { class: "alarm-notes" });

  /** @param {Alarm} alarm @param {number} now */
  update(alarm, now) {
    const words = stateWords(alarm, now);
    const items = words.map(({ kind, text }, index) => {
      const item = this.element.children[index] ?? element("li", { class: "name" });
      setAttribute(item, "data-kind", kind);
      setText(item, text);
      return item;
    });
    this.element.hidden = words.length === 0;
    arrange(this.element, items);
  }
}

export class AlarmItem {
  /** @type {Alarm} */
  alarm;
  spark = new AlarmSpark();
  #severity = new SeverityBadge();
  #link = element("a", { class: "alarm-name name" });
  #instance = element("span", { class: "alarm-instance name" });
  #notes = new AlarmNotes();
  #value = element("p", { class: "alarm-value" });
  #since = element("p", { class: "alarm-since" });
  #told = element("p", { class: "alarm-told name" });
  #acknowledge;
  #silence;

  /**
   * @param {object} actions null where this person may do nothing
   * @param {((alarm: Alarm) => void)|null} actions.acknowledge or no longer
   * @param {((alarm: Alarm) => void)|null} actions.silence
   */
  constructor({ acknowledge, silence }) {
    const button = (act) =>
      element("button", { type: "button", class: "button button-small", onclick: () => act(this.alarm) });
    this.#acknowledge = acknowledge ? button(acknowledge) : null;
    this.#silence = silence ? button(silence) : null;
    const actions = [this.#acknowledge, this.#silence].filter(Boolean);
    this.element = element(
      "li",
      { class: "alarm-item" },
      element("div", { class: "alarm-severity" }, this.#severity.element),
      element("div", { class: "alarm-what" }, this.#link, " ", this.#instance, this.#notes.element),
      element("div", { class: "alarm-values" }, this.#value, this.#since),
      element("div", { class: "alarm-spark-place" }, this.spark.element),
      this.#told,
      ...(actions.length > 0 ? [element("div", { class: "alarm-actions" }, ...actions)] : []),
    );
  }

  /** @param {Alarm} alarm @param {number} now @param {import("../page/state.js").PageState} state */
  update(alarm, now, state) {
    this.alarm = alarm;
    this.#severity.update(alarm.severity);
    setText(this.#link, alarm.name);
    setAttribute(this.#link, "href", formatHash(stateOfOne("alarm", state, alarm.id)));
    setText(this.#instance, alarm.instance);
    this.#notes.update(alarm, now);
    const value = describeNow(alarm);
    setText(this.#value, value);
    this.#value.hidden = value === "";
    setText(this.#since, `for ${describeLength(alarm, now)}`);
    setAttribute(this.#since, "title", `Since ${format.formatMoment(alarm.started)}`);
    setText(this.#told, describeTold(alarm));
    setAttribute(this.element, "data-severity", alarm.severity);
    setAttribute(this.element, "data-quiet", String(Boolean(alarm.acknowledged || alarm.silenced)));
    const what = [alarm.name, alarm.instance].filter(Boolean).join(" ");
    if (this.#acknowledge) {
      setText(this.#acknowledge, alarm.acknowledged ? "Unacknowledge" : "Acknowledge…");
      setAttribute(this.#acknowledge, "aria-label", `${this.#acknowledge.textContent} ${what} of ${alarm.host}`);
    }
    if (this.#silence) {
      setText(this.#silence, "Silence…");
      setAttribute(this.#silence, "aria-label", `Silence… ${what} of ${alarm.host}`);
    }
  }
}
