/**
 * The list that chooses hosts for the comparison, and names the colours of their lines.
 */

import { arrange, element, setText } from "../parts/dom.js";
import { tagText } from "../overview/host_tags.js";
import { statusBadge, updateStatusBadge } from "../parts/status.js";

/** Below this many hosts nobody needs a search. */
const LEAST_HOSTS_FOR_SEARCH = 8;
/** So many are listed at once; the others are found by a search. */
const MOST_LISTED = 200;

/**
 * @typedef {object} Choice
 * @property {string} name
 * @property {import("../parts/status.js").Standing} standing
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
  #search = element("input", {
    type: "search",
    placeholder: "Find a host",
    "aria-label": "Find a host",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => this.#show(),
  });
  #list = element("ul", { class: "filter-list" });
  #tags = element("select", {
    class: "input",
    "aria-label": "Hosts with tag",
    hidden: true,
    onchange: () => this.#chooseTag(this.#tags.value),
  });
  #shownTags = "";
  #chooseTag;
  #rest = element("p", { class: "filter-nothing", hidden: true });
  #nothing = element("p", { class: "filter-nothing", hidden: true }, "No host of this name");
  #summary = element("span", { class: "filter-count" });

  /**
   * @param {(hosts: string[]) => void} choose is called with the chosen names; none: all
   * @param {(tag: string) => void} chooseTag is called with the tag that hosts must have; "": none
   */
  constructor(choose, chooseTag) {
    this.#choose = choose;
    this.#chooseTag = chooseTag;
    const wide = matchMedia("(min-width: 60rem)");
    this.element = element(
      "details",
      { class: "filter card", open: wide.matches },
      element("summary", {}, element("span", { class: "filter-title" }, "Hosts"), this.#summary),
      this.#tags,
      this.#search,
      element("label", { class: "filter-item filter-all" }, this.#all, this.#allText),
      this.#list,
      this.#rest,
      this.#nothing,
    );
    wide.addEventListener("change", () => {
      this.element.open = wide.matches;
    });
  }

  /**
   * @param {Choice[]} choices in the order to show @param {string[]} chosen none: all
   * @param {ReturnType<typeof import("../overview/host_tags.js").countTags>} tags that hosts have
   * @param {string} tag that hosts must have; "": none
   */
  update(choices, chosen, tags, tag) {
    this.#showTags(tags, tag);
    this.#choices = choices;
    this.#chosen = new Set(chosen);
    this.#all.checked = chosen.length === 0;
    setText(this.#summary, chosen.length === 0 ? `all ${choices.length}` : `${chosen.length} of ${choices.length}`);
    this.#list.classList.toggle("filter-list-plain", !choices.some(({ style }) => style));
    this.#search.hidden = choices.length < LEAST_HOSTS_FOR_SEARCH;
    this.#show();
  }

  #show() {
    const wanted = this.#search.hidden ? "" : this.#search.value.trim().toLowerCase();
    const items = new Map();
    const found = this.#choices.filter((choice) => choice.name.toLowerCase().includes(wanted));
    const listed =
      found.length <= MOST_LISTED
        ? found
        : [
            ...found.filter(({ name }) => this.#chosen.has(name)),
            ...found.filter(({ name }) => !this.#chosen.has(name)),
          ].slice(0, MOST_LISTED);
    this.#rest.hidden = listed.length === found.length;
    setText(this.#rest, `and ${found.length - listed.length} more: search for them`);
    for (const choice of listed) {
      const item = this.#items.get(choice.name) ?? this.#item(choice.name);
      item.box.checked = this.#chosen.has(choice.name);
      item.swatch.style.borderTopColor = choice.style?.colour ?? "transparent";
      item.swatch.style.borderTopStyle = choice.style?.dashName ?? "solid";
      updateStatusBadge(item.status, choice.standing);
      item.status.hidden = choice.standing === "up"; // told where it matters
      items.set(choice.name, item);
    }
    for (const [name, item] of items) this.#items.set(name, item);
    this.#nothing.hidden = items.size > 0;
    arrange(
      this.#list,
      [...items.values()].map((item) => item.element),
    );
  }

  /** @param {[string, [string, number][]][]} tags @param {string} tag */
  #showTags(tags, tag) {
    const shown = JSON.stringify([tags, tag]);
    this.#tags.hidden = tags.length === 0 && tag === "";
    if (shown === this.#shownTags) return;
    this.#shownTags = shown;
    const offered = tags.flatMap(([key, values]) =>
      values.map(([value, count]) => [tagText(key, value), `${tagText(key, value)} (${count})`]),
    );
    // several, or one that no host has any more
    if (tag !== "" && !offered.some(([name]) => name === tag)) offered.push([tag, tag]);
    this.#tags.replaceChildren(
      element("option", { value: "" }, "With any tags"),
      ...offered.map(([value, text]) => element("option", { value }, text)),
    );
    this.#tags.value = tag;
  }

  /** @param {string} name */
  #item(name) {
    const box = element("input", { type: "checkbox", onchange: () => this.#toggle(name, box.checked) });
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    const status = statusBadge();
    const label = element(
      "label",
      { class: "filter-item" },
      box,
      swatch,
      element("span", { class: "name filter-name" }, name),
      status,
    );
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
