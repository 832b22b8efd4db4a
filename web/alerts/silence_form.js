/**
 * The windows in which one silences something for a while, or says that one has seen an alarm.
 */

import { Dialog } from "../parts/dialog.js";
import { element, setAttribute } from "../parts/dom.js";
import { field, FieldError, Form, textInput } from "../parts/forms.js";
import { fromField, toField } from "../time/time_bar.js";
import { format } from "../parts/format.js";
import { tagsToText, textToList, textToTags } from "./lists.js";

const HOUR = 3600;
/** How long: what the button says, and seconds; 0: until a time. */
const LENGTHS = /** @type {[string, number][]} */ ([
  ["1 h", HOUR],
  ["4 h", 4 * HOUR],
  ["1 day", 24 * HOUR],
  ["until …", 0],
]);

/** How long something is to last. */
class Until {
  #now;
  #chosen = 0;
  #buttons = LENGTHS.map(([text], index) =>
    element(
      "button",
      { type: "button", "aria-pressed": String(index === 0), onclick: () => this.#choose(index) },
      text,
    ),
  );
  #field = element("input", { type: "datetime-local", class: "input" });
  #place = field("Until", this.#field);
  element = element(
    "div",
    { class: "field" },
    element("span", { class: "field-title", id: "until-title" }, "For"),
    element("div", { class: "timeframes", role: "group", "aria-labelledby": "until-title" }, ...this.#buttons),
    this.#place,
  );

  /** @param {() => number} now */
  constructor(now) {
    this.#now = now;
    this.#field.value = toField(now() + 8 * HOUR, format.isUtc()).slice(0, 16);
    this.#place.hidden = true;
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    this.#buttons.forEach((button, at) => setAttribute(button, "aria-pressed", String(at === index)));
    this.#place.hidden = LENGTHS[index][1] > 0;
    if (!this.#place.hidden) this.#field.focus();
  }

  /** Unix seconds. */
  get value() {
    const [, seconds] = LENGTHS[this.#chosen];
    const until = seconds > 0 ? Math.floor(this.#now()) + seconds : fromField(this.#field.value, format.isUtc());
    if (!(until > this.#now())) throw new FieldError("It has to end in the future.", this.#field);
    return until;
  }
}

/**
 * What of an alarm one may silence: the widest last.
 * @param {import("./alerts_api.js").Alarm} alarm
 * @returns {{text: string, scope: {rules?: string[], hosts?: string[], instances?: string[]}}[]}
 */
export function scopesOf({ rule, name, host, instance }) {
  const onHost = host === "" ? "" : ` on ${host}`;
  const hosts = host === "" ? {} : { hosts: [host] };
  return [
    ...(instance === ""
      ? []
      : [{ text: `${name}: ${instance}${onHost}`, scope: { rules: [rule], ...hosts, instances: [instance] } }]),
    { text: `${name}${onHost}`, scope: { rules: [rule], ...hosts } },
    ...(host === "" ? [] : [{ text: `Everything${onHost}`, scope: { hosts: [host] } }]),
    ...(host === "" ? [] : [{ text: `${name} on all hosts`, scope: { rules: [rule] } }]),
  ];
}

/**
 * Silences an alarm, or more.
 * @param {import("../page/context.js").Context} context
 * @param {import("./alerts_api.js").Alarm} alarm
 * @param {() => void} onDone
 */
export function openSilence(context, alarm, onDone) {
  const scopes = scopesOf(alarm);
  const scope = element(
    "select",
    { class: "input", name: "scope" },
    ...scopes.map(({ text }, index) => element("option", { value: String(index) }, text)),
  );
  const until = new Until(() => context.now());
  const reason = textInput("reason", { autocomplete: "off", maxlength: "500", autocapitalize: "sentences" });
  const form = new Form({
    label: "Silence",
    fields: [
      field("What", scope, "It is watched, shown and kept in the history as ever; nobody is told."),
      until.element,
      field("Reason", reason, "For the others, who wonder why it is quiet."),
    ],
    action: "Silence",
    submit: async () => {
      if (reason.value.trim() === "") throw new FieldError("Give a reason.", reason);
      const body = { ...scopes[Number(scope.value)].scope, until: until.value, reason: reason.value.trim() };
      await context.session.change("POST", "alerts/silences", body);
      dialog.close();
      onDone();
    },
  });
  const dialog = new Dialog("Silence", form.element);
  dialog.onClose(() => form.destroy());
  dialog.open(scope);
}

/**
 * A silence of anything, also one that comes again each week.
 * @param {import("../page/context.js").Context} context
 * @param {() => void} onDone
 */
export function openNewSilence(context, onDone) {
  const text = (name) => textInput(name, { autocomplete: "off" });
  const [rules, hosts, tags, instances, weekly] = ["rules", "hosts", "tags", "instances", "weekly"].map(text);
  tags.placeholder = tagsToText({ role: ["db", "web"] });
  const until = new Until(() => context.now());
  const reason = textInput("reason", { autocomplete: "off", maxlength: "500", autocapitalize: "sentences" });
  const form = new Form({
    label: "New silence",
    fields: [
      field("Hosts", hosts, "Names separated by commas; * stands for anything. Empty: any."),
      field("Tags", tags, "As key=value, separated by commas. Empty: any."),
      field("Rules", rules, "Their ids, separated by commas; * stands for anything. Empty: any."),
      field("Instances", instances, "Mount points, interfaces, …, separated by commas. Empty: any."),
      until.element,
      field("Only at these times each week", weekly, "As sat 02:00-04:00, separated by commas. Empty: all the time."),
      field("Reason", reason, "For the others, who wonder why it is quiet."),
    ],
    action: "Silence",
    submit: async () => {
      const body = {
        rules: textToList(rules.value),
        hosts: textToList(hosts.value),
        tags: textToTags(tags.value),
        instances: textToList(instances.value),
        weekly: textToList(weekly.value),
        until: until.value,
        reason: reason.value.trim(),
      };
      if (body.reason === "") throw new FieldError("Give a reason.", reason);
      await context.session.change("POST", "alerts/silences", body);
      dialog.close();
      onDone();
    },
  });
  const dialog = new Dialog("New silence", form.element);
  dialog.onClose(() => form.destroy());
  dialog.open(hosts);
}

/**
 * Says that one has seen an alarm.
 * @param {import("../page/context.js").Context} context
 * @param {import("./alerts_api.js").Alarm} alarm
 * @param {() => void} onDone
 */
export function openAcknowledge(context, alarm, onDone) {
  const note = textInput("note", { autocomplete: "off", maxlength: "500", autocapitalize: "sentences" });
  const form = new Form({
    label: "Acknowledge",
    fields: [field("Note", note, "What you do about it. It may stay empty.")],
    action: "Acknowledge",
    submit: async () => {
      await context.session.change("POST", `alerts/${alarm.id}/acknowledge`, { note: note.value.trim(), until: 0 });
      dialog.close();
      onDone();
    },
  });
  const dialog = new Dialog(
    "Acknowledge",
    element("p", {}, element("strong", { class: "name" }, [alarm.name, alarm.instance].filter(Boolean).join(" "))),
    element("p", { class: "field-hint" }, "It is not told again until it ends, unless it becomes critical."),
    form.element,
  );
  dialog.onClose(() => form.destroy());
  dialog.open(note);
}
