/**
 * The page as a whole: makes its parts and hands on between them. The server tells who one is, then what hosts there
 * are, and then the view that the address names is shown.
 */

import { EnrolmentToken } from "../access/enrolment_token.js";
import { Session } from "../access/session.js";
import { onUnauthorized } from "../history/api.js";
import { Poller } from "../history/poller.js";
import { byId } from "../parts/dom.js";
import { format } from "../parts/format.js";
import { Wall } from "../wall/wall.js";
import { Banner } from "./banner.js";
import { Context } from "./context.js";
import { Header, wallButtons } from "./header.js";
import { historyLinePoller } from "./history_line.js";
import { HostFeed } from "./host_feed.js";
import { keyActions } from "./key_actions.js";
import { Keyboard } from "./keyboard.js";
import { Navigation } from "./navigation.js";
import { Notifications } from "./notifications.js";
import { PageTitle } from "./page_title.js";
import { chooseView, HOST_VIEWS, TIMED_VIEWS } from "./routes.js";
import { onThemeChange, setUpThemeSwitch } from "./theme.js";
import { ViewSwitch } from "./view_switch.js";

/** Until the server has told who one is. */
const SESSION_POLL_SECONDS = 3;

export class Dashboard {
  #session = new Session(() => this.#sessionChanged());
  #banner = new Banner(byId("banner", HTMLElement));
  #title = new PageTitle(document.querySelector("link[rel=icon]"));
  #notifications = new Notifications(byId("notify", HTMLButtonElement));
  #header = new Header(() => this.#session.signOut());
  #navigation = new Navigation(() => this.#show());
  #feed = new HostFeed(this.#banner, {
    state: () => this.#navigation.state,
    isWantedHidden: () => this.#notifications.areWanted,
    onHosts: (isFirst) => this.#hostsChanged(isFirst),
    onFailure: () => this.#switch.view?.hostsChanged(), // times that tell how long ago go on
  });
  #enrolment = new EnrolmentToken(this.#session, () => this.#feed.now());
  #context = new Context({
    session: this.#session,
    enrolment: this.#enrolment,
    banner: this.#banner,
    feed: this.#feed,
    navigation: this.#navigation,
  });
  #wall = new Wall(this.#context);
  #switch = new ViewSwitch(byId("main", HTMLElement), this.#context, {
    onLoaded: () => this.#show(),
    onShown: (view, isFirst) => this.#viewShown(view, isFirst),
  });
  #sessionPoller = new Poller(
    (signal) => this.#loadSession(signal),
    () => SESSION_POLL_SECONDS,
  );
  #historyPoller = historyLinePoller(byId("history", HTMLElement));

  /** Asks who one is; all else follows from the answer. */
  start() {
    this.#listen();
    this.#switch.showLoading();
    this.#switch.expect(this.#navigation.state.view);
    this.#sessionPoller.start();
  }

  #listen() {
    const actions = keyActions(this.#context, this.#navigation, this.#wall, () => this.#switch.name);
    const keyboard = new Keyboard(actions);
    byId("keys", HTMLButtonElement).addEventListener("click", () => keyboard.showHelp());
    for (const button of wallButtons()) {
      button.addEventListener("click", () => this.#wall.start());
    }
    byId("skip", HTMLButtonElement).addEventListener("click", () => byId("main", HTMLElement).focus());
    setUpThemeSwitch(byId("theme-switch", HTMLButtonElement));
    this.#navigation.listen(); // after the wall mode, which tells by this whether Back leads out of it
    onThemeChange(() => this.#switch.view?.themeChanged());
    onUnauthorized(async () => {
      // Where even this fails, the banner tells of the request that was refused.
      await this.#session.load().catch(() => {});
    });
    document.addEventListener("visibilitychange", () => {
      // One may have signed in in another tab.
      const isOutside = this.#session.current?.can_read === false;
      if (!document.hidden && isOutside) this.#loadSession(new AbortController().signal);
    });
  }

  /** Shows what the address names, once there is something to show. */
  #show() {
    const { current } = this.#session;
    if (current === null) return;
    const state = this.#navigation.enter(current);
    const name = chooseView(state, current);
    format.useUtc(state.utc);
    this.#header.update(name, state, current);
    this.#wall.update(name, state);
    if (this.#wall.isOn) this.#switch.expect("host"); // before its turn comes
    if (HOST_VIEWS.has(name) && !this.#feed.isLoaded) this.#switch.showLoading();
    else this.#switch.show(name, state, { focus: !this.#wall.isOn });
  }

  /** @param {import("./view.js").View} view @param {boolean} isFirst */
  #viewShown(view, isFirst) {
    // More is to be known of these than what lists show.
    if (!isFirst && TIMED_VIEWS.has(this.#switch.name)) this.#feed.restart();
    this.#title.show(view.title, this.#feed.hosts, this.#feed.alarms);
  }

  /** @param {boolean} isFirst */
  #hostsChanged(isFirst) {
    const { hosts, alarms } = this.#feed;
    const { view } = this.#switch;
    if (view) this.#title.show(view.title, hosts, alarms);
    this.#header.showAlarms(alarms);
    this.#notifications.update(hosts);
    this.#header.showUpdated(`Updated ${format.formatClock(Date.now() / 1000)}`);
    if (isFirst) this.#show();
    else view?.hostsChanged();
  }

  /** The server told who one is: the page asks for hosts if it may, and for nothing else if not. */
  #sessionChanged() {
    this.#sessionPoller.stop();
    this.#banner.recover("session");
    if (!this.#session.current.can_manage) this.#enrolment.forget();
    if (this.#session.current.can_read) {
      this.#feed.start();
      this.#historyPoller.start();
    } else {
      this.#forgetEverything();
    }
    this.#show();
  }

  /** What was shown to somebody who may read is not for who may not. */
  #forgetEverything() {
    this.#feed.forget();
    this.#historyPoller.stop();
    this.#notifications.forget();
    this.#banner.clear();
    this.#header.showUpdated("");
    this.#header.showAlarms({ critical: 0, warning: 0 });
    byId("history", HTMLElement).textContent = "";
  }

  /** @param {AbortSignal} signal */
  async #loadSession(signal) {
    try {
      await this.#session.load();
    } catch (error) {
      if (!signal.aborted) this.#banner.fail("session", error);
    }
  }
}
