/**
 * A small button that opens a list of things to do.
 */

import { element, setAttribute } from "./dom.js";

let menuCount = 0;

export class Menu {
  #button;
  #list;
  /** @type {() => void} */
  #ignoreOutside = () => {};

  /**
   * @param {string} label of the button, for who cannot see it
   * @param {Node|string} face what the button shows
   * @param {() => {text: string, act: () => void}[]} items are asked for when it opens
   */
  constructor(label, face, items) {
    menuCount += 1;
    const id = `menu-${menuCount}`;
    this.#list = element("ul", { class: "menu card", id, hidden: true });
    this.#button = element(
      "button",
      {
        type: "button",
        class: "icon-button menu-button",
        "aria-label": label,
        title: label,
        "aria-expanded": "false",
        "aria-controls": id,
        onclick: () => (this.#list.hidden ? this.#open(items()) : this.close()),
      },
      face,
    );
    this.element = element("div", { class: "menu-place" }, this.#button, this.#list);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#list.hidden) return;
      event.stopPropagation();
      this.close();
      this.#button.focus();
    });
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget !== null && !this.element.contains(event.relatedTarget)) this.close();
    });
  }

  /** @param {string} label */
  rename(label) {
    setAttribute(this.#button, "aria-label", label);
    setAttribute(this.#button, "title", label);
  }

  close() {
    this.#list.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    this.#ignoreOutside();
  }

  #open(items) {
    this.#list.replaceChildren(
      ...items.map(({ text, act }) =>
        element(
          "li",
          {},
          element(
            "button",
            {
              type: "button",
              class: "menu-item",
              onclick: () => {
                this.close();
                this.#button.focus();
                act();
              },
            },
            text,
          ),
        ),
      ),
    );
    this.#list.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    const outside = (event) => {
      if (!this.element.contains(event.target)) this.close();
    };
    document.addEventListener("pointerdown", outside);
    this.#ignoreOutside = () => document.removeEventListener("pointerdown", outside);
  }
}
