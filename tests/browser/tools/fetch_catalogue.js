/**
 * Writes down the catalogue of the server's program, for the stand-in server and for made-up hosts: catalogue.json.
 *
 *     HOSTWATCH_SERVER=… node tools/fetch_catalogue.js
 */

import { writeFileSync } from "node:fs";
import { fetchCatalogue } from "../real/catalogue.js";

/** @param {object[]} rows @returns {string} a row a line, so that a change shows as one */
const listOf = (rows) => `[\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n")}\n  ]`;

const { default_timeframe: timeframe, timeframes, metrics } = await fetchCatalogue();
writeFileSync(
  new URL("../catalogue.json", import.meta.url),
  `{
  "default_timeframe": ${JSON.stringify(timeframe)},
  "timeframes": ${listOf(timeframes)},
  "metrics": ${listOf(metrics)}
}
`,
);
