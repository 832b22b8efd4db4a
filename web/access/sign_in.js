/**
 * The view that asks who one is.
 */

import { element } from "../parts/dom.js";
import { field, FieldError, Form, passwordInput, textInput } from "../parts/forms.js";
import { isOpenToReaders } from "./notices.js";
import { View } from "../page/view.js";

/** Tells that a password typed here can be read by others, or nothing where it cannot. @returns {HTMLElement[]} */
export function unencryptedWarning(session) {
  if (!isOpenToReaders(session, location)) return [];
  return [
    element("p", { class: "form-note" }, "This connection is not encrypted: others on the way can read the password."),
  ];
}

export class SignInView extends View {
  #session;
  #user = textInput("username", { autocomplete: "username", required: true });
  #password = passwordInput("password", "current-password");
  #form = new Form({
    label: "Sign in",
    fields: [field("User name", this.#user), field("Password", this.#password)],
    action: "Sign in",
    submit: () => this.#submit(),
    describe: (error) => (error.status === 401 ? new FieldError("Wrong user name or password.", this.#password) : null),
  });

  /** @param {HTMLElement} place @param {import("../page/context.js").Context} context */
  constructor(place, context) {
    super("Sign in");
    this.#session = context.session;
    place.replaceChildren(
      element(
        "div",
        { class: "door card" },
        this.heading,
        ...unencryptedWarning(context.session.current),
        this.#form.element,
      ),
    );
  }

  /** @override */
  get firstField() {
    return this.#user;
  }

  /** @override */
  destroy() {
    this.#form.destroy();
  }

  async #submit() {
    const user = this.#user.value.trim();
    if (user === "") throw new FieldError("Type your user name.", this.#user);
    if (this.#password.value === "") throw new FieldError("Type your password.", this.#password);
    await this.#session.signIn(user, this.#password.value);
  }
}
