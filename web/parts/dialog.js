/**
 * A window over the page, with a title and a way out; the browser keeps the focus in it and gives it back afterwards.
 */

import { element } from "./dom.js";

let dialogCount = 0;

/** @returns {SVGElement} */
function cross() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({
    viewBox: "0 0 20 20",
    width: "18",
    height: "18",
    "aria-hidden": "true",
  })) {
    svg.setAttribute(name, value);
  }
  for (const [name, value] of Object.entries({
    d: "M5 5l10 10M15 5L5 15",
    stroke: "currentColor",
    "stroke-width": "1.6",
    "stroke-linecap": "round",
  })) {
    path.setAttribute(name, value);
  }
  svg.append(path);
  return svg;
}

export class Dialog {
  #heading;
  #body = element("div", { class: "dialog-body" });
  #element;

  /** @param {string} title @param {...(Node|string)} content */
  constructor(title, ...content) {
    dialogCount += 1;
    const id = `dialog-${dialogCount}`;
    this.#heading = element("h2", { id, tabindex: "-1" }, title);
    const closeButton = element(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => this.close() },
      cross(),
    );
    this.#element = element(
      "dialog",
      { class: "dialog card", "aria-labelledby": id, onclose: () => this.#element.remove() },
      element("div", { class: "dialog-header" }, this.#heading, closeButton),
      this.#body,
    );
    this.#body.append(...content);
  }

  /**
   * @param {HTMLElement} [focus] what gets the focus; the heading where left out
   * @param {HTMLElement} [place] where it stands: in the view, so that it goes away with it, where left out
   */
  open(focus = this.#heading, place = document.querySelector("main")) {
    place.append(this.#element);
    this.#element.showModal();
    focus.focus();
  }

  close() {
    this.#element.close();
  }

  /** @param {() => void} listener */
  onClose(listener) {
    this.#element.addEventListener("close", listener);
  }

  /** Other content in the same window. @param {string} title @param {...(Node|string)} content */
  show(title, ...content) {
    this.#heading.textContent = title;
    this.#body.replaceChildren(...content);
    this.#heading.focus();
  }
}

/**
 * A box to be ticked, and it is, with what it means below.
 * @param {string} label @param {string} hint
 * @returns {{element: HTMLElement, readonly checked: boolean}}
 */
export function checkbox(label, hint) {
  dialogCount += 1;
  const id = `dialog-choice-${dialogCount}`;
  const box = element("input", { type: "checkbox", id, checked: true, "aria-describedby": `${id}-hint` });
  box.checked = true;
  return {
    element: element(
      "div",
      { class: "choice" },
      box,
      element("label", { for: id }, label),
      element("p", { class: "field-hint", id: `${id}-hint` }, hint),
    ),
    get checked() {
      return box.checked;
    },
  };
}

/**
 * Asks before something is done.
 * @param {{title: string, text: (Node|string)[], action: string, more?: Node[], isHarmless?: boolean}} question
 *   action: the text of the button that does it; more: what else there is to choose; isHarmless: it can be taken back
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, action, more = [], isHarmless = false }) {
  return new Promise((resolve) => {
    let answer = false;
    const decide = (value) => () => {
      answer = value;
      dialog.close();
    };
    const cancel = element("button", { type: "button", class: "button", onclick: decide(false) }, "Cancel");
    const dialog = new Dialog(
      title,
      element("p", {}, ...text),
      ...more,
      element(
        "div",
        { class: "form-actions" },
        element(
          "button",
          { type: "button", class: `button ${isHarmless ? "button-primary" : "button-danger"}`, onclick: decide(true) },
          action,
        ),
        cancel,
      ),
    );
    dialog.onClose(() => resolve(answer));
    dialog.open(cancel);
  });
}
