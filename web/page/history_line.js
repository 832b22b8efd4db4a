/**
 * How much history the server keeps, how far it reaches, and where it is going: one quiet line at the foot of the page.
 */

import { getHealth } from "../history/api.js";
import { format as viewersFormat } from "../parts/format.js";
import { setText } from "../parts/dom.js";
import { Poller } from "../history/poller.js";

const POLL_SECONDS = 60;
const DAY = 86_400;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;
/** Share of the names of series that are in use from which on it is said. */
const SERIES_WARNING = 0.8;

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** A time span as people say it: "12 days", "4 months", "2 years". @param {number} seconds */
function roughly(seconds) {
  const [unit, length] = seconds < 2 * MONTH ? ["day", DAY] : seconds < 2 * YEAR ? ["month", MONTH] : ["year", YEAR];
  const count = Math.max(1, Math.round(seconds / length));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** What the growth leads to. @param {any} database @param {typeof viewersFormat} format */
function forecast({ used_bytes: used, limit_bytes: limit, bytes_per_day: growth }, format) {
  const size = isNumber(limit) ? format.formatTick(limit, "bytes") : "";
  if (isNumber(limit) && used >= 0.98 * limit) {
    return `At its limit of ${size}, where the oldest makes room for the newest.`;
  }
  if (!isNumber(growth) || growth <= 0) return size === "" ? "" : `It may take ${size}.`;
  const grows = `Grows by about ${format.formatTick(growth, "bytes")} a day`;
  return size === ""
    ? `${grows}.`
    : `${grows}, and reaches its limit of ${size} in about ${roughly(((limit - used) / growth) * DAY)}.`;
}

/**
 * @param {any} database that member of /health
 * @param {typeof viewersFormat} [format]
 * @returns {string[]} sentences; none where nothing is known
 */
export function historySentences(database, format = viewersFormat) {
  if (!database || !isNumber(database.bytes)) return [];
  const sentences = [];
  const since = isNumber(database.oldest) ? `, since ${format.formatDay(database.oldest)}` : "";
  // The limit is of what holds something: the files may be larger.
  const size = isNumber(database.limit_bytes) && isNumber(database.used_bytes) ? database.used_bytes : database.bytes;
  sentences.push(`History: ${format.formatTick(size, "bytes")}${since}.`);
  // Not worth saying where both begin on the same day.
  if (isNumber(database.oldest_reading) && database.oldest_reading - database.oldest > DAY) {
    sentences.push(`Single readings since ${format.formatDay(database.oldest_reading)}, averages before.`);
  }
  sentences.push(forecast(database, format));
  const { series, series_limit: seriesLimit } = database;
  if (isNumber(series) && isNumber(seriesLimit) && series >= SERIES_WARNING * seriesLimit) {
    sentences.push(
      `${format.formatTick(series, "count")} of at most ${format.formatTick(seriesLimit, "count")} names of series are in use: beyond that new disks, interfaces and values of hosts are left out.`,
    );
  }
  if (database.damaged_chunks > 0) {
    const parts = database.damaged_chunks === 1 ? "A part" : `${database.damaged_chunks} parts`;
    sentences.push(
      `${parts} of it cannot be read and ${database.damaged_chunks === 1 ? "is" : "are"} left out: run hostwatch-server check.`,
    );
  }
  return sentences.filter((sentence) => sentence !== "");
}

/** Keeps the line up to date while it runs. @param {HTMLElement} element @returns {Poller} not started yet */
export function historyLinePoller(element) {
  return new Poller(
    async (signal) => {
      try {
        const { database } = await getHealth(signal);
        if (!signal.aborted) setText(element, historySentences(database).join(" "));
      } catch {
        // What was last known stays; that the server is away is told by the banner.
      }
    },
    () => POLL_SECONDS,
  );
}
