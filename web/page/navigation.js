/**
 * Where one is on the page, by its address, and how one gets elsewhere.
 */

import { compareNames } from "../charts/chart_plan.js";
import { chooseView } from "./routes.js";
import { formatHash, parseHash } from "./state.js";

/** Addresses that lead nowhere any more once one is through the door. */
const DOORS = new Set(["sign-in", "setup"]);

/** @typedef {import("./state.js").PageState} PageState */

export class Navigation {
  #onChange;
  /** Where one was before one went to sign in. */
  #addressBefore = "#/";

  /** @param {() => void} onChange the address is another one, whoever changed it */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** From now on. Who has to know of a change before the view does has to listen to `hashchange` before this. */
  listen() {
    addEventListener("hashchange", this.#onChange);
  }

  /** What the address names. */
  get state() {
    return parseHash(location.hash);
  }

  /**
   * @param {PageState} state
   * @param {{replace?: boolean}} [how] replace: Back does not lead to what was shown before
   */
  go(state, { replace = false } = {}) {
    const address = formatHash(state);
    if (!replace) {
      location.hash = address;
    } else if (address !== location.hash) {
      history.replaceState(null, "", address);
      this.#onChange();
    }
  }

  /**
   * What the address names for this person; once one is through the door, the address of the door is gone from it, with
   * the code in it.
   * @param {import("../access/session.js").SessionState} session
   * @returns {PageState}
   */
  enter(session) {
    const { state } = this;
    if (!DOORS.has(state.view)) {
      this.#addressBefore = location.hash;
    } else if (chooseView(state, session) === "overview") {
      const before = parseHash(this.#addressBefore);
      history.replaceState(null, "", formatHash(before));
      return before;
    }
    return state;
  }
}

/**
 * The same of the host before or after the one that an address names, by name; null where there is none.
 * @param {PageState} state of a host's view
 * @param {any[]} hosts all that there are
 * @param {1|-1} distance
 * @returns {PageState|null}
 */
export function neighbourOf(state, hosts, distance) {
  const names = hosts.map((host) => host.hostname).sort(compareNames);
  const next = names[names.indexOf(state.hosts[0]) + distance];
  return next === undefined ? null : { ...state, hosts: [next] };
}
