/**
 * The corner of the header that tells who is signed in, and the menu behind it.
 */

import { element, setText } from "../parts/dom.js";
import { canSignIn } from "../page/routes.js";
import { formatHash, plainState } from "../page/state.js";

/** @param {import("../page/state.js").ViewName} view */
const address = (view) => formatHash(plainState(view));

/**
 * What the menu offers to this person.
 * @param {import("./session.js").SessionState} session
 * @returns {("account"|"access"|"sign-out")[]}
 */
export function menuItems(session) {
  const { user } = session;
  if (!session.can_read || user === null) return [];
  // Who is known by a proxy or a token has neither a password nor a session here.
  const isOwn = user.via === "session";
  /** @type {ReturnType<typeof menuItems>} */
  const items = [];
  if (isOwn) items.push("account");
  if (session.can_manage) items.push("access");
  if (isOwn) items.push("sign-out");
  return items;
}

export class AccountMenu {
  #place;
  #signOut;
  #shown = "";
  #button = null;
  #menu = null;

  /** @param {HTMLElement} place @param {() => Promise<void>} signOut */
  constructor(place, signOut) {
    this.#place = place;
    this.#signOut = signOut;
    document.addEventListener("click", (event) => {
      if (!place.contains(/** @type {Node} */ (event.target))) this.#open(false);
    });
    place.addEventListener("focusout", (event) => {
      const next = /** @type {Node|null} */ (event.relatedTarget);
      if (next !== null && !place.contains(next)) this.#open(false);
    });
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#menu === null || this.#menu.hidden) return;
      this.#open(false);
      this.#button.focus();
    });
  }

  /** @param {import("./session.js").SessionState} session */
  update(session) {
    const items = menuItems(session);
    const shown = JSON.stringify([session.user?.name ?? null, items, session.can_read, canSignIn(session)]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#menu = null;
    this.#place.replaceChildren(...this.#content(session, items));
    this.#place.hidden = this.#place.childElementCount === 0;
  }

  /**
   * @param {import("./session.js").SessionState} session
   * @param {ReturnType<typeof menuItems>} items
   * @returns {HTMLElement[]}
   */
  #content(session, items) {
    if (!session.can_read) return [];
    if (session.user === null) {
      return canSignIn(session) ? [element("a", { class: "header-link", href: address("sign-in") }, "Sign in")] : [];
    }
    const name = element("span", { class: "account-name name" }, session.user.name);
    if (items.length === 0) {
      return [
        element(
          "span",
          { class: "header-text", title: session.user.name },
          element("span", { class: "visually-hidden" }, "Signed in as "),
          name,
        ),
      ];
    }
    this.#menu = element(
      "ul",
      { class: "menu card", id: "account-menu", hidden: true },
      ...items.map((item) => element("li", {}, this.#item(item))),
    );
    this.#button = element(
      "button",
      {
        type: "button",
        class: "header-link",
        "aria-expanded": "false",
        "aria-controls": "account-menu",
        title: session.user.name,
        onclick: () => this.#open(this.#menu.hidden),
      },
      element("span", { class: "visually-hidden" }, "Signed in as "),
      name,
      element("span", { class: "account-arrow", "aria-hidden": "true" }),
    );
    return [this.#button, this.#menu];
  }

  /** @param {"account"|"access"|"sign-out"} item */
  #item(item) {
    if (item === "sign-out") {
      const button = element(
        "button",
        { type: "button", class: "menu-item", onclick: () => this.#leave(button) },
        "Sign out",
      );
      return button;
    }
    const text = item === "account" ? "Account" : "Access";
    return element("a", { class: "menu-item", href: address(item), onclick: () => this.#open(false) }, text);
  }

  /** @param {HTMLButtonElement} button */
  async #leave(button) {
    setText(button, "Signing out…");
    try {
      await this.#signOut();
    } catch {
      // One must not go away believing that it worked.
      setText(button, "Still signed in: try again");
      this.#open(true);
    }
  }

  /** @param {boolean} wanted */
  #open(wanted) {
    if (this.#menu === null) return;
    this.#menu.hidden = !wanted;
    this.#button.setAttribute("aria-expanded", String(wanted));
  }
}
