/**
 * Draws many charts without holding up the page: some at a time, with room between for what the viewer does.
 */

/** So long is drawn in one go; then the browser has its turn. */
const MILLISECONDS_AT_A_TIME = 8;

/** What waits to be drawn, in the order in which it was asked for. @type {Set<{drawNow: () => void}>} */
const waiting = new Set();
let isRunning = false;

function run() {
  isRunning = true;
  const end = performance.now() + MILLISECONDS_AT_A_TIME;
  for (const card of waiting) {
    waiting.delete(card);
    try {
      card.drawNow();
    } catch (error) {
      reportError(error); // a mistake of ours: told in the console, and the others are drawn
    }
    if (performance.now() > end) break;
  }
  if (waiting.size > 0) setTimeout(run);
  else isRunning = false;
}

/** Has it drawn soon, and once, however often it is asked for until then. @param {{drawNow: () => void}} card */
export function drawSoon(card) {
  waiting.add(card);
  if (isRunning) return;
  isRunning = true;
  queueMicrotask(run); // with all others of this turn in the queue
}

/** It is gone. @param {{drawNow: () => void}} card */
export function neverDraw(card) {
  waiting.delete(card);
}
