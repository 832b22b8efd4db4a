/**
 * Who is told of what: routes, of which all that match count. Without any, the default channels are told of everything
 * from a warning on.
 */

import { arrange, element, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { getRoutes } from "./alerts_api.js";
import { listToText, tagsToText, textToList, textToTags } from "./lists.js";
import { formatSeconds, parseDuration } from "./quantity.js";

const SEVERITIES = [
  ["warning", "Warnings and critical"],
  ["critical", "Critical alone"],
  ["info", "Everything"],
];
const TEXTS = /** @type {const} */ ([
  ["hosts", "Hosts", "any"],
  ["tags", "Tags", "any"],
  ["rules", "Rules", "any"],
  ["to", "To channels", "mail, ops"],
  ["after", "After", "at once"],
]);

/** @param {any} route */
export function routeToTexts({ hosts, tags, rules, to, after }) {
  const seconds = parseDuration(after ?? 0);
  return {
    hosts: listToText(hosts),
    tags: tagsToText(tags),
    rules: listToText(rules),
    to: listToText(to),
    after: seconds > 0 ? formatSeconds(seconds) : "",
  };
}

/** @param {string} severity @param {Record<string, string>} texts @returns {any} a route; after NaN: it is no time */
export function textsToRoute(severity, { hosts, tags, rules, to, after }) {
  return {
    severity,
    tags: textToTags(tags),
    rules: textToList(rules),
    hosts: textToList(hosts),
    to: textToList(to),
    after: after.trim() === "" ? 0 : parseDuration(after),
  };
}

class RouteRow {
  #severity = element(
    "select",
    { class: "input", "aria-label": "Of" },
    ...SEVERITIES.map(([value, text]) => element("option", { value }, text)),
  );
  #inputs = new Map(
    TEXTS.map(([name, label, placeholder]) => [
      name,
      element("input", { class: "input", type: "text", "aria-label": label, placeholder, spellcheck: "false" }),
    ]),
  );

  /** @param {any} route @param {(row: RouteRow) => void} remove @param {() => void} changed */
  constructor(route, remove, changed) {
    const texts = routeToTexts(route);
    this.#severity.value = route.severity ?? "warning";
    for (const [name, input] of this.#inputs) input.value = texts[name];
    const labelled = (label, input) => element("label", { class: "route-field" }, element("span", {}, label), input);
    this.element = element(
      "li",
      { class: "route", oninput: changed },
      labelled("Of", this.#severity),
      ...TEXTS.map(([name, label]) => labelled(label, this.#inputs.get(name))),
      element("button", { type: "button", class: "button button-small", onclick: () => remove(this) }, "Remove"),
    );
  }

  get route() {
    return textsToRoute(
      this.#severity.value,
      Object.fromEntries([...this.#inputs].map(([name, input]) => [name, input.value])),
    );
  }
}

export class RoutesEditor {
  #session;
  /** @type {RouteRow[]} */
  #rows = [];
  #isChanged = false;
  #list = element("ul", { class: "routes" });
  #none = element("p", { class: "alarm-none" }, "None: the default channels are told of everything from a warning on.");
  #error = element("p", { class: "form-error", role: "alert" });
  #done = element("p", { class: "form-done", role: "status" });
  #save = element("button", { type: "button", class: "button button-primary", onclick: () => this.#submit() }, "Save");

  /** @param {import("../access/session.js").Session} session */
  constructor(session) {
    this.#session = session;
    const add = element(
      "button",
      { type: "button", class: "button", onclick: () => this.#add({ severity: "warning" }, true) },
      "Add a route",
    );
    this.element = element(
      "section",
      { class: "panel-wide card", "aria-label": "Routes" },
      element("h2", {}, "Routes"),
      element(
        "p",
        { class: "field-hint" },
        "Every route that matches counts. After: only if it is still open and not acknowledged so long, as 15m. A rule that names its channels is told to those alone.",
      ),
      this.#none,
      this.#list,
      this.#error,
      element("div", { class: "form-actions" }, this.#save, add, this.#done),
    );
    this.#show();
  }

  async load() {
    try {
      const routes = await getRoutes();
      if (this.#isChanged) return;
      this.#rows = [];
      for (const route of routes) this.#add(route, false);
      this.#show();
    } catch (error) {
      setText(this.#error, asSentence(error.message));
    }
  }

  /** @param {any} route @param {boolean} isNew */
  #add(route, isNew) {
    const row = new RouteRow(
      route,
      (gone) => {
        this.#rows = this.#rows.filter((one) => one !== gone);
        this.#changed();
      },
      () => this.#changed(),
    );
    this.#rows.push(row);
    if (isNew) this.#changed();
  }

  #changed() {
    this.#isChanged = true;
    setText(this.#done, "");
    this.#show();
  }

  #show() {
    this.#none.hidden = this.#rows.length > 0;
    this.#save.hidden = !this.#isChanged;
    arrange(
      this.#list,
      this.#rows.map((row) => row.element),
    );
  }

  async #submit() {
    setText(this.#error, "");
    const routes = this.#rows.map((row) => row.route);
    const at = routes.findIndex(({ to, after }) => to.length === 0 || Number.isNaN(after));
    if (at >= 0) {
      const what = routes[at].to.length === 0 ? "name the channels that it leads to" : "write the time as 15m or 2h";
      setText(this.#error, `Route ${at + 1}: ${what}.`);
      return;
    }
    try {
      await this.#session.change("PUT", "alerts/routes", { routes });
      this.#isChanged = false;
      this.#show();
      setText(this.#done, "Saved.");
    } catch (error) {
      setText(this.#error, asSentence(error.detail || error.message));
    }
  }
}
