/**
 * Rules: what is watched, on which hosts, and what is wrong by it.
 */

import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { loadingState, notice } from "../parts/loading.js";
import { Poller } from "../history/poller.js";
import { formatHash, stateFor, stateOfOne } from "../page/state.js";
import { View } from "../page/view.js";
import { alertTabs, alertTitle } from "./alert_tabs.js";
import { getRules, ruleAddress } from "./alerts_api.js";
import { describeRule, describeSelected, describeSource } from "./rule_words.js";

const POLL_SECONDS = 15;
const COLUMNS = ["Rule", "Hosts", "Open", "From", "Enabled"];

class RuleRow {
  #entry = null;
  #link = element("a", { class: "token-name name" });
  #what = element("p", { class: "rule-what name" });
  #problems = element("p", { class: "form-error" });
  #hosts = element("span", { class: "name" });
  #open = element("a");
  #source = element("span", { class: "name" });
  #switch;

  /** @param {((entry: import("./alerts_api.js").RuleEntry) => void)|null} change whether it is enabled */
  constructor(change) {
    this.#switch = change
      ? element(
          "button",
          { type: "button", class: "switch", role: "switch", onclick: () => change(this.#entry) },
          element("span", { class: "switch-mark", "aria-hidden": "true" }),
        )
      : null;
    const cell = (label, ...content) => element("td", { role: "cell", "data-label": label }, ...content);
    this.enabled = element("span");
    this.element = element(
      "tr",
      { role: "row" },
      element("td", { role: "cell", class: "token-cell-name" }, this.#link, this.#what, this.#problems),
      cell("Hosts", this.#hosts),
      cell("Open", this.#open),
      cell("From", this.#source),
      cell("Enabled", ...(this.#switch ? [this.#switch, " "] : []), this.enabled),
    );
  }

  /**
   * @param {import("./alerts_api.js").RuleEntry} entry
   * @param {any[]} metrics of the catalogue
   * @param {import("../page/state.js").PageState} state
   */
  update(entry, metrics, state) {
    this.#entry = entry;
    const { rule, source, open, problems } = entry;
    const isEnabled = rule.enabled !== false;
    setText(this.#link, rule.name || rule.id);
    setAttribute(this.#link, "href", formatHash(stateOfOne("rule", state, rule.id)));
    setText(this.#what, describeRule(rule, metrics));
    setText(this.#problems, (problems ?? []).map(asSentence).join(" "));
    setText(this.#hosts, describeSelected(entry));
    setText(this.#open, String(open));
    if (open > 0) {
      setAttribute(this.#open, "href", formatHash(stateFor("alarms", state, [], { rule: rule.id })));
      setAttribute(this.#open, "aria-label", `${open} open: ${rule.name || rule.id}`);
    } else {
      for (const name of ["href", "aria-label"]) this.#open.removeAttribute(name);
    }
    setText(this.#source, describeSource(entry));
    setText(this.enabled, isEnabled ? "on" : "off");
    setAttribute(this.element, "data-spent", String(!isEnabled));
    if (!this.#switch) return;
    this.#switch.hidden = source === "file";
    setAttribute(this.#switch, "aria-checked", String(isEnabled));
    setAttribute(this.#switch, "aria-label", `${rule.name || rule.id} is enabled`);
  }
}

export class RulesView extends View {
  #context;
  #state;
  #mayManage;
  #count = element("p", { class: "title-detail" });
  #message = element("div", {}, loadingState());
  #error = element("p", { class: "form-error", role: "alert" });
  #body = element("tbody", { role: "rowgroup" });
  #table = element(
    "table",
    { class: "tokens card rules", role: "table", "aria-label": "Rules", hidden: true },
    element(
      "thead",
      { role: "rowgroup" },
      element(
        "tr",
        { role: "row" },
        ...COLUMNS.map((name) => element("th", { role: "columnheader", scope: "col" }, name)),
      ),
    ),
    this.#body,
  );
  /** @type {Map<string, RuleRow>} */
  #rows = new Map();
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => POLL_SECONDS,
  );

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Rules");
    this.#context = context;
    this.#state = state;
    this.#mayManage = context.session.current.can_manage;
    const add = element(
      "a",
      { class: "button button-primary", href: formatHash(stateOfOne("rule", state, "")) },
      "New rule",
    );
    place.replaceChildren(
      alertTitle(this.heading, this.#count, ...(this.#mayManage ? [add] : [])),
      alertTabs(context, state, "rules"),
      this.#error,
      this.#message,
      this.#table,
    );
    this.#poller.start();
  }

  /** @override */
  destroy() {
    this.#poller.stop();
    this.#context.banner.recover("rules");
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const rules = await getRules(signal);
      if (signal.aborted) return;
      this.#show(rules);
      this.#context.banner.recover("rules");
    } catch (error) {
      if (!signal.aborted) this.#context.banner.fail("rules", error);
    }
  }

  /** @param {import("./alerts_api.js").RuleEntry[]} entries */
  #show(entries) {
    const enabled = entries.filter(({ rule }) => rule.enabled !== false).length;
    setText(this.#count, `${enabled} of ${entries.length} enabled`);
    this.#table.hidden = entries.length === 0;
    const none = notice("No rules", element("p", {}, "Nothing is watched."));
    this.#message.replaceChildren(...(entries.length === 0 ? [none] : []));
    const rows = new Map();
    for (const entry of entries) {
      const change = this.#mayManage ? (changed) => this.#switch(changed) : null;
      const row = this.#rows.get(entry.rule.id) ?? new RuleRow(change);
      row.update(entry, this.#context.catalogue.metrics, this.#state);
      rows.set(entry.rule.id, row);
    }
    this.#rows = rows;
    arrange(
      this.#body,
      [...rows.values()].map((row) => row.element),
    );
  }

  /** @param {import("./alerts_api.js").RuleEntry} entry */
  async #switch({ rule, revision }) {
    setText(this.#error, "");
    try {
      const changed = { ...rule, enabled: rule.enabled === false };
      await this.#context.session.change("PUT", ruleAddress(rule.id), changed, { "If-Match": String(revision) });
    } catch (error) {
      const isOther = error.status === 412;
      setText(
        this.#error,
        isOther ? "Somebody else has changed this rule meanwhile: try again." : asSentence(error.message),
      );
    }
    this.#poller.restart();
  }
}
