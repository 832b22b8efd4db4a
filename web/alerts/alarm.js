/**
 * One alarm: what it is, its chart, what happened when, who was told and why, and what to do about it.
 */

import { element, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { loadingState, notice } from "../parts/loading.js";
import { Poller } from "../history/poller.js";
import { formatHash, stateFor, stateOfOne } from "../page/state.js";
import { View } from "../page/view.js";
import { AlarmChart, timeAround } from "./alarm_chart.js";
import { AlarmNotes } from "./alarm_item.js";
import { factList, factsOf, helpOf, timeline, whyList } from "./alarm_parts.js";
import { alertTabs } from "./alert_tabs.js";
import { getAlarm, getRules } from "./alerts_api.js";
import { SeverityBadge } from "./severity_badge.js";
import { openAcknowledge, openSilence } from "./silence_form.js";

const POLL_SECONDS = 5;
const ENDED_POLL_SECONDS = 60;

export class AlarmView extends View {
  #context;
  #state;
  /** @type {import("./alerts_api.js").Alarm|null} */
  #alarm = null;
  /** @type {import("./alerts_api.js").RuleEntry[]|null} */
  #rules = null;
  #key = "";
  #severity = new SeverityBadge();
  #where = element("p", { class: "title-detail name" });
  #actions = element("div", { class: "title-actions" });
  #notes = new AlarmNotes();
  #error = element("p", { class: "form-error", role: "alert" });
  #message = element("div", {}, loadingState());
  #facts = element("div");
  #help = element("section", { class: "alarm-section", "aria-label": "What to do", hidden: true });
  #timeline = element("div");
  #why = element("div");
  #chart;
  #content;
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => (this.#alarm?.ended ? ENDED_POLL_SECONDS : POLL_SECONDS),
  );

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Alarm", element("h1", { tabindex: "-1", class: "name" }, "Alarm"));
    this.#context = context;
    this.#state = state;
    this.#chart = new AlarmChart(context, (zoom) => context.navigate({ ...this.#state, zoom }));
    this.#severity.element.hidden = true;
    const section = (title, content) =>
      element("section", { class: "alarm-section", "aria-label": title }, element("h2", {}, title), content);
    this.#content = element(
      "div",
      { hidden: true },
      this.#facts,
      this.#help,
      this.#chart.element,
      element(
        "div",
        { class: "alarm-columns" },
        section("What happened", this.#timeline),
        section("Who was told, and why", this.#why),
      ),
    );
    place.replaceChildren(
      element(
        "div",
        { class: "title-row title-row-actions" },
        this.heading,
        this.#severity.element,
        this.#where,
        this.#actions,
      ),
      alertTabs(context, state, ""),
      this.#notes.element,
      this.#error,
      this.#message,
      this.#content,
    );
    this.#notes.element.hidden = true;
    this.#poller.start();
  }

  /** @param {import("../page/state.js").PageState} state @override */
  update(state) {
    this.#state = state;
    this.#show();
  }

  /** @override */
  themeChanged() {
    this.#chart.redraw();
  }

  /** @override */
  destroy() {
    this.#poller.stop();
    this.#chart.destroy();
    this.#context.banner.recover("alarm");
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const [alarm, rules] = await Promise.all([getAlarm(this.#state.id, signal), this.#rules ?? getRules(signal)]);
      if (signal.aborted) return;
      this.#alarm = alarm;
      this.#rules = rules;
      this.#context.banner.recover("alarm");
      this.#show();
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) this.#showMissing();
      else this.#context.banner.fail("alarm", error);
    }
  }

  #showMissing() {
    this.#poller.stop();
    this.#content.hidden = true;
    const all = element("a", { href: formatHash(stateFor("alarms", this.#state)) }, "All alarms");
    this.#message.replaceChildren(
      notice(
        "No such alarm",
        element("p", {}, "It is older than alarms are kept, or the link is wrong."),
        element("p", {}, all),
      ),
    );
  }

  #show() {
    const alarm = this.#alarm;
    if (alarm === null) return;
    const now = this.#context.now();
    this.#message.replaceChildren();
    this.#content.hidden = false;
    this.title = [alarm.name, alarm.instance].filter(Boolean).join(" ");
    setText(this.heading, this.title);
    this.#severity.element.hidden = false;
    this.#severity.update(alarm.severity, alarm.ended !== null);
    this.#notes.update(alarm, now);
    const rule = this.#rules?.find((entry) => entry.rule.id === alarm.rule)?.rule;
    this.#chart.show(alarm, rule, this.#state.zoom ?? null);
    this.#facts.replaceChildren(factList(factsOf(alarm, now)));
    const key = JSON.stringify([alarm, rule?.id]);
    if (key === this.#key) return; // what follows has no times that go on
    this.#key = key;
    this.#showLinks(alarm, rule);
    const help = helpOf(alarm);
    this.#help.hidden = help.length === 0;
    this.#help.replaceChildren(element("h2", {}, "What to do"), ...help);
    this.#timeline.replaceChildren(timeline(alarm));
    this.#why.replaceChildren(whyList(alarm));
    this.#showActions(alarm);
  }

  /** @param {import("./alerts_api.js").Alarm} alarm @param {any} rule */
  #showLinks(alarm, rule) {
    const range = timeAround(alarm, this.#context.now());
    const host =
      alarm.host === ""
        ? "of the server itself"
        : element(
            "a",
            {
              href: formatHash(
                stateFor("host", alarm.ended === null ? this.#state : { ...this.#state, range }, [alarm.host]),
              ),
            },
            alarm.host,
          );
    const ruleLink = rule
      ? element("a", { href: formatHash(stateOfOne("rule", this.#state, rule.id)) }, rule.name || rule.id)
      : alarm.rule;
    this.#where.replaceChildren(host, " · rule ", ruleLink);
  }

  /** @param {import("./alerts_api.js").Alarm} alarm */
  #showActions(alarm) {
    if (!this.#context.session.current.can_manage || alarm.ended !== null) {
      this.#actions.replaceChildren();
      return;
    }
    const button = (text, onclick) => element("button", { type: "button", class: "button", onclick }, text);
    const done = () => this.#poller.restart();
    this.#actions.replaceChildren(
      alarm.acknowledged
        ? button("Unacknowledge", () => this.#unacknowledge())
        : button("Acknowledge…", () => openAcknowledge(this.#context, this.#alarm, done)),
      button("Silence…", () => openSilence(this.#context, this.#alarm, done)),
    );
  }

  async #unacknowledge() {
    setText(this.#error, "");
    try {
      await this.#context.session.change("DELETE", `alerts/${this.#alarm.id}/acknowledge`);
      this.heading.focus(); // its button goes away
    } catch (error) {
      setText(this.#error, asSentence(error.message));
    }
    this.#poller.restart();
  }
}
