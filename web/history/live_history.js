/**
 * Histories that stay up to date: a loader that a poller keeps asking.
 */

import { getData } from "./api.js";
import { HistoryLoader } from "./history_loader.js";
import { Poller } from "./poller.js";

/** Long timeframes change slowly: between two polls lies a part of a bucket, but never more than this many seconds. */
const SLOWEST_POLL_SECONDS = 60;
const POLLS_PER_STEP = 4;
/** A fixed range of the past is asked for again only in case somebody sent readings late. */
const IDLE_SECONDS = 300;

export class LiveHistory {
  #context;
  #onChange;
  #loader;
  #poller;
  #failed = false;

  /**
   * @param {import("../page/context.js").Context} context
   * @param {() => void} onChange is called when there is something new to show
   * @param {typeof getData} [getHistory] where it comes from
   */
  constructor(context, onChange, getHistory = getData) {
    this.#context = context;
    this.#onChange = onChange;
    this.#loader = new HistoryLoader(getHistory, () => context.now());
    this.#poller = new Poller(
      (signal) => this.#refresh(signal),
      () => this.#delay(),
    );
  }

  get histories() {
    return this.#loader.histories;
  }

  get step() {
    return this.#loader.step;
  }

  get window() {
    return this.#loader.window;
  }

  get loaded() {
    return this.#loader.loaded;
  }

  /**
   * Until the answer is there, what was shown stays: to draw it over the new time as well would double the work.
   * @param {import("./history_loader.js").Selection} selection
   */
  select(selection) {
    this.#loader.select(selection);
    if (!this.#poller.start()) this.#poller.restart();
  }

  /** Loads everything anew with the next poll, which comes at once. */
  reload() {
    this.#loader.invalidate();
    this.#poller.restart();
  }

  /**
   * Loads everything anew with the next poll in its turn: readings came that are older than what polls ask for. An
   * agent that catches up sends such readings for minutes; each poll then shows what has come so far.
   */
  refill() {
    const over = this.#loader.isOver;
    this.#loader.invalidate();
    if (over) this.#poller.restart();
  }

  stop() {
    this.#poller.stop();
    this.#context.banner.recover("history");
  }

  #delay() {
    const seconds = this.#context.pollSeconds();
    if (this.#failed) return seconds;
    if (this.#loader.isOver) return IDLE_SECONDS;
    return Math.max(seconds, Math.min(this.#loader.step / POLLS_PER_STEP, SLOWEST_POLL_SECONDS));
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      await this.#loader.refresh(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#failed = true;
      this.#context.banner.fail("history", error);
      return;
    }
    if (signal.aborted) return;
    this.#failed = false;
    this.#context.banner.recover("history");
    this.#onChange();
  }
}
