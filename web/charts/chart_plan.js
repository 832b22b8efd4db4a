/**
 * Decides from the server's catalogue and a host's series which charts there are, in which groups, with which lines.
 */

import { seriesKey } from "../history/series.js";

/**
 * @typedef {object} Metric a row of the server's catalogue
 * @property {string} name
 * @property {string} unit
 * @property {number} minimum
 * @property {number} maximum
 * @property {number} decimals
 * @property {string} instance_label
 * @property {string} help
 * @property {string} group
 * @property {string} chart
 * @property {boolean} stacked
 *
 * @typedef {{key: string, metric: string, instance: string, label: string}} Line key by seriesKey
 *
 * @typedef {object} ChartPlan
 * @property {string} key tells the chart from all others of the host
 * @property {string} title
 * @property {string} help
 * @property {string} unit
 * @property {number} decimals
 * @property {boolean} stacked
 * @property {boolean} heat whether it is a heat strip: a row of coloured cells a line
 * @property {{minimum: number, maximum: number}|null} range the fixed value axis, or null: by the values
 * @property {Line[]} lines
 *
 * @typedef {{title: string, charts: ChartPlan[]}} ChartGroup
 */

const CUSTOM_GROUP = "Custom";

/** Where the words of a metric's name are no label for a person. */
const LABELS = new Map([
  ["load1", "1 minute"],
  ["load5", "5 minutes"],
  ["load15", "15 minutes"],
]);

/** The order of lines where the alphabet's is not the useful one: from below in a stack. Others follow by name. */
const INSTANCE_ORDER = ["user", "system", "iowait", "irq", "softirq", "nice", "steal"];

/** In a stack of shares on an axis to 100 %, what nobody used is the empty room above. */
const UNUSED_SHARE = "idle";

/** With more shares than this, cores as a rule, a chart is a heat strip. */
const MOST_SHARE_LINES = 8;

const UNIT_SUFFIXES = [
  ["_bytes_per_second", "bytes_per_second"],
  ["_per_second", "per_second"],
  ["_percent", "percent"],
  ["_seconds", "seconds"],
  ["_bytes", "bytes"],
];

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Names as a person sorts them: eth2 before eth10. @param {string} first @param {string} second */
export function compareNames(first, second) {
  return collator.compare(first, second) || (first < second ? -1 : first > second ? 1 : 0);
}

/** @param {string} first @param {string} second */
function compareInstances(first, second) {
  const rank = (name) => INSTANCE_ORDER.indexOf(name) + 1 || INSTANCE_ORDER.length + 1;
  return rank(first) - rank(second) || compareNames(first, second);
}

/** @param {string} name of a metric @returns {{words: string[], unit: string}} */
function splitName(name) {
  for (const [suffix, unit] of UNIT_SUFFIXES) {
    if (name.endsWith(suffix) && name.length > suffix.length) {
      return { words: name.slice(0, -suffix.length).split("_"), unit };
    }
  }
  return { words: name.split("_"), unit: "count" };
}

/** A metric that the catalogue does not know: a chart of its own. @param {string} name @returns {Metric} */
export function customMetric(name) {
  const { words, unit } = splitName(name);
  const title = words.join(" ");
  return {
    name,
    unit,
    minimum: -Infinity,
    maximum: Infinity,
    decimals: 2,
    instance_label: "",
    help: "",
    stacked: false,
    group: CUSTOM_GROUP,
    chart: title.charAt(0).toUpperCase() + title.slice(1),
  };
}

/**
 * What tells the metrics of one chart apart: their names without the words that all of them share at either end.
 * @param {string[]} names
 * @returns {Map<string, string>}
 */
