/**
 * Names on a canvas, where nothing wraps or is cut with dots by itself.
 */

const FONT_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
const FONT_PIXELS = 12;
const MOST_CHARACTERS = 32;
/** Of a name in ever so little room this much is told. */
const FEWEST_CHARACTERS = 5;

/**
 * @typedef {object} CanvasText what text on a canvas is written with
 * @property {number} scale how much larger than usual the viewer wants text
 * @property {{family: string, size: number}} font size in pixels
 */

/** @returns {CanvasText} as the page's own text is just now */
export function canvasText() {
  const scale = (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16) / 16;
  return { scale, font: { family: FONT_FAMILY, size: FONT_PIXELS * scale } };
}

/**
 * With dots in the middle: beginnings and ends are what tells names apart.
 * @param {string} text
 * @param {number} most characters
 */
function shorten(text, most) {
  if (text.length <= most) return text;
  const half = (most - 1) >> 1;
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}

/**
 * What texts are measured with that a canvas is to show.
 * @param {CanvasRenderingContext2D} context @param {{family: string, size: number}} font size in pixels
 * @returns {(text: string) => number} pixels
 */
export function measured(context, { family, size }) {
  return (text) => {
    context.save();
    context.font = `${size}px ${family}`;
    const { width } = context.measureText(text);
    context.restore();
    return width;
  };
}

/**
 * @param {string} text
 * @param {number} width pixels that it may take
 * @param {(text: string) => number} widthOf pixels that a text takes
 * @returns {string} as much of it as fits
 */
export function fitLabel(text, width, widthOf) {
  let shown = shorten(text, MOST_CHARACTERS);
  while (shown.length > FEWEST_CHARACTERS && widthOf(shown) > width) {
    shown = shorten(text, Math.max(FEWEST_CHARACTERS, shown.length - 1));
  }
  return shown;
}
