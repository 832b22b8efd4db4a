/**
 * The list that chooses hosts for the comparison, and names the colours of their lines.
 */

import { arrange, element, setText } from "./dom.js";
import { statusBadge, updateStatusBadge } from "./status.js";

/** Below this many hosts nobody needs a search. */
const LEAST_HOSTS_FOR_SEARCH = 8;

/**
 * @typedef {object} Choice
 * @property {string} name
 * @property {string} status
 * @property {{colour: string, dashName: string}|null} style of its line; null where none is drawn
 */

export class HostFilter {
  #choose;
  /** @type {Choice[]} */
  #choices = [];
  #chosen = new Set();
  #items = new Map();
  #all = element("input", { type: "checkbox", onchange: () => this.#chooseAll() });
  #allText = element("span", {}, "All hosts");
  #search = element("input", { type: "search", placeholder: "Find a host", "aria-label": "Find a host", autocomplete: "off", spellcheck: "false", oninput: () => this.#show() });
  #list = element("ul", { class: "filter-list" });
  #nothing = element("p", { class: "filter-nothing", hidden: true }, "No host of this name");
  #summary = element("span", { class: "filter-count" });

  /** @param {(hosts: string[]) => void} choose is called with the chosen names; none: all */
  constructor(choose) {
    this.#choose = choose;
    const wide = matchMedia("(min-width: 60rem)");
    this.element = element("details", { class: "filter card", open: wide.matches },
      element("summary", {}, element("span", { class: "filter-title" }, "Hosts"), this.#summary),
      this.#search, element("label", { class: "filter-item filter-all" }, this.#all, this.#allText), this.#list, this.#nothing);
    wide.addEventListener("change", () => {
      this.element.open = wide.matches;
    });
  }

  /** @param {Choice[]} choices in the order to show @param {string[]} chosen none: all */
  update(choices, chosen) {
    this.#choices = choices;
    this.#chosen = new Set(chosen);
    this.#all.checked = chosen.length === 0;
    setText(this.#summary, chosen.length === 0 ? `all ${choices.length}` : `${chosen.length} of ${choices.length}`);
    this.#search.hidden = choices.length < LEAST_HOSTS_FOR_SEARCH;
    this.#show();
  }

  #show() {
    const wanted = this.#search.hidden ? "" : this.#search.value.trim().toLowerCase();
    const items = new Map();
    for (const choice of this.#choices) {
      if (wanted !== "" && !choice.name.toLowerCase().includes(wanted)) continue;
      const item = this.#items.get(choice.name) ?? this.#item(choice.name);
      item.box.checked = this.#chosen.has(choice.name);
      item.swatch.style.borderTopColor = choice.style?.colour ?? "transparent";
      item.swatch.style.borderTopStyle = choice.style?.dashName ?? "solid";
      updateStatusBadge(item.status, choice.status);
      item.status.hidden = choice.status === "up"; // told where it matters
      items.set(choice.name, item);
    }
    for (const [name, item] of items) this.#items.set(name, item);
    this.#nothing.hidden = items.size > 0;
    arrange(this.#list, [...items.values()].map((item) => item.element));
  }

  /** @param {string} name */
  #item(name) {
    const box = element("input", { type: "checkbox", onchange: () => this.#toggle(name, box.checked) });
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    const status = statusBadge();
    const label = element("label", { class: "filter-item" }, box, swatch, element("span", { class: "name filter-name" }, name), status);
    return { element: element("li", {}, label), box, swatch, status };
  }

  #chooseAll() {
    this.#all.checked = true; // unticking "all" alone says nothing: one unticks it by ticking a host
    this.#choose([]);
  }

  /** @param {string} name @param {boolean} wanted */
  #toggle(name, wanted) {
    const chosen = new Set(this.#chosen);
    if (wanted) chosen.add(name);
    else chosen.delete(name);
    this.#choose(this.#choices.map((choice) => choice.name).filter((other) => chosen.has(other)));
  }
}
