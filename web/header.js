/**
 * The page's header and the line below it: where one can go, who one is, and what one should know.
 */

import { AccountMenu } from "./account_menu.js";
import { setText } from "./dom.js";
import { noticesOf } from "./notices.js";
import { formatHash } from "./state.js";

const byId = (id) => document.getElementById(id);

export class Header {
  #menu;

  /** @param {() => Promise<void>} signOut */
  constructor(signOut) {
    this.#menu = new AccountMenu(byId("account"), signOut);
  }

  /**
   * Links keep the timeframe that was chosen.
   * @param {string} view that is shown @param {string|null} timeframe @param {import("./session.js").SessionState} session
   */
  update(view, timeframe, session) {
    byId("brand").href = formatHash({ view: "overview", hosts: [], timeframe });
    for (const name of ["overview", "compare", "access"]) {
      const link = byId(`link-${name}`);
      link.href = formatHash({ view: name, hosts: [], timeframe: name === "access" ? null : timeframe });
      if (name === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    byId("views").hidden = !session.can_read;
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
