/**
 * The page's header and the line below it: where one can go, who one is, and what one should know.
 */

import { AccountMenu } from "../access/account_menu.js";
import { setText } from "../parts/dom.js";
import { noticesOf } from "../access/notices.js";
import { formatHash, stateFor } from "./state.js";

const byId = (id) => document.getElementById(id);

export class Header {
  #menu;

  /** @param {() => Promise<void>} signOut */
  constructor(signOut) {
    this.#menu = new AccountMenu(byId("account"), signOut);
  }

  /**
   * Links keep the time that was chosen.
   * @param {string} view that is shown
   * @param {import("./state.js").PageState} state
   * @param {import("../access/session.js").SessionState} session
   */
  update(view, state, session) {
    byId("brand").href = formatHash(stateFor("overview", state));
    for (const name of ["overview", "compare", "access"]) {
      const link = byId(`link-${name}`);
      link.href = formatHash(name === "access" ? stateFor(name, { timeframe: null }) : stateFor(name, state));
      if (name === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    byId("views").hidden = !session.can_read;
    for (const button of document.querySelectorAll(".wall-start")) button.hidden = !session.can_read;
    // Who is signed in finds it in the menu.
    byId("link-access").hidden = !session.can_manage || session.user !== null;
    this.#menu.update(session);
    const notices = noticesOf(session, location);
    setText(byId("security"), notices.join(" "));
    byId("security").hidden = notices.length === 0;
  }

  /** When the hosts were last told of. @param {string} text */
  showUpdated(text) {
    setText(byId("live"), text);
  }
}
