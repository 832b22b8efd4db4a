import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOGUE } from "../stand_in_catalogue.js";
import { fetchCatalogue } from "./catalogue.js";

test("the stand-in server's catalogue is the real one", async () => {
  assert.deepEqual(
    CATALOGUE,
    await fetchCatalogue(),
    "catalogue.json is out of date: `npm run catalogue` in tests/browser writes it anew",
  );
});
