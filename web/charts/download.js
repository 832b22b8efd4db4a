/**
 * Files made in the page, for the person to keep.
 */

import { element } from "../parts/dom.js";

/** Room above a picture of a chart for its title, and around it, in pixels. */
const TITLE_HEIGHT = 52;
const MARGIN = 16;

/** @param {Blob} content @param {string} name of the file */
export function download(content, name) {
  const address = URL.createObjectURL(content);
  const link = element("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken the address by the next turn.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}

/**
 * A chart as a picture of its own, with its title.
 * @param {HTMLCanvasElement} canvas @param {string} title @param {string} subject
 * @returns {Promise<Blob>} PNG
 */
export function pictureOf(canvas, title, subject) {
  const scale = canvas.width / canvas.clientWidth;
  const style = getComputedStyle(document.documentElement);
  const picture = element("canvas");
  picture.width = canvas.width + 2 * MARGIN * scale;
  picture.height = canvas.height + (TITLE_HEIGHT + MARGIN) * scale;
  const ctx = picture.getContext("2d");
  const surface = getComputedStyle(canvas.closest(".card") ?? document.body);
  ctx.fillStyle = surface.backgroundColor;
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.scale(scale, scale);
  ctx.fillStyle = surface.color;
  ctx.font = `600 15px ${style.getPropertyValue("--font")}`;
  ctx.fillText(title, MARGIN, 24, canvas.clientWidth);
  ctx.font = `400 12px ${style.getPropertyValue("--font")}`;
  ctx.fillText(subject, MARGIN, 42, canvas.clientWidth);
  ctx.drawImage(canvas, MARGIN, TITLE_HEIGHT, canvas.clientWidth, canvas.clientHeight);
  return new Promise((resolve) => {
    picture.toBlob(resolve, "image/png");
  });
}
