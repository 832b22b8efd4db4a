/**
 * What stands in the page's place while there is nothing to show.
 */

import { element } from "./dom.js";

/** @returns {HTMLElement} */
export function loadingState() {
  const bars = Array.from({ length: 4 }, () => element("div", { class: "placeholder" }));
  return element("div", { class: "loading", role: "status" }, element("span", { class: "visually-hidden" }, "Loading"), ...bars);
}

/** @param {string} title @param {...(Node|string)} children @returns {HTMLElement} */
export function notice(title, ...children) {
  return element("div", { class: "notice" }, element("h2", {}, title), ...children);
}

/** How to get a first host. @returns {HTMLElement} */
export function noHostsYet() {
  const address = new URL("metrics", document.baseURI).href;
  return notice(
    "No hosts yet",
    element("p", {}, "Start an agent on a machine that you want to watch. It appears here with its first reading, without a reload."),
    element("pre", { tabindex: "0", "aria-label": "Command" }, element("code", {}, `hostwatch-agent --server-url ${address}`)),
  );
}
