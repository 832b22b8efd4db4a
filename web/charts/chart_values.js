/**
 * What a chart shows as rows of a table: for reading without seeing it, and for taking along as CSV. Pure functions.
 */

/**
 * @typedef {object} Table
 * @property {string[]} columns names, without the time
 * @property {{time: number, values: (number|null)[]}[]} rows time in Unix seconds, ascending
 */

/** A cell of a spreadsheet that begins like this is taken for a formula. */
const LIKE_A_FORMULA = /^[=+\-@\t\r]/;

/** @param {import("./charts.js").DrawnLine} line @param {string} title of the chart */
function columnsOf(line, title) {
  const name = line.label === "" ? title : line.label;
  const columns = [{ name, points: line.points, value: (point) => point.y }];
  if (line.band) {
    columns.push(
      { name: `${name}, lowest`, points: line.points, value: (point) => point.low },
      { name: `${name}, highest`, points: line.points, value: (point) => point.high },
    );
  }
  return columns;
}

/**
 * @param {import("./charts.js").DrawnLine[]} lines @param {string} title of the chart
 * @param {import("../page/state.js").Range} window
 * @returns {Table} of the times that the window shows
 */
export function tableOf(lines, title, { from, to }) {
  const columns = lines.flatMap((line) => columnsOf(line, title));
  const rows = new Map();
  columns.forEach(({ points, value }, index) => {
    for (const point of points) {
      const time = point.x / 1000;
      if (point.y === null || time < from || time > to) continue;
      if (!rows.has(time)) rows.set(time, new Array(columns.length).fill(null));
      rows.get(time)[index] = value(point);
    }
  });
  return {
    columns: columns.map(({ name }) => name),
    rows: [...rows].map(([time, values]) => ({ time, values })).sort((first, second) => first.time - second.time),
  };
}

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe in front. @param {string} text */
function csvText(text) {
  const safe = LIKE_A_FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * The table as CSV: times in UTC (ISO 8601), numbers with a point.
 * @param {Table} table
 */
export function toCsv({ columns, rows }) {
  const lines = [["time", ...columns].map(csvText).join(",")];
  for (const { time, values } of rows) {
    lines.push(
      [new Date(time * 1000).toISOString(), ...values.map((value) => (value === null ? "" : String(value)))].join(","),
    );
  }
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * A name for a file: nothing in it that a file system could take amiss.
 * @param {string[]} parts @param {string} ending without the dot
 */
export function fileName(parts, ending) {
  const words = parts
    .map((part) => part.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+|[.-]+$/g, ""))
    .filter(Boolean);
  return `${words.join("_").slice(0, 120) || "hostwatch"}.${ending}`;
}
