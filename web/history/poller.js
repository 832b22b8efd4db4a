/**
 * Runs a task again and again, never twice at a time, and not while the page is hidden, unless it has a reason to.
 */
export class Poller {
  /** @type {AbortController|null} */
  #running = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #stopped = true;
  #task;
  #delay;
  #evenHidden;

  /**
   * @param {(signal: AbortSignal) => Promise<void>} task deals with failed requests itself; the signal ends it when
   *   polling stops
   * @param {() => number} delay seconds from the end of one run to the start of the next
   * @param {() => boolean} [evenHidden] whether to go on while the page is hidden
   */
  constructor(task, delay, evenHidden = () => false) {
    this.#task = task;
    this.#delay = delay;
    this.#evenHidden = evenHidden;
  }

  /** @returns {boolean} false where it runs already */
  start() {
    if (!this.#stopped) return false;
    this.#stopped = false;
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#run();
    return true;
  }

  stop() {
    this.#stopped = true;
    document.removeEventListener("visibilitychange", this.#onVisibility);
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = null;
  }

  /** Runs at once; what is under way is given up, as it answers a question that nobody asks any more. */
  restart() {
    if (this.#stopped) return;
    this.#running?.abort();
    this.#running = null;
    clearTimeout(this.#timer);
    this.#run();
  }

  #onVisibility = () => {
    if (document.hidden) {
      if (!this.#evenHidden()) clearTimeout(this.#timer);
    } else if (this.#running === null) {
      clearTimeout(this.#timer);
      this.#run();
    }
  };

  async #run() {
    const controller = new AbortController();
    this.#running = controller;
    try {
      await this.#task(controller.signal);
    } catch (error) {
      reportError(error); // a mistake of ours: told in the console, and the page goes on
    }
    if (this.#running !== controller) return; // stopped or restarted meanwhile
    this.#running = null;
    if (!document.hidden || this.#evenHidden()) this.#timer = setTimeout(() => this.#run(), this.#delay() * 1000);
  }
}
