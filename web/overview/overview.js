/**
 * All hosts at a glance: one row each, with its latest values.
 */

import { addHostButton, noHostsYet } from "../access/add_host.js";
import { RefusalWatch } from "../access/refusals.js";
import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { HostBlocks } from "./host_blocks.js";
import { describeCount, filterHosts, parseSort, sortHosts } from "./host_order.js";
import { HostRow } from "./host_row.js";
import { groupHosts, tagText, toggleTag } from "./host_tags.js";
import { HostTools } from "./host_tools.js";
import { SparklineLoader } from "./sparkline.js";
import { withOptions } from "../page/state.js";
import { View } from "../page/view.js";

/** Columns: what stands above, and what sorts by it. */
const COLUMNS = [
  ["Host", "host"],
  ["Status", "status"],
  ["CPU", "cpu"],
  ["Memory", "ram"],
  ["Disk", "disk"],
  ["CPU, last hour", ""],
  ["Load", "load"],
  ["Network", "network"],
  ["Uptime", "uptime"],
  ["Last seen", "seen"],
];
/** Of these, the highest first is what one asks for with the first click. */
const HIGHEST_FIRST = new Set(["cpu", "ram", "disk", "load", "network", "uptime"]);

export class OverviewView extends View {
  #context;
  #state;
  /** @type {Map<string, HostRow>} by host name */
  #rows = new Map();
  /** @type {Map<string, any>} by name */
  #hosts = new Map();
  #count = element("p", { class: "title-detail" });
  #tools;
  #heads = new Map();
  /** Headings of groups. @type {Map<string, {head: HTMLElement, count: HTMLElement}>} */
  #groups = new Map();
  #table;
  #blocks;
  #none = element(
    "p",
    { class: "notice", hidden: true },
    "No host matches. ",
    element(
      "button",
      { type: "button", class: "button button-small", onclick: () => this.#tell({ search: "", status: "", tag: "" }) },
      "Show all hosts",
    ),
  );
  /** Only in the page while there are hosts. */
  #list = element("div");
  #empty;
  /** While there are no hosts, for who may add them. @type {RefusalWatch|null} */
  #refusals;
  #addHost;
  #sparklines;

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Overview", element("h1", { tabindex: "-1" }, "Hosts"));
    this.#context = context;
    this.#state = state;
    this.#empty = noHostsYet(context);
    this.#refusals = context.session.current.can_manage ? new RefusalWatch({ heading: "h2" }) : null;
    this.#addHost = element(
      "div",
      { class: "title-actions" },
      ...(context.session.current.can_manage ? [addHostButton(context, "button")] : []),
    );
    this.#tools = new HostTools((options, replace) => this.#tell(options, replace));
    this.#table = this.#makeTable();
    this.#blocks = new HostBlocks(this.#table, (rows) => this.#updateRows(rows));
    place.replaceChildren(
      element("div", { class: "title-row title-row-actions" }, this.heading, this.#count, this.#addHost),
      this.#list,
      this.#empty,
      ...(this.#refusals ? [this.#refusals.element] : []),
    );
    this.hostsChanged();
    this.#sparklines = new SparklineLoader(
      () => context.now(),
      () => this.#blocks.nearRows.map((row) => row.hostname),
      (name, path) => this.#rows.get(name)?.showSparkline(path),
    );
  }

  /** @param {import("../page/state.js").PageState} state @override */
  update(state) {
    this.#state = state;
    this.hostsChanged();
  }

  /** @override */
  hostsChanged() {
    const { hosts } = this.#context;
    const options = this.#state.options ?? {};
    const { sort = "", layout = "", group = "" } = options;
    setText(this.#count, describeCount(hosts));
    this.#empty.hidden = hosts.length > 0;
    this.#watchRefusals(hosts.length === 0);
    this.#addHost.hidden = hosts.length === 0; // told in the middle of the page
    arrange(this.#list, hosts.length === 0 ? [] : [this.#tools.element, this.#table, this.#none]);
    const shown = sortHosts(filterHosts(hosts, options), sort);
    this.#table.hidden = shown.length === 0;
    this.#none.hidden = shown.length > 0;
    setAttribute(this.#table, "data-layout", layout === "cards" ? "cards" : "rows");
    this.#tools.update(hosts, options);
    this.#showSort(sort);

    const focused = /** @type {HTMLElement|null} */ (document.activeElement);
    this.#hosts = new Map(hosts.map((host) => [host.hostname, host]));
    for (const name of this.#rows.keys()) if (!this.#hosts.has(name)) this.#rows.delete(name);
    this.#blocks.show(
      groupHosts(shown, group).map((one) => ({
        head: group === "" ? null : this.#groupHead(group, one),
        rows: one.hosts.map((host) => this.#row(host.hostname)),
      })),
    );
    this.#updateRows(this.#blocks.nearRows);
    // A row that was moved has lost it.
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  }

  /** @param {boolean} isWanted */
  #watchRefusals(isWanted) {
    if (this.#refusals === null) return;
    this.#refusals.element.hidden = !isWanted;
    if (isWanted) this.#refusals.start();
    else this.#refusals.stop();
  }

  /** @param {HostRow[]} rows */
  #updateRows(rows) {
    const now = this.#context.now();
    for (const row of rows) {
      const host = this.#hosts.get(row.hostname);
      if (host) row.update(host, now);
    }
  }

  /** @override */
  destroy() {
    this.#blocks.destroy();
    this.#sparklines.stop();
    this.#refusals?.stop();
  }

  /** @param {string} key @param {{name: string|null, hosts: any[]}} group */
  #groupHead(key, { name, hosts }) {
    const id = name === null ? "" : tagText(key, name);
    if (!this.#groups.has(id)) {
      const count = element("span", { class: "group-count" });
      const head = element(
        "tr",
        { role: "row", class: "group-row" },
        element(
          "th",
          { role: "rowheader", scope: "rowgroup" },
          element("span", { class: "name" }, name === null ? `without ${key}` : name),
          count,
        ),
      );
      this.#groups.set(id, { head, count });
    }
    const { head, count } = this.#groups.get(id);
    setText(count, describeCount(hosts));
    return head;
  }

  #makeTable() {
    const heads = COLUMNS.map(([title, name]) => {
      if (name === "") return element("th", { role: "columnheader", scope: "col", class: "head-spark" }, title);
      const head = element(
        "th",
        { role: "columnheader", scope: "col" },
        element("button", { type: "button", class: "sort-button", onclick: () => this.#sortBy(name) }, title),
      );
      this.#heads.set(name, head);
      return head;
    });
    return element(
      "table",
      { class: "hosts card", role: "table", "aria-label": "Hosts and their latest values" },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)),
    );
  }

  /** First as one would ask, then the other way round, then worst first again. @param {string} name */
  #sortBy(name) {
    const { column, descending } = parseSort(this.#state.options?.sort ?? "");
    const first = HIGHEST_FIRST.has(name);
    const next = column !== name ? first : !descending;
    this.#tell({ sort: column === name && descending !== first ? "" : `${next ? "-" : ""}${name}` });
  }

  /** @param {Record<string, string>} options @param {boolean} [replace] */
  #tell(options, replace = false) {
    this.#context.navigate(withOptions(this.#state, options), { replace });
  }

  /** @param {string} sort */
  #showSort(sort) {
    const { column, descending } = parseSort(sort);
    for (const [name, head] of this.#heads) {
      if (name === column) setAttribute(head, "aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  /** @param {string} hostname */
  #row(hostname) {
    let row = this.#rows.get(hostname);
    if (row === undefined) {
      row = new HostRow(hostname, (tag) => this.#tell({ tag: toggleTag(this.#state.options?.tag ?? "", tag) }));
      this.#rows.set(hostname, row);
    }
    row.link(this.#state);
    return row;
  }
}
