/**
 * One moment that all charts of a view point at, wherever the pointer or the keyboard put it.
 */

export class TimeCursor {
  /** Unix seconds; null: none. @type {number|null} */
  time = null;
  /** Who put it there, so that a chart can tell its own cursor from another's. @type {unknown} */
  source = null;
  #listeners = new Set();
  #frame = 0;

  /** @param {() => void} listener is called at most once a frame @returns {() => void} ends that */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {number|null} time Unix seconds @param {unknown} source */
  set(time, source) {
    if (time === this.time && source === this.source) return;
    this.time = time;
    this.source = source;
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Takes it away, if it is still this one's. @param {unknown} source */
  clear(source) {
    if (this.source === source) this.set(null, null);
  }
}
