/**
 * What narrows and arranges the list of all hosts: search, status, tags, groups, rows or cards.
 */

import { element, setAttribute, setText } from "../parts/dom.js";
import { countStatuses } from "./host_order.js";
import { countTags, parseTags, tagText, toggleTag } from "./host_tags.js";

const CONDITIONS = [
  ["", "All"],
  ["up", "Up"],
  ["late", "Late"],
  ["down", "Down"],
  ["warned", "Warning"],
  ["alarm", "Alarm"],
];

/** Most fleets never have one. */
const RARE = new Set(["late", "alarm"]);

export class HostTools {
  #tell;
  #tag = "";
  #shownTags = "";
  #shownChosen = "";
  #search = element("input", {
    type: "search",
    id: "search",
    class: "input",
    placeholder: "Find hosts",
    "aria-label": "Find hosts",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => this.#tell({ search: this.#search.value }, true),
  });
  #conditions = new Map();
  #tags = element("select", {
    class: "input",
    "aria-label": "Filter by tag",
    onchange: () => this.#toggle(this.#tags.value),
  });
  #groups = element("select", {
    class: "input",
    "aria-label": "Group by tag",
    onchange: () => this.#tell({ group: this.#groups.value }, false),
  });
  #byTags = element("div", { class: "host-tools-tags", hidden: true }, this.#tags, this.#groups);
  #layout = element("button", {
    type: "button",
    class: "button button-small",
    onclick: () => this.#tell({ layout: this.#isCards ? "" : "cards" }, false),
  });
  #isCards = false;
  #chosen = element("div", { class: "chosen-tags", role: "group", "aria-label": "Shown are hosts with", hidden: true });

  /**
   * @param {(options: Record<string, string>, replace: boolean) => void} tell what the view is told; replace: Back does
   *   not undo it
   */
  constructor(tell) {
    this.#tell = tell;
    const conditions = element(
      "div",
      { class: "timeframes", role: "group", "aria-label": "Status" },
      ...CONDITIONS.map(([name]) => {
        const button = element("button", { type: "button", onclick: () => tell({ status: name }, false) });
        this.#conditions.set(name, button);
        return button;
      }),
    );
    this.element = element(
      "div",
      {},
      element("div", { class: "host-tools" }, this.#search, conditions, this.#byTags, this.#layout),
      this.#chosen,
    );
  }

  /** @param {any[]} hosts all there are @param {Record<string, string>} options as the address has them */
  update(hosts, { search = "", status = "", tag = "", group = "", layout = "" }) {
    this.#tag = tag;
    if (document.activeElement !== this.#search) this.#search.value = search;
    const counts = countStatuses(hosts);
    for (const [name, title] of CONDITIONS) {
      const button = this.#conditions.get(name);
      setText(button, `${title} ${counts[name]}`);
      setAttribute(button, "aria-pressed", String(name === status));
      if (RARE.has(name)) button.hidden = counts[name] === 0 && status !== name;
    }
    this.#isCards = layout === "cards";
    setText(this.#layout, this.#isCards ? "Show rows" : "Show cards");
    this.#showTags(countTags(hosts), group);
    this.#showChosen(parseTags(tag));
  }

  /** @param {[string, [string, number][]][]} keys @param {string} group */
  #showTags(keys, group) {
    const shown = JSON.stringify(keys);
    if (shown !== this.#shownTags) {
      this.#shownTags = shown;
      this.#tags.replaceChildren(
        element("option", { value: "" }, "Tags…"),
        ...keys.map(([key, values]) =>
          element(
            "optgroup",
            { label: key },
            ...values.map(([value, count]) =>
              element("option", { value: tagText(key, value) }, `${tagText(key, value)} (${count})`),
            ),
          ),
        ),
      );
      this.#groups.replaceChildren(
        element("option", { value: "" }, "No groups"),
        ...keys.map(([key]) => element("option", { value: key }, `By ${key}`)),
      );
    }
    this.#byTags.hidden = keys.length === 0;
    this.#tags.value = "";
    this.#groups.value = group;
    if (this.#groups.value !== group) this.#groups.value = ""; // a tag that no host has any more
  }

  /** @param {string[]} tags */
  #showChosen(tags) {
    const shown = tags.join(",");
    if (shown === this.#shownChosen) return;
    this.#shownChosen = shown;
    this.#chosen.hidden = tags.length === 0;
    this.#chosen.replaceChildren(
      ...tags.map((tag) =>
        element(
          "button",
          {
            type: "button",
            class: "tag tag-chosen name",
            "aria-label": `No longer ask for ${tag}`,
            onclick: () => this.#toggle(tag),
          },
          tag,
          element("span", { "aria-hidden": "true" }, "×"),
        ),
      ),
    );
  }

  /** @param {string} tag */
  #toggle(tag) {
    if (tag !== "") this.#tell({ tag: toggleTag(this.#tag, tag) }, false);
  }
}
