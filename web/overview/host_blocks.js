/**
 * The list's rows in blocks. What is far from the screen is neither laid out nor watched row by row: of 2,000 hosts
 * that would cost more than all that is drawn.
 */

import { arrange, element } from "../parts/dom.js";

/** Rows of a block: as many as fill a grid of one, two, three or four columns. */
const BLOCK_ROWS = 12;
const NEAR_THE_SCREEN = "600px 0px";
/** Made at once when the list appears: what fills a screen. The others near it follow with the next frame. */
const FIRST_BLOCKS = 1;

/** @param {any[]} some @param {any[]} others */
function isSame(some, others) {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** @typedef {import("./host_row.js").HostRow} HostRow */

export class HostBlocks {
  #table;
  #onNear;
  /** @type {{element: HTMLElement, head: HTMLElement|null, rows: HostRow[], near: boolean}[]} */
  #blocks = [];
  #observer = new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: NEAR_THE_SCREEN });

  /**
   * @param {HTMLElement} table
   * @param {(rows: HostRow[]) => void} onNear these came near the screen
   */
  constructor(table, onNear) {
    this.#table = table;
    this.#onNear = onNear;
  }

  /** @param {{head: HTMLElement|null, rows: HostRow[]}[]} groups in the order to show */
  show(groups) {
    const wanted = groups.flatMap(({ head, rows }) => {
      const parts = [];
      for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
        parts.push({ head: start === 0 ? head : null, rows: rows.slice(start, start + BLOCK_ROWS) });
      }
      return parts;
    });
    while (this.#blocks.length < wanted.length) this.#add();
    while (this.#blocks.length > wanted.length) this.#drop();
    wanted.forEach(({ head, rows }, index) => {
      const block = this.#blocks[index];
      if (block.head === head && isSame(block.rows, rows)) return;
      block.head = head;
      block.rows = rows;
      for (const row of rows) row.near = block.near;
      arrange(block.element, [...(head ? [head] : []), ...rows.map((row) => row.element)]);
    });
  }

  /** Rows on the screen, or not far from it. */
  get nearRows() {
    return this.#blocks.filter(({ near }) => near).flatMap(({ rows }) => rows);
  }

  destroy() {
    this.#observer.disconnect();
  }

  #add() {
    const block = {
      element: element("tbody", { role: "rowgroup" }),
      head: null,
      rows: [],
      near: this.#blocks.length < FIRST_BLOCKS,
    };
    this.#blocks.push(block);
    this.#table.append(block.element);
    this.#observer.observe(block.element);
  }

  #drop() {
    const block = this.#blocks.pop();
    this.#observer.unobserve(block.element);
    block.element.remove();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #moved(entries) {
    for (const { target, isIntersecting } of entries) {
      const block = this.#blocks.find((one) => one.element === target);
      if (!block) continue;
      const came = isIntersecting && !block.near;
      block.near = isIntersecting;
      for (const row of block.rows) row.near = isIntersecting;
      if (came) this.#onNear(block.rows);
    }
  }
}
