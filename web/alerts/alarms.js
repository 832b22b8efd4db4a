/**
 * Alarms: what is open, the gravest first, by host; and below what ended.
 */

import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { loadingState } from "../parts/loading.js";
import { Poller } from "../history/poller.js";
import { formatHash, stateFor, withOptions } from "../page/state.js";
import { View } from "../page/view.js";
import { AlarmFilters, historyRange } from "./alarm_filters.js";
import { AlarmHistory } from "./alarm_history.js";
import { AlarmItem } from "./alarm_item.js";
import { AlarmSparks } from "./alarm_spark.js";
import { groupByHost, hostWords } from "./alarm_words.js";
import { alertTabs, alertTitle } from "./alert_tabs.js";
import { getAlarms, getChannels, getPending, getRules } from "./alerts_api.js";
import { calmWords, describeOpen, matchesFilters } from "./open_words.js";
import { PendingList } from "./pending_list.js";
import { openAcknowledge, openSilence } from "./silence_form.js";

const MOST_OPEN = 1000;
const MOST_ENDED = 200;
const LEAST_POLL_SECONDS = 5;
/** What ended is asked for more rarely, and whenever what is open has changed. */
const HISTORY_SECONDS = 60;

export class AlarmsView extends View {
  #context;
  #state;
  #count = element("p", { class: "title-detail" });
  #error = element("p", { class: "form-error", role: "alert" });
  #unheard = element("p", { class: "form-note", hidden: true });
  #open = element("div", { class: "alarm-hosts" }, loadingState());
  #pending = new PendingList();
  #history = new AlarmHistory();
  #filters;
  /** @type {import("./alerts_api.js").Alarm[]} */
  #alarms = [];
  #isLoaded = false;
  /** @type {import("./alerts_api.js").RuleEntry[]} */
  #rules = [];
  /** @type {Map<number, AlarmItem>} */
  #items = new Map();
  /** @type {Map<string, {element: HTMLElement, link: HTMLElement, count: HTMLElement, list: HTMLElement}>} */
  #sections = new Map();
  /** Which ones were open when the history was asked for. */
  #openKey = "";
  #sparks;
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => Math.max(LEAST_POLL_SECONDS, this.#context.pollSeconds()),
  );
  #historyPoller = new Poller(
    (signal) => this.#loadHistory(signal),
    () => HISTORY_SECONDS,
  );

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Alarms");
    this.#context = context;
    this.#state = state;
    this.#filters = new AlarmFilters(
      ({ options = {}, range = this.#state.range }) =>
        context.navigate({ ...withOptions(this.#state, options), range }, { replace: true }),
      () => context.now(),
    );
    this.#sparks = new AlarmSparks(
      () => context.now(),
      () =>
        [...this.#items.values()].map(({ alarm, spark }) => ({
          alarm,
          spark,
          rule: this.#rules.find(({ rule }) => rule.id === alarm.rule)?.rule,
        })),
    );
    place.replaceChildren(
      alertTitle(this.heading, this.#count),
      alertTabs(context, state, "alarms"),
      this.#error,
      this.#unheard,
      this.#filters.element,
      this.#open,
      this.#pending.element,
      element(
        "section",
        { class: "alarm-history", "aria-label": "History" },
        element("div", { class: "alarm-history-head" }, element("h2", {}, "Ended"), this.#filters.time),
        this.#history.element,
      ),
    );
    this.#poller.start();
    this.#historyPoller.start();
    this.#loadOnce();
    this.update(state);
  }

  /** @param {import("../page/state.js").PageState} state @override */
  update(state) {
    this.#state = state;
    this.#show();
    this.#historyPoller.restart();
  }

  /** @override */
  destroy() {
    this.#poller.stop();
    this.#historyPoller.stop();
    this.#sparks.stop();
    this.#context.banner.recover("alarms");
  }

  /** Rules and channels: what the view can do without. */
  async #loadOnce() {
    try {
      this.#rules = await getRules();
      this.#show();
      if (!this.#context.session.current.can_manage) return;
      const channels = await getChannels();
      this.#tellUnheard(channels.filter(({ enabled }) => enabled));
    } catch {
      // The list itself tells that the server is away.
    }
  }

  /** @param {any[]} channels that work */
  #tellUnheard(channels) {
    this.#unheard.hidden = channels.length > 0;
    if (channels.length > 0) return;
    this.#unheard.replaceChildren(
      "Nobody is told yet: alarms are shown here and marked in charts, and there is no channel. ",
      element("a", { href: formatHash(stateFor("channels", this.#state)) }, "Add a channel"),
    );
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const { host } = this.#state.options ?? {};
      const [{ alarms }, { pending }] = await Promise.all([
        getAlarms({ state: "open", limit: MOST_OPEN }, signal),
        getPending(host ? [host] : [], signal),
      ]);
      if (signal.aborted) return;
      this.#alarms = alarms;
      this.#pending.update(pending);
      this.#isLoaded = true;
      this.#context.banner.recover("alarms");
    } catch (error) {
      if (!signal.aborted) this.#context.banner.fail("alarms", error);
      return;
    }
    const key = this.#alarms.map(({ id }) => id).join(" ");
    if (key !== this.#openKey) {
      if (this.#openKey !== "") this.#historyPoller.restart();
      this.#openKey = key;
    }
    this.#show();
  }

  /** @param {AbortSignal} signal */
  async #loadHistory(signal) {
    const { options = {} } = this.#state;
    const { host, rule, severity } = options;
    const range = historyRange(this.#state, this.#context.now());
    const wanted = { state: "ended", hosts: host ? [host] : [], rule, severity, ...range, limit: MOST_ENDED };
    try {
      const { alarms } = await getAlarms(wanted, signal);
      if (!signal.aborted) this.#history.update(alarms, this.#state, MOST_ENDED);
    } catch (error) {
      if (!signal.aborted) this.#context.banner.fail("alarms", error);
    }
  }

  #show() {
    const hosts = this.#context.hosts.map(({ hostname }) => hostname);
    this.#filters.update(
      this.#state,
      hosts,
      this.#rules.map(({ rule }) => rule),
    );
    if (!this.#isLoaded) return;
    const shown = this.#alarms.filter((alarm) => matchesFilters(alarm, this.#state.options ?? {}));
    setText(this.#count, describeOpen(this.#alarms, shown));
    const sections = groupByHost(shown).map((group) => this.#section(group));
    for (const id of this.#items.keys()) if (!shown.some((alarm) => alarm.id === id)) this.#items.delete(id);
    arrange(this.#open, sections.length > 0 ? sections : [this.#nothing()]);
    this.#sparks.changed();
  }

  /** @param {{host: string, alarms: import("./alerts_api.js").Alarm[]}} group */
  #section({ host, alarms }) {
    if (!this.#sections.has(host)) {
      const link = element(host === "" ? "span" : "a", { class: "name" });
      const count = element("span", { class: "group-count" });
      const list = element("ul", { class: "alarm-list card" });
      const section = element("section", { class: "alarm-host" }, element("h2", {}, link, count), list);
      this.#sections.set(host, { element: section, link, count, list });
    }
    const { element: section, link, count, list } = this.#sections.get(host);
    setText(link, hostWords({ ...alarms[0], host }));
    if (host !== "") setAttribute(link, "href", formatHash(stateFor("host", this.#state, [host])));
    setText(count, alarms.length === 1 ? "" : `${alarms.length} alarms`);
    arrange(
      list,
      alarms.map((alarm) => this.#item(alarm).element),
    );
    return section;
  }

  /** @param {import("./alerts_api.js").Alarm} alarm */
  #item(alarm) {
    if (!this.#items.has(alarm.id)) {
      const mayManage = this.#context.session.current.can_manage;
      const item = new AlarmItem({
        acknowledge: mayManage ? (of) => this.#acknowledge(of) : null,
        silence: mayManage ? (of) => openSilence(this.#context, of, () => this.#poller.restart()) : null,
      });
      this.#items.set(alarm.id, item);
    }
    const item = this.#items.get(alarm.id);
    item.update(alarm, this.#context.now(), this.#state);
    return item;
  }

  /** @param {import("./alerts_api.js").Alarm} alarm */
  async #acknowledge(alarm) {
    setText(this.#error, "");
    if (!alarm.acknowledged) {
      openAcknowledge(this.#context, alarm, () => this.#poller.restart());
      return;
    }
    try {
      await this.#context.session.change("DELETE", `alerts/${alarm.id}/acknowledge`);
    } catch (error) {
      setText(this.#error, asSentence(error.message));
    }
    this.#poller.restart();
  }

  #nothing() {
    if (this.#alarms.length > 0) {
      return element(
        "p",
        { class: "alarm-calm" },
        "None of the open alarms matches. ",
        element(
          "button",
          {
            type: "button",
            class: "button button-small",
            onclick: () => this.#context.navigate(withOptions(this.#state, { host: "", rule: "", severity: "" })),
          },
          "Show all",
        ),
      );
    }
    return element("p", { class: "alarm-calm" }, calmWords(this.#rules, this.#context.hosts.length));
  }
}
