import assert from "node:assert/strict";
import { test } from "node:test";
import { HistoryLoader } from "../../../web/history/history_loader.js";

const HOUR = { key: "1h", timeframe: { name: "1h", seconds: 3600 }, range: null, seconds: 3600 };

/** A loader with a clock and a server of its own: answers are given in order, questions are kept. */
function loaderWith(answers) {
  const questions = [];
  const clock = { now: 10_000 };
  const loader = new HistoryLoader(
    async (query) => {
      questions.push(query);
      return answers.shift();
    },
    () => clock.now,
  );
  loader.select({ hosts: ["a"], span: HOUR, metrics: "cpu" });
  return { loader, questions, clock };
}

const host = (hostname, timestamps) => ({
  hostname,
  timestamps,
  series: [{ metric: "cpu", instance: "", average: timestamps, minimum: timestamps, maximum: timestamps }],
});

test("first all, then only what is new, with the same step", async () => {
  const { loader, questions, clock } = loaderWith([
    { step: 10, to: 10_000, hosts: [host("a", [9980, 9990])] },
    { step: 10, to: 10_005, hosts: [host("a", [9990, 10_000])] },
  ]);
  await loader.refresh();
  clock.now = 10_005;
  await loader.refresh();
  assert.deepEqual(questions, [
    { hosts: ["a"], metrics: "cpu", points: undefined, timeframe: "1h" },
    { hosts: ["a"], metrics: "cpu", from: 9990, step: 10 },
  ]);
  assert.deepEqual(loader.histories.get("a").timestamps, [9980, 9990, 10_000]);
  assert.deepEqual(loader.window, { from: 6405, to: 10_005 });
});

test("raw readings are asked for as such", async () => {
  const { loader, questions } = loaderWith([
    { step: 0, to: 10_000, hosts: [host("a", [9990])] },
    { step: 0, to: 10_000, hosts: [] },
  ]);
  await loader.refresh();
  await loader.refresh();
  assert.equal(questions[1].step, 0);
  assert.deepEqual(loader.histories.get("a").timestamps, [9990]);
});

test("a host that is long gone does not make every poll fetch all since then", async () => {
  const { loader, questions } = loaderWith([
    { step: 10, to: 10_000, hosts: [host("a", [9990]), host("b", [7000])] },
    { step: 10, to: 10_000, hosts: [] },
  ]);
  await loader.refresh();
  await loader.refresh();
  assert.equal(questions[1].from, 9930);
});

test("now and then, after a long pause, and when told to, everything is loaded anew", async () => {
  const answer = () => ({ step: 10, to: 10_000, hosts: [host("a", [9990])] });
  const { loader, questions, clock } = loaderWith([answer(), answer(), answer()]);
  await loader.refresh();
  clock.now += 301;
  await loader.refresh();
  loader.invalidate();
  await loader.refresh();
  assert.deepEqual(
    questions.map((question) => question.timeframe),
    ["1h", "1h", "1h"],
  );
});

test("told of late readings while everything is being loaded: it is loaded once more", async () => {
  const { loader, questions } = loaderWith([
    { step: 10, to: 10_000, hosts: [host("a", [9990])] },
    { step: 10, to: 10_000, hosts: [host("a", [9970, 9980, 9990])] },
  ]);
  const early = loader.refresh();
  loader.invalidate();
  await early;
  await loader.refresh();
  assert.equal(questions[1].timeframe, "1h");
  assert.deepEqual(loader.histories.get("a").timestamps, [9970, 9980, 9990]);
});

test("told of late readings when a request fails: they are not forgotten", async () => {
  const answers = [
    { step: 10, to: 10_000, hosts: [host("a", [9990])] },
    new Error("no network"),
    { step: 10, to: 10_000, hosts: [] },
  ];
  const questions = [];
  const loader = new HistoryLoader(
    async (query) => {
      questions.push(query);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => 10_000,
  );
  loader.select({ hosts: ["a"], span: HOUR, metrics: "cpu" });
  await loader.refresh();
  loader.invalidate();
  await assert.rejects(loader.refresh());
  await loader.refresh();
  assert.equal(questions[2].timeframe, "1h");
});

test("nothing yet: everything is asked for until there is something", async () => {
  const { loader, questions } = loaderWith([
    { step: 0, to: 10_000, hosts: [] },
    { step: 0, to: 10_000, hosts: [host("a", [])] },
    { step: 0, to: 10_000, hosts: [] },
  ]);
  for (let round = 0; round < 3; round += 1) await loader.refresh();
  assert.ok(questions.every((question) => question.timeframe === "1h"));
});

test("an answer to what nobody asks any more is thrown away", async () => {
  let answerLate;
  const loader = new HistoryLoader(
    () => new Promise((resolve) => (answerLate = resolve)),
    () => 10_000,
  );
  loader.select({ hosts: ["a"], span: HOUR, metrics: "cpu" });
  const refresh = loader.refresh();
  loader.select({ hosts: ["b"], span: HOUR, metrics: "cpu" });
  answerLate({ step: 10, to: 10_000, hosts: [host("a", [9990])] });
  await refresh;
  assert.equal(loader.histories.size, 0);
  assert.equal(loader.loaded, false);
});

test("a fixed range is asked for as such, each time whole, until it is over", async () => {
  const fixed = { key: "f", timeframe: null, range: { from: 9000, to: 10_020 }, seconds: 1020 };
  const { loader, questions, clock } = loaderWith([
    { step: 0, to: 10_000, hosts: [host("a", [9990])] },
    { step: 0, to: 10_020, hosts: [host("a", [9990, 10_010])] },
  ]);
  loader.select({ hosts: ["a"], span: fixed, metrics: "cpu" });
  assert.deepEqual(loader.window, fixed.range, "what is there already is shown over it at once");
  await loader.refresh();
  assert.equal(loader.isOver, false);
  clock.now = 10_100;
  await loader.refresh();
  const question = { hosts: ["a"], metrics: "cpu", points: undefined, from: 9000, to: 10_020 };
  assert.deepEqual(questions, [question, question]);
  assert.deepEqual(loader.window, fixed.range);
  assert.equal(loader.isOver, true);
  loader.invalidate();
  assert.equal(loader.isOver, false, "late readings may lie in it");
});
