import assert from "node:assert/strict";
import { test } from "node:test";
import { fittingTimeMarks, timeMarks } from "../../../web/charts/time_marks.js";
import { createFormat } from "../../../web/parts/format.js";
import { fromHeldField, toField } from "../../../web/time/time_bar.js";
import { beginsDay, changeBetween, viewersZone } from "../../../web/time/zone.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const at = (...parts) => Date.UTC(...parts) / 1000;

/** @param {string} zone */
function setZone(zone) {
  process.env.TZ = zone;
  return createFormat({ locale: "en-GB" });
}

const clockOf = (time) => new Date(time * 1000).toTimeString().slice(0, 5);
const clocksOf = (marks) => marks.map(clockOf);

test("marks over the end of summer time stand at local hours", () => {
  setZone("Europe/Berlin");
  assert.deepEqual(clocksOf(timeMarks(at(2026, 9, 24, 22), at(2026, 9, 25, 23), 5)), [
    "00:00",
    "06:00",
    "12:00",
    "18:00",
    "00:00",
  ]);
  assert.deepEqual(clocksOf(timeMarks(at(2026, 9, 24, 22), at(2026, 9, 25, 23), 9)), [
    "00:00",
    "03:00",
    "06:00",
    "09:00",
    "12:00",
    "15:00",
    "18:00",
    "21:00",
    "00:00",
  ]);
});

test("marks over the beginning of summer time stand at local hours", () => {
  setZone("Europe/Berlin");
  assert.deepEqual(clocksOf(timeMarks(at(2026, 2, 28, 23), at(2026, 2, 29, 22), 4)), [
    "00:00",
    "06:00",
    "12:00",
    "18:00",
    "00:00",
  ]);
  assert.deepEqual(clocksOf(timeMarks(at(2026, 2, 28, 23), at(2026, 2, 29, 6), 8)), [
    "00:00",
    "01:00",
    "03:00",
    "04:00",
    "05:00",
    "06:00",
    "07:00",
    "08:00",
  ]);
});

test("an hour that comes twice has its marks twice, with the zone's name", () => {
  const { formatTimeTick } = setZone("Europe/Berlin");
  const marks = timeMarks(at(2026, 9, 25, 0), at(2026, 9, 25, 2), 5);
  assert.deepEqual(
    marks.map((mark) => formatTimeTick(mark, 2 * HOUR)),
    ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET", "03:00"],
  );
});

test("marks of a zone that is half an hour aside, or puts its clocks back by half an hour, are round there", () => {
  setZone("Asia/Kathmandu");
  assert.deepEqual(clocksOf(timeMarks(at(2026, 5, 1), at(2026, 5, 2), 4)), ["06:00", "12:00", "18:00", "00:00"]);
  setZone("Australia/Lord_Howe");
  assert.deepEqual(clocksOf(timeMarks(at(2026, 3, 4, 14), at(2026, 3, 4, 17), 8)), [
    "01:00",
    "01:30",
    "01:30",
    "02:00",
    "02:30",
    "03:00",
    "03:30",
  ]);
});

test("a day whose midnight the clocks leave out has a mark where it begins, and the days behind it at midnight", () => {
  const { formatTimeTick } = setZone("Africa/Cairo"); // 24 April 2026: after 23:59 comes 01:00
  const days = timeMarks(at(2026, 3, 21), at(2026, 3, 27), 6);
  assert.deepEqual(clocksOf(days), ["00:00", "00:00", "01:00", "00:00", "00:00", "00:00"].slice(0, days.length));
  const hours = timeMarks(at(2026, 3, 23, 0), at(2026, 3, 25, 0), 8);
  assert.deepEqual(
    hours.map((mark) => formatTimeTick(mark, 2 * DAY, 6 * HOUR)),
    ["06:00", "12:00", "18:00", "24 Apr", "06:00", "12:00", "18:00", "25 Apr"],
  );
});

