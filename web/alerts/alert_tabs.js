/**
 * The head that the views of alarms share: the title, what there is to say beside it, and the way to the other views.
 */

import { element } from "../parts/dom.js";
import { formatHash, stateFor } from "../page/state.js";

const TABS = /** @type {const} */ ([
  ["alarms", "Alarms"],
  ["rules", "Rules"],
  ["silences", "Silences"],
  ["channels", "Channels"],
]);

/**
 * @param {import("../page/context.js").Context} context
 * @param {import("../page/state.js").PageState} state whose time the others keep
 * @param {string} shown which of them is shown; "": none, but one that lies below them
 */
export function alertTabs(context, state, shown) {
  const { can_manage: mayManage } = context.session.current;
  return element(
    "nav",
    { class: "alert-tabs", "aria-label": "Alarms and what makes them" },
    ...TABS.filter(([view]) => view !== "channels" || mayManage).map(([view, text]) =>
      element(
        "a",
        { href: formatHash(stateFor(view, state)), ...(view === shown ? { "aria-current": "page" } : {}) },
        text,
      ),
    ),
  );
}

/** @param {HTMLElement} heading @param {HTMLElement} detail @param {...HTMLElement} actions */
export function alertTitle(heading, detail, ...actions) {
  return element(
    "div",
    { class: "title-row title-row-actions" },
    heading,
    detail,
    element("div", { class: "title-actions" }, ...actions),
  );
}
