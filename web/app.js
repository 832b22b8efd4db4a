/**
 * The dashboard: asks who looks at it, loads what the server offers, watches its hosts, and shows the view that the
 * address names.
 */

import { getCatalogue, getHosts, onUnauthorized } from "./history/api.js";
import { Banner } from "./page/banner.js";
import { compareNames } from "./charts/chart_plan.js";
import { element } from "./parts/dom.js";
import { EnrolmentToken } from "./access/enrolment_token.js";
import { format } from "./parts/format.js";
import { Header } from "./page/header.js";
import { historyLinePoller } from "./page/history_line.js";
import { Keyboard } from "./page/keyboard.js";
import { loadingState, notice } from "./parts/loading.js";
import { standingOf } from "./parts/status.js";
import { Notifications } from "./page/notifications.js";
import { PageTitle } from "./page/page_title.js";
import { Poller } from "./history/poller.js";
import { chooseView } from "./page/routes.js";
import { Session } from "./access/session.js";
import { formatHash, parseHash, stateFor } from "./page/state.js";
import { onThemeChange, setUpThemeSwitch } from "./page/theme.js";
import { findTimeframe, toggleLive } from "./time/time_span.js";
import { Views } from "./page/views.js";
import { Wall } from "./wall/wall.js";

/**
 * @typedef {object} Context what views need of the page
 * @property {Session} session
 * @property {EnrolmentToken} enrolment by which the next host is added
 * @property {any} catalogue the server's timeframes and metrics
 * @property {any[]} hosts as the server lists them
 * @property {Banner} banner
 * @property {() => number} now Unix seconds by the server's clock
 * @property {() => number} pollSeconds between two requests of one kind
 * @property {(state: import("./page/state.js").PageState, how?: {replace?: boolean}) => void} navigate replace: Back
 *   does not lead to what was shown before, as after each letter of a search
 */

/** Views that show hosts; the others need not wait for them. */
const HOST_VIEWS = new Set(["overview", "host", "compare"]);
/** Addresses that lead nowhere any more once one is through the door. */
const DOORS = new Set(["sign-in", "setup"]);
const SHORTEST_POLL_SECONDS = 2;
const LONGEST_POLL_SECONDS = 15;
const POLL_SECONDS_WITHOUT_HOSTS = 3;
/** Of so many all facts are asked for, so that a host's view has them at once. */
const MOST_HOSTS_WITH_ALL_FACTS = 200;
/** For who wants to be notified alone: otherwise a hidden page asks for nothing. */
const POLL_SECONDS_HIDDEN = 30;

const byId = (id) => document.getElementById(id);
const main = byId("main");

/** The server's clock less the viewer's, in seconds. */
let clockOffset = 0;
let hostsLoaded = false;
let view = null;
let shownView = "";
let shownName = "";
/** Whether there was a view already: the focus of a fresh page is left alone. */
let hasShown = false;
/** Where one was before one went to sign in. */
let addressBefore = "#/";

/** @type {Context} */
const context = {
  session: new Session(sessionChanged),
  enrolment: null,
  catalogue: null,
  hosts: [],
  banner: new Banner(byId("banner")),
  now: () => Date.now() / 1000 + clockOffset,
  pollSeconds() {
    const intervals = context.hosts.map((host) => host.interval).filter((interval) => interval > 0);
    if (intervals.length === 0) return POLL_SECONDS_WITHOUT_HOSTS;
    return Math.min(
      Math.max(
        intervals.reduce((least, interval) => Math.min(least, interval)),
        SHORTEST_POLL_SECONDS,
      ),
      LONGEST_POLL_SECONDS,
    );
  },
  navigate(state, { replace = false } = {}) {
    if (!replace) {
      location.hash = formatHash(state);
    } else if (formatHash(state) !== location.hash) {
      history.replaceState(null, "", formatHash(state));
      show();
    }
  },
};