test("where midnight comes twice, the wider marks stand at the first alone", () => {
  setZone("America/Havana"); // 1 November 2026: after 00:59 comes 00:00
  assert.deepEqual(clocksOf(timeMarks(at(2026, 9, 31, 22), at(2026, 10, 1, 14), 6)), [
    "18:00",
    "21:00",
    "00:00",
    "03:00",
    "06:00",
    "09:00",
  ]);
  assert.deepEqual(clocksOf(timeMarks(at(2026, 10, 1, 3), at(2026, 10, 1, 7), 5)), [
    "23:00",
    "00:00",
    "00:00",
    "01:00",
    "02:00",
  ]);
});

test("a mark whose day was left out altogether stands once", () => {
  setZone("Pacific/Apia"); // there was no 30 December 2011
  assert.deepEqual(
    timeMarks(at(2011, 11, 28), at(2012, 0, 2), 10).filter((mark, index, all) => mark === all[index - 1]),
    [],
  );
});

test("times are told with the zone's name where they come twice, and only there", () => {
  const twice = at(2026, 9, 25, 0, 30);
  for (const format of [setZone("Europe/Berlin"), createFormat({ locale: "en-GB", timeZone: "Europe/Berlin" })]) {
    assert.match(format.formatClock(twice), /^02:30:00 CEST$/);
    assert.match(format.formatClock(twice + HOUR), /^02:30:00 CET$/);
    assert.match(format.formatClock(twice - HOUR), /^01:30:00$/);
    assert.match(format.formatClock(twice + 1.5 * HOUR), /^03:00:00$/);
    assert.match(format.formatDateTime(twice, 60), /25 Oct,? 02:30 CEST$/);
    assert.match(format.formatMoment(twice + HOUR), /25 Oct 2026.* CET$/);
    assert.match(format.formatMoment(twice + DAY), /26 Oct 2026, 01:30$/);
    assert.match(format.formatRange(at(2026, 9, 25, 0), at(2026, 9, 25, 2)), /02:00 CEST – 25 Oct,? 03:00$/);
    assert.match(format.formatRange(twice, twice + HOUR), /02:30 CEST – 25 Oct,? 02:30 CET$/);
    assert.doesNotMatch(format.formatRange(twice - 2 * HOUR, twice + 3 * HOUR), /CE/);
    assert.match(format.formatClock(at(2026, 2, 29, 1)), /^03:00:00$/, "in spring no time comes twice");
    format.useUtc(true);
    assert.match(format.formatClock(twice), /^00:30:00$/);
  }
});

test("over some days midnights are told by the day and the times between by the hour", () => {
  const { formatTimeTick } = setZone("America/New_York");
  const [from, to] = [at(2026, 9, 31, 12), at(2026, 10, 2, 6)];
  const { marks, step } = fittingTimeMarks(from, to, { width: 500, perMark: 70, gap: 8, widthOf: () => 40 });
  assert.deepEqual(
    marks.map((mark) => formatTimeTick(mark, to - from, step)),
    ["12:00", "18:00", "1 Nov", "06:00", "12:00", "18:00", "2 Nov"].slice(0, marks.length),
  );
});

test("a field of a time that comes twice still holds the second one where nobody changes it", () => {
  setZone("Europe/Berlin");
  const second = at(2026, 9, 25, 1, 30);
  assert.equal(fromHeldField(toField(second, false), second, false), second);
  assert.equal(fromHeldField("2026-10-25T04:00:00", second, false), at(2026, 9, 25, 3));
  assert.ok(Number.isNaN(fromHeldField("", second, false)));
});

/** The changes of clocks in a year, found a week at a time. @param {number} from @param {number} to */
function changes(from, to) {
  const found = [];
  for (let week = from; week < to; week += 7 * DAY) {
    if (viewersZone(week) !== viewersZone(week + 7 * DAY)) found.push(changeBetween(week, week + 7 * DAY, viewersZone));
  }
  return found;
}

