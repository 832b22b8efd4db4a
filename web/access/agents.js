/**
 * Agents that are shut out, wait for permission, or are allowed: in words, and as a list with a button each.
 */

import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { format as viewersFormat, NO_VALUE } from "../parts/format.js";

const COLUMNS = ["Host", "Its agent", "Since", "By"];
const SHOWN_DIGITS = 8;
const ALLOWED_SECONDS = 86_400;

/**
 * @typedef {object} Admission as the server lists it
 * @property {string} host
 * @property {string|null} agent its identity; null: none in particular
 * @property {"shut_out"|"waiting"|"allowed"} standing
 * @property {number} since Unix seconds
 * @property {string|null} by who settled it; of one that waits, its address
 */

/** @param {Admission} admission @param {typeof viewersFormat} [format] */
export function describeStanding({ agent, standing, since }, format = viewersFormat) {
  const who = agent === null ? "" : ` (${agent.slice(0, SHOWN_DIGITS)})`;
  switch (standing) {
    case "shut_out":
      return `is shut out${who}`;
    case "waiting":
      return `waits for permission${who}`;
    case "allowed":
      return `may enrol until ${format.formatMoment(since + ALLOWED_SECONDS)}${who}`;
    default:
      return standing;
  }
}

/** Who made or settled something: a person by the name alone. @param {string|null} maker */
export function describeMaker(maker) {
  return maker === null ? NO_VALUE : maker.replace(/^user /, "");
}

/**
 * What letting one in means, in a sentence.
 * @param {Admission} admission @param {{scope: string, host: string|null}[]} [tokens] all that there are
 */
export function describeLettingIn({ host, agent, standing }, tokens = []) {
  const enrolment = "It has a day to enrol, with a token to add hosts that is still good.";
  if (standing === "shut_out" && agent === null) {
    return "The name is free again. An agent that it is new to, although the host has a history, waits here once more.";
  }
  if (standing === "shut_out" && tokens.some((token) => token.scope === "agent" && token.host === host)) {
    return `This is the agent that was shut out: it takes the place of the one that the host has now. ${enrolment}`;
  }
  if (standing === "waiting") {
    return `The agent that waits becomes the host's own: it writes into the history that is there, and an agent that had this name is refused. ${enrolment}`;
  }
  return `Its agent may enrol again. ${enrolment}`;
}

/** What taking it back means, in a sentence. @param {Admission} admission */
export function describeTakingBack({ standing }) {
  return standing === "waiting"
    ? "It goes from this list. If its agent still asks, it is listed again."
    : "The agent may not enrol any more. One that was shut out before is so again.";
}

/** The address of the request that lets one in (POST) or takes that back (DELETE). @param {Admission} admission */
export function lettingInAddress({ host, agent, standing }) {
  const of = agent !== null ? `?agent=${encodeURIComponent(agent)}` : standing === "shut_out" ? "?open=true" : "";
  return `hosts/${encodeURIComponent(host)}/allow${of}`;
}

const keyOf = ({ host, agent }) => `${agent ?? ""} ${host}`;

/** Buttons tell the agents of one host apart. @param {Admission} admission */
function nameOf({ host, agent }) {
  return agent === null ? host : `${host} (${agent.slice(0, SHOWN_DIGITS)})`;
}

/**
 * @typedef {object} Actions
 * @property {(admission: Admission) => void} allow
 * @property {(admission: Admission) => void} takeBack
 */

class AgentRow {
  #host = element("span", { class: "token-name name" });
  #cells = COLUMNS.slice(1).map((label) => element("td", { role: "cell", "data-label": label }));
  #allow;
  #takeBack;
  #admission = null;

  /** @param {Actions} actions */
  constructor({ allow, takeBack }) {
    this.#allow = element(
      "button",
      { type: "button", class: "button button-small", onclick: () => allow(this.#admission) },
      "Allow",
    );
    this.#takeBack = element("button", {
      type: "button",
      class: "button button-small",
      onclick: () => takeBack(this.#admission),
    });
    this.element = element(
      "tr",
      { role: "row" },
      element("td", { role: "cell", class: "token-cell-name" }, this.#host),
      ...this.#cells,
      element(
        "td",
        { role: "cell", class: "token-cell-action" },
        element("div", { class: "token-actions" }, this.#allow, this.#takeBack),
      ),
    );
  }

  /** @param {Admission} admission */
  update(admission) {
    this.#admission = admission;
    const { standing } = admission;
    const takingBack = standing === "waiting" ? "Dismiss" : "Take back";
    setText(this.#host, admission.host);
    setText(this.#takeBack, takingBack);
    setAttribute(this.#allow, "aria-label", `Allow ${nameOf(admission)}`);
    setAttribute(this.#takeBack, "aria-label", `${takingBack} ${nameOf(admission)}`);
    this.#allow.hidden = standing === "allowed";
    this.#takeBack.hidden = standing === "shut_out";
    const from = standing === "waiting" ? `from ${admission.by}` : describeMaker(admission.by);
    [describeStanding(admission), viewersFormat.formatMoment(admission.since), from].forEach((text, index) =>
      setText(this.#cells[index], text),
    );
  }
}

export class AgentList {
  #actions;
  #content;
  #body = element("tbody", { role: "rowgroup" });
  /** @type {Map<string, AgentRow>} */
  #rows = new Map();

  /** @param {Actions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.element = element("section", { class: "agents", hidden: true, "aria-labelledby": "agents-title" });
    this.#content = [
      element("h2", { id: "agents-title" }, "Agents and permission"),
      element(
        "table",
        { class: "tokens card", role: "table", "aria-labelledby": "agents-title" },
        element(
          "thead",
          { role: "rowgroup" },
          element(
            "tr",
            { role: "row" },
            ...COLUMNS.map((name) => element("th", { role: "columnheader", scope: "col" }, name)),
            element(
              "th",
              { role: "columnheader", scope: "col" },
              element("span", { class: "visually-hidden" }, "Allow"),
            ),
          ),
        ),
        this.#body,
      ),
    ];
  }

  /** @param {Admission[]} admissions those that wait are shown first */
  update(admissions) {
    const rank = ({ standing }) => (standing === "waiting" ? 0 : 1);
    const rows = new Map();
    for (const admission of [...admissions].sort((first, second) => rank(first) - rank(second))) {
      const row = this.#rows.get(keyOf(admission)) ?? new AgentRow(this.#actions);
      row.update(admission);
      rows.set(keyOf(admission), row);
    }
    this.#rows = rows;
    this.element.hidden = rows.size === 0;
    arrange(this.element, rows.size === 0 ? [] : this.#content);
    arrange(
      this.#body,
      [...rows.values()].map((row) => row.element),
    );
  }
}
