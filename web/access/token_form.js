/**
 * The window that makes a token, and shows it this once.
 */

import { agentInstructions } from "./add_host.js";
import { copyBox } from "../parts/copy.js";
import { Dialog } from "../parts/dialog.js";
import { element, setText } from "../parts/dom.js";
import { field, FieldError, Form, textInput } from "../parts/forms.js";
import { LIFETIMES, SCOPES, tokenRequest } from "./tokens.js";

const MOST_USES = 10_000;

/** @param {string} name @param {string[]} labels */
function choice(name, labels) {
  return element(
    "select",
    { class: "input", name },
    ...labels.map((label, index) => element("option", { value: String(index) }, label)),
  );
}

export class TokenForm {
  #session;
  #onMade;
  #name = textInput("token-name", { autocomplete: "off", required: true, maxlength: "100" });
  #scope = choice(
    "scope",
    SCOPES.map(({ label }) => label),
  );
  #scopeHint = element("p", { class: "field-hint" });
  #host = textInput("host", { autocomplete: "off", maxlength: "253" });
  #hostField = field("Host", this.#host);
  #lifetime = choice(
    "lifetime",
    LIFETIMES.map(({ label }) => label),
  );
  #uses = textInput("uses", { autocomplete: "off", inputmode: "numeric", value: "1", maxlength: "5" });
  #usesField = field("Hosts that it can add", this.#uses, "Empty: any number.");
  #form;
  #dialog;

  /** @param {import("./session.js").Session} session @param {() => void} onMade is called when there is a token more */
  constructor(session, onMade) {
    this.#session = session;
    this.#onMade = onMade;
    this.#scope.addEventListener("change", () => this.#scopeChanged());
    this.#form = new Form({
      label: "New token",
      fields: [
        field("Name", this.#name, "What it is for, so that you know it again in the list."),
        field("It may", this.#scope),
        this.#scopeHint,
        this.#hostField,
        this.#usesField,
        field("It expires", this.#lifetime),
      ],
      action: "Make the token",
      submit: () => this.#submit(),
    });
    this.#dialog = new Dialog("New token", this.#form.element);
    this.#dialog.onClose(() => this.#form.destroy());
    this.#scopeChanged();
  }

  open() {
    this.#dialog.open(this.#name);
  }

  get #chosen() {
    return SCOPES[Number(this.#scope.value)];
  }

  #scopeChanged() {
    const { name, hint, host, lifetime } = this.#chosen;
    setText(this.#scopeHint, hint);
    this.#hostField.hidden = host === "none";
    setText(this.#hostField.firstElementChild, host === "required" ? "Host" : "Host (empty: any)");
    this.#usesField.hidden = name !== "enroll";
    this.#lifetime.value = String(LIFETIMES.findIndex(({ seconds }) => seconds === lifetime));
  }

  async #submit() {
    const scope = this.#chosen;
    const uses = this.#uses.value.trim();
    if (this.#name.value.trim() === "") throw new FieldError("Give it a name.", this.#name);
    if (scope.host === "required" && this.#host.value.trim() === "") {
      throw new FieldError("Name the host whose readings it sends.", this.#host);
    }
    if (
      scope.name === "enroll" &&
      uses !== "" &&
      !(/^\d+$/.test(uses) && Number(uses) >= 1 && Number(uses) <= MOST_USES)
    ) {
      throw new FieldError(`Type a number from 1 to ${MOST_USES}, or nothing.`, this.#uses);
    }
    const wanted = {
      name: this.#name.value,
      scope: scope.name,
      host: this.#host.value,
      lifetime: LIFETIMES[Number(this.#lifetime.value)].seconds,
      uses,
    };
    this.#showSecret(await this.#session.change("POST", "tokens", tokenRequest(wanted)));
    this.#onMade();
  }

  /** @param {import("./tokens.js").Token & {token: string}} made */
  #showSecret({ name, scope, token }) {
    this.#dialog.show(
      "The new token",
      element("p", {}, element("strong", { class: "name" }, name), " is made. Copy it now: it is not shown again."),
      copyBox("Token", token),
      ...(scope === "enroll"
        ? [
            element("p", {}, "To add a host, run one of these on the machine that you want to watch."),
            ...agentInstructions(token),
          ]
        : []),
    );
  }
}
