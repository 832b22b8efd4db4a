import assert from "node:assert/strict";
import { test } from "node:test";
import { heatColour, lineStyle } from "../../../web/charts/palette.js";

/**
 * How people see who lack one kind of cone: linear RGB to linear RGB, severity 1 (Machado, Oliveira and Fernandes
 * 2009).
 */
const VISION = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const THEMES = { light: "#ffffff", dark: "#1a1f27" };
const LINES = 10;

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const apply = (matrix, vector) =>
  matrix.map((row) => row.reduce((sum, factor, index) => sum + factor * vector[index], 0));
const linearOf = (colour) => [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));

/** @param {string} colour as #rrggbb @param {number[][]} vision @returns {number[]} CIE L*a*b*, D65 */
function labOf(colour, vision) {
  const seen = apply(vision, linearOf(colour)).map((part) => Math.min(Math.max(part, 0), 1));
  const [x, y, z] = apply(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    seen,
  );
  const [fx, fy, fz] = [x / 0.95047, y, z / 1.08883].map((part) =>
    part > 216 / 24389 ? Math.cbrt(part) : ((24389 / 27) * part + 16) / 116,
  );
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

const distance = (first, second) => Math.hypot(...first.map((part, index) => part - second[index]));
const luminance = (colour) =>
  linearOf(colour).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const contrast = (first, second) => {
  const [dark, bright] = [luminance(first), luminance(second)].sort((one, other) => one - other);
  return (bright + 0.05) / (dark + 0.05);
};

for (const [theme, surface] of Object.entries(THEMES)) {
  const colours = Array.from({ length: LINES }, (_, index) => lineStyle(index, theme).colour);

  for (const [vision, matrix] of Object.entries(VISION)) {
    test(`lines that follow each other are told apart: ${vision}, ${theme}`, () => {
      const seen = colours.map((colour) => labOf(colour, matrix));
      for (let index = 0; index < LINES; index += 1) {
        const next = (index + 1) % LINES;
        assert.ok(
          distance(seen[index], seen[next]) >= 20,
          `${colours[index]} and ${colours[next]}: ${distance(seen[index], seen[next]).toFixed(1)}`,
        );
      }
    });

    test(`any two of the first five lines are told apart: ${vision}, ${theme}`, () => {
      const seen = colours.slice(0, 5).map((colour) => labOf(colour, matrix));
      seen.forEach((one, first) =>
        seen.slice(first + 1).forEach((other, after) => {
          assert.ok(
            distance(one, other) >= 12,
            `${colours[first]} and ${colours[first + 1 + after]}: ${distance(one, other).toFixed(1)}`,
          );
        }),
      );
    });
  }

  test(`lines stand out from the card: ${theme}`, () => {
    for (const colour of colours) {
      assert.ok(contrast(colour, surface) >= 3, `${colour}: ${contrast(colour, surface).toFixed(2)}`);
    }
  });

  test(`more of a share is always darker, or in dark brighter: ${theme}`, () => {
    const brightness = Array.from({ length: 21 }, (_, index) =>
      heatColour(theme, index / 20)
        .match(/\d+/g)
        .map(Number),
    ).map(
      ([red, green, blue]) => 0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255),
    );
    for (let index = 1; index < brightness.length; index += 1) {
      assert.ok(
        theme === "light" ? brightness[index] < brightness[index - 1] : brightness[index] > brightness[index - 1],
        String(index),
      );
    }
  });
}

test("after the last colour they come again with a broken line", () => {
  assert.equal(lineStyle(LINES, "light").colour, lineStyle(0, "light").colour);
  assert.notDeepEqual(lineStyle(LINES, "light").dash, lineStyle(0, "light").dash);
});
