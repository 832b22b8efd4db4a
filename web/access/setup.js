/**
 * The view of a server without users: makes the first administrator, for who holds the code of the server's log.
 */

import { element } from "../parts/dom.js";
import { field, FieldError, Form, textInput } from "../parts/forms.js";
import { NewPassword } from "./passwords.js";
import { unencryptedWarning } from "./sign_in.js";
import { View } from "../page/view.js";

/** The code in what somebody pasted: the code itself, or the whole address of the log. @param {string} text */
export function codeOf(text) {
  const trimmed = text.trim();
  const [, code] = trimmed.match(/#\/setup\/([^\s?]+)/) ?? [];
  return code ?? trimmed;
}

/** How to read the log. @returns {HTMLElement} */
function whereTheCodeIs() {
  const command = (text) => element("code", {}, text);
  return element(
    "div",
    { class: "door-text" },
    element(
      "p",
      {},
      "This server has no users yet. Its log holds an address that ends in a code: open that address, or paste the code (or all of it) here.",
    ),
    element(
      "p",
      {},
      "To read the log: ",
      command("docker compose logs server"),
      " or ",
      command("journalctl -u hostwatch-server"),
      ".",
    ),
  );
}

export class SetUpView extends View {
  #session;
  #code = textInput("code", { autocomplete: "off", required: true });
  #codeField = field("Code", this.#code);
  #where = whereTheCodeIs();
  #user = textInput("username", { autocomplete: "username", required: true, value: "admin" });
  #password = new NewPassword("Password");
  #form = new Form({
    label: "Set up Hostwatch",
    fields: [this.#codeField, field("User name", this.#user), ...this.#password.fields],
    action: "Make the first administrator",
    submit: () => this.#submit(),
    describe: (error) => this.#describe(error),
  });

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Set up", element("h1", { tabindex: "-1" }, "Set up Hostwatch"));
    this.#session = context.session;
    this.#code.value = state.code ?? "";
    this.#askForCode(this.#code.value === "");
    place.replaceChildren(
      element(
        "div",
        { class: "door card" },
        this.heading,
        this.#where,
        ...unencryptedWarning(context.session.current),
        this.#form.element,
      ),
    );
  }

  /** @override */
  get firstField() {
    return this.#codeField.hidden ? this.#user : this.#code;
  }

  /** @override */
  destroy() {
    this.#form.destroy();
  }

  /** @param {boolean} wanted */
  #askForCode(wanted) {
    this.#where.hidden = !wanted;
    this.#codeField.hidden = !wanted;
  }

  async #submit() {
    const code = codeOf(this.#code.value);
    if (code === "") throw new FieldError("Paste the code of the server's log.", this.#code);
    const user = this.#user.value.trim();
    if (user === "") throw new FieldError("Choose a user name.", this.#user);
    await this.#session.setUp(code, user, this.#password.read());
  }

  /** @param {import("../history/api.js").ApiError} error */
  #describe(error) {
    if (error.status === 409) this.#session.load().catch(() => {}); // somebody else was first: on to signing in
    if (error.status !== 403) return null;
    this.#askForCode(true);
    return new FieldError(
      "This is not the code of the server's log. Take the newest one that stands there.",
      this.#code,
    );
  }
}
