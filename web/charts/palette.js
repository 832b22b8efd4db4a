/**
 * The colours of charts, for light and dark. Neighbours, and the first five, stay apart for people who lack a kind of
 * cone (a test reckons it); from the eleventh line on the same colours come again with a broken line.
 */

const SERIES_COLOURS = {
  light: ["#2f6bdd", "#d16812", "#309e82", "#9e0072", "#6e31aa", "#7f8c06", "#cb3a4a", "#2d87b8", "#7e4c1d", "#164859"],
  dark: ["#6b9dff", "#f19930", "#56d6ab", "#c965a4", "#9669cb", "#c7d560", "#ec6865", "#41bef2", "#e7b68d", "#98adc2"],
};

const DASHES = [[], [7, 3], [2, 2]];
const DASH_NAMES = ["solid", "dashed", "dotted"];

const FRAME_COLOURS = {
  light: {
    grid: "#e8ebf0",
    text: "#5a6474",
    cursor: "#5a6474",
    away: "#d5dbe4",
    zoom: "#2458c5",
    tooltip: "#ffffff",
    tooltipBorder: "#d3d9e2",
    tooltipText: "#1b2430",
    rest: "#e6eaf0",
    critical: "#c02a2a",
    warning: "#a86800",
    info: "#6b7686",
  },
  dark: {
    grid: "#262d38",
    text: "#98a3b3",
    cursor: "#98a3b3",
    away: "#343e4b",
    zoom: "#7fa8ff",
    tooltip: "#232a34",
    tooltipBorder: "#3a4452",
    tooltipText: "#e8ecf2",
    rest: "#2a323d",
    critical: "#ff8078",
    warning: "#f0b04a",
    info: "#98a3b3",
  },
};

/** @typedef {"light"|"dark"} Theme */

/**
 * The look of the n-th line.
 * @param {number} index from 0
 * @param {Theme} theme
 * @returns {{colour: string, dash: number[], dashName: string}} dash in pixels; its name is for the style sheet
 */
export function lineStyle(index, theme) {
  const colours = SERIES_COLOURS[theme];
  const round = Math.floor(index / colours.length) % DASHES.length;
  return { colour: colours[index % colours.length], dash: DASHES[round], dashName: DASH_NAMES[round] };
}

/** @param {Theme} theme */
export function frameColours(theme) {
  return FRAME_COLOURS[theme];
}

/**
 * @param {string} colour as #rrggbb
 * @param {number} opacity 0 to 1
 */
export function translucent(colour, opacity) {
  const alpha = Math.round(opacity * 255)
    .toString(16)
    .padStart(2, "0");
  return `${colour}${alpha}`;
}

/** From little to much, each stop as red, green, blue; much is far from the page's own colour. */
const HEAT_STOPS = {
  light: [
    [238, 243, 251],
    [126, 168, 236],
    [31, 78, 170],
    [11, 29, 84],
  ],
  dark: [
    [31, 40, 54],
    [45, 84, 160],
    [107, 157, 255],
    [226, 238, 255],
  ],
};

/** Enough steps that one cannot see them, few enough to keep. */
const HEAT_STEPS = 64;
const heatColours = new Map();

/**
 * The colour of a share.
 * @param {Theme} theme @param {number} share 0 to 1
 */
export function heatColour(theme, share) {
  const step = Math.round(Math.min(Math.max(share, 0), 1) * HEAT_STEPS);
  const key = `${theme}${step}`;
  if (!heatColours.has(key)) {
    const stops = HEAT_STOPS[theme];
    const at = (step / HEAT_STEPS) * (stops.length - 1);
    const lower = Math.min(Math.floor(at), stops.length - 2);
    const mixed = stops[lower].map((value, index) =>
      Math.round(value + (stops[lower + 1][index] - value) * (at - lower)),
    );
    heatColours.set(key, `rgb(${mixed.join(" ")})`);
  }
  return heatColours.get(key);
}
