/**
 * What a chart shows in words: for people who do not see it, and beside its title.
 */

import { format } from "../parts/format.js";

/** From this many lines on, to name each would take more room than the chart. */
export const MOST_NAMED_LINES = 12;

/** @typedef {ReturnType<typeof import("../history/series.js").summarize>} Summary null: a line without values */

/**
 * @param {import("./charts.js").DrawnLine[]} lines
 * @param {Summary[]} summaries of each line
 * @param {string} unit
 * @param {number} decimals
 */
export function describeLines(lines, summaries, unit, decimals) {
  const value = (number) => format.formatValue(number, unit, decimals);
  const told = lines.slice(0, MOST_NAMED_LINES).flatMap((line, index) => {
    const summary = summaries[index];
    if (summary === null) return [];
    const text = `now ${value(summary.latest)}, lowest ${value(summary.lowest)}, highest ${value(summary.highest)}`;
    return [line.label === "" ? text : `${line.label}: ${text}`];
  });
  if (told.length === 0) return "No values in this time.";
  const rest = lines.length - told.length;
  return `${told.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`;
}

const MOST_NAMED_BANDS = 3;

/** The alarms in a chart. @param {import("./alarm_bands.js").AlarmBand[]} bands */
export function describeBands(bands) {
  if (bands.length === 0) return "";
  const named = bands.slice(-MOST_NAMED_BANDS).map(({ label }) => label);
  const rest = bands.length - named.length;
  return `Alarms: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`;
}

/**
 * Beside the title while no moment is pointed at: the card's own note, how many lines there are, or the one line's
 * latest value.
 * @param {import("./chart_card.js").CardContent} content
 * @param {Summary[]} summaries of each line
 */
export function restingText({ unit, decimals, legend, heat, note = "" }, summaries) {
  const count = summaries.length;
  if (note !== "") return note;
  if (heat) return `${count} rows`;
  if (legend && count > MOST_NAMED_LINES) return `${count} lines`;
  return count === 1 && summaries[0] ? format.formatValue(summaries[0].latest, unit, decimals) : "";
}
