/**
 * The hosts as the server lists them, asked for again and again, and its catalogue, asked for once.
 */

import { getCatalogue, getHosts } from "../history/api.js";
import { Poller } from "../history/poller.js";
import { HostList } from "./host_list.js";

const SHORTEST_POLL_SECONDS = 2;
const LONGEST_POLL_SECONDS = 15;
const POLL_SECONDS_WITHOUT_HOSTS = 3;
/** For who wants to be notified alone: otherwise a hidden page asks for nothing. */
const POLL_SECONDS_HIDDEN = 30;
/** Of so many all facts are asked for, so that a host's view has them at once. */
const MOST_HOSTS_WITH_ALL_FACTS = 200;

/**
 * As often as the host that reports most often, within limits.
 * @param {{interval?: number}[]} hosts
 * @returns {number} seconds
 */
function pollSecondsFor(hosts) {
  const intervals = hosts.map((host) => host.interval).filter((interval) => interval > 0);
  if (intervals.length === 0) return POLL_SECONDS_WITHOUT_HOSTS;
  const shortest = intervals.reduce((least, interval) => Math.min(least, interval));
  return Math.min(Math.max(shortest, SHORTEST_POLL_SECONDS), LONGEST_POLL_SECONDS);
}

export class HostFeed {
  /** The server's timeframes and metrics; null until they are there. @type {any} */
  catalogue = null;
  /** Whether the server has told of its hosts. */
  isLoaded = false;
  #banner;
  #listener;
  #list = new HostList();
  /** The server's clock less the viewer's, in seconds. */
  #clockOffset = 0;
  #poller;

  /**
   * @param {import("./banner.js").Banner} banner tells that it fails
   * @param {object} listener
   * @param {() => import("./state.js").PageState} listener.state what the page is to show
   * @param {() => boolean} listener.isWantedHidden whether to go on while nobody sees the page
   * @param {(isFirst: boolean) => void} listener.onHosts they are new; isFirst: there were none before
   * @param {() => void} listener.onFailure they are still the old ones
   */
  constructor(banner, listener) {
    this.#banner = banner;
    this.#listener = listener;
    const delay = () => (document.hidden ? POLL_SECONDS_HIDDEN : this.pollSeconds());
    this.#poller = new Poller((signal) => this.#refresh(signal), delay, listener.isWantedHidden);
  }

  /** As they were told last. @returns {any[]} */
  get hosts() {
    return this.#list.hosts;
  }

  /** How many alarms are open. */
  get alarms() {
    return this.#list.alarms;
  }

  /** Unix seconds by the server's clock. */
  now() {
    return Date.now() / 1000 + this.#clockOffset;
  }

  /** Seconds between two requests of one kind. */
  pollSeconds() {
    return pollSecondsFor(this.hosts);
  }

  start() {
    this.#poller.start();
  }

  /** Asks at once, as the page wants to know something else. */
  restart() {
    this.#poller.restart();
  }

  /** Ends, and nothing of what was told is left. */
  forget() {
    this.#poller.stop();
    this.isLoaded = false;
    this.catalogue = null;
    this.#list.forget();
  }

  /** What the page is to show of hosts besides what lists show. @returns {Parameters<typeof getHosts>[0]} */
  #wanted() {
    const { view, hosts, options } = this.#listener.state();
    return {
      since: this.#list.since,
      whole: view === "host" ? hosts : [],
      metrics: view === "compare" && options.metric ? [options.metric] : [],
      allFacts: this.isLoaded && this.hosts.length <= MOST_HOSTS_WITH_ALL_FACTS,
    };
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const [catalogue, answer] = await Promise.all([
        this.catalogue ?? getCatalogue(signal),
        getHosts(this.#wanted(), signal),
      ]);
      if (signal.aborted) return;
      this.catalogue = catalogue;
      this.#clockOffset = answer.now - Date.now() / 1000;
      this.#list.take(answer);
    } catch (error) {
      if (signal.aborted) return;
      this.#banner.fail("hosts", error);
      this.#listener.onFailure();
      return;
    }
    this.#banner.recover("hosts");
    const isFirst = !this.isLoaded;
    this.isLoaded = true;
    this.#listener.onHosts(isFirst);
  }
}
