/**
 * The page's header and the line below it: where one can go, who one is, and what one should know.
 */

import { AccountMenu } from "../access/account_menu.js";
import { describeCounts } from "../parts/alarm_counts.js";
import { byId, setAttribute, setText } from "../parts/dom.js";
import { noticesOf } from "../access/notices.js";
import { formatHash, plainState, stateFor } from "./state.js";

/** Views under the link to the alarms. */
const ALARM_VIEWS = new Set(["alarms", "alarm", "rules", "rule", "silences", "channels"]);

/** What starts the wall mode. @returns {NodeListOf<HTMLButtonElement>} */
export function wallButtons() {
  return document.querySelectorAll("button.wall-start");
}

export class Header {
  #menu;
  #brand = byId("brand", HTMLAnchorElement);
  #views = byId("views", HTMLElement);
  #links = /** @type {const} */ (["overview", "compare", "alarms", "access"]).map((view) => ({
    view,
    link: byId(`link-${view}`, HTMLAnchorElement),
  }));
  #alarms = byId("link-alarms", HTMLAnchorElement);
  #alarmCount = byId("alarm-count", HTMLElement);
  #alarmWords = byId("alarm-words", HTMLElement);
  #security = byId("security", HTMLElement);
  #updated = byId("live", HTMLElement);

  /** @param {() => Promise<void>} signOut */
  constructor(signOut) {
    this.#menu = new AccountMenu(byId("account", HTMLElement), signOut);
  }

  /**
   * Links keep the time that was chosen.
   * @param {string} view that is shown
   * @param {import("./state.js").PageState} state
   * @param {import("../access/session.js").SessionState} session
   */
  update(view, state, session) {
    this.#brand.href = formatHash(stateFor("overview", state));
    for (const { view: target, link } of this.#links) {
      link.href = formatHash(target === "access" ? plainState(target) : stateFor(target, state));
      // Who is signed in finds it in the menu.
      if (target === "access") link.hidden = !session.can_manage || session.user !== null;
      if (target === (ALARM_VIEWS.has(view) ? "alarms" : view)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.#views.hidden = !session.can_read;
    for (const button of wallButtons()) button.hidden = !session.can_read;
    this.#menu.update(session);
    const notices = noticesOf(session, location);
    setText(this.#security, notices.join(" "));
    this.#security.hidden = notices.length === 0;
  }

  /** @param {import("../parts/alarm_counts.js").AlarmCounts} counts of open alarms */
  showAlarms(counts) {
    const { critical, warning } = counts;
    const words = describeCounts(counts);
    this.#alarmCount.hidden = words === "";
    setText(this.#alarmCount, words === "" ? "" : String(critical + warning));
    setAttribute(this.#alarmCount, "data-severity", critical > 0 ? "critical" : "warning");
    setText(this.#alarmWords, words === "" ? "" : `: ${words}`);
    setAttribute(this.#alarms, "title", words === "" ? "No alarm is open" : `Open: ${words}`);
  }

  /** When the hosts were last told of. @param {string} text */
  showUpdated(text) {
    setText(this.#updated, text);
  }
}
