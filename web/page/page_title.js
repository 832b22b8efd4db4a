/**
 * What the browser's tab tells: the view, and how many alarms are open and hosts down, in the title and in the icon.
 */

import { describeCounts } from "../parts/alarm_counts.js";

const ICON = "assets/favicon.svg";
const SIZE = 32;
const DISC = { x: 23, y: 9, radius: 9 };
const COLOURS = { critical: "#d23c38", warning: "#9a6200" };

/**
 * @param {string} view
 * @param {number} down
 * @param {import("../parts/alarm_counts.js").AlarmCounts} [alarms]
 */
export function titleOf(view, down, alarms = { critical: 0, warning: 0 }) {
  const told = [describeCounts(alarms), down > 0 ? `${down} down` : ""].filter(Boolean).join(", ");
  return `${told === "" ? "" : `(${told}) `}${view} · Hostwatch`;
}

/**
 * What the icon counts: alarms, as a host that is down soon has one of its own; until then, and without rules, hosts.
 * @param {number} down
 * @param {import("../parts/alarm_counts.js").AlarmCounts} alarms
 */
export function iconOf(down, { critical, warning }) {
  const count = Math.max(critical + warning, down);
  return { count, severity: critical > 0 || down > 0 ? "critical" : "warning" };
}

export class PageTitle {
  #link;
  #image = null;
  #shown = "0";

  /** @param {HTMLLinkElement} link to the icon */
  constructor(link) {
    this.#link = link;
  }

  /**
   * @param {string} view its title
   * @param {any[]} hosts
   * @param {import("../parts/alarm_counts.js").AlarmCounts} alarms
   */
  show(view, hosts, alarms) {
    const down = hosts.filter((host) => host.status !== "up").length;
    const title = titleOf(view, down, alarms);
    if (document.title !== title) document.title = title;
    const { count, severity } = iconOf(down, alarms);
    const shown = count === 0 ? "0" : `${count} ${severity}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (count > 0) this.#draw(count, severity, shown);
    else this.#link.href = ICON;
  }

  /** @param {number} count @param {string} severity @param {string} shown */
  async #draw(count, severity, shown) {
    try {
      if (this.#image === null) {
        this.#image = new Image(SIZE, SIZE);
        this.#image.src = ICON;
      }
      await this.#image.decode();
      if (shown !== this.#shown) return;
      const canvas = document.createElement("canvas");
      canvas.width = SIZE;
      canvas.height = SIZE;
      const ctx = canvas.getContext("2d");
      ctx.drawImage(this.#image, 0, 0, SIZE, SIZE);
      ctx.fillStyle = COLOURS[severity];
      ctx.beginPath();
      ctx.arc(DISC.x, DISC.y, DISC.radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = "#fff";
      ctx.font = "700 14px sans-serif";
      ctx.textAlign = "center";
      ctx.fillText(count > 9 ? "!" : String(count), DISC.x, DISC.y + 5);
      this.#link.href = canvas.toDataURL("image/png");
    } catch {
      // Then the title tells it alone.
    }
  }
}