context.enrolment = new EnrolmentToken(context.session, context.now);
const title = new PageTitle(document.querySelector("link[rel=icon]"));
const notifications = new Notifications(byId("notify"));
const wall = new Wall(context);
const views = new Views(show, showNotLoaded);
const header = new Header(() => context.session.signOut());
const sessionPoller = new Poller(loadSession, () => POLL_SECONDS_WITHOUT_HOSTS);
const hostsPoller = new Poller(
  refreshHosts,
  () => (document.hidden ? POLL_SECONDS_HIDDEN : context.pollSeconds()),
  () => notifications.areWanted,
);
const historyPoller = historyLinePoller(byId("history"));

/** Takes away the view, so that nothing of it goes on. */
function leaveView() {
  view?.destroy();
  view = null;
  shownView = "";
  shownName = "";
}

/**
 * What the address names; once one is through the door, the address of the door is gone from it, with the code in it.
 */
function readAddress() {
  const state = parseHash(location.hash);
  if (!DOORS.has(state.view)) {
    addressBefore = location.hash;
  } else if (chooseView(state, context.session.current) === "overview") {
    history.replaceState(null, "", formatHash(parseHash(addressBefore)));
    return parseHash(addressBefore);
  }
  return state;
}

/** Shows what the address names, once there is something to show. */
function show() {
  const { current } = context.session;
  if (current === null) return;
  const state = readAddress();
  const name = chooseView(state, current);
  format.useUtc(state.utc);
  header.update(name, state, current);
  wall.update(name, state);
  if (wall.isOn) views.expect("host"); // before its turn comes
  if (HOST_VIEWS.has(name) && !hostsLoaded) {
    leaveView();
    showLoading();
    return;
  }
  const wanted = JSON.stringify([
    name,
    name === "host" ? state.hosts[0] : "",
    name === "setup" ? state.code : "",
    name === "refused" ? state.view : "",
    current.user?.name ?? null,
    current.can_manage,
    state.utc,
  ]);
  if (wanted === shownView) view.update(state);
  else showView(name, state, wanted);
}

/**
 * @param {string} name
 * @param {import("./page/state.js").PageState} state
 * @param {string} key tells this view from others
 */
function showView(name, state, key) {
  const View = views.get(name);
  leaveView();
  if (View === null) {
    showLoading();
    return;
  }
  view = new View(main, context, state);
  shownView = key;
  shownName = name;
  if (hasShown && (name === "host" || name === "compare")) hostsPoller.restart(); // more is to be known of these
  title.show(view.title, context.hosts);
  if (hasShown) scrollTo(0, 0);
  if (view.firstField) view.firstField.focus();
  else if (hasShown && !wall.isOn) view.heading.focus({ preventScroll: true });
  if (!hasShown && context.session.current.can_read) views.prefetchCharts();
  hasShown = true;
}

function showLoading() {
  main.replaceChildren(element("h1", { class: "visually-hidden" }, "Hostwatch"), loadingState());
}

/** A part of the page could not be loaded. */
function showNotLoaded() {
  const again = element(
    "button",
    { type: "button", class: "button", onclick: () => location.reload() },
    "Load the page anew",
  );
  main.replaceChildren(
    notice(
      "This view could not be loaded",
      element("p", {}, "The server is away, or it was replaced by a newer one."),
      element("p", {}, again),
    ),
  );
}

/** The server told who one is: the page asks for hosts if it may, and for nothing else if not. */
function sessionChanged() {
  sessionPoller.stop();
  context.banner.recover("session");
  if (!context.session.current.can_manage) context.enrolment.forget();
  if (context.session.current.can_read) {
    hostsPoller.start();
    historyPoller.start();
  } else {
    forgetEverything();
  }
  show();
}

/** What was shown to somebody who may read is not for who may not. */
function forgetEverything() {
  hostsPoller.stop();
  historyPoller.stop();
  hostsLoaded = false;
  context.catalogue = null;
  context.hosts = [];
  notifications.forget();
  context.banner.clear();
  header.showUpdated("");
  byId("history").textContent = "";
}

