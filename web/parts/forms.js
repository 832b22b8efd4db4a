/**
 * Forms: fields with their labels, one line for what went wrong, and a button that cannot be pressed twice.
 */

import { element, setText } from "./dom.js";
import { asSentence, formatDuration } from "./format.js";

let fieldCount = 0;

/**
 * A labelled field.
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [hint] stands below it
 * @returns {HTMLElement}
 */
export function field(label, input, hint = "") {
  fieldCount += 1;
  input.id = `field-${fieldCount}`;
  const parts = [element("label", { for: input.id }, label), input];
  if (hint !== "") {
    parts.push(element("p", { class: "field-hint", id: `${input.id}-hint` }, hint));
    input.setAttribute("aria-describedby", `${input.id}-hint`);
  }
  return element("div", { class: "field" }, ...parts);
}

/**
 * @param {string} name of the field, for password managers
 * @param {Record<string, string|boolean>} [attributes]
 * @returns {HTMLInputElement}
 */
export function textInput(name, attributes = {}) {
  return element("input", {
    class: "input",
    type: "text",
    name,
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    ...attributes,
  });
}

/** @param {string} name @param {"current-password"|"new-password"} autocomplete @returns {HTMLInputElement} */
export function passwordInput(name, autocomplete) {
  return textInput(name, { type: "password", autocomplete, required: true });
}

/** Something that the person has to mend; `input` gets the focus. */
export class FieldError extends Error {
  /** @param {string} message a sentence @param {HTMLElement} input */
  constructor(message, input) {
    super(message);
    this.input = input;
  }
}

export class Form {
  #submit;
  #describe;
  #isBusy = false;
  /** Counts down. @type {ReturnType<typeof setInterval>|null} */
  #timer = null;
  #error = element("p", { class: "form-error", role: "alert" });
  #button;
  /** @type {HTMLElement|null} */
  #invalid = null;

  /**
   * @param {object} parts
   * @param {string} parts.label of the form, for screen readers
   * @param {Node[]} parts.fields
   * @param {string} parts.action the button's text
   * @param {() => Promise<void>} parts.submit throws a FieldError, or what the request threw
   * @param {(error: import("../history/api.js").ApiError) => Error|null} [parts.describe] a better text for some errors
   *   of requests
   */
  constructor({ label, fields, action, submit, describe = () => null }) {
    this.#submit = submit;
    this.#describe = describe;
    this.#button = element("button", { type: "submit", class: "button button-primary" }, action);
    // Checked by our own code, whose words say what to do; the browser's bubbles differ and vanish.
    this.element = element(
      "form",
      {
        class: "form",
        method: "post",
        novalidate: true,
        "aria-label": label,
        onsubmit: (event) => this.#onSubmit(event),
      },
      ...fields,
      this.#error,
      element("div", { class: "form-actions" }, this.#button),
    );
  }

  /** Ends what is under way. */
  destroy() {
    clearInterval(this.#timer);
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault();
    if (this.#isBusy) return;
    this.#setBusy(true);
    this.#showError("");
    try {
      await this.#submit();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#timer === null) this.#setBusy(false);
  }

  /** @param {boolean} isBusy */
  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    // Not `disabled`, which would take the focus away from who pressed it.
    this.#button.setAttribute("aria-disabled", String(isBusy));
  }

  /** @param {any} error */
  #fail(error) {
    if (error.status === 429) {
      this.#countDown(Math.max(error.retryAfter, 1));
      return;
    }
    const shown = error instanceof FieldError ? error : (this.#describe(error) ?? error);
    this.#showError(error.detail && shown === error ? asSentence(error.detail) : asSentence(shown.message));
    if (shown instanceof FieldError) this.#markInvalid(shown.input);
  }

  /** @param {HTMLElement} input */
  #markInvalid(input) {
    input.setAttribute("aria-invalid", "true");
    this.#invalid = input;
    input.focus();
    if (input instanceof HTMLInputElement) input.select();
  }

  /** @param {string} text */
  #showError(text) {
    this.#invalid?.removeAttribute("aria-invalid");
    this.#invalid = null;
    setText(this.#error, text);
  }

  /** Tells how long to wait before the next try, second by second. @param {number} seconds */
  #countDown(seconds) {
    const end = Date.now() + seconds * 1000;
    // Read out once, not every second.
    const rest = element("span", { "aria-live": "off" });
    const show = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) {
        setText(rest, formatDuration(left));
        return;
      }
      clearInterval(this.#timer);
      this.#timer = null;
      this.#showError("");
      this.#setBusy(false);
    };
    this.#error.replaceChildren("Too many attempts. Try again in ", rest, ".");
    this.#timer = setInterval(show, 250);
    show();
  }
}
