/**
 * The fields of one condition of a rule: what is watched, and its limits.
 */

import { element, setText } from "../parts/dom.js";
import { comparedUnit } from "./rule_words.js";
import { isSignalMetric, isState, SEVERITIES } from "./rule_draft.js";

const KINDS = [
  ["last", "each reading"],
  ["mean", "mean over"],
  ["min", "lowest over"],
  ["max", "highest over"],
  ["increase", "increase within"],
  ["time_until", "time until a value, by the trend of"],
  ["percent_of", "percent of another metric"],
];
const UNIT_HINTS = { percent: "in %", bytes: "as 20GiB", bytes_per_second: "as 20MB", seconds: "as 5m", count: "" };
const SEVERITY_LABELS = { info: "Info", warning: "Warning", critical: "Critical" };

let conditionCount = 0;

/** @param {string} name @param {Record<string, string>} [attributes] */
function input(name, attributes = {}) {
  return element("input", {
    class: "input",
    type: "text",
    name,
    spellcheck: "false",
    autocomplete: "off",
    ...attributes,
  });
}

/** @param {string[][]} choices @param {string} label */
function select(choices, label) {
  return element(
    "select",
    { class: "input", "aria-label": label },
    ...choices.map(([value, text]) => element("option", { value }, text)),
  );
}