/** @param {AbortSignal} signal */
async function loadSession(signal) {
  try {
    await context.session.load();
  } catch (error) {
    if (!signal.aborted) context.banner.fail("session", error);
  }
}

/** What the address makes one want to know of hosts besides what lists show. */
function wantedOfHosts() {
  const { view: name, hosts, options } = parseHash(location.hash);
  return {
    whole: name === "host" ? hosts : [],
    metrics: name === "compare" && options.metric ? [options.metric] : [],
    allFacts: hostsLoaded && context.hosts.length <= MOST_HOSTS_WITH_ALL_FACTS,
  };
}

/** @param {AbortSignal} signal */
async function refreshHosts(signal) {
  try {
    const [catalogue, answer] = await Promise.all([
      context.catalogue ?? getCatalogue(signal),
      getHosts(wantedOfHosts(), signal),
    ]);
    if (signal.aborted) return;
    context.catalogue = catalogue;
    clockOffset = answer.now - Date.now() / 1000;
    for (const host of answer.hosts) host.standing = standingOf(host, answer.now);
    context.hosts = answer.hosts;
    context.banner.recover("hosts");
    if (view) title.show(view.title, context.hosts);
    notifications.update(context.hosts);
    header.showUpdated(`Updated ${format.formatClock(Date.now() / 1000)}`);
  } catch (error) {
    if (signal.aborted) return;
    context.banner.fail("hosts", error);
    view?.hostsChanged(); // times that tell how long ago go on
    return;
  }
  if (hostsLoaded) {
    view?.hostsChanged();
  } else {
    hostsLoaded = true;
    show();
  }
}

/** To the host before or after the one that is shown, by name. @param {1|-1} distance */
function goToNeighbour(distance) {
  const state = parseHash(location.hash);
  if (shownName !== "host") return false;
  const names = context.hosts.map((host) => host.hostname).sort(compareNames);
  const next = names[names.indexOf(state.hosts[0]) + distance];
  if (next !== undefined) context.navigate({ ...state, hosts: [next] }, { replace: wall.isOn });
  return next !== undefined;
}

/** To the preset after the one that is shown, and from the last to the first. */
function goToNextTimeframe() {
  const state = parseHash(location.hash);
  if (shownName !== "host" && shownName !== "compare") return;
  const { timeframes } = context.catalogue;
  const next =
    timeframes[(timeframes.indexOf(findTimeframe(context.catalogue, state.timeframe)) + 1) % timeframes.length];
  context.navigate({ ...state, timeframe: next.name, range: null, zoom: null }, { replace: wall.isOn });
}

const keyboard = new Keyboard({
  go: (name) => context.session.current?.can_read && context.navigate(stateFor(name, parseHash(location.hash))),
  switchZone() {
    const state = parseHash(location.hash);
    if (HOST_VIEWS.has(state.view)) context.navigate({ ...state, utc: !state.utc }, { replace: true });
  },
  nextTimeframe: goToNextTimeframe,
  toggleLive() {
    if (shownName === "host" || shownName === "compare") {
      context.navigate(toggleLive(context.catalogue, parseHash(location.hash), context.now()));
    }
  },
  wall: () => context.session.current?.can_read && wall.toggle(),
  neighbour: goToNeighbour,
});
for (const button of document.querySelectorAll(".wall-start")) button.addEventListener("click", () => wall.start());
byId("keys").addEventListener("click", () => keyboard.showHelp());
setUpThemeSwitch(byId("theme-switch"));
onThemeChange(() => view?.themeChanged());
onUnauthorized(async () => {
  // Where even this fails, the banner tells of the request that was refused.
  await context.session.load().catch(() => {});
});
addEventListener("hashchange", show);
document.addEventListener("visibilitychange", () => {
  // One may have signed in in another tab.
  if (!document.hidden && context.session.current?.can_read === false) loadSession(new AbortController().signal);
});
byId("skip").addEventListener("click", () => main.focus());
showLoading();
views.expect(parseHash(location.hash).view);
sessionPoller.start();