const SPANS = [1, 2, 3, 6, 8, 12, 24, 25, 36, 42, 48, 72, 7 * 24, 14 * 24, 30 * 24, 90 * 24, 180 * 24, 365 * 24].map(
  (hours) => hours * HOUR,
);
const WIDTHS = [280, 600, 1260];
const LOCALES = ["en-GB", "en-US", "de-DE"]; // the short, the wide and the dotted
const GAP = 8;

/** The width of a label as a wide typeface has it at 12 pixels. @param {string} text */
const widthOfText = (text) => text.length * 7;

/** What is wrong with the marks of one view, or "". */
function fault(from, to, width, format) {
  const label = (time, step) => format.formatTimeTick(time, to - from, step);
  const { marks, step } = fittingTimeMarks(from, to, {
    width,
    perMark: 70,
    gap: GAP,
    widthOf: (time, distance) => widthOfText(label(time, distance)),
  });
  if (marks.length === 0 && to - from >= 2 * step) return "no marks";
  if (marks.length > width / 70 + 1) return "too many marks";
  for (const [index, mark] of marks.entries()) {
    if (mark < from || mark > to) return "a mark outside";
    const local = mark + viewersZone(mark);
    if (local % Math.min(step, DAY) !== 0 && !beginsDay(mark, viewersZone)) {
      return `${clockOf(mark)} is not round for ${step} s`;
    }
    if (index === 0) continue;
    const [text, before] = [label(mark, step), label(marks[index - 1], step)];
    if (((mark - marks[index - 1]) / (to - from)) * width < (widthOfText(text) + widthOfText(before)) / 2 + GAP) {
      return `${before} and ${text} too close`;
    }
    if (text === before) return `${text} twice`;
  }
  return "";
}

test("in every zone and over every span no two marks around both changes are closer than their labels, or read the same", () => {
  const zones = Intl.supportedValuesOf("timeZone");
  assert.ok(zones.length > 300);
  const faults = [];
  let changing = 0;
  for (const [number, zone] of zones.entries()) {
    process.env.TZ = zone;
    const format = createFormat({ locale: LOCALES[number % LOCALES.length] });
    const found = changes(at(2026, 0, 1), at(2027, 0, 1));
    if (found.length > 0) changing += 1;
    // Where clocks never change a day like any other is enough.
    const around = found.length > 0 ? found : [at(2026, 2, 29, 1)];
    const shares = found.length > 0 ? [0, 0.07, 0.13, 0.31, 0.5, 0.64, 0.77, 0.9, 0.99] : [0.4];
    for (const change of around) {
      for (const span of SPANS) {
        for (const [index, share] of shares.entries()) {
          const from = Math.round((change - span * share) / (7 * MINUTE)) * 7 * MINUTE;
          const width = WIDTHS[(index + number) % WIDTHS.length];
          const wrong = fault(from, from + span, width, format);
          if (wrong !== "") {
            faults.push(
              `${zone}, ${span / HOUR} h from ${new Date(from * 1000).toISOString()} on ${width} px: ${wrong}`,
            );
          }
        }
      }
    }
  }
  assert.deepEqual(faults.slice(0, 20), []);
  assert.ok(changing > 100, `clocks change in ${changing} zones`);
});

test("in the zones that change most oddly every quarter of an hour of both days is right", () => {
  const faults = [];
  for (const zone of [
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Asia/Beirut",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/St_Johns",
    "America/Nuuk",
  ]) {
    process.env.TZ = zone;
    const format = createFormat({ locale: "en-GB" });
    for (const change of changes(at(2026, 0, 1), at(2027, 0, 1))) {
      for (const span of [2 * HOUR, 24 * HOUR, 42 * HOUR]) {
        for (let to = change - HOUR; to <= change + span + HOUR; to += 15 * MINUTE) {
          for (const width of [280, 900]) {
            const wrong = fault(to - span, to, width, format);
            if (wrong !== "") {
              faults.push(
                `${zone}, ${span / HOUR} h up to ${new Date(to * 1000).toISOString()} on ${width} px: ${wrong}`,
              );
            }
          }
        }
      }
    }
  }
  assert.deepEqual(faults.slice(0, 20), []);
});
