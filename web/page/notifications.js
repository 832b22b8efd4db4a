/**
 * Tells of new alarms, and of hosts that go down and come back, where the person allows it: for who does not look at
 * the page all the time.
 */

import { getOpenAlarms } from "../history/api.js";
import { setText } from "../parts/dom.js";
import { countsKey, newAlarms, notificationsOf } from "./open_alarms.js";
import { formatHash, plainState, stateOfOne } from "./state.js";

const STORAGE_KEY = "hostwatch-notify";
const MOST_NAMES = 3;

/**
 * Which hosts have gone down since, and which came back. Hosts that were not there before are no news.
 * @param {Map<string, string>} before status by name
 * @param {any[]} hosts of now
 */
export function statusChanges(before, hosts) {
  const changed = (from, to) =>
    hosts.filter((host) => before.get(host.hostname) === from && host.status === to).map((host) => host.hostname);
  return { down: changed("up", "down"), up: changed("down", "up") };
}

/** @param {string[]} names */
function listOf(names) {
  const rest = names.length - MOST_NAMES;
  return rest > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${rest} more` : names.join(", ");
}

/**
 * What to tell of them: one sentence for all that went down together, one for all that came back.
 * @param {{down: string[], up: string[]}} changes
 * @returns {string[]}
 */
export function describeChanges({ down, up }) {
  const sentence = (names, what) =>
    names.length === 0
      ? []
      : [names.length === 1 ? `${names[0]} is ${what}` : `${names.length} hosts are ${what}: ${listOf(names)}`];
  return [...sentence(down, "down"), ...sentence(up, "up again")];
}

export class Notifications {
  #button;
  #wanted = false;
  /** @type {Map<string, string>|null} null until hosts are known */
  #before = null;
  /** Alarms that are no news. @type {Set<number>|null} null until they are known */
  #known = null;
  /** What the hosts' counts were when alarms were asked for last. */
  #counts = "";
  /** Hosts that were told to be down. @type {Set<string>} */
  #down = new Set();

  /** @param {HTMLButtonElement} button switches them on and off */
  constructor(button) {
    this.#button = button;
    button.hidden = !("Notification" in globalThis);
    if (button.hidden) return;
    try {
      this.#wanted = localStorage.getItem(STORAGE_KEY) === "on" && Notification.permission === "granted";
    } catch {
      // Then they are off.
    }
    button.addEventListener("click", () => this.#switch());
    this.#describe();
  }

  /** Whether the person asked for it. */
  get areWanted() {
    return this.#wanted;
  }

  /** @param {any[]} hosts as the server lists them now */
  update(hosts) {
    const changes = statusChanges(this.#before ?? new Map(), hosts);
    this.#before = new Map(hosts.map((host) => [host.hostname, host.status]));
    if (!this.#wanted) return;
    for (const name of changes.down) this.#down.add(name);
    for (const name of changes.up) this.#down.delete(name);
    for (const text of describeChanges(changes)) this.#tell(text, formatHash(plainState("overview")));
    const counts = countsKey(hosts);
    if (counts !== this.#counts || this.#known === null) this.#askForAlarms(counts);
  }

  /** @param {string} counts */
  async #askForAlarms(counts) {
    this.#counts = counts;
    try {
      const { alarms } = await getOpenAlarms();
      const known = this.#known;
      this.#known = new Set(alarms.map(({ id }) => id));
      if (known === null || !this.#wanted) return; // what was there before is no news
      for (const { text, id } of notificationsOf(newAlarms(known, alarms, this.#down))) {
        const state = plainState("alarms");
        this.#tell(text, formatHash(id === null ? state : stateOfOne("alarm", state, id)));
      }
    } catch {
      this.#counts = ""; // asked again with the next hosts; that the server is away is told by the banner
    }
  }

  /** @param {string} text @param {string} address where it leads */
  #tell(text, address) {
    try {
      const told = new Notification("Hostwatch", { body: text, icon: "assets/favicon.svg", tag: text });
      told.onclick = () => {
        globalThis.focus();
        location.hash = address;
        told.close();
      };
    } catch {
      // Some phones know the name and cannot do it: then the tab's title tells alone.
    }
  }

  /** What was seen is no longer known: the next hosts are no news. */
  forget() {
    this.#before = null;
    this.#known = null;
    this.#counts = "";
    this.#down.clear();
  }

  async #switch() {
    this.#wanted = !this.#wanted && (await Notification.requestPermission()) === "granted";
    this.#known = null; // what fired meanwhile is no news
    try {
      localStorage.setItem(STORAGE_KEY, this.#wanted ? "on" : "off");
    } catch {
      // Then it holds until the page is closed.
    }
    this.#describe();
  }

  #describe() {
    const isDenied = Notification.permission === "denied";
    setText(
      this.#button,
      isDenied
        ? "Notifications are blocked in this browser"
        : this.#wanted
          ? "Stop notifying me"
          : "Notify me of alarms, and of hosts that go down",
    );
    this.#button.setAttribute("aria-pressed", String(this.#wanted));
    this.#button.disabled = isDenied;
  }
}
