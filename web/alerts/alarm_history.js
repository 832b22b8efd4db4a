/**
 * Alarms that ended, as a table: cards on a narrow screen.
 */

import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { formatHash, stateFor, stateOfOne } from "../page/state.js";
import { describeEnd, describeLength, describeValue, hostWords } from "./alarm_words.js";
import { SeverityBadge } from "./severity_badge.js";

const COLUMNS = ["Severity", "Alarm", "Host", "Began", "Lasted", "Worst", "Ended"];

class HistoryRow {
  #severity = new SeverityBadge();
  #link = element("a", { class: "name" });
  #instance = element("span", { class: "alarm-instance name" });
  #host = element("a", { class: "name" });
  #cells;

  constructor() {
    this.#cells = COLUMNS.map((label) => element("td", { role: "cell", "data-label": label }));
    this.#cells[0].append(this.#severity.element);
    this.#cells[1].append(this.#link, " ", this.#instance);
    this.#cells[2].append(this.#host);
    this.element = element("tr", { role: "row" }, ...this.#cells);
  }

  /** @param {import("./alerts_api.js").Alarm} alarm @param {import("../page/state.js").PageState} state */
  update(alarm, state) {
    this.#severity.update(alarm.highest ?? alarm.severity, true);
    setText(this.#link, alarm.name);
    setAttribute(this.#link, "href", formatHash(stateOfOne("alarm", state, alarm.id)));
    setText(this.#instance, alarm.instance);
    setText(this.#host, hostWords(alarm));
    if (alarm.host === "") {
      this.#host.removeAttribute("href");
    } else {
      const range = { from: alarm.started - 600, to: (alarm.ended ?? alarm.fired) + 600 };
      setAttribute(this.#host, "href", formatHash(stateFor("host", { ...state, range }, [alarm.host])));
    }
    const late = alarm.late ? " (late)" : "";
    setText(this.#cells[3], `${format.formatMoment(alarm.started)}${late}`);
    setText(this.#cells[4], describeLength(alarm, alarm.ended));
    setText(this.#cells[5], describeValue(alarm.value_worst, alarm));
    setText(this.#cells[6], describeEnd(alarm));
  }
}

export class AlarmHistory {
  #body = element("tbody", { role: "rowgroup" });
  #more = element("p", { class: "alarm-more", hidden: true });
  /** @type {Map<number, HistoryRow>} */
  #rows = new Map();
  #table = element(
    "table",
    { class: "tokens card alarm-table", role: "table", "aria-label": "Alarms that ended", hidden: true },
    element(
      "thead",
      { role: "rowgroup" },
      element(
        "tr",
        { role: "row" },
        ...COLUMNS.map((name) => element("th", { role: "columnheader", scope: "col" }, name)),
      ),
    ),
    this.#body,
  );
  #none = element("p", { class: "alarm-none" }, "None in this time.");
  element = element("div", {}, this.#table, this.#none, this.#more);

  /**
   * @param {import("./alerts_api.js").Alarm[]} alarms
   * @param {import("../page/state.js").PageState} state
   * @param {number} most that were asked for
   */
  update(alarms, state, most) {
    this.#table.hidden = alarms.length === 0;
    this.#none.hidden = alarms.length > 0;
    this.#more.hidden = alarms.length < most;
    setText(this.#more, `The latest ${most}: narrow the time, or choose a host or a rule, to see others.`);
    const rows = new Map();
    for (const alarm of [...alarms].sort((first, second) => second.started - first.started || second.id - first.id)) {
      const row = this.#rows.get(alarm.id) ?? new HistoryRow();
      row.update(alarm, state);
      rows.set(alarm.id, row);
    }
    this.#rows = rows;
    arrange(
      this.#body,
      [...rows.values()].map((row) => row.element),
    );
  }
}
