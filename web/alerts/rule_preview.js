/**
 * What a rule would have done, asked for as one types: a sentence, what would change it, and the chart of the host on
 * which it would have fired most.
 */

import { element, setAttribute, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { previewAdvice, previewSentence, whatIfSentence } from "./preview_words.js";
import { RuleChart } from "./rule_chart.js";
import { matchesPattern, selectsHost } from "./rule_limits.js";

/** After the last key, before the server is asked. */
const PAUSE_MILLISECONDS = 500;
const DAY = 86_400;
const SPANS = /** @type {[string, string, number][]} */ ([
  ["24h", "24 hours", DAY],
  ["7d", "7 days", 7 * DAY],
  ["30d", "30 days", 30 * DAY],
]);

export class RulePreview {
  #context;
  #chosen = 1;
  #timer = 0;
  /** Of the question that was asked last: an answer to another one comes too late. */
  #asked = 0;
  #isAsking = false;
  #isGone = false;
  #rule = null;
  /** @type {import("./preview_words.js").Preview|null} */
  #preview = null;
  #buttons = SPANS.map(([name, words], index) =>
    element("button", { type: "button", title: `The last ${words}`, onclick: () => this.#choose(index) }, name),
  );
  #sentence = element("p", { class: "preview-sentence", role: "status" });
  #advice = element("ul", { class: "preview-advice" });
  #whatIf = element("ul", { class: "preview-what-if" });
  #whatIfPlace = element("div", { hidden: true }, element("h3", {}, "What would change it"), this.#whatIf);
  #chart;
  element;

  /**
   * @param {import("../page/context.js").Context} context
   * @param {((severity: string, value: number) => void)|null} onLimit a limit was dragged in the chart
   */
  constructor(context, onLimit) {
    this.#context = context;
    this.#chart = new RuleChart(context, onLimit);
    this.element = element(
      "section",
      { class: "rule-preview card", "aria-label": "What it would have done" },
      element(
        "div",
        { class: "preview-head" },
        element("h2", {}, "What it would have done"),
        element("div", { class: "timeframes", role: "group", "aria-label": "In the last" }, ...this.#buttons),
      ),
      this.#sentence,
      this.#advice,
      this.#chart.element,
      this.#whatIfPlace,
    );
    this.#showChosen();
  }

  /** @param {any} rule @param {boolean} isWhole false: it is not complete yet, and the server is not asked */
  update(rule, isWhole) {
    this.#rule = rule;
    clearTimeout(this.#timer);
    this.#showChart();
    if (!isWhole) {
      this.#asked += 1; // what is under way is of another rule
      this.#preview = null;
      setText(this.#sentence, "Choose what is watched and its limits, and this says when it would have fired.");
      this.#showDetails();
      return;
    }
    this.element.setAttribute("aria-busy", "true");
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MILLISECONDS);
  }

  redraw() {
    this.#chart.redraw();
  }

  destroy() {
    this.#isGone = true;
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#chart.destroy();
  }

  get #span() {
    const [key, words, seconds] = SPANS[this.#chosen];
    const to = Math.ceil(this.#context.now() / 300) * 300; // the chart is the same for some minutes
    return { key, words: `the last ${words}`, seconds, range: { from: to - seconds, to } };
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    this.#showChosen();
    if (this.#rule !== null) this.update(this.#rule, this.#preview !== null);
  }

  #showChosen() {
    this.#buttons.forEach((button, at) => setAttribute(button, "aria-pressed", String(at === this.#chosen)));
  }

  async #ask() {
    this.#asked += 1;
    if (this.#isAsking) return; // one at a time: the next follows when this one is answered
    const asked = this.#asked;
    this.#isAsking = true;
    await this.#askOnce(asked);
    this.#isAsking = false;
    const isOutdated = asked !== this.#asked && !this.#isGone && this.element.hasAttribute("aria-busy");
    if (isOutdated) this.#ask();
  }

  /** @param {number} asked */
  async #askOnce(asked) {
    const { range, seconds, words } = this.#span;
    try {
      const to = Math.min(range.to, Math.floor(this.#context.now()));
      const body = { rule: this.#rule, from: range.from, to };
      const preview = await this.#context.session.change("POST", "alerts/preview", body);
      if (asked !== this.#asked) return;
      this.#preview = preview;
      setText(this.#sentence, previewSentence(preview, words));
      this.#showDetails(seconds);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#preview = null;
      setText(this.#sentence, asSentence(error.detail || error.message));
      this.#showDetails();
    }
    this.element.removeAttribute("aria-busy");
    this.#showChart();
  }

  /** @param {number} [seconds] that were looked at */
  #showDetails(seconds = 0) {
    const items = (texts) => texts.map((text) => element("li", { class: "name" }, text));
    const preview = this.#preview;
    this.#advice.replaceChildren(...(preview ? items(previewAdvice(preview, seconds)) : []));
    const whatIf = preview?.what_if ?? [];
    this.#whatIfPlace.hidden = whatIf.length === 0;
    this.#whatIf.replaceChildren(...items(whatIf.map(whatIfSentence)));
    if (preview === null) this.element.removeAttribute("aria-busy");
  }

  #showChart() {
    const condition = this.#rule?.when?.[0];
    if (!condition?.metric) {
      this.#chart.element.hidden = true;
      return;
    }
    const { range, seconds } = this.#span;
    const key = `${range.from}-${range.to}`;
    const span = { key, timeframe: null, range, seconds };
    this.#chart.show(condition, this.#worstHost(condition), span, this.#preview?.alarms ?? []);
  }

  /** Where it would have fired most; else the first host that it is about and that has such values. */
  #worstHost({ metric, instance = "*" }) {
    const [noisiest] = this.#preview?.noisiest ?? [];
    const { hosts } = this.#context;
    if (noisiest && hosts.some(({ hostname }) => hostname === noisiest.host)) return noisiest.host;
    const selected = hosts.filter(({ hostname, facts }) => selectsHost(this.#rule.hosts, hostname, facts?.tags ?? {}));
    /** The highest of what the list tells. @param {any} host */
    const latest = ({ latest: reading }) => {
      const value = reading?.[metric] ?? reading?.metrics?.[metric];
      if (typeof value !== "object" || value === null) return value ?? -Infinity;
      return Math.max(
        ...Object.entries(value).map(([name, one]) => (matchesPattern(instance, name) ? one : -Infinity)),
      );
    };
    const [worst] = [...selected].sort((first, second) => latest(second) - latest(first));
    return worst?.hostname ?? "";
  }
}
