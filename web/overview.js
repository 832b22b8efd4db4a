/**
 * All hosts at a glance: one row each, with its latest values.
 */

import { addHostButton, noHostsYet } from "./add_host.js";
import { compareNames } from "./chart_plan.js";
import { arrange, element, setAttribute, setText } from "./dom.js";
import { format, formatAgo, formatDuration, NO_VALUE } from "./format.js";
import { formatHash, stateFor } from "./state.js";
import { statusBadge, updateStatusBadge } from "./status.js";
import { WarningBadges, warningsOf } from "./warnings.js";

/** From how many percent on a value is marked as high, and as critical. */
const HIGH_PERCENT = 80;
const CRITICAL_PERCENT = 95;

const COLUMNS = ["Host", "Status", "CPU", "Memory", "Disk", "Load", "Network", "Uptime", "Last seen"];

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

/** The sum over all interfaces but the machine's way to itself; undefined where there is none. */
function sumOfInterfaces(values) {
  if (typeof values !== "object" || values === null) return undefined;
  const real = Object.entries(values).filter(([name]) => name !== "lo");
  return real.length === 0 ? undefined : real.reduce((sum, [, value]) => sum + value, 0);
}

/** @param {any} host */
function describeNetwork(host) {
  const metrics = host.latest?.metrics ?? {};
  const received = sumOfInterfaces(metrics.network_receive_bytes_per_second);
  const sent = sumOfInterfaces(metrics.network_transmit_bytes_per_second);
  return { received: format.formatValue(received, "bytes_per_second"), sent: format.formatValue(sent, "bytes_per_second") };
}

/** Where a host stands in the list: what is down or not well comes first, as that is what one looks for. @param {any} host */
function rank(host) {
  if (host.status !== "up") return 0;
  return warningsOf(host).length > 0 ? 1 : 2;
}

/** @param {any[]} hosts */
function describeCount(hosts) {
  if (hosts.length === 0) return "";
  const down = hosts.filter((host) => host.status !== "up").length;
  const warned = hosts.filter((host) => rank(host) === 1).length;
  const parts = [`${hosts.length - down} up`, down > 0 ? `${down} down` : "", warned > 0 ? `${warned} with a warning` : ""];
  return parts.filter(Boolean).join(", ");
}

class HostRow {
  #link = element("a", { class: "row-link name" });
  #system = element("span", { class: "row-detail" });
  #warnings = new WarningBadges();
  #status = statusBadge();
  #meters = { cpu: new Meter("CPU"), ram: new Meter("Memory"), disk: new Meter("Disk") };
  #load = element("td", { role: "cell", class: "cell-load", "data-label": "Load" });
  #received = element("span");
  #sent = element("span");
  #uptime = element("td", { role: "cell", class: "cell-uptime", "data-label": "Uptime" });
  #seen = element("td", { role: "cell", class: "cell-seen" });

  constructor() {
    const network = element("td", { role: "cell", class: "cell-network", "data-label": "Network" },
      element("span", { class: "visually-hidden" }, "received "), this.#received, element("span", { class: "visually-hidden" }, ", sent "), this.#sent);
    this.element = element("tr", { role: "row" },
      element("td", { role: "cell", class: "cell-host" }, this.#link, this.#system, this.#warnings.element),
      element("td", { role: "cell", class: "cell-status" }, this.#status),
      this.#meters.cpu.element, this.#meters.ram.element, this.#meters.disk.element,
      this.#load, network, this.#uptime, this.#seen);
  }

  /** @param {any} host @param {number} now Unix seconds @param {import("./state.js").PageState} state */
  update(host, now, state) {
    const up = host.status === "up";
    const latest = host.latest ?? {};
    const facts = host.facts ?? {};
    setText(this.#link, host.hostname);
    setAttribute(this.#link, "href", formatHash(stateFor("host", state, [host.hostname])));
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
  #heading = element("h1", { tabindex: "-1" }, "Hosts");
  #count = element("p", { class: "title-detail" });
  #body = element("tbody", { role: "rowgroup" });
  #table = element("table", { class: "hosts card", role: "table", "aria-label": "Hosts and their latest values" },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...COLUMNS.map((name) => element("th", { role: "columnheader", scope: "col" }, name)))),
    this.#body);
  #empty;
  #addHost;

  /** @param {HTMLElement} place @param {import("./app.js").Context} context @param {import("./state.js").PageState} state */
  constructor(place, context, state) {
    this.#context = context;
    this.#state = state;
    this.#empty = noHostsYet(context);
    this.#addHost = element("div", { class: "title-actions" }, ...(context.session.current.can_manage ? [addHostButton(context.session, "button")] : []));
    place.replaceChildren(element("div", { class: "title-row title-row-actions" }, this.#heading, this.#count, this.#addHost), this.#table, this.#empty);
    this.hostsChanged();
  }

  get heading() {
    return this.#heading;
  }

  /** @param {import("./state.js").PageState} state */
  update(state) {
    this.#state = state;
    this.hostsChanged();
  }

  hostsChanged() {
    const { hosts } = this.#context;
    const now = this.#context.now();
    setText(this.#count, describeCount(hosts));
    this.#empty.hidden = hosts.length > 0;
    this.#addHost.hidden = hosts.length === 0; // told in the middle of the page
    this.#table.hidden = hosts.length === 0;

    const ranks = new Map(hosts.map((host) => [host, rank(host)]));
    const sorted = [...hosts].sort((first, second) => ranks.get(first) - ranks.get(second) || compareNames(first.hostname, second.hostname));
    const rows = new Map();
    for (const host of sorted) {
      const row = this.#rows.get(host.hostname) ?? new HostRow();
      row.update(host, now, this.#state);
      rows.set(host.hostname, row);
    }
    this.#rows = rows;
    arrange(this.#body, [...rows.values()].map((row) => row.element));
  }

  themeChanged() {}

  destroy() {}
}
