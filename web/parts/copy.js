/**
 * Text to be taken elsewhere: in a box under its title, with a button that copies it.
 */

import { element, setText } from "./dom.js";

const THANKS_MILLISECONDS = 2500;

/**
 * Copies the text of an element. Without encryption the browser keeps its clipboard from pages; then the old way is
 * left.
 * @param {HTMLElement} node
 * @returns {Promise<boolean>} false: it is selected, and the person has to copy it
 */
async function copyTextOf(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return document.execCommand("copy");
  }
}

/**
 * @param {string} label what it is
 * @param {string} text
 * @returns {HTMLElement}
 */
export function copyBox(label, text) {
  const code = element("code", {}, text);
  const told = element("span", { class: "visually-hidden", role: "status" });
  let timer = 0;
  const button = element(
    "button",
    {
      type: "button",
      class: "button copy-button",
      "aria-label": `Copy: ${label}`,
      async onclick() {
        const copied = await copyTextOf(code);
        setText(button, copied ? "Copied" : "Selected");
        setText(told, copied ? "Copied" : "Selected: copy it with the keyboard");
        clearTimeout(timer);
        timer = setTimeout(() => {
          setText(button, "Copy");
          setText(told, "");
        }, THANKS_MILLISECONDS);
      },
    },
    "Copy",
  );
  return element(
    "div",
    { class: "copy-box" },
    element("div", { class: "copy-header" }, element("h3", {}, label), button, told),
    element("pre", { tabindex: "0", role: "group", "aria-label": label }, code),
  );
}
