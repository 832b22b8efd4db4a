import assert from "node:assert/strict";
import { test } from "node:test";
import { fleet } from "../real/made_up_hosts.js";
import { readingAt } from "../real/made_up_values.js";
import { CATALOGUE, SAMPLES } from "../stand_in_catalogue.js";

const NOW = 1_763_884_800;
/** Of the made-up hosts' own, for the page's group of such. */
const OWN_METRICS = new Set(["queue_depth"]);

/** @param {string} name @param {boolean} hasInstances */
function assertInCatalogue(name, hasInstances) {
  const definition = CATALOGUE.metrics.find((metric) => metric.name === name);
  assert.ok(definition, `${name} is not of the catalogue`);
  assert.equal(hasInstances, definition.instance_label !== "", `${name}: whether it has instances`);
}

test("the stand-in's hosts report metrics of the catalogue, with instances where these have some", () => {
  for (const { definition, instances } of SAMPLES) assertInCatalogue(definition.name, instances[0] !== "");
});

for (const metrics of ["all", "few"]) {
  test(`made-up hosts with ${metrics} metrics report such of the catalogue, with instances where these have some`, () => {
    const [host] = fleet(1, NOW, { metrics, interval: 60 });
    for (const [name, value] of Object.entries(readingAt(host, NOW).metrics)) {
      if (!OWN_METRICS.has(name)) assertInCatalogue(name, typeof value === "object");
    }
  });
}
