/**
 * The comparison's lines of those hosts that have the highest values of a metric: the server ranks all hosts, and once
 * a minute anew.
 */

import { getFleet } from "../history/api.js";
import { ComparedHosts } from "./compared_hosts.js";
import { Poller } from "../history/poller.js";

const RANK_AGAIN_SECONDS = 60;

/** One metric's ranking, and the lines of those that are in it. */
class Ranking {
  #context;
  #metric;
  #lines;
  #wanted = null;
  #poller;
  #failed = false;
  /** @type {string[]|null} highest first; null: not known yet */
  names = null;
  /** How many hosts were ranked. */
  of = 0;
  #onChange;

  /** @param {import("../page/context.js").Context} context @param {string} metric @param {() => void} onChange */
  constructor(context, metric, onChange) {
    this.#context = context;
    this.#metric = metric;
    this.#onChange = onChange;
    this.#lines = new ComparedHosts(context, onChange);
    this.#poller = new Poller(
      (signal) => this.#rank(signal),
      () => (this.#failed ? context.pollSeconds() : RANK_AGAIN_SECONDS),
    );
  }

  get lines() {
    return this.#lines;
  }

  select(wanted) {
    this.#wanted = wanted;
    if (!this.#poller.start()) this.#poller.restart();
  }

  stop() {
    this.#poller.stop();
    this.#lines.stop();
  }

  /** @param {AbortSignal} signal */
  async #rank(signal) {
    const { hosts, tags, span, instance, count, by } = this.#wanted;
    try {
      const time = span.range ?? { timeframe: span.timeframe.name };
      const answer = await getFleet(
        { hosts, tags, ...time, metrics: this.#metric, instance, top: count, by, points: 60 },
        signal,
      );
      if (signal.aborted) return;
      this.#failed = false;
      this.#context.banner.recover("ranking");
      this.names = answer.top.map((host) => host.hostname);
      this.of = answer.hosts;
      this.#lines.select({ shown: this.names, everything: false, span, metrics: this.#metric, instance });
      this.#onChange();
    } catch (error) {
      if (signal.aborted) return;
      this.#failed = true;
      this.#context.banner.fail("ranking", error);
    }
  }
}

export class ComparedTop {
  #context;
  #onChange;
  /** @type {Map<string, Ranking>} by metric */
  #rankings = new Map();
  #selected = "";

  /**
   * @param {import("../page/context.js").Context} context
   * @param {() => void} onChange there is something new to draw
   */
  constructor(context, onChange) {
    this.#context = context;
    this.#onChange = onChange;
  }

  /**
   * @param {{hosts: string[], tags: string[], span: import("../time/time_span.js").Span, metrics: string, instance:
   *   string, count: number, by: string}} wanted hosts: none are all; by: average or maximum
   * @returns {boolean} whether something else is on its way now
   */
  select(wanted) {
    const { hosts, tags, span, metrics, instance, count, by } = wanted;
    const selected = JSON.stringify([hosts, tags, span.key, metrics, instance, count, by]);
    if (selected === this.#selected) return false;
    this.#selected = selected;
    const names = metrics.split(",");
    for (const [name, ranking] of this.#rankings) {
      if (names.includes(name)) continue;
      ranking.stop();
      this.#rankings.delete(name);
    }
    for (const name of names) {
      if (!this.#rankings.has(name)) this.#rankings.set(name, new Ranking(this.#context, name, this.#onChange));
      this.#rankings.get(name).select(wanted);
    }
    return true;
  }

  hostsChanged() {
    for (const { lines } of this.#rankings.values()) lines.hostsChanged();
  }

  stop() {
    for (const ranking of this.#rankings.values()) ranking.stop();
    this.#context.banner.recover("ranking");
  }

  /** Drawn is what has come; the others follow. */
  get isLoaded() {
    return [...this.#rankings.values()].some(
      ({ names, lines }) => names !== null && (names.length === 0 || lines.isLoaded),
    );
  }

  get isEmpty() {
    return [...this.#rankings.values()].every(
      ({ names, lines }) => names === null || names.length === 0 || lines.isEmpty,
    );
  }

  /** @param {string} metric @returns {string[]} */
  instancesOf(metric) {
    return this.#rankings.get(metric)?.lines.instancesOf(metric) ?? [];
  }

  /** How many hosts a metric's lines were chosen from. @param {string} metric */
  rankedOf(metric) {
    return this.#rankings.get(metric)?.of ?? 0;
  }

  /**
   * @param {import("../charts/chart_plan.js").ChartPlan} plan of one metric
   * @returns {import("../charts/charts.js").ChartData}
   */
  prepare(plan) {
    const ranking = this.#rankings.get(plan.lines[0].metric);
    return ranking ? ranking.lines.prepare(plan) : { lines: [], window: { from: 0, to: 1 }, step: 0 };
  }
}
