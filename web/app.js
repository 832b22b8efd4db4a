/**
 * The dashboard: loads what the server offers, watches its hosts, and shows the view that the address names.
 */

import { getCatalogue, getHosts } from "./api.js";
import { Banner } from "./banner.js";
import { CompareView } from "./compare.js";
import { element, setText } from "./dom.js";
import { format } from "./format.js";
import { keepHistoryLine } from "./history_line.js";
import { HostView } from "./host.js";
import { loadingState } from "./loading.js";
import { OverviewView } from "./overview.js";
import { Poller } from "./poller.js";
import { formatHash, parseHash } from "./state.js";
import { onThemeChange, setUpThemeSwitch } from "./theme.js";

/**
 * @typedef {object} Context what views need of the page
 * @property {any} catalogue the server's timeframes and metrics
 * @property {any[]} hosts as the server lists them
 * @property {Banner} banner
 * @property {() => number} now Unix seconds by the server's clock
 * @property {() => number} pollSeconds between two requests of one kind
 * @property {(state: import("./state.js").PageState) => void} navigate
 */

const VIEWS = { overview: OverviewView, host: HostView, compare: CompareView };
const SHORTEST_POLL_SECONDS = 2;
const LONGEST_POLL_SECONDS = 15;
const POLL_SECONDS_WITHOUT_HOSTS = 3;

const byId = (id) => document.getElementById(id);
const main = byId("main");

/** The server's clock less the viewer's, in seconds. */
let clockOffset = 0;
let hostsLoaded = false;
/** @type {OverviewView|HostView|CompareView|null} */
let view = null;
let shownView = "";

/** @type {Context} */
const context = {
  catalogue: null,
  hosts: [],
  banner: new Banner(byId("banner")),
  now: () => Date.now() / 1000 + clockOffset,
  pollSeconds() {
    const intervals = context.hosts.map((host) => host.interval).filter((interval) => interval > 0);
    if (intervals.length === 0) return POLL_SECONDS_WITHOUT_HOSTS;
    return Math.min(Math.max(intervals.reduce((least, interval) => Math.min(least, interval)), SHORTEST_POLL_SECONDS), LONGEST_POLL_SECONDS);
  },
  navigate(state) {
    location.hash = formatHash(state);
  },
};

/** Links of the header keep the timeframe that was chosen. @param {import("./state.js").PageState} state */
function updateHeader({ view: current, timeframe }) {
  byId("brand").href = formatHash({ view: "overview", hosts: [], timeframe });
  for (const name of ["overview", "compare"]) {
    const link = byId(`link-${name}`);
    link.href = formatHash({ view: name, hosts: [], timeframe });
    if (name === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** Shows what the address names, once there is something to show. */
function show() {
  const state = parseHash(location.hash);
  updateHeader(state);
  if (context.catalogue === null || !hostsLoaded) return;
  const wanted = JSON.stringify([state.view, state.view === "host" ? state.hosts[0] : ""]);
  if (wanted === shownView) {
    view.update(state);
    return;
  }
  const isFirst = view === null;
  view?.destroy();
  view = new VIEWS[state.view](main, context, state);
  shownView = wanted;
  document.title = `${view.title} · Hostwatch`;
  if (isFirst) return;
  scrollTo(0, 0);
  view.heading.focus({ preventScroll: true });
}

/** @param {AbortSignal} signal */
async function refreshHosts(signal) {
  try {
    const [catalogue, answer] = await Promise.all([context.catalogue ?? getCatalogue(signal), getHosts(signal)]);
    context.catalogue = catalogue;
    clockOffset = answer.now - Date.now() / 1000;
    context.hosts = answer.hosts;
    context.banner.recover("hosts");
    setText(byId("live"), `Updated ${format.formatClock(Date.now() / 1000)}`);
  } catch (error) {
    if (signal.aborted) return;
    context.banner.fail("hosts", error);
    view?.hostsChanged(); // times that tell how long ago go on
    return;
  }
  if (hostsLoaded) {
    view.hostsChanged();
  } else {
    hostsLoaded = true;
    show();
  }
}

setUpThemeSwitch(byId("theme-switch"));
onThemeChange(() => view?.themeChanged());
addEventListener("hashchange", show);
byId("skip").addEventListener("click", () => main.focus());
main.replaceChildren(element("h1", { class: "visually-hidden" }, "Hostwatch"), loadingState());
updateHeader(parseHash(location.hash));
new Poller(refreshHosts, context.pollSeconds).start();
keepHistoryLine(byId("history"));
