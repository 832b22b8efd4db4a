/**
 * Stands in the place of a view that this person may not see.
 */

import { element } from "../parts/dom.js";
import { notice } from "../parts/loading.js";
import { canSignIn } from "../page/routes.js";
import { formatHash, plainState } from "../page/state.js";
import { View } from "../page/view.js";

const TEXTS = {
  access: "Tokens are kept by administrators.",
  account: "Passwords are changed here by who has signed in here.",
  channels: "Who is told of alarms is decided by administrators.",
  rule: "Rules are made by administrators.",
};

export class RefusedView extends View {
  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Not for you", element("h1", { tabindex: "-1", class: "visually-hidden" }, "Not for you"));
    const link = (view, text) =>
      element("p", {}, element("a", { href: formatHash({ ...plainState(view), timeframe: state.timeframe }) }, text));
    const waysOut = [
      ...(canSignIn(context.session.current) ? [link("sign-in", "Sign in")] : []),
      link("overview", "All hosts"),
    ];
    place.replaceChildren(this.heading, notice("Nothing to see here", element("p", {}, TEXTS[state.view]), ...waysOut));
  }
}
