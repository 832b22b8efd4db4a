/**
 * What every view is: it fills a place of the page, is told of what changes while it is shown, and is destroyed before
 * another takes its place.
 */

import { element } from "../parts/dom.js";

/** A view overrides what concerns it. */
export class View {
  /** What the browser's tab says. */
  title;
  /** Takes the focus when the view is shown, so that a screen reader begins there. @type {HTMLElement} */
  heading;

  /**
   * @param {string} title
   * @param {HTMLElement} [heading] left out: the title as one
   */
  constructor(title, heading = element("h1", { tabindex: "-1" }, title)) {
    this.title = title;
    this.heading = heading;
  }

  /** Takes the focus in the heading's place, where there is something to type in first. @returns {HTMLElement|null} */
  get firstField() {
    return null;
  }

  /**
   * The address has changed, and it is still this view that it names.
   * @param {import("./state.js").PageState} _state
   */
  update(_state) {}

  /** Hosts were asked for: `context.hosts` is new, or out of date where that failed. */
  hostsChanged() {}

  /** The page has other colours. */
  themeChanged() {}

  /** Nothing of it may go on: requests, timers, listeners outside of its place. */
  destroy() {}
}
