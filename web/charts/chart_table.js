/**
 * A chart's values as a table, newest first: for screen readers, and for whoever wants the numbers.
 */

import { element } from "../parts/dom.js";
import { format } from "../parts/format.js";

/** More rows than this are not put into the page; all of them are in the CSV. */
const MOST_ROWS = 1000;

/**
 * @param {import("./chart_values.js").Table} table
 * @param {{title: string, subject: string, unit: string, decimals: number, step: number}} about
 * @returns {HTMLElement}
 */
export function chartTable({ columns, rows }, { title, subject, unit, decimals, step }) {
  if (rows.length === 0) return element("p", { class: "chart-table-note" }, "No values in this time");
  const shown = rows.slice(-MOST_ROWS).reverse();
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "Time"),
    ...columns.map((name) => element("th", { scope: "col", class: "name" }, name)),
  );
  const body = shown.map(({ time, values }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, format.formatDateTime(time, step || 1)),
      ...values.map((value) => element("td", {}, format.formatValue(value, unit, decimals))),
    ),
  );
  const left = rows.length - shown.length;
  return element(
    "div",
    { class: "chart-table", tabindex: "0", role: "region", "aria-label": `${title} as a table` },
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, `${title} of ${subject}`),
      element("thead", {}, head),
      element("tbody", {}, ...body),
    ),
    ...(left > 0
      ? [element("p", { class: "chart-table-note" }, `and ${left} earlier ones, which are in the CSV`)]
      : []),
  );
}
