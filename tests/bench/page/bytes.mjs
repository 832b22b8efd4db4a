/** What a first visit transfers. */

import { fleet } from "../../browser/real/made_up_hosts.js";
import { table } from "../history/tables.mjs";
import { seconds, withPage, withServer } from "./setting.mjs";

const HOSTS = 50;
/** Kinds by an asset's name; the first that fits counts. */
const KINDS = [
  ["page", /^\/dashboard$/],
  ["libraries", /^\/assets\/(chart\.umd|chart_adapter|chart_zoom|hammer|vendor|librar)[^/]*\.js$/],
  ["own script", /\.js$/],
  ["styles", /\.css$/],
  ["pictures", /\.(svg|png)$/],
  ["data", /^\/(session|catalogue|hosts|data|health)$/],
  ["other", /./],
];

/** @returns {Promise<{path: string, transferred: number, plain: number, coding: string}[]>} */
async function visit(browser, address, isThere) {
  return withPage(browser, {}, async (page, context) => {
    const client = await context.newCDPSession(page);
    const requests = new Map();
    await client.send("Network.enable");
    client.on("Network.responseReceived", ({ requestId, response }) =>
      requests.set(requestId, {
        path: new URL(response.url).pathname,
        coding: response.headers["Content-Encoding"] ?? response.headers["content-encoding"] ?? "",
        transferred: 0,
        plain: 0,
      }),
    );
    client.on(
      "Network.dataReceived",
      ({ requestId, dataLength }) => requests.has(requestId) && (requests.get(requestId).plain += dataLength),
    );
    client.on(
      "Network.loadingFinished",
      ({ requestId, encodedDataLength }) =>
        requests.has(requestId) && (requests.get(requestId).transferred = encodedDataLength),
    );
    await page.goto(address);
    await page.waitForSelector(isThere);
    await page.waitForLoadState("networkidle");
    return [...requests.values()].filter(({ transferred }) => transferred > 0);
  });
}

export async function bytes(browser) {
  await withServer(fleet(HOSTS, seconds(), { metrics: "all" }), async ({ address }) => {
    for (const [view, hash, isThere] of [
      ["the overview", "#/", ".sparkline path[d^=M]"],
      ["a host's view", "#/host/web-0000", "canvas[aria-label^='CPU of'][aria-label*='now ']"],
    ]) {
      const requests = await visit(browser, `${address}${hash}`, isThere);
      const kindOf = ({ path }) => KINDS.find(([, pattern]) => pattern.test(path))[0];
      const sum = (list, key) => list.reduce((total, request) => total + request[key], 0);
      const line = (name, list) => [
        name,
        String(list.length),
        (sum(list, "transferred") / 1024).toFixed(1),
        (sum(list, "plain") / 1024).toFixed(1),
        String(list.filter(({ coding }) => coding === "gzip").length),
      ];
      const rows = KINDS.map(([kind]) => [kind, requests.filter((request) => kindOf(request) === kind)])
        .filter(([, list]) => list.length > 0)
        .map(([kind, list]) => line(kind, list));
      table(
        `A first visit to ${view} of ${HOSTS} hosts, KiB (transferred: with headers)`,
        ["kind", "requests", "transferred", "unpacked", "of them gzip"],
        [...rows, line("all", requests)],
      );
      const largest = requests
        .filter(({ path }) => path.startsWith("/assets/"))
        .sort((first, second) => second.transferred - first.transferred)
        .slice(0, 5);
      console.log(
        `\nThe largest assets: ${largest.map(({ path, transferred }) => `${path.slice("/assets/".length)} ${(transferred / 1024).toFixed(1)}`).join(", ")}.`,
      );
    }
  });
}
