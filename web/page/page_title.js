/**
 * What the browser's tab tells: the view, and how many hosts are down, in the title and in the icon.
 */

const ICON = "assets/favicon.svg";
const SIZE = 32;
const DISC = { x: 23, y: 9, radius: 9 };
const DOWN_COLOUR = "#d23c38";

/** @param {string} view @param {number} down */
export function titleOf(view, down) {
  return `${down > 0 ? `(${down} down) ` : ""}${view} · Hostwatch`;
}

export class PageTitle {
  #link;
  #image = null;
  #shown = 0;

  /** @param {HTMLLinkElement} link to the icon */
  constructor(link) {
    this.#link = link;
  }

  /** @param {string} view its title @param {any[]} hosts */
  show(view, hosts) {
    const down = hosts.filter((host) => host.status !== "up").length;
    const title = titleOf(view, down);
    if (document.title !== title) document.title = title;
    if (down === this.#shown) return;
    this.#shown = down;
    if (down > 0) this.#draw(down);
    else this.#link.href = ICON;
  }

  /** @param {number} down */
  async #draw(down) {
    try {
      if (this.#image === null) {
        this.#image = new Image(SIZE, SIZE);
        this.#image.src = ICON;
      }
      await this.#image.decode();
      if (down !== this.#shown) return;
      const canvas = document.createElement("canvas");
      canvas.width = SIZE;
      canvas.height = SIZE;
      const ctx = canvas.getContext("2d");
      ctx.drawImage(this.#image, 0, 0, SIZE, SIZE);
      ctx.fillStyle = DOWN_COLOUR;
      ctx.beginPath();
      ctx.arc(DISC.x, DISC.y, DISC.radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = "#fff";
      ctx.font = "700 14px sans-serif";
      ctx.textAlign = "center";
      ctx.fillText(down > 9 ? "!" : String(down), DISC.x, DISC.y + 5);
      this.#link.href = canvas.toDataURL("image/png");
    } catch {
      // Then the title tells it alone.
    }
  }
}
