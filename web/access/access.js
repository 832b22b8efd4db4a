/**
 * Who and what may reach the server beside people who sign in: its tokens.
 */

import { addHostButton } from "./add_host.js";
import { AgentList, describeLettingIn, describeTakingBack, lettingInAddress } from "./agents.js";
import { getRefusals, getTokens } from "../history/api.js";
import { checkbox, confirmed } from "../parts/dialog.js";
import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { asSentence, format, formatAgo, NO_VALUE } from "../parts/format.js";
import { loadingState, notice } from "../parts/loading.js";
import { Poller } from "../history/poller.js";
import { RefusalList } from "./refusals.js";
import { TokenForm } from "./token_form.js";
import {
  compareTokens,
  describeExpiry,
  describeOrigin,
  describeRevocation,
  describeScope,
  describeUses,
  isSpent,
  wasMadeByAnybody,
} from "./tokens.js";
import { View } from "../page/view.js";

const POLL_SECONDS = 15;
const COLUMNS = ["Name", "It may", "Host", "Created", "Last used", "Expires", "Uses left", "Made by"];

class TokenRow {
  #name = element("span", { class: "token-name name" });
  #cells = COLUMNS.slice(1).map((label) =>
    element("td", { role: "cell", "data-label": label, class: label === "Host" ? "name" : "" }),
  );
  #revoke;
  #token = null;

  /** @param {(token: import("./tokens.js").Token) => void} revoke */
  constructor(revoke) {
    this.#revoke = element(
      "button",
      { type: "button", class: "button button-small", onclick: () => revoke(this.#token) },
      "Revoke",
    );
    this.element = element(
      "tr",
      { role: "row" },
      element("td", { role: "cell", class: "token-cell-name" }, this.#name),
      ...this.#cells,
      element("td", { role: "cell", class: "token-cell-action" }, this.#revoke),
    );
  }

  /** @param {import("./tokens.js").Token} token @param {number} now @param {import("./tokens.js").Token[]} all */
  update(token, now, all) {
    this.#token = token;
    setText(this.#name, token.name);
    setAttribute(this.#revoke, "aria-label", `Revoke ${token.name}`);
    setAttribute(this.element, "data-spent", String(isSpent(token, now)));
    setAttribute(this.element, "data-anybody", String(wasMadeByAnybody(token)));
    const texts = [
      describeScope(token),
      token.host ?? NO_VALUE,
      format.formatDay(token.created),
      token.last_used === null ? "never" : formatAgo(now - token.last_used),
      describeExpiry(token, now),
      describeUses(token),
      describeOrigin(token, all),
    ];
    texts.forEach((text, index) => {
      setText(this.#cells[index], text);
      setAttribute(this.#cells[index], "data-empty", String(text === NO_VALUE));
    });
  }
}

export class AccessView extends View {
  #context;
  #message = element("div", {}, loadingState());
  #error = element("p", { class: "form-error", role: "alert" });
  #body = element("tbody", { role: "rowgroup" });
  #table = element(
    "table",
    { class: "tokens card", role: "table", "aria-label": "Tokens", hidden: true },
    element(
      "thead",
      { role: "rowgroup" },
      element(
        "tr",
        { role: "row" },
        ...COLUMNS.map((name) => element("th", { role: "columnheader", scope: "col" }, name)),
        element("th", { role: "columnheader", scope: "col" }, element("span", { class: "visually-hidden" }, "Revoke")),
      ),
    ),
    this.#body,
  );
  #agents = new AgentList({
    allow: (admission) => this.#allow(admission),
    takeBack: (admission) => this.#takeBack(admission),
  });
  #refusals = new RefusalList({ heading: "h2" });
  /** @type {import("./tokens.js").Token[]} */
  #tokens = [];
  /** @type {Map<string|number, TokenRow>} */
  #rows = new Map();
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => POLL_SECONDS,
  );

  /** @param {HTMLElement} place @param {import("../page/context.js").Context} context */
  constructor(place, context) {
    super("Access");
    this.#context = context;
    const makeToken = element(
      "button",
      {
        type: "button",
        class: "button",
        onclick: () => new TokenForm(context.session, () => this.#poller.restart()).open(),
      },
      "New token",
    );
    place.replaceChildren(
      element(
        "div",
        { class: "title-row title-row-actions" },
        this.heading,
        element(
          "p",
          { class: "title-detail" },
          "Tokens let agents and programs in. Each is shown once, when it is made.",
        ),
        element(
          "div",
          { class: "title-actions" },
          makeToken,
          addHostButton(context, "button button-primary", () => this.#poller.restart()),
        ),
      ),
      this.#error,
      this.#refusals.element,
      this.#agents.element,
      this.#message,
      this.#table,
    );
    this.#poller.start();
  }

  /** @override */
  destroy() {
    this.#poller.stop();
    this.#context.banner.recover("tokens");
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const [{ tokens, agents }, { refusals, now }] = await Promise.all([getTokens(signal), getRefusals(signal)]);
      if (signal.aborted) return;
      this.#refusals.update(refusals, now);
      this.#agents.update(agents);
      this.#show(tokens);
      this.#context.banner.recover("tokens");
    } catch (error) {
      if (!signal.aborted) this.#context.banner.fail("tokens", error);
    }
  }

  /** @param {import("./tokens.js").Token[]} tokens */
  #show(tokens) {
    const now = this.#context.now();
    this.#message.replaceChildren(
      ...(tokens.length === 0
        ? [
            notice(
              "No tokens yet",
              element(
                "p",
                {},
                "Agents get theirs when their host is added. Programs of your own need one that you make here.",
              ),
            ),
          ]
        : []),
    );
    this.#table.hidden = tokens.length === 0;
    this.#tokens = tokens;
    const rows = new Map();
    for (const token of [...tokens].sort(compareTokens)) {
      const row = this.#rows.get(token.id) ?? new TokenRow((revoked) => this.#revoke(revoked));
      row.update(token, now, tokens);
      rows.set(token.id, row);
    }
    this.#rows = rows;
    arrange(
      this.#body,
      [...rows.values()].map((row) => row.element),
    );
  }

  /** @param {import("./tokens.js").Token} token */
  async #revoke(token) {
    const text = [
      "Revoke ",
      element("strong", { class: "name" }, token.name),
      `? ${describeRevocation(token, this.#tokens, this.#context.now())}`,
    ];
    const shutOut = checkbox(
      "Shut its agent out",
      "It may not enrol again, and nobody may under its name, until it is allowed here. Without this, an agent that has a token to add hosts comes back at once.",
    );
    const isAgents = token.scope === "agent";
    if (
      !(await confirmed({ title: "Revoke a token", text, action: "Revoke", more: isAgents ? [shutOut.element] : [] }))
    ) {
      return;
    }
    await this.#change(
      "DELETE",
      `tokens/${encodeURIComponent(token.id)}${isAgents ? `?shut_out=${shutOut.checked}` : ""}`,
    );
  }

  /** @param {import("./agents.js").Admission} admission */
  async #allow(admission) {
    const text = [
      "Let ",
      element("strong", { class: "name" }, admission.host),
      ` in? ${describeLettingIn(admission, this.#tokens)}`,
    ];
    if (!(await confirmed({ title: "Allow an agent", text, action: "Allow", isHarmless: true }))) return;
    await this.#change("POST", lettingInAddress(admission));
  }

  /** @param {import("./agents.js").Admission} admission */
  async #takeBack(admission) {
    const isWaiting = admission.standing === "waiting";
    const text = [
      isWaiting ? "Dismiss the agent that waits for " : "Take back that an agent may enrol as ",
      element("strong", { class: "name" }, admission.host),
      `? ${describeTakingBack(admission)}`,
    ];
    const action = isWaiting ? "Dismiss" : "Take back";
    if (!(await confirmed({ title: isWaiting ? "Dismiss an agent" : "Take back", text, action, isHarmless: true }))) {
      return;
    }
    await this.#change("DELETE", lettingInAddress(admission));
  }

  /** @param {"POST"|"DELETE"} method @param {string} address */
  async #change(method, address) {
    setText(this.#error, "");
    try {
      await this.#context.session.change(method, address);
      this.heading.focus(); // its button goes away
    } catch (error) {
      setText(this.#error, asSentence(error.message));
    }
    this.#poller.restart();
  }
}
