/**
 * The keyboard on a chart: the arrow keys move the cursor from value to value, plus and minus magnify.
 */

/** How many steps of the cursor one goes with the Shift key down. */
const BIG_STEP = 10;
/** The cursor goes at least this share of what is shown, so that one gets across a chart with ever so many values. */
const SMALLEST_SHARE = 1 / 500;

/**
 * @param {KeyboardEvent} event
 * @param {import("./charts.js").ChartData} shown
 * @param {import("../page/state.js").Range} window that the chart shows of it
 * @param {import("./time_cursor.js").TimeCursor} cursor
 * @returns {{cursor: number}|{range: import("../page/state.js").Range}|null} where the cursor is to be put, in Unix
 *   seconds, or which times are to be shown; null: the key is none of a chart's
 */
export function chartKey(event, { step, reach = 0 }, { from, to }, cursor) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const now = cursor.time ?? to;
  const distance = Math.max(step, reach / 3 || 1, (to - from) * SMALLEST_SHARE) * (event.shiftKey ? BIG_STEP : 1);
  const kept = (time) => Math.min(Math.max(time, from), to);
  const magnified = (factor) => ({ range: { from: now - (now - from) * factor, to: now + (to - now) * factor } });
  switch (event.key) {
    case "ArrowLeft":
      return { cursor: kept(now - distance) };
    case "ArrowRight":
      return { cursor: kept(now + distance) };
    case "Home":
      return { cursor: from };
    case "End":
      return { cursor: to };
    case "+":
      return magnified(0.5);
    case "-":
      return magnified(2);
    default:
      return null;
  }
}
