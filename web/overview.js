/**
 * All hosts at a glance: one row each, with its latest values.
 */

import { addHostButton, noHostsYet } from "./add_host.js";
import { arrange, element, setAttribute, setText } from "./dom.js";
import { format, formatAgo, formatDuration, NO_VALUE } from "./format.js";
import { conditionOf, CRITICAL_PERCENT, filterHosts, HIGH_PERCENT, parseSort, sortHosts, sumOfInterfaces } from "./host_order.js";
import { Sparkline, SparklineLoader } from "./sparkline.js";
import { formatHash, stateFor, withOptions } from "./state.js";
import { statusBadge, updateStatusBadge } from "./status.js";
import { WarningBadges } from "./warnings.js";

/** Columns: what stands above, and what sorts by it. */
const COLUMNS = [["Host", "host"], ["Status", "status"], ["CPU", "cpu"], ["Memory", "ram"], ["Disk", "disk"], ["CPU, last hour", ""], ["Load", "load"], ["Network", "network"], ["Uptime", "uptime"], ["Last seen", "seen"]];
/** Of these, the highest first is what one asks for with the first click. */
const HIGHEST_FIRST = new Set(["cpu", "ram", "disk", "load", "network", "uptime"]);
const CONDITIONS = [["", "All"], ["up", "Up"], ["down", "Down"], ["warned", "Warning"]];
const NEAR_THE_SCREEN = "600px 0px";
const FIRST_ROWS = 30;

/** A percentage with a small bar. */
class Meter {
  #value = element("span", { class: "meter-value" });
  #fill = element("span", { class: "meter-fill" });

