/**
 * Fills a real server with the readings of made-up hosts, by POST /metrics, as fast as it takes them.
 */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { readingsOf } from "./made_up_hosts.js";
import { readingAt } from "./made_up_values.js";

/** What the server takes in one request, with some room: 10,000 readings, 8 MiB. */
const MOST_READINGS = 9_000;
const MOST_BYTES = 7 * 2 ** 20;
/** On this machine the server has a core while the other one makes the next request. */
const REQUESTS_AT_ONCE = 2;
const compress = promisify(gzip);

/**
 * Requests that the server takes, in turn, each a JSON array.
 * @param {import("./made_up_hosts.js").MadeUpHost[]} hosts
 */
function* bodiesOf(hosts) {
  let parts = [];
  let bytes = 0;
  for (const host of hosts) {
    for (const reading of readingsOf(host)) {
      const text = JSON.stringify(reading);
      if (parts.length === MOST_READINGS || bytes + text.length > MOST_BYTES) {
        yield { body: `[${parts.join(",")}]`, readings: parts.length };
        parts = [];
        bytes = 0;
      }
      parts.push(text);
      bytes += text.length + 1;
    }
  }
  if (parts.length > 0) yield { body: `[${parts.join(",")}]`, readings: parts.length };
}

/** @param {number} port @param {{body: string, readings: number}} request @param {boolean} gzipped */
async function post(port, { body, readings }, gzipped) {
  const headers = { "Content-Type": "application/json", ...(gzipped ? { "Content-Encoding": "gzip" } : {}) };
  const content = gzipped ? await compress(body, { level: 1 }) : body;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { method: "POST", headers, body: content });
    const text = await answer.text();
    if (answer.status === 503) {
      // it cannot store more just now, and says when to come back
      await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
      continue;
    }
    const { accepted } = answer.status === 200 ? JSON.parse(text) : {};
    if (accepted !== readings) {
      throw new Error(
        `Of ${readings} readings the server took ${accepted ?? "none"}: ${answer.status} ${text.slice(0, 500)}`,
      );
    }
    return;
  }
}

/**
 * @param {number} port of the server @param {import("./made_up_hosts.js").MadeUpHost[]} hosts
 * @param {{gzipped?: boolean}} [how] compressed as over a slow line; on loopback that costs more than it saves
 * @returns {Promise<number>} how many readings it has stored, all that there were
 */
export async function loadHistory(port, hosts, { gzipped = false } = {}) {
  const bodies = bodiesOf(hosts);
  let sum = 0;
  const send = async () => {
    for (;;) {
      const { value } = bodies.next(); // nobody else's meanwhile
      if (!value) return;
      await post(port, value, gzipped);
      sum += value.readings;
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, send));
  return sum;
}

/**
 * One more reading of each host that is not down, as of now.
 * @param {number} port @param {import("./made_up_hosts.js").MadeUpHost[]} hosts @param {number} now Unix seconds
 */
export async function sendCurrent(port, hosts, now) {
  const readings = hosts
    .filter((host) => !host.down && host.ended < now)
    .map((host) => {
      host.ended = now;
      return JSON.stringify(readingAt(host, now));
    });
  await post(port, { body: `[${readings.join(",")}]`, readings: readings.length }, false);
}
