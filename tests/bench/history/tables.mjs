/** Markdown. */

export const quantile = (list, part) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];
export const median = (list) => quantile(list, 0.5);

/** Three digits that count, thousands apart. */
export function figure(value) {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export const ratio = (a, b) => figure(a / b);

export function table(title, head, rows) {
  const line = (cells) => `| ${cells.map((cell) => (typeof cell === "number" ? figure(cell) : cell)).join(" | ")} |`;
  console.log(`\n${title}\n\n${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}`);
}

export const remark = (text) => {
  if (text) console.log(`\n${text}`);
};

/** A whole number, thousands apart. */
export const whole = (value) => Math.round(value).toLocaleString("en-US");

/** How far the benchmark has come, for who waits for it. */
export const say = (text) => process.stderr.write(`bench: ${text}\n`);
