/**
 * Posting what bodies.mjs makes over several kept-alive connections, the readings of a host in the order in which they
 * were taken.
 */

import { setTimeout as sleep } from "node:timers/promises";

import { bodies } from "./bodies.mjs";
import { Connection } from "./connection.mjs";

const CONNECTIONS = 8;
const READINGS_A_REQUEST = 1000;
const SLAB_BYTES = 2 ** 29; // so many are made ready before the clock runs: what making them costs is not the server's

/** @returns {Promise<object>} the answer that took the body; `turnedAway` tells how often it was sent in vain */
async function deliver(connection, { path, type }, body) {
  for (let turnedAway = 0; ; turnedAway += 1) {
    const answer = await connection.request("POST", path, body, type);
    if (answer.status === 200 || answer.status === 204) return { ...answer, turnedAway };
    if (answer.status !== 503) {
      throw new Error(`POST ${path}: ${answer.status} ${answer.body.toString().slice(0, 500)}`);
    }
    await sleep(50);
  }
}

async function post(connections, target, batches, totals) {
  const lanes = new Map();
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < batches.length) {
        const { lane, body, readings } = batches[next];
        next += 1;
        const before = lanes.get(lane);
        const sent = (async () => {
          await before;
          return deliver(connection, target, body);
        })();
        lanes.set(lane, sent);
        const answer = await sent;
        totals.accepted += target.accepted(answer, readings);
        totals.turnedAway += answer.turnedAway;
      }
    }),
  );
}

/**
 * @param {{port: number, path: string, type: string, format: object, accepted: Function}} target
 * @param {number} readingsARequest
 * @returns {Promise<{seconds: number, accepted: number, turnedAway: number}>} seconds in which requests were on their
 *   way
 */
export async function load(target, data, readingsARequest = READINGS_A_REQUEST) {
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(target.port));
  const totals = { seconds: 0, accepted: 0, turnedAway: 0 };
  const source = bodies(data, target.format, readingsARequest);
  for (let ended = false; !ended;) {
    const batches = [];
    for (let bytes = 0; bytes < SLAB_BYTES && !ended;) {
      const { done, value } = source.next();
      ended = done;
      if (!done) batches.push(value);
      bytes += value?.body.length ?? 0;
    }
    const began = process.hrtime.bigint();
    await post(connections, target, batches, totals);
    totals.seconds += Number(process.hrtime.bigint() - began) / 1e9;
  }
  connections.forEach((connection) => connection.close());
  return totals;
}
