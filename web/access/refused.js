/**
 * Stands in the place of a view that this person may not see.
 */

import { element } from "../parts/dom.js";
import { notice } from "../parts/loading.js";
import { canSignIn } from "../page/routes.js";
import { formatHash } from "../page/state.js";

const TEXTS = {
  access: "Tokens are kept by administrators.",
  account: "Passwords are changed here by who has signed in here.",
};

export class RefusedView {
  title = "Not for you";
  #heading = element("h1", { tabindex: "-1", class: "visually-hidden" }, "Not for you");

  /**
   * @param {HTMLElement} place
   * @param {import("../app.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    const link = (view, text) =>
      element("p", {}, element("a", { href: formatHash({ view, hosts: [], timeframe: state.timeframe }) }, text));
    const waysOut = [
      ...(canSignIn(context.session.current) ? [link("sign-in", "Sign in")] : []),
      link("overview", "All hosts"),
    ];
    place.replaceChildren(
      this.#heading,
      notice("Nothing to see here", element("p", {}, TEXTS[state.view]), ...waysOut),
    );
  }

  get heading() {
    return this.#heading;
  }

  update() {}

  hostsChanged() {}

  themeChanged() {}

  destroy() {}
}
