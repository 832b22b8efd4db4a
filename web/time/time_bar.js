/**
 * The bar that chooses which time charts show: presets, any range, the way back from a magnified part, and the time
 * zone.
 */

import { element, setAttribute, setText } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { field } from "../parts/forms.js";
import { findTimeframe, theLast, toggleLive } from "./time_span.js";

/**
 * What a field of date and time holds: the viewer's zone, or UTC.
 * @param {number} seconds Unix time
 * @param {boolean} utc
 */
export function toField(seconds, utc) {
  const offset = utc ? 0 : new Date(seconds * 1000).getTimezoneOffset() * 60;
  return new Date((seconds - offset) * 1000).toISOString().slice(0, 19);
}

/**
 * @param {string} text of such a field
 * @param {boolean} utc
 * @returns {number} Unix seconds; NaN where it is not filled in
 */
export function fromField(text, utc) {
  return Math.floor(Date.parse(utc && text !== "" ? `${text}Z` : text) / 1000);
}

/**
 * What a field says that held a time: the same where nobody changed it, as an hour that comes twice is the first one by
 * its text alone.
 * @param {string} text @param {number} seconds what it held, Unix time @param {boolean} utc
 */
export function fromHeldField(text, seconds, utc) {
  return text !== "" && Date.parse(`${text}Z`) === Date.parse(`${toField(seconds, utc)}Z`)
    ? seconds
    : fromField(text, utc);
}

export class TimeBar {
  #context;
  /** @type {import("../page/state.js").PageState} */
  #state;
  #buttons = new Map();
  #live = element(
    "button",
    {
      type: "button",
      class: "button button-small time-live",
      onclick: () => this.#toggleLive(),
    },
    element("span", { class: "time-live-mark", "aria-hidden": "true" }),
    "Live",
  );
  #range = element(
    "button",
    {
      type: "button",
      class: "button button-small time-range",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      onclick: () => this.#toggle(),
    },
    "Range…",
  );
  #back = element(
    "button",
    {
      type: "button",
      class: "button button-small time-back",
      hidden: true,
      title: "Back to the whole time (Escape)",
      onclick: () => this.#go({ zoom: null }),
    },
    "Zoom out",
  );
  #zone = element("button", {
    type: "button",
    class: "button button-small time-zone",
    onclick: () => this.#go({ utc: !this.#state.utc }, true),
  });
  #picker;
  /** What the fields were filled with. @type {import("../page/state.js").Range} */
  #held = { from: 0, to: 0 };
  #from = element("input", { type: "datetime-local", class: "input", step: "1", required: true });
  #to = element("input", { type: "datetime-local", class: "input", step: "1", required: true });
  #wrong = element("p", { class: "form-error", role: "alert", hidden: true });

  /** @param {import("../page/context.js").Context} context */
  constructor(context) {
    this.#context = context;
    this.#picker = this.#makePicker();
    this.element = element(
      "div",
      { class: "time-bar" },
      this.#makePresets(),
      this.#live,
      element("div", { class: "time-range-place" }, this.#range, this.#picker),
      this.#back,
      this.#zone,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#picker.hidden) return;
      event.stopPropagation();
      this.#close();
      this.#range.focus();
    });
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.element.contains(event.relatedTarget)) this.#close();
    });
  }

  /** @param {import("../page/state.js").PageState} state */
  show(state) {
    this.#state = state;
    const fixed = state.range ?? null;
    const chosen = fixed ? "" : findTimeframe(this.#context.catalogue, state.timeframe).name;
    for (const [name, button] of this.#buttons) setAttribute(button, "aria-pressed", String(name === chosen));
    const shown = state.zoom ?? fixed;
    setText(this.#range, shown ? format.formatRange(shown.from, shown.to) : "Range…");
    setAttribute(this.#range, "data-chosen", String(Boolean(shown)));
    this.#back.hidden = !state.zoom;
    setAttribute(this.#live, "aria-pressed", String(!shown));
    setAttribute(
      this.#live,
      "title",
      shown ? "Follow the present again (l)" : "New readings appear by themselves: stop here (l)",
    );
    setText(this.#zone, state.utc ? "UTC" : "Local time");
    setAttribute(
      this.#zone,
      "title",
      state.utc ? "Times are in UTC: switch to your own zone" : "Times are in your own zone: switch to UTC",
    );
    this.#close();
  }

  /** Takes away what is magnified. @returns {boolean} false where nothing was */
  zoomOut() {
    if (!this.#state?.zoom) return false;
    this.#go({ zoom: null });
    return true;
  }

  /** @param {Partial<import("../page/state.js").PageState>} changes @param {boolean} [replace] */
  #go(changes, replace = false) {
    this.#context.navigate({ ...this.#state, ...changes }, { replace });
  }

  #makePresets() {
    const presets = element("div", { class: "timeframes", role: "group", "aria-label": "Timeframe" });
    for (const timeframe of this.#context.catalogue.timeframes) {
      const { name } = timeframe;
      const words = theLast(timeframe);
      const button = element(
        "button",
        {
          type: "button",
          title: `${words}, up to now`,
          "aria-label": `${name}: ${words}`,
          onclick: () => this.#go({ timeframe: name, range: null, zoom: null }),
        },
        name,
      );
      this.#buttons.set(name, button);
      presets.append(button);
    }
    return presets;
  }

  #toggleLive() {
    const { catalogue } = this.#context;
    this.#context.navigate(toggleLive(catalogue, this.#state, this.#context.now()));
  }

  #makePicker() {
    const form = element(
      "form",
      { class: "form", novalidate: true, onsubmit: (event) => this.#apply(event) },
      field("From", this.#from),
      field("To", this.#to),
      this.#wrong,
      element(
        "div",
        { class: "form-actions" },
        element("button", { type: "submit", class: "button button-primary" }, "Show this range"),
      ),
    );
    return element(
      "div",
      { class: "time-picker card", role: "dialog", "aria-label": "Choose a range", hidden: true },
      form,
    );
  }

  #toggle() {
    if (!this.#picker.hidden) return this.#close();
    const { utc, zoom, range } = this.#state;
    const now = Math.floor(this.#context.now());
    const shown = zoom ??
      range ?? { from: now - findTimeframe(this.#context.catalogue, this.#state.timeframe).seconds, to: now };
    this.#held = shown;
    this.#from.value = toField(shown.from, utc);
    this.#to.value = toField(shown.to, utc);
    this.#wrong.hidden = true;
    this.#picker.hidden = false;
    setAttribute(this.#range, "aria-expanded", "true");
    this.#from.focus();
    return undefined;
  }

  #close() {
    this.#picker.hidden = true;
    setAttribute(this.#range, "aria-expanded", "false");
  }

  /** @param {Event} event */
  #apply(event) {
    event.preventDefault();
    const { utc } = this.#state;
    const range = {
      from: fromHeldField(this.#from.value, this.#held.from, utc),
      to: fromHeldField(this.#to.value, this.#held.to, utc),
    };
    const wrong =
      Number.isNaN(range.from) || Number.isNaN(range.to)
        ? "Fill in both."
        : range.from >= range.to
          ? "It begins after it ends."
          : range.from < 0
            ? "That is before 1970."
            : "";
    setText(this.#wrong, wrong);
    this.#wrong.hidden = wrong === "";
    if (wrong !== "") return;
    this.#close();
    this.#go({ range, zoom: null });
  }
}