  /** @param {string} label */
  constructor(label) {
    this.element = element("td", { role: "cell", class: "cell-meter", "data-label": label },
      this.#value, element("span", { class: "meter-bar", "aria-hidden": "true" }, this.#fill));
  }

  /** @param {number|undefined} percent */
  update(percent) {
    const known = typeof percent === "number";
    setText(this.#value, format.formatValue(percent, "percent", 1));
    this.#fill.style.transform = `scaleX(${known ? Math.min(Math.max(percent, 0), 100) / 100 : 0})`;
    const level = !known || percent < HIGH_PERCENT ? "normal" : percent < CRITICAL_PERCENT ? "high" : "critical";
    setAttribute(this.#fill, "data-level", level);
  }
}

/** @param {any} host */
function describeNetwork(host) {
  const metrics = host.latest?.metrics ?? {};
  const received = sumOfInterfaces(metrics.network_receive_bytes_per_second);
  const sent = sumOfInterfaces(metrics.network_transmit_bytes_per_second);
  return { received: format.formatValue(received, "bytes_per_second"), sent: format.formatValue(sent, "bytes_per_second") };
}

/** @param {any[]} hosts */
function describeCount(hosts) {
  if (hosts.length === 0) return "";
  const down = hosts.filter((host) => host.status !== "up").length;
  const warned = hosts.filter((host) => conditionOf(host) === "warned").length;
  const parts = [`${hosts.length - down} up`, down > 0 ? `${down} down` : "", warned > 0 ? `${warned} with a warning` : ""];
  return parts.filter(Boolean).join(", ");
}

/** One host. Its cells are made when it first comes near the screen, and kept up to date while it is there. */
class HostRow {
  near = false;
  #made = false;
  #link = element("a", { class: "row-link name" });
  #system;
  #warnings;
  #status;
  #meters;
  #load;
  #received;
  #sent;
  #uptime;
  #seen;
  #spark;
  #path = "";

  /** @param {string} hostname */
  constructor(hostname) {
    this.hostname = hostname;
    this.element = element("tr", { role: "row" }, element("td", { role: "cell", class: "cell-host" }, this.#link));
    setText(this.#link, hostname);
  }

  #make() {
    this.#made = true;
    this.#system = element("span", { class: "row-detail" });
    this.#warnings = new WarningBadges();
    this.#status = statusBadge();
    this.#meters = { cpu: new Meter("CPU"), ram: new Meter("Memory"), disk: new Meter("Disk") };
    this.#load = element("td", { role: "cell", class: "cell-load", "data-label": "Load" });
    this.#received = element("span");
    this.#sent = element("span");
    this.#uptime = element("td", { role: "cell", class: "cell-uptime", "data-label": "Uptime" });
    this.#seen = element("td", { role: "cell", class: "cell-seen" });
    this.#spark = new Sparkline();
    this.#spark.show(this.#path);
    const network = element("td", { role: "cell", class: "cell-network", "data-label": "Network" },
      element("span", { class: "visually-hidden" }, "received "), this.#received, element("span", { class: "visually-hidden" }, ", sent "), this.#sent);
    this.element.firstElementChild.append(this.#system, this.#warnings.element);
    this.element.append(element("td", { role: "cell", class: "cell-status" }, this.#status),
      this.#meters.cpu.element, this.#meters.ram.element, this.#meters.disk.element, this.#spark.element, this.#load, network, this.#uptime, this.#seen);
  }

  /** @param {string} path of the sparkline */
  showSparkline(path) {
    this.#path = path;
    this.#spark?.show(path);
  }

  /** @param {any} host @param {number} now Unix seconds @param {import("./state.js").PageState} state */
  update(host, now, state) {
    setAttribute(this.#link, "href", formatHash(stateFor("host", state, [host.hostname])));
    if (!this.near) return;
    if (!this.#made) this.#make();
    const up = host.status === "up";
    const latest = host.latest ?? {};
    const facts = host.facts ?? {};
    setText(this.#system, facts.os ?? "");
    this.#warnings.update(host);
    updateStatusBadge(this.#status, host.status);
    setAttribute(this.element, "data-status", up ? "up" : "down");
    for (const [name, meter] of Object.entries(this.#meters)) meter.update(latest[name]);
    setText(this.#load, format.formatValue(latest.metrics?.load1, "count", 2));
    const network = describeNetwork(host);
    setText(this.#received, network.received === NO_VALUE ? NO_VALUE : `↓ ${network.received}`);
    setText(this.#sent, network.sent === NO_VALUE ? "" : `↑ ${network.sent}`);
    setText(this.#uptime, up ? formatDuration(facts.boot_time ? now - facts.boot_time : latest.metrics?.uptime_seconds) : NO_VALUE);
    setText(this.#seen, formatAgo(now - host.last_seen));
    setAttribute(this.#seen, "title", format.formatMoment(host.last_seen));
  }
}

export class OverviewView {
  title = "Overview";
  #context;
  #state;
  /** @type {Map<string, HostRow>} by host name */
  #rows = new Map();
  /** @type {Map<Element, HostRow>} */
  #rowOf = new WeakMap();
  /** @type {Map<string, any>} by name */
  #hosts = new Map();
  #heading = element("h1", { tabindex: "-1" }, "Hosts");
  #count = element("p", { class: "title-detail" });
  #search = element("input", { type: "search", id: "search", class: "input", placeholder: "Find hosts", "aria-label": "Find hosts", autocomplete: "off", spellcheck: "false", oninput: () => this.#tell({ search: this.#search.value }, true) });
  #conditions = new Map();
  #layout = element("button", { type: "button", class: "button button-small", onclick: () => this.#tell({ layout: this.#state.options.layout ? "" : "cards" }) });
  #tools;
  #heads = new Map();
  #body = element("tbody", { role: "rowgroup" });
  #table;
  #none = element("p", { class: "notice", hidden: true }, "No host matches. ",
    element("button", { type: "button", class: "button button-small", onclick: () => this.#tell({ search: "", status: "" }) }, "Show all hosts"));
  /** Only in the page while there are hosts. */
  #list = element("div");
  #empty;
  #addHost;
  #observer;
  #sparklines;

  /** @param {HTMLElement} place @param {import("./app.js").Context} context @param {import("./state.js").PageState} state */
  constructor(place, context, state) {
    this.#context = context;
    this.#state = state;
    this.#empty = noHostsYet(context);
    this.#addHost = element("div", { class: "title-actions" }, ...(context.session.current.can_manage ? [addHostButton(context.session, "button")] : []));
    this.#tools = this.#makeTools();
    this.#table = this.#makeTable();
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: NEAR_THE_SCREEN });
    place.replaceChildren(element("div", { class: "title-row title-row-actions" }, this.#heading, this.#count, this.#addHost), this.#list, this.#empty);
    this.#search.value = state.options?.search ?? "";
    this.hostsChanged();
    this.#sparklines = new SparklineLoader(() => context.now(), () => this.#nearHosts(), (name, path) => this.#rows.get(name)?.showSparkline(path));
  }

  get heading() {
    return this.#heading;
  }

  /** @param {import("./state.js").PageState} state */
  update(state) {
    this.#state = state;
    if (document.activeElement !== this.#search) this.#search.value = state.options?.search ?? "";
    this.hostsChanged();
  }

  hostsChanged() {
    const { hosts } = this.#context;
    const { search, status, sort = "", layout = "" } = this.#state.options ?? {};
    setText(this.#count, describeCount(hosts));
    this.#empty.hidden = hosts.length > 0;
    this.#addHost.hidden = hosts.length === 0; // told in the middle of the page
    arrange(this.#list, hosts.length === 0 ? [] : [this.#tools, this.#table, this.#none]);
    const shown = sortHosts(filterHosts(hosts, { search, status }), sort);
    this.#table.hidden = shown.length === 0;
    this.#none.hidden = shown.length > 0;
    setAttribute(this.#table, "data-layout", layout === "cards" ? "cards" : "rows");
    this.#showTools(hosts, { status, sort, layout });

    const now = this.#context.now();
    this.#hosts = new Map(hosts.map((host) => [host.hostname, host]));
    for (const host of shown) this.#row(host.hostname).update(host, now, this.#state);
    for (const [name, row] of this.#rows) {
      if (this.#hosts.has(name)) continue;
      this.#observer.unobserve(row.element);
      this.#rows.delete(name);
    }
    arrange(this.#body, shown.map((host) => this.#rows.get(host.hostname).element));
  }

  themeChanged() {}

  destroy() {
    this.#observer.disconnect();
    this.#sparklines.stop();
  }

  #makeTools() {
    const chips = element("div", { class: "timeframes", role: "group", "aria-label": "Status" }, ...CONDITIONS.map(([name]) => {
      const button = element("button", { type: "button", onclick: () => this.#tell({ status: name }) });
      this.#conditions.set(name, button);
      return button;
    }));
    return element("div", { class: "host-tools" }, this.#search, chips, this.#layout);
  }

  #makeTable() {
    const heads = COLUMNS.map(([title, name]) => {
      if (name === "") return element("th", { role: "columnheader", scope: "col", class: "head-spark" }, title);
      const head = element("th", { role: "columnheader", scope: "col" }, element("button", { type: "button", class: "sort-button", onclick: () => this.#sortBy(name) }, title));
      this.#heads.set(name, head);
      return head;
    });
    return element("table", { class: "hosts card", role: "table", "aria-label": "Hosts and their latest values" },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)), this.#body);
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

  #showTools(hosts, { status = "", sort, layout }) {
    const counts = { "": hosts.length, up: 0, down: 0, warned: 0 };
    for (const host of hosts) {
      const condition = conditionOf(host);
      counts[condition] += 1;
      if (condition === "warned") counts.up += 1;
    }
    for (const [name, title] of CONDITIONS) {
      const button = this.#conditions.get(name);
      setText(button, `${title} ${counts[name]}`);
      setAttribute(button, "aria-pressed", String(name === status));
    }
    setText(this.#layout, layout === "cards" ? "Show rows" : "Show cards");
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
      row = new HostRow(hostname);
      // Enough of them to fill a screen are made at once, so that nothing appears a moment later.
      row.near = this.#rows.size < FIRST_ROWS;
      this.#rows.set(hostname, row);
      this.#rowOf.set(row.element, row);
      this.#observer.observe(row.element);
    }
    return row;
  }

  #nearHosts() {
    return [...this.#body.children].map((child) => this.#rowOf.get(child)).filter((row) => row.near).map((row) => row.hostname);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #moved(entries) {
    const now = this.#context.now();
    for (const { target, isIntersecting } of entries) {
      const row = this.#rowOf.get(target);
      row.near = isIntersecting;
      const host = this.#hosts.get(row.hostname);
      if (isIntersecting && host) row.update(host, now, this.#state);
    }
  }
}
