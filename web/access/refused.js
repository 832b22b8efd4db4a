/**
 * Stands in the place of a view that this person may not see.
 */

import { element } from "../parts/dom.js";
import { notice } from "../parts/loading.js";
import { formatHash } from "../page/state.js";

const TEXTS = {
  access: "Tokens are kept by administrators.",
  account: "Passwords are changed here by who has signed in here.",
};

export class RefusedView {
  title = "Not for you";
  #heading = element("h1", { tabindex: "-1", class: "visually-hidden" }, "Not for you");

  /** @param {HTMLElement} place @param {import("../app.js").Context} context @param {import("../page/state.js").PageState} state */
  constructor(place, context, state) {
    const toOverview = element("p", {}, element("a", { href: formatHash({ view: "overview", hosts: [], timeframe: state.timeframe }) }, "All hosts"));
    place.replaceChildren(this.#heading, notice("Nothing to see here", element("p", {}, TEXTS[state.view]), toOverview));
  }

  get heading() {
    return this.#heading;
  }

  update() {}

  hostsChanged() {}

  themeChanged() {}

  destroy() {}
}
