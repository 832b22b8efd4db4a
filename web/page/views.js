/**
 * The views by name. The overview is there from the start; the others come with a file of their own when they are first
 * asked for, and what draws charts with one more, so that nothing waits for Chart.js but the charts.
 */

import { loadTimeChart } from "../charts/chart_loader.js";
import { OverviewView } from "../overview/overview.js";

const charts = () => {
  loadTimeChart().catch(() => {}); // told by the charts themselves
  return import("./chart_views.js");
};
const access = () => import("../access/access_views.js");
const alerts = () => import("../alerts/alert_views.js");
const alertCharts = () => {
  loadTimeChart().catch(() => {});
  return import("../alerts/alert_chart_views.js");
};

/** @type {Record<string, {load: () => Promise<any>, of: string}>} which file, and what it calls the view */
const ELSEWHERE = {
  host: { load: charts, of: "HostView" },
  compare: { load: charts, of: "CompareView" },
  alarms: { load: alerts, of: "AlarmsView" },
  rules: { load: alerts, of: "RulesView" },
  silences: { load: alerts, of: "SilencesView" },
  channels: { load: alerts, of: "ChannelsView" },
  alarm: { load: alertCharts, of: "AlarmView" },
  rule: { load: alertCharts, of: "RuleView" },
  access: { load: access, of: "AccessView" },
  account: { load: access, of: "AccountView" },
  refused: { load: access, of: "RefusedView" },
  setup: { load: access, of: "SetUpView" },
  "sign-in": { load: access, of: "SignInView" },
};

const SIGNS_OF_LIFE = ["pointermove", "pointerdown", "keydown"];

export class Views {
  #classes = new Map([["overview", OverviewView]]);
  #onLoaded;
  #onFailed;

  /**
   * @param {() => void} onLoaded a view that get() did not have is there
   * @param {() => void} onFailed it cannot be had: the server is away, or a newer one that has other files
   */
  constructor(onLoaded, onFailed) {
    this.#onLoaded = onLoaded;
    this.#onFailed = onFailed;
  }

  /** @param {string} name @returns {any} the view's class; null: it is on its way, and one is told when it is there */
  get(name) {
    const known = this.#classes.get(name) ?? null;
    if (known === null) this.#load(name).then(this.#onLoaded, this.#onFailed);
    return known;
  }

  /**
   * What the address names will be wanted, whatever the server says meanwhile of who one is and of its hosts.
   * @param {string} name
   */
  expect(name) {
    if (name in ELSEWHERE) this.#load(name).catch(() => {}); // told when it is asked for
  }

  /** Loads what one will most likely want next, once somebody is there: a screen on the wall need not have it. */
  prefetchCharts() {
    const load = () => {
      for (const type of SIGNS_OF_LIFE) removeEventListener(type, load);
      this.#load("host").catch(() => {}); // told when somebody asks for it
    };
    for (const type of SIGNS_OF_LIFE) addEventListener(type, load, { passive: true });
  }

  /** @param {string} name */
  async #load(name) {
    const { load, of } = ELSEWHERE[name];
    this.#classes.set(name, (await load())[of]);
  }
}
