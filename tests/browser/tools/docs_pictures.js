/**
 * Puts the pictures of the documentation in their place, out of those that `npm run test:page` has left in
 * test-results/: `npm run pictures`.
 */

import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FROM = fileURLToPath(new URL("../test-results/", import.meta.url));
const TO = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

/** What each is called in the documentation, and in the tests. */
const PICTURES = {
  overview: "overview-1440-light",
  "overview-cards": "overview_cards-1440-dark",
  "overview-groups": "overview_groups-1440-light",
  "overview-phone": "overview_groups-390-light",
  host: "host-1440-light",
  "host-phone": "host-390-dark",
  "host-table": "host_table-1440-light",
  compare: "compare-1440-light",
  "compare-top": "compare_top-1440-dark",
  "compare-fleet": "compare_fleet-1440-light",
  wall: "wall_host-1440-dark",
  "sign-in": "sign_in-1440-light",
  "set-up": "set_up-1440-light",
  access: "access-1440-light",
  "add-host": "add_host-1440-light",
  account: "account-1440-light",
  away: "away-1440-light",
};

for (const [name, picture] of Object.entries(PICTURES)) copyFileSync(`${FROM}${picture}.png`, `${TO}${name}.png`);
