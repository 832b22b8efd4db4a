/**
 * What stands in the page's place while there is nothing to show.
 */

import { element } from "./dom.js";

/** @returns {HTMLElement} */
export function loadingState() {
  const bars = Array.from({ length: 4 }, () => element("div", { class: "placeholder" }));
  return element(
    "div",
    { class: "loading", role: "status" },
    element("span", { class: "visually-hidden" }, "Loading"),
    ...bars,
  );
}

/** @param {string} title @param {...(Node|string)} children @returns {HTMLElement} */
export function notice(title, ...children) {
  return element("div", { class: "notice" }, element("h2", {}, title), ...children);
}
