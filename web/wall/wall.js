/**
 * The wall mode: the overview and the hosts that it shows in turn, for a screen that nobody sits at. It stands in the
 * address, so that a reload goes on.
 */

import { element, setText } from "../parts/dom.js";
import { filterHosts } from "../overview/host_order.js";
import { parseHash, stateFor, withOptions } from "../page/state.js";
import { planRound } from "./wall_round.js";

const DEFAULT_SECONDS = 15;
const CHOICES = [5, 10, 15, 30, 60, 300];
/** While a window is open nothing may change under it. */
const LOOK_AGAIN_MILLISECONDS = 1000;

const ignore = () => {};

export class Wall {
  #context;
  /** Seconds that each is shown; 0: it does not run. */
  #seconds = 0;
  /** The host that is shown; "" is the overview, null before anything was. @type {string|null} */
  #shown = null;
  /** @type {string[]} hosts that are still to come in this round */
  #queue = [];
  #roundLength = 0;
  #after = { troubled: "", well: "" };
  /** Where it was started; null where it goes on after a reload. @type {import("../page/state.js").PageState|null} */
  #from = null;
  /** Whether Back leads there. */
  #canGoBack = false;
  #wasFullscreen = false;
  #timer = 0;
  #end = 0;
  /** Milliseconds that were left when the page was hidden. */
  #left = 0;
  /** @type {WakeLockSentinel|null} */
  #wakeLock = null;
  #animation = null;
  #place = element("span", { class: "wall-place" });
  #choice = element("select", { "aria-label": "Show each for", onchange: () => this.#choose() });
  #stop = element(
    "button",
    { type: "button", class: "button button-small", title: "Stop (Escape)", onclick: () => this.stop() },
    "Stop",
  );
  #progress = element("span", { class: "wall-progress", "aria-hidden": "true" });
  #bar = element(
    "aside",
    { class: "wall-bar card", "aria-label": "Wall mode" },
    this.#place,
    this.#choice,
    this.#stop,
    this.#progress,
  );

  /** @param {import("../page/context.js").Context} context */
  constructor(context) {
    this.#context = context;
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
    addEventListener("hashchange", () => {
      if (this.isOn) this.#canGoBack = false; // somebody sorted the list, or went back and forth
    });
    document.addEventListener("fullscreenchange", () => {
      // The browser takes Escape for itself there.
      if (this.#wasFullscreen && document.fullscreenElement === null) this.stop();
      this.#wasFullscreen = document.fullscreenElement !== null;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && this.isOn && !document.querySelector("dialog[open]")) {
        this.stop();
      }
    });
  }

  get isOn() {
    return this.#seconds > 0;
  }

  /** Starts with what is shown, where it can be part of it. */
  start() {
    const state = parseHash(location.hash);
    const wall = String(DEFAULT_SECONDS);
    document.documentElement.requestFullscreen?.().catch(ignore); // the page alone does as well
    this.#from = state;
    this.#canGoBack = true;
    this.#context.navigate(
      ["overview", "host"].includes(state.view)
        ? withOptions(state, { wall })
        : stateFor("overview", state, [], { wall }),
    );
  }

  /** Leads back to where it was started. */
  stop() {
    if (!this.isOn) return;
    if (this.#canGoBack) {
      history.back();
    } else {
      this.#context.navigate(this.#from ?? withOptions(this.#overviewOf(parseHash(location.hash)), { wall: "" }), {
        replace: true,
      });
    }
  }

  toggle() {
    if (this.isOn) this.stop();
    else this.start();
  }

  /** The page shows something. @param {string} view @param {import("../page/state.js").PageState} state */
  update(view, state) {
    const seconds = view === "overview" || view === "host" ? Number(state.options?.wall ?? 0) : 0;
    if (seconds === 0) {
      this.#leave();
      return;
    }
    const shown = view === "host" ? state.hosts[0] : "";
    if (!this.isOn) this.#enter(shown);
    if (shown === this.#shown && seconds === this.#seconds) return;
    this.#shown = shown;
    this.#seconds = seconds;
    this.#describe();
    this.#wait(seconds * 1000);
  }

  /** @param {string} shown the host to go on from; "": none */
  #enter(shown) {
    this.#after = { troubled: shown, well: shown };
    document.documentElement.classList.add("wall");
    document.body.append(this.#bar);
    this.#keepAwake();
    if (this.#from) this.#stop.focus({ preventScroll: true });
  }

  #leave() {
    if (!this.isOn) return;
    this.#seconds = 0;
    this.#shown = null;
    this.#queue = [];
    this.#from = null;
    clearTimeout(this.#timer);
    this.#animation?.cancel();
    document.documentElement.classList.remove("wall");
    const hadFocus = this.#bar.contains(document.activeElement);
    this.#bar.remove();
    /** @type {HTMLElement|null} */
    const heading = document.querySelector("main h1");
    if (hadFocus) heading?.focus({ preventScroll: true });
    this.#wakeLock?.release().catch(ignore);
    this.#wakeLock = null;
    this.#wasFullscreen = false;
    if (document.fullscreenElement) document.exitFullscreen().catch(ignore);
  }

  #describe() {
    const number = this.#roundLength - this.#queue.length;
    setText(this.#place, this.#shown === "" || this.#roundLength === 0 ? "Wall" : `${number} of ${this.#roundLength}`);
    const choices = [...new Set([...CHOICES, this.#seconds])].sort((first, second) => first - second);
    this.#choice.replaceChildren(
      ...choices.map((seconds) => element("option", { value: String(seconds) }, `${seconds} s`)),
    );
    this.#choice.value = String(this.#seconds);
  }

  #choose() {
    this.#context.navigate(withOptions(parseHash(location.hash), { wall: this.#choice.value }), { replace: true });
  }

  /** @param {number} milliseconds until the next is shown */
  #wait(milliseconds) {
    clearTimeout(this.#timer);
    this.#animation?.cancel();
    this.#left = milliseconds;
    if (document.hidden) return;
    this.#end = performance.now() + milliseconds;
    this.#timer = setTimeout(() => this.#step(), milliseconds);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const done = Math.max(0, 1 - milliseconds / (this.#seconds * 1000));
    this.#animation = this.#progress.animate([{ transform: `scaleX(${done})` }, { transform: "scaleX(1)" }], {
      duration: milliseconds,
    });
  }

  #step() {
    if (document.querySelector("dialog[open]") || this.#context.hosts.length === 0) {
      this.#wait(LOOK_AGAIN_MILLISECONDS);
      return;
    }
    const next = this.#next();
    const state = parseHash(location.hash);
    this.#context.navigate(next === "" ? this.#overviewOf(state) : stateFor("host", state, [next], state.options), {
      replace: true,
    });
  }

  /**
   * With what it was told before the hosts were shown: search, order, layout.
   * @param {import("../page/state.js").PageState} state
   */
  #overviewOf(state) {
    return stateFor("overview", state, [], state.options);
  }

  /** @returns {string} a host, or "" for the overview */
  #next() {
    const hosts = filterHosts(this.#context.hosts, parseHash(location.hash).options);
    const present = new Set(hosts.map((host) => host.hostname));
    while (this.#queue.length > 0) {
      const name = this.#queue.shift();
      if (present.has(name)) return name;
    }
    this.#roundLength = 0;
    if (this.#shown !== "") return "";
    if (hosts.length === 0) return "";
    const { names, after } = planRound(hosts, this.#after);
    this.#after = after;
    this.#queue = names;
    this.#roundLength = names.length;
    return this.#queue.shift();
  }

  #visibilityChanged() {
    if (!this.isOn) return;
    if (document.hidden) {
      clearTimeout(this.#timer);
      this.#animation?.pause();
      this.#left = Math.max(0, this.#end - performance.now());
    } else {
      this.#wait(this.#left);
      this.#keepAwake(); // the browser let go of it
    }
  }

  async #keepAwake() {
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (!lock) return;
      if (this.isOn) this.#wakeLock = lock;
      else lock.release().catch(ignore);
    } catch {
      // Then the screen's own settings decide.
    }
  }
}
