import assert from "node:assert/strict";
import { test } from "node:test";
import { drawSoon, neverDraw } from "../../../web/charts/draw_queue.js";

const turn = () => new Promise((resolve) => setTimeout(resolve));
const card = (drawn, name, more = () => {}) => ({
  drawNow() {
    drawn.push(name);
    more();
  },
});

test("each is drawn once, in the order in which it was asked for, and not before this turn is over", async () => {
  const drawn = [];
  const [first, second] = [card(drawn, "first"), card(drawn, "second")];
  drawSoon(first);
  drawSoon(second);
  drawSoon(first);
  assert.deepEqual(drawn, []);
  await turn();
  assert.deepEqual(drawn, ["first", "second"]);
});

test("what is gone is not drawn", async () => {
  const drawn = [];
  const gone = card(drawn, "gone");
  drawSoon(gone);
  neverDraw(gone);
  await turn();
  assert.deepEqual(drawn, []);
});

test("one that takes long lets others have their turn before the next", async () => {
  const drawn = [];
  const busy = () => {
    for (const end = performance.now() + 20; performance.now() < end;);
  };
  drawSoon(card(drawn, "long", busy));
  drawSoon(card(drawn, "after"));
  setTimeout(() => drawn.push("somebody else"));
  await turn();
  await turn();
  assert.deepEqual(drawn, ["long", "somebody else", "after"]);
});

test("one that fails does not keep the others from being drawn, now or later", async () => {
  const drawn = [];
  const told = [];
  globalThis.reportError = (error) => told.push(error.message);
  drawSoon(
    card(drawn, "bad", () => {
      throw new Error("bad");
    }),
  );
  drawSoon(card(drawn, "good"));
  await turn();
  drawSoon(card(drawn, "later"));
  await turn();
  assert.deepEqual(drawn, ["bad", "good", "later"]);
  assert.deepEqual(told, ["bad"]);
});
