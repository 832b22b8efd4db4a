/**
 * One rule: its fields, and what it would have done; or a new one.
 */

import { confirmed } from "../parts/dialog.js";
import { element, setText } from "../parts/dom.js";
import { asSentence, format } from "../parts/format.js";
import { loadingState, notice } from "../parts/loading.js";
import { formatHash, stateFor, stateOfOne } from "../page/state.js";
import { View } from "../page/view.js";
import { alertTabs } from "./alert_tabs.js";
import { getChannels, getRules, ruleAddress } from "./alerts_api.js";
import { formatQuantity } from "./quantity.js";
import { getReported } from "./reported_metrics.js";
import { draftToRule, problemOf, ruleToDraft, splitError } from "./rule_draft.js";
import { RuleForm } from "./rule_form.js";
import { RulePreview } from "./rule_preview.js";
import { comparedUnit, describeSource } from "./rule_words.js";

/** A new one. @param {string} metric */
const blank = (metric) => ({ id: "", name: "", when: [{ metric, above: {} }], for: "2m", clear_for: "2m" });

/** A new one like another. @param {any} rule */
function copyOf(rule) {
  return { ...rule, id: `${rule.id.slice(0, 58)}-copy`, name: `${rule.name || rule.id} (copy)` };
}

export class RuleView extends View {
  #context;
  #state;
  #isNew;
  #mayManage;
  /** @type {import("./alerts_api.js").RuleEntry|null} */
  #entry = null;
  #isReadOnly = true;
  #source = element("p", { class: "title-detail name" });
  #actions = element("div", { class: "title-actions" });
  #message = element("div", {}, loadingState());
  #note = element("p", { class: "form-note", hidden: true });
  #place = element("div", { class: "rule", hidden: true });
  /** @type {RuleForm|null} */
  #form = null;
  /** @type {RulePreview|null} */
  #preview = null;
  #isBusy = false;
  #isGone = false;
  #save = element("button", { type: "button", class: "button button-primary", onclick: () => this.#submit() }, "Save");

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    const title = state.id === "" ? "New rule" : "Rule";
    super(title, element("h1", { tabindex: "-1", class: "name" }, title));
    this.#context = context;
    this.#state = state;
    this.#isNew = state.id === "";
    this.#mayManage = context.session.current.can_manage;
    place.replaceChildren(
      element("div", { class: "title-row title-row-actions" }, this.heading, this.#source, this.#actions),
      alertTabs(context, state, ""),
      this.#message,
      this.#note,
      this.#place,
    );
    this.#load();
  }

  /** @param {import("../page/state.js").PageState} state @override */
  update(state) {
    this.#state = state;
  }

  /** @override */
  themeChanged() {
    this.#preview?.redraw();
  }

  /** @override */
  destroy() {
    this.#isGone = true;
    this.#preview?.destroy();
    this.#context.banner.recover("rule");
  }

