/**
 * The window in which one makes or changes a channel.
 */

import { checkbox, Dialog } from "../parts/dialog.js";
import { element, setText } from "../parts/dom.js";
import { field, FieldError, Form, textInput } from "../parts/forms.js";
import { channelAddress } from "./alerts_api.js";
import { channelRequest, KINDS, kindNamed } from "./channel_kinds.js";
import { SecretField } from "./secret_field.js";

const NAME = /^[a-z0-9-]{1,63}$/;

/** A box as checkbox() makes it, ticked or not. @param {string} label @param {string} hint @param {boolean} checked */
function box(label, hint, checked) {
  const made = checkbox(label, hint);
  /** @type {HTMLInputElement} */ (made.element.querySelector("input")).checked = checked;
  return made;
}

/** @param {import("./channel_kinds.js").ChannelField} described @param {string} value */
function settingInput({ name, choices, long }, value) {
  if (choices) {
    const select = element(
      "select",
      { class: "input", name },
      ...choices.map(([choice, text]) => element("option", { value: choice }, text)),
    );
    select.value = value;
    return select;
  }
  if (!long) return textInput(name, { autocomplete: "off", value });
  const area = element("textarea", { class: "input input-long", name, rows: "4", spellcheck: "false" });
  area.value = value;
  return area;
}

export class ChannelForm {
  #session;
  #channel;
  #onDone;
  #taken;
  #name = textInput("channel-name", { autocomplete: "off", maxlength: "63" });
  #kind = element(
    "select",
    { class: "input", name: "kind" },
    ...KINDS.map(({ name, label }) => element("option", { value: name }, label)),
  );
  #hint = element("p", { class: "field-hint" });
  #place = element("div", { class: "form" });
  /** @type {Map<string, any>} by the name of the setting: what it is typed into */
  #inputs = new Map();
  /** @type {Map<string, SecretField>} */
  #secrets = new Map();
  #default;
  #enabled;
  #form;
  #dialog;

  /**
   * @param {import("../access/session.js").Session} session
   * @param {import("./alerts_api.js").Channel|null} channel null: a new one
   * @param {string[]} taken names
   * @param {() => void} onDone
   */
  constructor(session, channel, taken, onDone) {
    this.#session = session;
    this.#channel = channel;
    this.#taken = taken;
    this.#onDone = onDone;
    this.#default = box(
      "By default",
      "It is told of every warning and critical alarm that no rule or route sends elsewhere.",
      channel?.default ?? true,
    );
    this.#enabled = box("Enabled", "While it is not, messages to it wait.", channel?.enabled ?? true);
    if (channel) this.#kind.value = channel.kind;
    this.#kind.addEventListener("change", () => this.#kindChanged());
    const nameField = field("Name", this.#name, "Rules and routes go by it: small letters, digits and -.");
    const title = channel ? `Change ${channel.name}` : "New channel";
    this.#form = new Form({
      label: title,
      fields: [
        ...(channel ? [] : [nameField, field("Kind", this.#kind)]),
        this.#hint,
        this.#place,
        this.#default.element,
        this.#enabled.element,
      ],
      action: channel ? "Save" : "Add the channel",
      submit: () => this.#submit(),
    });
    this.#dialog = new Dialog(title, this.#form.element);
    this.#dialog.onClose(() => this.#form.destroy());
    this.#kindChanged();
  }

  open() {
    this.#dialog.open(this.#channel ? undefined : this.#name);
  }

  get #described() {
    return kindNamed(this.#channel?.kind ?? this.#kind.value);
  }

  #kindChanged() {
    const { hint, fields } = this.#described;
    setText(this.#hint, hint);
    this.#inputs.clear();
    this.#secrets.clear();
    const elements = fields.map((described) => {
      const { name, label, secret = false, value = "", hint: fieldHint = "" } = described;
      if (secret) {
        const made = new SecretField(described, Boolean(this.#channel?.secrets?.[name]));
        this.#secrets.set(name, made);
        return made.element;
      }
      const input = settingInput(described, String(this.#channel?.settings?.[name] ?? (this.#channel ? "" : value)));
      this.#inputs.set(name, input);
      return field(label, input, fieldHint);
    });
    this.#place.replaceChildren(...elements);
  }

  async #submit() {
    const name = this.#channel?.name ?? this.#name.value.trim();
    if (!this.#channel && !NAME.test(name)) {
      throw new FieldError("Give it a name of small letters, digits and -.", this.#name);
    }
    if (!this.#channel && this.#taken.includes(name)) throw new FieldError("There is one of this name.", this.#name);
    const kind = this.#described;
    for (const { name: wanted, label, required, secret } of kind.fields) {
      if (!required) continue;
      const input = secret ? this.#secrets.get(wanted).input : this.#inputs.get(wanted);
      const isThere = secret ? this.#secrets.get(wanted).willBeSet : input.value.trim() !== "";
      if (!isThere) throw new FieldError(`${label} is needed.`, input);
    }
    const values = Object.fromEntries([...this.#inputs, ...this.#secrets].map(([key, { value }]) => [key, value]));
    const removed = [...this.#secrets].filter(([, secret]) => secret.isRemoved).map(([key]) => key);
    const more = { isDefault: this.#default.checked, isEnabled: this.#enabled.checked };
    await this.#session.change("PUT", channelAddress(name), channelRequest(kind, values, removed, more));
    this.#dialog.close();
    this.#onDone();
  }
}
