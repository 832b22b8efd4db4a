/**
 * A secret that is never shown: whether it is set, and a field to set or replace it.
 */

import { element, setText } from "../parts/dom.js";
import { field, textInput } from "../parts/forms.js";

export class SecretField {
  #input;
  #isSet;
  #removed = false;
  #told = element("span", { class: "secret-told" });
  #remove;
  element;

  /** @param {import("./channel_kinds.js").ChannelField} described @param {boolean} isSet */
  constructor({ name, label, hint = "" }, isSet) {
    this.#isSet = isSet;
    this.#input = textInput(`secret-${name}`, { type: "password", autocomplete: "new-password" });
    this.#remove = element("button", { type: "button", class: "button button-small", onclick: () => this.#switch() });
    this.element = field(label, this.#input, isSet ? "Empty: the one that is set stays." : hint);
    if (isSet) this.element.append(element("div", { class: "secret-line" }, this.#told, this.#remove));
    this.#describe();
  }

  get input() {
    return this.#input;
  }

  /** What was typed in. */
  get value() {
    return this.#input.value;
  }

  /** Whether the one that is set is to go. */
  get isRemoved() {
    return this.#removed && this.#input.value === "";
  }

  /** Whether there will be one. */
  get willBeSet() {
    return this.#input.value !== "" || (this.#isSet && !this.#removed);
  }

  #switch() {
    this.#removed = !this.#removed;
    this.#describe();
  }

  #describe() {
    setText(this.#told, this.#removed ? "It will be removed." : "It is set; type another to replace it.");
    setText(this.#remove, this.#removed ? "Keep it" : "Remove");
  }
}
