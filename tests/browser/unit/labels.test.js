import assert from "node:assert/strict";
import { test } from "node:test";
import { fitLabel } from "../../../web/charts/labels.js";

const widthOf = (text) => text.length * 10;

test("a name that fits stays as it is", () => {
  assert.equal(fitLabel("eth0", 40, widthOf), "eth0");
  assert.equal(fitLabel("", 0, widthOf), "");
});

test("a longer one keeps its beginning and its end, as much as fits", () => {
  assert.equal(fitLabel("/srv/backup/daily", 90, widthOf), "/srv…aily");
  for (const width of [60, 75, 100, 200, 1000]) {
    const shown = fitLabel("n".repeat(100), width, widthOf);
    assert.ok((widthOf(shown) <= width && shown.length >= width / 10 - 2) || shown.length === 31, `${width}: ${shown}`);
  }
});

test("however little room there is something is told", () => {
  assert.equal(fitLabel("/boot/efi", 3, widthOf), "/b…fi");
  assert.equal(fitLabel("eth0", 3, widthOf), "eth0");
});