  async #load() {
    try {
      const entries = await getRules();
      if (this.#isGone) return;
      this.#context.banner.recover("rule");
      this.#begin(entries);
    } catch (error) {
      if (this.#isGone) return;
      this.#context.banner.fail("rule", error);
      const again = element("button", { type: "button", class: "button", onclick: () => this.#load() }, "Try again");
      this.#message.replaceChildren(notice("The rule could not be loaded", element("p", {}, again)));
    }
  }

  /** @param {import("./alerts_api.js").RuleEntry[]} entries */
  #begin(entries) {
    const { copy = "", metric = "" } = this.#state.options ?? {};
    const wanted = this.#isNew ? copy : this.#state.id;
    const found = entries.find(({ rule }) => rule.id === wanted) ?? null;
    if (!this.#isNew && found === null) {
      const all = element("a", { href: formatHash(stateFor("rules", this.#state)) }, "All rules");
      this.#message.replaceChildren(
        notice("No such rule", element("p", {}, "It was deleted, or the link is wrong."), element("p", {}, all)),
      );
      return;
    }
    this.#entry = this.#isNew ? null : found;
    this.#isReadOnly = !this.#mayManage || this.#entry?.source === "file";
    this.#show(this.#isNew ? (found ? copyOf(found.rule) : blank(metric)) : found.rule);
    this.#offer();
  }

  /** @param {any} rule */
  #show(rule) {
    const { metrics } = this.#context.catalogue;
    this.#message.replaceChildren();
    this.#place.hidden = false;
    if (!this.#isNew) {
      this.title = rule.name || rule.id;
      setText(this.heading, this.title);
      setText(this.#source, `${rule.id}, from ${describeSource(this.#entry)}`);
    }
    this.#preview?.destroy();
    this.#form = new RuleForm(metrics, { isNew: this.#isNew, isReadOnly: this.#isReadOnly }, () => this.#changed());
    this.#preview = new RulePreview(
      this.#context,
      this.#isReadOnly ? null : (severity, value) => this.#limitMoved(severity, value),
    );
    this.#form.fill(ruleToDraft(rule, metrics));
    const save = this.#isReadOnly ? [] : [element("div", { class: "form-actions rule-save" }, this.#save)];
    this.#place.replaceChildren(
      element("div", { class: "rule-form card" }, this.#form.element, ...save),
      this.#preview.element,
    );
    this.#showActions(rule);
    this.#tell();
    this.#changed();
    if (this.#isNew) this.#form.nameField.focus();
  }

  /** @param {any} rule */
  #showActions({ id }) {
    if (!this.#mayManage || this.#isNew) return;
    const copy = element(
      "a",
      { class: "button", href: formatHash(stateOfOne("rule", this.#state, "", { copy: id })) },
      this.#entry.source === "file" ? "Copy to change" : "Copy",
    );
    const remove = element("button", { type: "button", class: "button", onclick: () => this.#delete() }, "Delete…");
    this.#actions.replaceChildren(copy, ...(this.#entry.source === "page" ? [remove] : []));
  }

  /** What one should know of it before one reads it. */
  #tell() {
    const entry = this.#entry;
    const texts = [
      ...(entry?.problems ?? []).map(asSentence),
      entry?.source === "file" ? "This rule is kept in a file on the server, and is changed there." : "",
      entry?.source === "shipped" && this.#mayManage
        ? "This rule is shipped. Once changed it is yours; deleting it then brings the shipped one back."
        : "",
    ].filter(Boolean);
    setText(this.#note, texts.join(" "));
    this.#note.hidden = texts.length === 0;
  }

  /** What there is to choose from. */
  async #offer() {
    try {
      const reported = await getReported(this.#context.hosts, this.#context.now());
      if (this.#isGone) return;
      this.#form.offerMetrics(reported);
      if (this.#mayManage) this.#form.offerChannels((await getChannels()).map(({ name }) => name));
    } catch {
      // One can still write what one knows; that the server is away is told by the banner.
    }
  }

  #changed() {
    const { draft } = this.#form;
    const { metrics } = this.#context.catalogue;
    // Nobody names a rule before knowing what it does.
    const isWhole = problemOf({ ...draft, name: "x", id: "x" }, metrics) === null;
    const rule = draftToRule({ ...draft, name: draft.name || "x" }, metrics);
    this.#preview.update({ ...rule, id: this.#entry?.rule.id ?? (draft.id || "x") }, isWhole);
  }

  /** @param {string} severity @param {number} value */
  #limitMoved(severity, value) {
    const { metrics } = this.#context.catalogue;
    const [condition] = draftToRule(this.#form.draft, metrics).when;
    this.#form.setFire(severity, formatQuantity(value, comparedUnit(condition, metrics)));
  }

  async #submit() {
    if (this.#isBusy) return;
    const { metrics } = this.#context.catalogue;
    const draft = this.#isNew ? this.#form.draft : { ...this.#form.draft, id: this.#entry.rule.id };
    const problem = problemOf(draft, metrics);
    if (problem !== null) {
      this.#form.showProblem(problem.path, problem.message);
      return;
    }
    this.#form.clearProblem();
    this.#setBusy(true);
    try {
      /** @type {Record<string, string>} */
      const headers = this.#isNew ? { "If-None-Match": "*" } : { "If-Match": String(this.#entry.revision) };
      await this.#context.session.change("PUT", ruleAddress(draft.id), draftToRule(draft, metrics), headers);
      this.#context.navigate(stateFor("rules", this.#state));
    } catch (error) {
      this.#fail(error);
    }
    this.#setBusy(false);
  }

  /** @param {boolean} isBusy */
  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.#save.setAttribute("aria-disabled", String(isBusy));
  }

  /** @param {any} error */
  #fail(error) {
    if (error.status === 412) {
      if (this.#isNew) this.#form.showProblem("id", "There is a rule of this id: choose another.");
      else this.#offerAnew();
      return;
    }
    const { path, message } = splitError(error.detail || error.message);
    this.#form.showProblem(path, message);
  }

  /** Somebody else was faster. */
  #offerAnew() {
    this.#note.replaceChildren(
      `Somebody else changed this rule since you opened it (${format.formatMoment(this.#entry.changed)}). What you typed is still here; to save it, copy what matters and load theirs. `,
      element("button", { type: "button", class: "button button-small", onclick: () => this.#load() }, "Load theirs"),
    );
    this.#note.hidden = false;
    this.#note.setAttribute("role", "alert");
    this.#note.scrollIntoView({ block: "nearest" });
  }

  async #delete() {
    const { rule } = this.#entry;
    const text = [
      "Delete ",
      element("strong", { class: "name" }, rule.name || rule.id),
      "? Its open alarms end. If it took the place of a shipped rule, that one is back.",
    ];
    if (!(await confirmed({ title: "Delete a rule", text, action: "Delete" }))) return;
    try {
      await this.#context.session.change("DELETE", ruleAddress(rule.id));
      this.#context.navigate(stateFor("rules", this.#state));
    } catch (error) {
      this.#form.showProblem("", error.detail || error.message);
    }
  }
}
