/** Histories and latest values, asked of each server in turns: none may look fast by answering less than the others. */

import { Connection } from "./connection.mjs";
import { median, quantile, ratio, say, table, whole } from "./tables.mjs";

const HOUR = 3600;
const DAY = 86_400;
/** Timeframes that are asked for. */
export const RANGES = [
  ["1h", HOUR],
  ["24h", DAY],
  ["7d", 7 * DAY],
  ["30d", 30 * DAY],
  ["1y", 365 * DAY],
].map(([timeframe, seconds]) => ({ timeframe, seconds }));

/** How many points an answer must have, to be a whole one: a wrong empty answer must not look fast. */
function checkHistory(name, answer, { timeframe, seconds }, data) {
  const from = Math.max(Math.floor(Date.now() / 1000) - seconds, data.first);
  const covered = data.end - from + data.interval;
  const expected = covered / Math.max(answer.step, data.interval);
  const least = Math.min(200, (covered / data.interval) * 0.9);
  if (
    Math.abs(answer.points - expected) > 3 + expected * 0.02 ||
    answer.points < least ||
    answer.points > 520 ||
    !answer.means.every(Number.isFinite)
  ) {
    throw new Error(
      `${name}, ${timeframe}: ${answer.points} points of ${answer.step} s, but ${expected.toFixed(0)} expected; means ${answer.means}`,
    );
  }
}

function checkAgreement(timeframe, answers) {
  const [first, ...others] = answers;
  for (const { means } of others) {
    if (means.some((mean, at) => Math.abs(mean - first.means[at]) > 0.03 * first.means[at])) {
      throw new Error(
        `${timeframe}: the servers do not agree: ${JSON.stringify(answers.map((answer) => answer.means))}`,
      );
    }
  }
}

/** @returns {Promise<object[]>} for each way to ask: {name, times, answer}; the ways take turns, over all hosts */
export async function historyTimes(servers, range, data, requests) {
  const ways = servers.flatMap((server) =>
    server.formats.map((format) => ({
      server,
      format,
      name: `${server.name} ${format}`,
      connection: new Connection(server.port),
      times: [],
    })),
  );
  for (let round = -2; round < requests; round += 1) {
    // two rounds to warm up
    const host = data.hosts[(round + 2) % data.hosts.length].name;
    for (const way of ways) {
      way.answer = await way.server.history(way.connection, host, range, data, way.format);
      checkHistory(way.name, way.answer, range, data);
      if (round >= 0) way.times.push(way.answer.milliseconds);
    }
    checkAgreement(
      range.timeframe,
      ways.map(({ answer }) => answer),
    );
  }
  ways.forEach(({ connection }) => connection.close());
  return ways;
}

/** The same of the latest values of all hosts. */
export async function latestTimes(servers, data, requests) {
  const ways = servers.map((server) => ({
    server,
    name: server.name,
    connection: new Connection(server.port),
    times: [],
  }));
  for (let round = -2; round < requests; round += 1) {
    for (const way of ways) {
      way.answer = await way.server.latest(way.connection, data);
      const { hosts, oldest } = way.answer;
      if (hosts !== data.hosts.length || oldest !== data.end) {
        throw new Error(
          `${way.name}: latest of ${hosts} hosts, the oldest of ${oldest}; ${data.hosts.length} of ${data.end} expected`,
        );
      }
      if (round >= 0) way.times.push(way.answer.milliseconds);
    }
  }
  ways.forEach(({ connection }) => connection.close());
  return ways;
}

function timesRows(label, ways, points) {
  const theirs = ways.at(-1);
  return ways.map(({ name, times, answer }) => [
    label,
    name,
    points(answer),
    whole(answer.bytes),
    median(times),
    quantile(times, 0.99),
    ...[0.5, 0.99].map((part) =>
      name === theirs.name ? "1" : ratio(quantile(times, part), quantile(theirs.times, part)),
    ),
  ]);
}

/**
 * How fast each server answers, and what memory it has then.
 * @param {any} options of the benchmark
 * @param {any} data that the servers hold
 * @param {...any} servers
 */
export async function queries(options, data, ...servers) {
  const rows = [];
  for (const range of RANGES.filter(({ seconds }) => seconds <= options.days * DAY)) {
    say(`asking for ${range.timeframe}`);
    const ways = await historyTimes(servers, range, data, options.requests);
    rows.push(...timesRows(range.timeframe, ways, ({ points, step }) => `${points} of ${step || data.interval} s`));
  }
  rows.push(
    ...timesRows("latest of all", await latestTimes(servers, data, options.requests), ({ hosts }) => `${hosts} hosts`),
  );
  table(
    `Queries, one host, three metrics, after a restart; ${options.requests} of each in turns, ratio to VictoriaMetrics`,
    ["range", "server", "points", "bytes", "median ms", "p99 ms", "ratio median", "ratio p99"],
    rows,
  );
  table(
    "Memory after the queries",
    ["server", "VmRSS MiB", "VmHWM MiB"],
    servers.map((server) => [server.name, server.memory("VmRSS"), server.memory("VmHWM")]),
  );
}
