/**
 * Which metric hosts are compared by, and of which of its instances.
 */

import { compareNames, customMetric } from "../charts/chart_plan.js";
import { countedOnce } from "../parts/counted_once.js";
import { element, setText } from "../parts/dom.js";

/** Of these units the instances of a host add up to something; of others the highest tells most. */
const SUMMED_UNITS = new Set(["bytes", "bytes_per_second", "per_second", "count"]);
/** How a metric's instances become one line. @param {string} unit @returns {"sum"|"highest"} */
export function combination(unit) {
  return SUMMED_UNITS.has(unit) ? "sum" : "highest";
}

/**
 * One line out of a host's series of one metric; a sum counts each byte once.
 * @param {import("../history/series.js").Series[]} series of the same timestamps
 * @param {string} instance "": all of them
 * @param {"sum"|"highest"} how
 * @param {string} [label] what the catalogue calls the instances
 * @param {any} [facts] of the host
 * @returns {(number|null)[]|null} null where the host has none
 */
export function combine(series, instance, how, label = "", facts = {}) {
  if (instance !== "") return series.find((one) => one.instance === instance)?.average ?? null;
  const counted = new Set(
    how === "sum"
      ? countedOnce(
          series.map((one) => one.instance),
          label,
          facts,
        )
      : [],
  );
  const parts = how === "sum" ? series.filter((one) => counted.has(one.instance)) : series;
  if (parts.length <= 1) return parts[0]?.average ?? null;
  return parts[0].average.map((_, index) => {
    const values = parts.map((one) => one.average[index]).filter((value) => value !== null && value !== undefined);
    if (values.length === 0) return null;
    return how === "sum" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
}

export class MetricChooser {
  #choose;
  #metric = element("select", {
    class: "input",
    "aria-label": "Metric",
    onchange: () => this.#choose({ metric: this.#metric.value, instance: "" }),
  });
  #instance = element("select", {
    class: "input",
    "aria-label": "Of what",
    hidden: true,
    onchange: () => this.#choose({ instance: this.#instance.value }),
  });
  /** The one of the address, where the catalogue does not know it: one of a host's own. */
  #custom = element("option");
  #known;
  #shown = "";

  /**
   * @param {import("../charts/chart_plan.js").Metric[]} metrics of the catalogue
   * @param {(options: Record<string, string>) => void} choose
   */
  constructor(metrics, choose) {
    this.#choose = choose;
    this.#known = new Set(metrics.map(({ name }) => name));
    const groups = new Map();
    for (const metric of metrics) {
      if (!groups.has(metric.group)) groups.set(metric.group, element("optgroup", { label: metric.group }));
      groups
        .get(metric.group)
        .append(element("option", { value: metric.name, title: metric.help }, nameOf(metric, metrics)));
    }
    this.#metric.append(element("option", { value: "" }, "CPU, memory and disk"), ...groups.values());
    this.element = element("div", { class: "compare-metric" }, this.#metric, this.#instance);
  }

  /**
   * @param {string} metric
   * @param {string} instance
   * @param {string[]} instances that hosts report
   * @param {"sum"|"highest"} how
   */
  show(metric, instance, instances, how) {
    const shown = JSON.stringify([metric, instance, instances]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#showCustom(metric);
    this.#metric.value = metric;
    const offered = [...new Set([...instances, ...(instance === "" ? [] : [instance])])]
      .filter((name) => name !== "")
      .sort(compareNames);
    this.#instance.hidden = metric === "" || offered.length === 0;
    this.#instance.replaceChildren(
      element("option", { value: "" }, how === "sum" ? "all together" : "the highest"),
      ...offered.map((name) => element("option", { value: name }, name)),
    );
    this.#instance.value = instance;
  }

  /** @param {string} metric */
  #showCustom(metric) {
    if (metric === "" || this.#known.has(metric)) {
      this.#custom.remove();
      return;
    }
    this.#custom.value = metric;
    setText(this.#custom, customMetric(metric).chart);
    this.#metric.append(this.#custom);
  }
}

/** Its chart's title, and where several metrics share one, what tells it from them. */
function nameOf(metric, metrics) {
  const isAlone = metrics.filter((other) => other.group === metric.group && other.chart === metric.chart).length === 1;
  return isAlone ? metric.chart : `${metric.chart}: ${metric.name.replaceAll("_", " ")}`;
}
