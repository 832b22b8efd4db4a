/**
 * The fields of a rule.
 */

import { checkbox } from "../parts/dialog.js";
import { arrange, element, setText } from "../parts/dom.js";
import { field, textInput } from "../parts/forms.js";
import { asSentence } from "../parts/format.js";
import { ConditionFields } from "./condition_fields.js";
import { metricChoices } from "./reported_metrics.js";
import { conditionToDraft, idFor } from "./rule_draft.js";

const MOST_CONDITIONS = 4;
const MISSING = [
  ["hold", "stays as it was"],
  ["end", "ends the alarm"],
  ["fire", "is an alarm"],
];

/** @param {string} name @param {string} rows */
function textArea(name, rows) {
  return element("textarea", { class: "input input-long", name, rows, spellcheck: "true" });
}

export class RuleForm {
  #catalogue;
  #onChange;
  #isNew;
  #choices = [];
  #reported = new Map();
  #name = textInput("name", { autocomplete: "off", maxlength: "100", autocapitalize: "sentences" });
  #id = textInput("id", { autocomplete: "off", maxlength: "63" });
  #isIdTyped = false;
  /** @type {ConditionFields[]} */
  #conditions = [];
  #conditionList = element("div", { class: "conditions" });
  #hold = textInput("for", { autocomplete: "off", size: "6" });
  #clearHold = textInput("clear_for", { autocomplete: "off", size: "6" });
  #missing = element(
    "select",
    { class: "input", name: "missing" },
    ...MISSING.map(([value, text]) => element("option", { value }, text)),
  );
  #hostNames = textInput("host-names", { autocomplete: "off", placeholder: "every host" });
  #hostExcept = textInput("host-except", { autocomplete: "off" });
  #hostTags = textInput("host-tags", { autocomplete: "off", placeholder: "role=db, site=fra" });
  #notify = textInput("notify", { autocomplete: "off", placeholder: "by routes", list: "rule-channels" });
  #repeat = textInput("repeat", { autocomplete: "off", placeholder: "by severity" });
  #help = textArea("help", "3");
  #runbook = textInput("runbook", { autocomplete: "off", inputmode: "url", placeholder: "https://…" });
  #enabled = checkbox("Enabled", "While it is not, its alarms end, and it makes no others.");
  #enabledBox = /** @type {HTMLInputElement} */ (this.#enabled.element.querySelector("input"));
  #add = element(
    "button",
    { type: "button", class: "button button-small", onclick: () => this.#addCondition() },
    "And also …",
  );
  #channels = element("datalist", { id: "rule-channels" });
  #error = element("p", { class: "form-error", role: "alert", id: "rule-error" });
  #invalid = null;
  #body;
  element;

  /**
   * @param {any[]} catalogue the server's metrics
   * @param {{isNew: boolean, isReadOnly: boolean}} how
   * @param {() => void} onChange
   */
  constructor(catalogue, { isNew, isReadOnly }, onChange) {
    this.#catalogue = catalogue;
    this.#onChange = onChange;
    this.#isNew = isNew;
    const row = (...fields) => element("div", { class: "field-row" }, ...fields);
    this.#body = element(
      "fieldset",
      { class: "form rule-fields", oninput: () => onChange(), onchange: () => onChange() },
      element("legend", { class: "visually-hidden" }, "The rule"),
      field("Name", this.#name),
      ...(isNew ? [field("Id", this.#id, "For ever: alarms, silences and files go by it.")] : []),
      this.#conditionList,
      this.#add,
      row(
        field("For", this.#hold, "So long before it fires."),
        field("Ends after", this.#clearHold, "So long beyond the end."),
        field("What is not measured", this.#missing),
      ),
      element("h2", {}, "Hosts"),
      row(
        field("Names", this.#hostNames, "* stands for anything."),
        field("But not", this.#hostExcept),
        field("Tags", this.#hostTags, "New hosts with them follow."),
      ),
      element("h2", {}, "Who is told"),
      row(field("Channels", this.#notify), field("Again every", this.#repeat, "As 4h; 0: never.")),
      this.#channels,
      field("What to do", this.#help, "{host} {instance} {value} {limit} {since} are replaced."),
      field("Runbook", this.#runbook),
      this.#enabled.element,
    );
    this.#body.disabled = isReadOnly;
    this.element = element("form", { class: "form", novalidate: true, "aria-label": "Rule" }, this.#body, this.#error);
    this.element.addEventListener("submit", (event) => event.preventDefault());
    this.#name.addEventListener("input", () => this.#nameChanged());
    this.#id.addEventListener("input", () => (this.#isIdTyped = true));
  }

  get nameField() {
    return this.#name;
  }

  /** @param {import("./rule_draft.js").RuleDraft} draft */
  fill(draft) {
    this.#name.value = draft.name;
    this.#id.value = draft.id;
    this.#isIdTyped = !this.#isNew;
    this.#hold.value = draft.hold;
    this.#clearHold.value = draft.clearHold;
    this.#missing.value = draft.missing;
    this.#hostNames.value = draft.hostNames;
    this.#hostExcept.value = draft.hostExcept;
    this.#hostTags.value = draft.hostTags;
    this.#notify.value = draft.notify;
    this.#repeat.value = draft.repeat;
    this.#help.value = draft.help;
    this.#runbook.value = draft.runbook;
    this.#enabledBox.checked = draft.enabled;
    this.#conditions = draft.when.map((condition) => this.#makeCondition(condition));
    this.#showConditions();
  }

  /** @returns {import("./rule_draft.js").RuleDraft} */
  get draft() {
    return {
      id: this.#id.value.trim(),
      name: this.#name.value,
      help: this.#help.value,
      runbook: this.#runbook.value,
      hostNames: this.#hostNames.value,
      hostExcept: this.#hostExcept.value,
      hostTags: this.#hostTags.value,
      when: this.#conditions.map((fields) => fields.draft),
      hold: this.#hold.value,
      clearHold: this.#clearHold.value,
      missing: this.#missing.value,
      notify: this.#notify.value,
      repeat: this.#repeat.value,
      enabled: this.#enabledBox.checked,
    };
  }

  /** What hosts send. @param {Map<string, Set<string>>} reported */
  offerMetrics(reported) {
    this.#reported = reported;
    const chosen = this.#conditions.map(({ draft }) => draft.metric).filter(Boolean);
    this.#choices = metricChoices(this.#catalogue, reported, chosen);
    for (const fields of this.#conditions) fields.offer(this.#choices, reported);
  }

  /** @param {string[]} names */
  offerChannels(names) {
    this.#channels.replaceChildren(...names.map((value) => element("option", { value })));
  }

  /** A limit of the first condition was dragged. @param {string} severity @param {string} text */
  setFire(severity, text) {
    this.#conditions[0].setFire(severity, text);
    this.#onChange();
  }

  /**
   * Tells what is wrong, at the field that it is about.
   * @param {string} path as the server names it @param {string} message
   */
  showProblem(path, message) {
    this.clearProblem();
    setText(this.#error, asSentence(message));
    const found = this.#fieldOf(path);
    if (found === null) return;
    found.setAttribute("aria-invalid", "true");
    found.setAttribute("aria-describedby", "rule-error");
    this.#invalid = found;
    (found.closest(".field, .condition") ?? found.parentElement).append(this.#error);
    found.focus();
  }

  clearProblem() {
    setText(this.#error, "");
    this.#invalid?.removeAttribute("aria-invalid");
    this.#invalid?.removeAttribute("aria-describedby");
    this.#invalid = null;
    this.element.append(this.#error);
  }

  /** @param {string} path @returns {HTMLElement|null} */
  #fieldOf(path) {
    const [, index, rest = ""] = /^when\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
    if (index !== undefined) return this.#conditions[Number(index)]?.fieldOf(rest) ?? null;
    const named = {
      id: this.#isNew ? this.#id : this.#name,
      name: this.#name,
      help: this.#help,
      runbook: this.#runbook,
      for: this.#hold,
      clear_for: this.#clearHold,
      missing: this.#missing,
      notify: this.#notify,
      repeat: this.#repeat,
      "hosts.names": this.#hostNames,
      "hosts.except": this.#hostExcept,
      hosts: this.#hostNames,
    };
    if (path.startsWith("hosts.tags")) return this.#hostTags;
    return named[path] ?? named[path.replace(/\[\d+\].*$/, "")] ?? null;
  }

  #nameChanged() {
    if (!this.#isIdTyped) this.#id.value = idFor(this.#name.value);
  }

  /** @param {import("./rule_draft.js").ConditionDraft} draft */
  #makeCondition(draft) {
    const fields = new ConditionFields(this.#catalogue, (gone) => {
      this.#conditions = this.#conditions.filter((one) => one !== gone);
      this.#showConditions();
      this.#onChange();
    });
    if (this.#choices.length > 0) fields.offer(this.#choices, this.#reported);
    fields.fill(draft);
    return fields;
  }

  #addCondition() {
    this.#conditions.push(this.#makeCondition(conditionToDraft({}, this.#catalogue)));
    this.#showConditions();
    this.#onChange();
  }

  #showConditions() {
    this.#add.hidden = this.#conditions.length >= MOST_CONDITIONS;
    for (const fields of this.#conditions) fields.showOnly(this.#conditions.length === 1);
    arrange(
      this.#conditionList,
      this.#conditions.map((fields) => fields.element),
    );
  }
}
