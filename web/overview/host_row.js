/**
 * One host in the list of all: its latest values.
 */

import { element, setAttribute, setText } from "../parts/dom.js";
import { format, formatDuration, NO_VALUE } from "../parts/format.js";
import { CRITICAL_PERCENT, HIGH_PERCENT, networkOf } from "./host_order.js";
import { tagsOf, tagText } from "./host_tags.js";
import { Sparkline } from "./sparkline.js";
import { formatHash, stateFor } from "../page/state.js";
import { AlarmBadge } from "../parts/alarm_counts.js";
import { lastSeen, statusBadge, updateStatusBadge } from "../parts/status.js";
import { WarningBadges } from "../parts/warnings.js";

/** More tags than this are told in the host's own view alone. */
const MOST_TAGS = 4;

/** A percentage with a small bar. */
class Meter {
  #value = element("span", { class: "meter-value" });
  #fill = element("span", { class: "meter-fill" });

  /** @param {string} label */
  constructor(label) {
    this.element = element(
      "td",
      { role: "cell", class: "cell-meter", "data-label": label },
      this.#value,
      element("span", { class: "meter-bar", "aria-hidden": "true" }, this.#fill),
    );
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
  const { received, sent } = networkOf(host);
  return {
    received: format.formatValue(received, "bytes_per_second"),
    sent: format.formatValue(sent, "bytes_per_second"),
  };
}

/** One host. Its cells are made when it first comes near the screen, and kept up to date while it is there. */
export class HostRow {
  /** Whether it is near the screen; kept by the block that it stands in. */
  near = false;
  #made = false;
  /** @type {import("../page/state.js").PageState|null} */
  #linkedFor = null;
  #link = element("a", { class: "row-link name" });
  #system;
  #warnings;
  #alarms;
  #status;
  #meters;
  #load;
  #received;
  #sent;
  #uptime;
  #seen;
  #spark;
  #path = "";
  /** Of the host as it is shown. @type {number|undefined} */
  #shownRevision;

  #tags = element("span", { class: "row-tags" });
  #shownTags = "";
  #onTag;

  /** @param {string} hostname @param {(tag: string) => void} onTag somebody chose one of its tags */
  constructor(hostname, onTag) {
    this.hostname = hostname;
    this.#onTag = onTag;
    this.element = element("tr", { role: "row" }, element("td", { role: "cell", class: "cell-host" }, this.#link));
    setText(this.#link, hostname);
  }

  #make() {
    this.#made = true;
    this.#system = element("span", { class: "row-detail" });
    this.#warnings = new WarningBadges();
    this.#alarms = new AlarmBadge();
    this.#status = statusBadge();
    this.#meters = { cpu: new Meter("CPU"), ram: new Meter("Memory"), disk: new Meter("Disk") };
    this.#load = element("td", { role: "cell", class: "cell-load", "data-label": "Load" });
    this.#received = element("span");
    this.#sent = element("span");
    this.#uptime = element("td", { role: "cell", class: "cell-uptime", "data-label": "Uptime" });
    this.#seen = element("td", { role: "cell", class: "cell-seen" });
    this.#spark = new Sparkline();
    this.#spark.show(this.#path);
    const network = element(
      "td",
      { role: "cell", class: "cell-network", "data-label": "Network" },
      element("span", { class: "visually-hidden" }, "received "),
      this.#received,
      element("span", { class: "visually-hidden" }, ", sent "),
      this.#sent,
    );
    this.element.firstElementChild.append(this.#system, this.#tags, this.#alarms.element, this.#warnings.element);
    this.element.append(
      element("td", { role: "cell", class: "cell-status" }, this.#status),
      this.#meters.cpu.element,
      this.#meters.ram.element,
      this.#meters.disk.element,
      this.#spark.element,
      this.#load,
      network,
      this.#uptime,
      this.#seen,
    );
  }

  /** @param {string} path of the sparkline */
  showSparkline(path) {
    this.#path = path;
    this.#spark?.show(path);
  }

  /** Where it leads: to the host over the list's own time. @param {import("../page/state.js").PageState} state */
  link(state) {
    if (state === this.#linkedFor) return;
    this.#linkedFor = state;
    setAttribute(this.#link, "href", formatHash(stateFor("host", state, [this.hostname])));
  }

  /** @param {any} host as HostList has it @param {number} now Unix seconds */
  update(host, now) {
    if (!this.#made) this.#make();
    if (this.#shownRevision !== host.revision) {
      this.#shownRevision = host.revision;
      this.#show(host);
    }
    // Time goes on though nothing is told of a host.
    const { latest, facts, standing } = host;
    const since = facts?.boot_time ? now - facts.boot_time : latest?.metrics?.uptime_seconds;
    setText(this.#uptime, standing === "up" ? formatDuration(since) : NO_VALUE);
    const { ago, title } = lastSeen(host, now);
    setText(this.#seen, ago);
    setAttribute(this.#seen, "title", title);
  }

  /** What changes with the host alone. @param {any} host */
  #show(host) {
    const latest = host.latest ?? {};
    setText(this.#system, host.facts?.os ?? "");
    this.#showTags(host);
    this.#warnings.update(host);
    this.#alarms.update(host);
    updateStatusBadge(this.#status, host.standing);
    setAttribute(this.element, "data-status", host.standing);
    for (const [name, meter] of Object.entries(this.#meters)) meter.update(latest[name]);
    setText(this.#load, format.formatValue(latest.metrics?.load1, "count", 2));
    const network = describeNetwork(host);
    setText(this.#received, network.received === NO_VALUE ? NO_VALUE : `↓ ${network.received}`);
    setText(this.#sent, network.sent === NO_VALUE ? "" : `↑ ${network.sent}`);
  }

  /** @param {any} host */
  #showTags(host) {
    const tags = tagsOf(host)
      .slice(0, MOST_TAGS)
      .map(([key, value]) => tagText(key, value));
    const shown = tags.join(",");
    if (shown === this.#shownTags) return;
    this.#shownTags = shown;
    this.#tags.replaceChildren(
      ...tags.map((tag) =>
        element(
          "button",
          { type: "button", class: "tag name", title: `Hosts with ${tag}`, onclick: () => this.#onTag(tag) },
          tag,
        ),
      ),
    );
  }
}
