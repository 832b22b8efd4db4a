/**
 * How far local clocks are from UTC, and what follows where they change: hours that come twice, days that do not begin
 * at midnight. Pure functions over a zone, which is a function of time.
 */

/** @typedef {(seconds: number) => number} Zone seconds that local clocks are ahead of UTC at a Unix time */

const DAY = 86_400;

/** @type {Zone} */
export const UTC = () => 0;

/** The viewer's own. @type {Zone} */
export const viewersZone = (seconds) => -60 * new Date(seconds * 1000).getTimezoneOffset();

/** @param {string} name as in the zone database @returns {Zone} */
export function zoneNamed(name) {
  const format = new Intl.DateTimeFormat("en", { timeZone: name, timeZoneName: "longOffset" });
  return (seconds) => {
    const [, sign = "+", hours = 0, minutes = 0] =
      /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(seconds * 1000)) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  };
}

/**
 * When the clocks change between two times; of several changes one of them.
 * @param {number} from Unix seconds, before it @param {number} to at it or after it @param {Zone} zone
 * @returns {number} the first second of the new time
 */
export function changeBetween(from, to, zone) {
  const before = zone(from);
  let low = Math.floor(from);
  let high = Math.ceil(to);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Whether local clocks show this time a second time, before or after, as they were put back: then it needs the zone's
 * name.
 * @param {number} seconds Unix time @param {Zone} zone
 */
export function comesTwice(seconds, zone) {
  const here = zone(seconds);
  // Clocks are never put back by more than a day, nor twice in one.
  const earlier = zone(seconds - DAY);
  const later = zone(seconds + DAY);
  return (
    (earlier > here && zone(seconds + here - earlier) === earlier) ||
    (later < here && zone(seconds + here - later) === later)
  );
}

/**
 * Whether a local day begins: at midnight, or where the clocks leave midnight out at what comes in its place.
 * @param {number} seconds Unix time @param {Zone} zone
 */
export function beginsDay(seconds, zone) {
  const dayOf = (time) => Math.floor((time + zone(time)) / DAY);
  return dayOf(seconds) > dayOf(seconds - 1);
}