export function metricLabels(names) {
  const all = names.map((name) => splitName(name).words);
  const shortest = Math.min(...all.map((words) => words.length));
  const shared = (pick) => {
    let count = 0;
    while (count < shortest - 1 && all.every((words) => pick(words, count) === pick(all[0], count))) count += 1;
    return count;
  };
  const front = names.length > 1 ? shared((words, index) => words[index]) : 0;
  const room = shortest - front;
  const back =
    names.length > 1
      ? Math.min(
          room - 1,
          shared((words, index) => words[words.length - 1 - index]),
        )
      : 0;
  return new Map(
    names.map((name, index) => {
      const words = all[index].slice(front, all[index].length - back);
      return [name, LABELS.get(name) ?? words.join(" ")];
    }),
  );
}

/**
 * The fixed axis of a percentage. Finely resolved ones (pressure) are small as a rule: theirs goes by the values.
 * @param {Metric} metric
 */
function fixedRange(metric) {
  const isShare = metric.unit === "percent" && metric.minimum === 0 && metric.maximum === 100;
  return isShare && metric.decimals < 2 ? { minimum: 0, maximum: 100 } : null;
}

/**
 * Lines of a share that wander all over the same axis are no longer told apart.
 * @param {Metric[]} metrics
 * @param {Map<string, string[]>} instances
 */
function isHeat(metrics, instances) {
  const [metric] = metrics;
  return (
    metrics.length === 1 &&
    !metric.stacked &&
    fixedRange(metric) !== null &&
    instances.get(metric.name).length > MOST_SHARE_LINES
  );
}

/**
 * @param {Metric[]} metrics of one chart, in the catalogue's order
 * @param {Map<string, string[]>} instances of each metric that the host reports
 * @returns {Line[]}
 */
function planLines(metrics, instances) {
  const labels = metricLabels(metrics.map((metric) => metric.name));
  const lines = [];
  for (const metric of metrics) {
    for (const instance of [...instances.get(metric.name)].sort(compareInstances)) {
      if (metric.stacked && metric.unit === "percent" && instance === UNUSED_SHARE) continue;
      const metricLabel = labels.get(metric.name);
      const label = instance === "" ? metricLabel : metrics.length === 1 ? instance : `${instance} ${metricLabel}`;
      lines.push({ key: seriesKey(metric.name, instance), metric: metric.name, instance, label });
    }
  }
  return lines;
}

/**
 * @param {Metric[]} catalogue
 * @param {Iterable<{metric: string, instance: string}>} series that the host has
 * @returns {ChartGroup[]} in the catalogue's order, custom metrics last
 */
export function planCharts(catalogue, series) {
  const instances = new Map();
  for (const { metric, instance } of series) {
    if (!instances.has(metric)) instances.set(metric, []);
    instances.get(metric).push(instance);
  }
  const known = new Set(catalogue.map((metric) => metric.name));
  const custom = [...instances.keys()]
    .filter((name) => !known.has(name))
    .sort(compareNames)
    .map(customMetric);
  const reported = [...catalogue.filter((metric) => instances.has(metric.name)), ...custom];

  /** @type {Map<string, Map<string, Metric[]>>} */
  const groups = new Map();
  for (const metric of reported) {
    // A custom metric never shares a chart: nobody says that two of them belong together.
    const chart = metric.group === CUSTOM_GROUP ? metric.name : metric.chart;
    if (!groups.has(metric.group)) groups.set(metric.group, new Map());
    const charts = groups.get(metric.group);
    if (!charts.has(chart)) charts.set(chart, []);
    charts.get(chart).push(metric);
  }
  return [...groups].map(([title, charts]) => ({
    title,
    charts: [...charts].map(([chart, metrics]) => ({
      key: `${title}\u0000${chart}`,
      title: metrics[0].chart,
      help: metrics
        .map((metric) => metric.help)
        .filter(Boolean)
        .join(" "),
      unit: metrics[0].unit,
      decimals: Math.max(...metrics.map((metric) => metric.decimals)),
      stacked: metrics.every((metric) => metric.stacked),
      heat: isHeat(metrics, instances),
      range: fixedRange(metrics[0]),
      lines: planLines(metrics, instances),
    })),
  }));
}
