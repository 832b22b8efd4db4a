/** Lighthouse's results as markdown. */

const METRICS = [
  ["first-contentful-paint", "FCP"],
  ["largest-contentful-paint", "LCP"],
  ["total-blocking-time", "TBT"],
  ["speed-index", "SI"],
  ["cumulative-layout-shift", "CLS"],
];

function table(title, head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  console.log(`\n${title}\n\n${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}`);
}

const hundred = (score) => (score === null || score === undefined ? "-" : String(Math.round(score * 100)));

/** @param {{view: string, preset: string, lhr: any, performances: number[]}[]} results @param {string[]} categories */
export function printScores(results, categories) {
  const rows = results.map(({ view, preset, lhr, performances }) => {
    const scores = categories.map((name) =>
      name === "performance" ? performances.map(hundred).join("; ") : hundred(lhr.categories[name]?.score),
    );
    return [view, preset, ...scores, ...METRICS.map(([name]) => lhr.audits[name]?.displayValue ?? "-")];
  });
  table("Scores", ["view", "preset", ...categories, ...METRICS.map(([, short]) => short)], rows);
}

/** What an audit would save, as Lighthouse reckons. */
function savingsOf({ metricSavings = {}, details = {} }) {
  const parts = Object.entries(metricSavings)
    .filter(([, value]) => value > 0)
    .map(([metric, value]) => `${metric} ${metric === "CLS" ? value : `${Math.round(value)} ms`}`);
  if (details.overallSavingsBytes > 0) parts.push(`${(details.overallSavingsBytes / 1024).toFixed(1)} KiB`);
  if (details.overallSavingsMs > 0) parts.push(`${Math.round(details.overallSavingsMs)} ms`);
  return parts.join(", ");
}

/** Some of the elements or files that an audit names. */
function examplesOf({ details }) {
  const items = (details?.items ?? [])
    .map((item) => item.node?.selector ?? item.url?.replace(/^.*\//, "") ?? item.source?.url)
    .filter(Boolean);
  return [...new Set(items)].slice(0, 3).join(", ").replaceAll("|", "\\|");
}

/**
 * Every audit that has not its full score, those that count first.
 * @returns {{category: string, weight: number, id: string, title: string, score: string, value: string, savings:
 *   string, examples: string}[]}
 */
export function findingsOf(lhr) {
  const findings = [];
  for (const category of Object.values(lhr.categories)) {
    for (const { id, weight } of category.auditRefs) {
      const audit = lhr.audits[id];
      const fails = audit.score !== null && audit.score < 1;
      // Insights with nothing to save have no score; those with something to tell have 0 or less than 1.
      if (!fails || audit.scoreDisplayMode === "notApplicable" || audit.scoreDisplayMode === "error") continue;
      findings.push({
        category: category.id,
        weight,
        id,
        title: audit.title.replaceAll("|", "\\|"),
        score: hundred(audit.score),
        value: audit.displayValue ?? "",
        savings: savingsOf(audit),
        examples: examplesOf(audit),
      });
    }
  }
  return findings.sort(
    (first, second) => first.category.localeCompare(second.category) || second.weight - first.weight,
  );
}

export function printFindings(name, findings) {
  if (findings.length === 0) {
    console.log(`\n${name}: every audit has its full score.`);
    return;
  }
  table(
    `Without the full score: ${name}`,
    ["category", "audit", "weight", "score", "value", "would save", "where"],
    findings.map(({ category, id, title, weight, score, value, savings, examples }) => [
      category,
      `${title} (\`${id}\`)`,
      weight,
      score,
      value,
      savings,
      examples,
    ]),
  );
}
