/**
 * Silences: of what nobody is told, until when, and why.
 */

import { confirmed } from "../parts/dialog.js";
import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { asSentence, format } from "../parts/format.js";
import { loadingState, notice } from "../parts/loading.js";
import { Poller } from "../history/poller.js";
import { View } from "../page/view.js";
import { alertTabs, alertTitle } from "./alert_tabs.js";
import { getSilences } from "./alerts_api.js";
import { openNewSilence } from "./silence_form.js";
import { describeScope, describeTime, standingOf } from "./silence_words.js";

const POLL_SECONDS = 15;
const COLUMNS = ["What", "When", "Reason", "By"];

class SilenceRow {
  #silence = null;
  #cells = COLUMNS.map((label) =>
    element("td", { role: "cell", "data-label": label, class: label === "What" ? "token-cell-name name" : "name" }),
  );
  #end;

  /** @param {((silence: import("./alerts_api.js").Silence) => void)|null} end */
  constructor(end) {
    this.#end = end
      ? element("button", { type: "button", class: "button button-small", onclick: () => end(this.#silence) })
      : null;
    this.element = element(
      "tr",
      { role: "row" },
      ...this.#cells,
      ...(this.#end ? [element("td", { role: "cell", class: "token-cell-action" }, this.#end)] : []),
    );
  }

  /** @param {import("./alerts_api.js").Silence} silence @param {number} now */
  update(silence, now) {
    this.#silence = silence;
    const standing = standingOf(silence, now);
    const scope = describeScope(silence);
    const texts = [scope, describeTime(silence, now), silence.reason, silence.author];
    texts.forEach((text, index) => setText(this.#cells[index], text));
    setAttribute(this.#cells[3], "title", `Made ${format.formatMoment(silence.created)}`);
    setAttribute(this.element, "data-spent", String(standing === "over"));
    if (!this.#end) return;
    const word = standing === "over" ? "Delete" : "End";
    setText(this.#end, word);
    setAttribute(this.#end, "aria-label", `${word}: ${scope}`);
  }
}

export class SilencesView extends View {
  #context;
  #mayManage;
  #message = element("div", {}, loadingState());
  #error = element("p", { class: "form-error", role: "alert" });
  #body = element("tbody", { role: "rowgroup" });
  #table;
  /** @type {Map<number, SilenceRow>} */
  #rows = new Map();
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => POLL_SECONDS,
  );

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Silences");
    this.#context = context;
    this.#mayManage = context.session.current.can_manage;
    const heads = COLUMNS.map((name) => element("th", { role: "columnheader", scope: "col" }, name));
    if (this.#mayManage) {
      const name = element("span", { class: "visually-hidden" }, "End");
      heads.push(element("th", { role: "columnheader", scope: "col" }, name));
    }
    this.#table = element(
      "table",
      { class: "tokens card", role: "table", "aria-label": "Silences", hidden: true },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)),
      this.#body,
    );
    const add = element(
      "button",
      {
        type: "button",
        class: "button button-primary",
        onclick: () => openNewSilence(context, () => this.#poller.restart()),
      },
      "New silence",
    );
    place.replaceChildren(
      alertTitle(
        this.heading,
        element("p", { class: "title-detail" }, "Of what nobody is told for a while. It is watched and kept as ever."),
        ...(this.#mayManage ? [add] : []),
      ),
      alertTabs(context, state, "silences"),
      this.#error,
      this.#message,
      this.#table,
    );
    this.#poller.start();
  }

  /** @override */
  destroy() {
    this.#poller.stop();
    this.#context.banner.recover("silences");
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const silences = await getSilences(signal);
      if (signal.aborted) return;
      this.#show(silences);
      this.#context.banner.recover("silences");
    } catch (error) {
      if (!signal.aborted) this.#context.banner.fail("silences", error);
    }
  }

  /** @param {import("./alerts_api.js").Silence[]} silences */
  #show(silences) {
    const now = this.#context.now();
    this.#table.hidden = silences.length === 0;
    const none = notice("No silences", element("p", {}, "Whoever is to be told of an alarm is told."));
    this.#message.replaceChildren(...(silences.length === 0 ? [none] : []));
    const order = ["active", "between", "waiting", "over"];
    const rank = (silence) => order.indexOf(standingOf(silence, now));
    const rows = new Map();
    for (const silence of [...silences].sort((a, b) => rank(a) - rank(b) || a.until - b.until)) {
      const end = this.#mayManage ? (ended) => this.#end(ended) : null;
      const row = this.#rows.get(silence.id) ?? new SilenceRow(end);
      row.update(silence, now);
      rows.set(silence.id, row);
    }
    this.#rows = rows;
    arrange(
      this.#body,
      [...rows.values()].map((row) => row.element),
    );
  }

  /** @param {import("./alerts_api.js").Silence} silence */
  async #end(silence) {
    const isOver = standingOf(silence, this.#context.now()) === "over";
    const text = [
      isOver ? "Delete the silence of " : "End the silence of ",
      element("strong", { class: "name" }, describeScope(silence)),
      isOver ? "?" : "? What is still wrong is told then.",
    ];
    const action = isOver ? "Delete" : "End it";
    if (!(await confirmed({ title: isOver ? "Delete a silence" : "End a silence", text, action, isHarmless: true }))) {
      return;
    }
    setText(this.#error, "");
    try {
      await this.#context.session.change("DELETE", `alerts/silences/${encodeURIComponent(silence.id)}`);
      this.heading.focus(); // its button goes away
    } catch (error) {
      setText(this.#error, asSentence(error.message));
    }
    this.#poller.restart();
  }
}
