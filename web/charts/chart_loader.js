/**
 * Brings what draws charts, Chart.js above all, apart from the views that have them: these are shown before it is
 * there.
 */

/** @type {typeof import("./charts.js").TimeChart|null} */
let loaded = null;

/** The class of charts; null: it is not there yet. */
export function timeChart() {
  return loaded;
}

/** @returns {Promise<void>} fails where it cannot be had: the server is away, or a newer one that has other files */
export async function loadTimeChart() {
  loaded ??= (await import("./charts.js")).TimeChart;
}
