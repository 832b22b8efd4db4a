/**
 * Histories of hosts as columns: pure functions that merge, trim and prepare them for drawing. Times are Unix seconds.
 */

/**
 * @typedef {object} Series
 * @property {string} metric
 * @property {string} instance "" where the metric has none
 * @property {(number|null)[]} average parallel to the history's timestamps; null: no value then
 * @property {(number|null)[]} minimum
 * @property {(number|null)[]} maximum
 *
 * @typedef {object} History
 * @property {string} hostname
 * @property {number[]} timestamps ascending
 * @property {Map<string, Series>} series by seriesKey
 *
 * @typedef {{x: number, y: number|null, low?: number|null, high?: number|null}} Point x in milliseconds, as Chart.js
 *   wants it; y null breaks the line; low and high are the edges of the band around it, where it has one
 */

/** Neighbours further apart than this many steps have a gap between them. */
const GAP_STEPS = 3;

/** @param {string} metric @param {string} instance @returns {string} */
export function seriesKey(metric, instance) {
  return `${metric}\u0000${instance}`;
}

/**
 * @param {{hostname: string, timestamps: number[], series: Series[]}} host one host of a `format=columns` answer
 * @returns {History}
 */
export function historyFromColumns(host) {
  const series = new Map();
  for (const column of host.series ?? []) {
    if (!column.average.some((value) => value !== null)) continue; // nothing in this time: as if it were not there
    const instance = column.instance ?? "";
    series.set(seriesKey(column.metric, instance), {
      metric: column.metric,
      instance,
      average: column.average,
      minimum: column.minimum ?? column.average,
      maximum: column.maximum ?? column.average,
    });
  }
  return { hostname: host.hostname, timestamps: host.timestamps ?? [], series };
}

/**
 * The first index whose value is not below the limit.
 * @param {number[]} ascending @param {number} limit
 */
export function lowerBound(ascending, limit) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where each time of the merged tail comes from: an index in the fresh history, or else in the kept one.
 * @param {number[]} kept @param {number} keptStart first index of the kept tail @param {number[]} fresh
 */
function mergeTails(kept, keptStart, fresh) {
  const tail = [];
  let k = keptStart;
  let f = 0;
  while (k < kept.length || f < fresh.length) {
    const takeFresh = k >= kept.length || (f < fresh.length && fresh[f] <= kept[k]);
    if (takeFresh) {
      if (k < kept.length && kept[k] === fresh[f]) k += 1;
      tail.push({ timestamp: fresh[f], fresh: f, kept: -1 });
      f += 1;
    } else {
      tail.push({ timestamp: kept[k], fresh: -1, kept: k });
      k += 1;
    }
  }
  return tail;
}

/**
 * Joins what is kept with what came new. Where both have a time, the new values count (a bucket that was not full yet
 * is fetched again). What is older than the window goes, and with it series that have no value left.
 * @param {History|undefined} kept
 * @param {History|undefined} fresh
 * @param {number} oldest Unix seconds; earlier points are dropped
 * @returns {History}
 */
export function mergeHistories(kept, fresh, oldest) {
  const old = kept ?? { hostname: fresh?.hostname ?? "", timestamps: [], series: new Map() };
  const added = fresh ?? { hostname: old.hostname, timestamps: [], series: new Map() };
  const start = lowerBound(old.timestamps, oldest);
  const cut =
    added.timestamps.length === 0
      ? old.timestamps.length
      : Math.max(start, lowerBound(old.timestamps, added.timestamps[0]));
  const skip = lowerBound(added.timestamps, oldest);
  const tail = mergeTails(old.timestamps, cut, added.timestamps).filter(
    (entry) => entry.fresh < 0 || entry.fresh >= skip,
  );
  const headLength = cut - start;

  const join = (before, after) => {
    const head = before ? before.slice(start, cut) : new Array(headLength).fill(null);
    for (const entry of tail) {
      const value = entry.fresh >= 0 ? after?.[entry.fresh] : before?.[entry.kept];
      head.push(value ?? null);
    }
    return head;
  };

  const series = new Map();
  for (const key of new Set([...old.series.keys(), ...added.series.keys()])) {
    const before = old.series.get(key);
    const after = added.series.get(key);
    const average = join(before?.average, after?.average);
    if (average.every((value) => value === null)) continue;
    const { metric, instance } = after ?? before;
    const minimum = join(before?.minimum, after?.minimum);
    const maximum = join(before?.maximum, after?.maximum);
    series.set(key, { metric, instance, average, minimum, maximum });
  }
  const timestamps = old.timestamps.slice(start, cut);
  for (const entry of tail) timestamps.push(entry.timestamp);
  return { hostname: old.hostname || added.hostname, timestamps, series };
}

