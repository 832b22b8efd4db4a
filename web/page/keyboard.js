/**
 * Keys for the whole page, and the window that lists them.
 */

import { Dialog } from "../parts/dialog.js";
import { element } from "../parts/dom.js";

const STORAGE_KEY = "hostwatch-keys";

/** What the window tells. */
const KEYS = [
  ["/", "find hosts"],
  ["↑ ↓ or k j", "the host before, the next one, in the list"],
  ["Enter", "open it"],
  ["← →", "in a host's view: the host before, the next one"],
  ["o or g o", "overview"],
  ["c or g c", "compare"],
  ["a or g a", "alarms"],
  ["t", "the next timeframe"],
  ["l", "live, or stopped at what is shown"],
  ["u", "local time or UTC"],
  ["w", "the wall mode, and out of it"],
  ["Tab to a chart, then ← →", "move the cursor over all charts; with Shift in larger steps"],
  ["+ −", "on a chart: magnify, less"],
  ["Escape", "back from what is magnified; close what is open"],
  ["?", "this list"],
];

/** Whether a key press is meant for something else: a field, a menu, the browser. @param {KeyboardEvent} event */
function isElsewhere(event) {
  if (
    event.defaultPrevented ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    document.querySelector("dialog[open]")
  ) {
    return true;
  }
  return (
    event.target instanceof Element &&
    event.target.closest("input, select, textarea, canvas, .menu-place, .chart-table") !== null
  );
}

export class Keyboard {
  #actions;
  #letters = true;

  /**
   * @param {object} actions
   * @param {(view: "overview"|"compare"|"alarms") => void} actions.go
   * @param {() => void} actions.nextTimeframe
   * @param {() => void} actions.toggleLive
   * @param {() => void} actions.switchZone
   * @param {() => void} actions.wall starts or stops it
   * @param {(distance: 1|-1) => boolean} actions.neighbour to the next host or the one before; false where no host is
   *   shown
   */
  constructor(actions) {
    this.#actions = actions;
    try {
      this.#letters = localStorage.getItem(STORAGE_KEY) !== "off";
    } catch {
      // Then they are on.
    }
    document.addEventListener("keydown", (event) => {
      if (!isElsewhere(event) && this.#act(event.key)) event.preventDefault();
    });
  }

  showHelp() {
    const box = element("input", { type: "checkbox", onchange: () => this.#setLetters(box.checked) });
    box.checked = this.#letters;
    new Dialog(
      "Keys",
      element(
        "dl",
        { class: "keys" },
        ...KEYS.map(([key, what]) => element("div", {}, element("dt", {}, key), element("dd", {}, what))),
      ),
      element("label", { class: "keys-switch" }, box, "Single letters and signs do something"),
    ).open(undefined, document.body);
  }

  /** @param {string} key @returns {boolean} whether it did something */
  #act(key) {
    if (key === "ArrowLeft" || key === "ArrowRight") return this.#actions.neighbour(key === "ArrowRight" ? 1 : -1);
    if (key === "ArrowUp" || key === "ArrowDown") {
      return document.activeElement?.matches(".row-link") === true && moveInList(key === "ArrowDown" ? 1 : -1);
    }
    if (!this.#letters) return false;
    switch (key) {
      case "/":
        return focusSearch();
      case "j":
        return moveInList(1);
      case "k":
        return moveInList(-1);
      case "o":
        this.#actions.go("overview");
        return true;
      case "c":
        this.#actions.go("compare");
        return true;
      case "a":
        this.#actions.go("alarms");
        return true;
      case "t":
        this.#actions.nextTimeframe();
        return true;
      case "l":
        this.#actions.toggleLive();
        return true;
      case "u":
        this.#actions.switchZone();
        return true;
      case "w":
        this.#actions.wall();
        return true;
      case "?":
        this.showHelp();
        return true;
      default:
        return false;
    }
  }

  /** @param {boolean} wanted */
  #setLetters(wanted) {
    this.#letters = wanted;
    try {
      localStorage.setItem(STORAGE_KEY, wanted ? "on" : "off");
    } catch {
      // Then it holds until the page is closed.
    }
  }
}

function focusSearch() {
  /** @type {HTMLInputElement|null} */
  const search = document.querySelector("main input[type=search]");
  if (!search) return false;
  search.focus();
  search.select();
  return true;
}

/** @param {1|-1} distance */
function moveInList(distance) {
  /** @type {NodeListOf<HTMLElement>} */
  const found = document.querySelectorAll(".row-link");
  const links = [...found];
  if (links.length === 0) return false;
  const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  links[at < 0 ? 0 : Math.min(Math.max(at + distance, 0), links.length - 1)].focus();
  return true;
}
