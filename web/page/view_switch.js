/**
 * Keeps one view in its place of the page: the one that is wanted, once it is there.
 */

import { element } from "../parts/dom.js";
import { loadingState, notice } from "../parts/loading.js";
import { Views } from "./views.js";

/**
 * What a view was made for. Where one of these is another, another view is made; everything else of the address a view
 * follows by itself.
 * @typedef {object} ViewIdentity
 * @property {string} name of the view
 * @property {string} subject what it is about, if there may be more than one view of that name
 * @property {string|null} user who looks at it
 * @property {boolean} canManage what that person may do
 * @property {boolean} utc times in UTC
 */

/** @param {string} name @param {import("./state.js").PageState} state */
function subjectOf(name, state) {
  switch (name) {
    case "host":
      return state.hosts[0];
    case "setup":
      return state.code ?? "";
    case "alarm":
      return state.id;
    case "rule":
      return `${state.id} ${state.options?.copy ?? ""} ${state.options?.metric ?? ""}`;
    case "refused":
      return state.view;
    default:
      return "";
  }
}

/**
 * @param {string} name
 * @param {import("./state.js").PageState} state
 * @param {import("../access/session.js").SessionState} session
 * @returns {ViewIdentity}
 */
function identityOf(name, state, { user, can_manage: canManage }) {
  return { name, subject: subjectOf(name, state), user: user?.name ?? null, canManage, utc: state.utc ?? false };
}

/** @param {ViewIdentity} one @param {ViewIdentity} other */
function isSameView(one, other) {
  return Object.keys(one).every((key) => one[key] === other[key]);
}

export class ViewSwitch {
  #place;
  #context;
  #views;
  #onShown;
  /** @type {import("./view.js").View|null} */
  #view = null;
  /** Of the view that is there. @type {ViewIdentity|null} */
  #identity = null;
  /** Whether there was a view already: the focus of a fresh page is left alone. */
  #hasShown = false;

  /**
   * @param {HTMLElement} place is filled with the view
   * @param {import("./context.js").Context} context
   * @param {object} listener
   * @param {() => void} listener.onLoaded what show() was asked for can be shown now: it is to be asked again
   * @param {(view: import("./view.js").View, isFirst: boolean) => void} listener.onShown isFirst: the page is fresh
   */
  constructor(place, context, { onLoaded, onShown }) {
    this.#place = place;
    this.#context = context;
    this.#onShown = onShown;
    this.#views = new Views(onLoaded, () => this.#showNotLoaded());
  }

  /** The view that is there. */
  get view() {
    return this.#view;
  }

  /** Its name; "": there is none. */
  get name() {
    return this.#identity?.name ?? "";
  }

  /** This view will be wanted: it is fetched before its turn comes. @param {string} name */
  expect(name) {
    this.#views.expect(name);
  }

  /**
   * @param {string} name
   * @param {import("./state.js").PageState} state
   * @param {{focus: boolean}} how focus: a new view takes it, unless the page is fresh
   */
  show(name, state, { focus }) {
    const wanted = identityOf(name, state, this.#context.session.current);
    if (this.#identity !== null && isSameView(wanted, this.#identity)) this.#view.update(state);
    else this.#make(name, state, wanted, focus);
  }

  /** Takes away the view, so that nothing of it goes on; something is on its way. */
  showLoading() {
    this.#leave();
    this.#place.replaceChildren(element("h1", { class: "visually-hidden" }, "Hostwatch"), loadingState());
  }

  #leave() {
    this.#view?.destroy();
    this.#view = null;
    this.#identity = null;
  }

  /**
   * @param {string} name
   * @param {import("./state.js").PageState} state
   * @param {ViewIdentity} identity
   * @param {boolean} focus
   */
  #make(name, state, identity, focus) {
    const SomeView = this.#views.get(name);
    if (SomeView === null) {
      this.showLoading();
      return;
    }
    this.#leave();
    this.#view = new SomeView(this.#place, this.#context, state);
    this.#identity = identity;
    const isFirst = !this.#hasShown;
    this.#hasShown = true;
    this.#onShown(this.#view, isFirst);
    if (!isFirst) scrollTo(0, 0);
    if (this.#view.firstField) this.#view.firstField.focus();
    else if (!isFirst && focus) this.#view.heading.focus({ preventScroll: true });
    if (isFirst && this.#context.session.current.can_read) this.#views.prefetchCharts();
  }

  /** A part of the page could not be loaded. */
  #showNotLoaded() {
    const again = element(
      "button",
      { type: "button", class: "button", onclick: () => location.reload() },
      "Load the page anew",
    );
    this.#place.replaceChildren(
      notice(
        "This view could not be loaded",
        element("p", {}, "The server is away, or it was replaced by a newer one."),
        element("p", {}, again),
      ),
    );
  }
}