export class ConditionFields {
  #catalogue;
  #reported = new Map();
  #base = null;
  #metric = element("select", { class: "input", name: "metric" });
  #instance;
  #instances;
  #except = input("except");
  #kind = select(KINDS, "Of that");
  #over = input("over", { placeholder: "5m", "aria-label": "Over how long", size: "6" });
  #bound = input("bound", { placeholder: "0", "aria-label": "Until which value", size: "6" });
  #percentOf = input("percent_of", { "aria-label": "Percent of which metric" });
  #direction = select(
    [
      ["above", "is above"],
      ["below", "is below"],
    ],
    "Direction",
  );
  #severity = select(
    SEVERITIES.map((severity) => [severity, SEVERITY_LABELS[severity]]),
    "Severity",
  );
  /** @type {Map<string, HTMLInputElement>} by "warning.fire" */
  #limits = new Map();
  #unit = element("span", { class: "limits-unit" });
  #where;
  #compared;
  #limitTable;
  #state;
  #remove;
  element;

  /**
   * @param {any[]} catalogue the server's metrics
   * @param {(fields: ConditionFields) => void} onRemove
   */
  constructor(catalogue, onRemove) {
    conditionCount += 1;
    const id = `condition-${conditionCount}`;
    this.#catalogue = catalogue;
    this.#instance = input("instance", { list: `${id}-instances`, placeholder: "* (each)" });
    this.#instances = element("datalist", { id: `${id}-instances` });
    const labelled = (text, control) => element("label", { class: "route-field" }, element("span", {}, text), control);
    this.#where = element(
      "div",
      { class: "condition-row" },
      labelled("Instance", this.#instance),
      labelled("But not", this.#except),
      this.#instances,
    );
    this.#compared = element(
      "div",
      { class: "condition-row condition-value" },
      this.#kind,
      this.#bound,
      this.#over,
      this.#percentOf,
    );
    this.#limitTable = this.#makeLimits();
    this.#state = element("div", { class: "condition-row" }, labelled("Severity", this.#severity));
    this.#remove = element(
      "button",
      { type: "button", class: "button button-small", onclick: () => onRemove(this) },
      "Remove this condition",
    );
    this.element = element(
      "fieldset",
      { class: "condition", onchange: () => this.#shapeChanged() },
      element("legend", {}, "Condition"),
      element("div", { class: "condition-row" }, labelled("Metric", this.#metric)),
      this.#where,
      this.#compared,
      this.#limitTable,
      this.#state,
      this.#remove,
    );
  }

  #makeLimits() {
    const head = (text) => element("th", { scope: "col" }, text);
    return element(
      "div",
      {},
      element("div", { class: "condition-row" }, this.#direction, this.#unit),
      element(
        "table",
        { class: "limits" },
        element("thead", {}, element("tr", {}, element("td"), head("fires at"), head("ends at"))),
        element(
          "tbody",
          {},
          ...SEVERITIES.map((severity) =>
            element(
              "tr",
              {},
              element("th", { scope: "row" }, SEVERITY_LABELS[severity]),
              ...["fire", "clear"].map((end) => {
                const label = `${SEVERITY_LABELS[severity]} ${end === "fire" ? "fires at" : "ends at"}`;
                const made = input(`${severity}.${end}`, {
                  "aria-label": label,
                  placeholder: end === "fire" ? "none" : "by itself",
                  size: "8",
                });
                this.#limits.set(`${severity}.${end}`, made);
                return element("td", {}, made);
              }),
            ),
          ),
        ),
      ),
    );
  }

  /** @param {boolean} isOnly there is no other one */
  showOnly(isOnly) {
    this.#remove.hidden = isOnly;
  }

  /**
   * @param {{group: string, metrics: {name: string, label: string}[]}[]} choices
   * @param {Map<string, Set<string>>} reported
   */
  offer(choices, reported) {
    const chosen = this.#metric.value;
    this.#reported = reported;
    this.#metric.replaceChildren(
      element("option", { value: "" }, "Choose…"),
      ...choices.map(({ group, metrics }) =>
        element(
          "optgroup",
          { label: group },
          ...metrics.map(({ name, label }) => element("option", { value: name, title: name }, label)),
        ),
      ),
    );
    this.#metric.value = chosen;
    this.#shapeChanged();
  }

  /** @param {import("./rule_draft.js").ConditionDraft} draft */
  fill(draft) {
    this.#base = draft.base;
    if (![...this.#metric.options].some(({ value }) => value === draft.metric)) {
      this.#metric.append(element("option", { value: draft.metric }, draft.metric));
    }
    this.#metric.value = draft.metric;
    this.#instance.value = draft.instance === "*" ? "" : draft.instance;
    this.#except.value = draft.except;
    this.#kind.value = draft.kind;
    this.#over.value = draft.over;
    this.#bound.value = draft.bound;
    this.#percentOf.value = draft.percentOf;
    this.#direction.value = draft.direction;
    this.#severity.value = draft.severity;
    for (const [key, field] of this.#limits) {
      const [severity, end] = key.split(".");
      field.value = draft.limits[severity][end];
    }
    this.#shapeChanged();
  }

  /** @returns {import("./rule_draft.js").ConditionDraft} */
  get draft() {
    const limits = Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity,
        { fire: this.#limits.get(`${severity}.fire`).value, clear: this.#limits.get(`${severity}.clear`).value },
      ]),
    );
    return {
      metric: this.#metric.value,
      instance: this.#instance.value.trim() || "*",
      except: this.#except.value,
      kind: this.#kind.value,
      over: this.#over.value,
      bound: this.#bound.value,
      percentOf: this.#percentOf.value.trim(),
      direction: this.#direction.value,
      limits,
      severity: this.#severity.value,
      base: this.#base,
    };
  }

  /** A limit was chosen by other means than its field. @param {string} severity @param {string} text */
  setFire(severity, text) {
    this.#limits.get(`${severity}.fire`).value = text;
  }

  /** The field that the server's path is about: "above.warning.fire". @param {string} path @returns {HTMLElement} */
  fieldOf(path) {
    const [, , limit] = /^(above|below)\.(.+)$/.exec(path) ?? [];
    if (limit !== undefined) return this.#limits.get(limit.includes(".") ? limit : `${limit}.fire`) ?? this.#direction;
    const named = {
      metric: this.#metric,
      instance: this.#instance,
      except: this.#except,
      severity: this.#severity,
      "value.percent_of": this.#percentOf,
      "value.time_until": this.#bound,
    };
    if (named[path]) return named[path];
    if (path.startsWith("value")) return this.#over.hidden ? this.#kind : this.#over;
    return path.startsWith("above") || path.startsWith("below") ? this.#direction : this.#metric;
  }

  /** What there is to fill in goes by what was chosen. */
  #shapeChanged() {
    const { metric, kind } = this.draft;
    const isSignal = isSignalMetric(metric);
    const instances = [...(this.#reported.get(metric) ?? [])];
    const known = this.#catalogue.find(({ name }) => name === metric);
    this.#where.hidden = isSignal || (known ? known.instance_label === "" : false);
    this.#compared.hidden = isSignal;
    this.#limitTable.hidden = isState(metric);
    this.#state.hidden = !isState(metric);
    this.#over.hidden = ["last", "percent_of"].includes(kind);
    this.#bound.hidden = kind !== "time_until";
    this.#percentOf.hidden = kind !== "percent_of";
    this.#instances.replaceChildren(...instances.map((value) => element("option", { value })));
    const unit = comparedUnit({ metric, ...(kind === "last" ? {} : { value: { [kind]: "" } }) }, this.#catalogue);
    setText(this.#unit, UNIT_HINTS[unit] ?? "");
  }
}