/**
 * The usual distance of neighbours in seconds (their median), or 0 for fewer than two times.
 * @param {number[]} timestamps
 */
export function usualDistance(timestamps) {
  if (timestamps.length < 2) return 0;
  const distances = [];
  for (let index = 1; index < timestamps.length; index += 1) distances.push(timestamps[index] - timestamps[index - 1]);
  distances.sort((first, second) => first - second);
  return distances[distances.length >> 1];
}

/**
 * From which distance on two neighbours have a gap between them, in seconds.
 * @param {number} step seconds of a bucket; 0: raw readings
 * @param {number|undefined} interval seconds between the host's readings, if it tells
 * @param {number[]} timestamps
 */
export function gapLimit(step, interval, timestamps) {
  const expected = interval > 0 ? interval : step > 0 ? 0 : usualDistance(timestamps);
  return GAP_STEPS * Math.max(step, expected, 1);
}

/**
 * Points to draw; a point without value marks each gap, so that the line breaks there.
 * @param {number[]} timestamps
 * @param {(number|null)[]} values parallel to the timestamps
 * @param {number} limit seconds; neighbours further apart have a gap between them
 * @param {{minimum: (number|null)[], maximum: (number|null)[]}} [band] parallel to the values
 * @returns {Point[]}
 */
export function toPoints(timestamps, values, limit, band) {
  const points = [];
  let previous = null;
  for (let index = 0; index < timestamps.length; index += 1) {
    const time = timestamps[index];
    if (previous !== null && time - previous > limit) points.push({ x: (previous + 1) * 1000, y: null });
    const y = values[index] ?? null;
    points.push(
      band
        ? { x: time * 1000, y, low: band.minimum[index] ?? y, high: band.maximum[index] ?? y }
        : { x: time * 1000, y },
    );
    previous = time;
  }
  return points;
}

/**
 * The times within a window in which nothing came: between neighbours further apart than the limit, and at either end.
 * @param {number[]} timestamps ascending
 * @param {number} limit seconds
 * @param {{from: number, to: number}} window Unix seconds
 * @param {number} since when the host was first seen: before that it was not away, it was not there
 * @returns {{from: number, to: number}[]}
 */
export function awayTimes(timestamps, limit, window, since) {
  const away = [];
  let previous = Math.max(window.from - 1, since);
  for (const time of timestamps) {
    if (time > window.to) break;
    if (time - previous > limit) away.push({ from: previous, to: time });
    previous = Math.max(previous, time);
  }
  if (window.to - previous > limit) away.push({ from: previous, to: window.to });
  return away;
}

/**
 * The value of a line at a time, or null where its nearest point lies further away.
 * @param {Point[]} points @param {number} time Unix seconds @param {number} reach seconds
 */
export function valueNear(points, time, reach) {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle].x < time * 1000) low = middle + 1;
    else high = middle;
  }
  let best = null;
  for (let index = Math.max(0, low - 2); index <= low + 1 && index < points.length; index += 1) {
    const { x, y } = points[index];
    const distance = Math.abs(x / 1000 - time);
    if (y !== null && distance <= reach && (best === null || distance < best.distance)) best = { y, distance };
  }
  return best === null ? null : best.y;
}

/**
 * Which points have no neighbour to draw a line to, and so need a mark of their own.
 * @param {Point[]} points
 * @returns {Set<number>} indexes
 */
export function lonelyPoints(points) {
  const lonely = new Set();
  for (let index = 0; index < points.length; index += 1) {
    if (points[index].y === null) continue;
    const before = index > 0 && points[index - 1].y !== null;
    const after = index + 1 < points.length && points[index + 1].y !== null;
    if (!before && !after) lonely.add(index);
  }
  return lonely;
}

/**
 * @param {(number|null)[]} values
 * @returns {{latest: number, lowest: number, highest: number}|null} null where there is no value at all
 */
export function summarize(values) {
  let latest = null;
  let lowest = Infinity;
  let highest = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    latest = value;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return latest === null ? null : { latest, lowest, highest };
}
