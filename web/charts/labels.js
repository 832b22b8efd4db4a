/**
 * Names on a canvas, where nothing wraps or is cut with dots by itself.
 */

const MOST_CHARACTERS = 32;
/** Of a name in ever so little room this much is told. */
const FEWEST_CHARACTERS = 5;

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
