/**
 * The person's own account: who one is, and another password.
 */

import { element, setText } from "../parts/dom.js";
import { field, FieldError, Form, passwordInput } from "../parts/forms.js";
import { NewPassword } from "./passwords.js";
import { View } from "../page/view.js";

const ROLES = { admin: "administrator", viewer: "viewer" };

export class AccountView extends View {
  #session;
  #current = passwordInput("current-password", "current-password");
  #password = new NewPassword("New password");
  #done = element("p", { class: "form-done", role: "status" });
  #form;

  /** @param {HTMLElement} place @param {import("../page/context.js").Context} context */
  constructor(place, context) {
    super("Account");
    this.#session = context.session;
    const { name, role } = this.#session.current.user;
    // Hidden, so that a password manager knows whose password it is.
    const user = element("input", {
      type: "text",
      name: "username",
      autocomplete: "username",
      value: name,
      readonly: true,
      hidden: true,
    });
    this.#form = new Form({
      label: "Change the password",
      fields: [user, field("Current password", this.#current), ...this.#password.fields],
      action: "Change the password",
      submit: () => this.#submit(),
      describe: (error) => this.#describe(error),
    });
    place.replaceChildren(
      element(
        "div",
        { class: "title-row" },
        this.heading,
        element(
          "p",
          { class: "title-detail" },
          "Signed in as ",
          element("strong", { class: "name" }, name),
          `, ${ROLES[role] ?? role}`,
        ),
      ),
      element(
        "section",
        { class: "panel card", "aria-labelledby": "change-password" },
        element("h2", { id: "change-password" }, "Change the password"),
        this.#form.element,
        this.#done,
      ),
    );
  }

  /** @override */
  destroy() {
    this.#form.destroy();
  }

  async #submit() {
    setText(this.#done, "");
    if (this.#current.value === "") throw new FieldError("Type your current password.", this.#current);
    await this.#session.changePassword(this.#current.value, this.#password.read());
    this.#form.element.reset();
    setText(this.#done, "The password is changed. Wherever else you were signed in, you are signed out.");
  }

  /** @param {import("../history/api.js").ApiError} error */
  #describe(error) {
    if (error.status === 403) return new FieldError("This is not your current password.", this.#current);
    if (error.status === 400 && error.detail) return new FieldError(error.detail, this.#password.input);
    return null;
  }
}
