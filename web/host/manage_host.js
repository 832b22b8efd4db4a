/**
 * What one can do with a host: take its values along, forget its history, forget all of it.
 */

import { dataAddress } from "../history/api.js";
import { checkbox, confirmed } from "../parts/dialog.js";
import { element, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { plainState } from "../page/state.js";
import { Menu } from "../parts/menu.js";

/** Names that browsers take out of a path, however they are written; hosts could be called so once. */
const NO_PATH_NAMES = [".", ".."];

/**
 * Where a host is deleted. @param {string} name @param {boolean|null} shutOut null: the server decides
 */
export function deletionAddress(name, shutOut) {
  const isParameter = NO_PATH_NAMES.includes(name);
  const query = [isParameter ? `hostname=${name}` : "", shutOut === null ? "" : `shut_out=${shutOut}`]
    .filter(Boolean)
    .join("&");
  return `hosts${isParameter ? "" : `/${encodeURIComponent(name)}`}${query === "" ? "" : `?${query}`}`;
}

export class HostMenu {
  #context;
  #name;
  #span;
  #cleared;
  #error = element("p", { class: "form-error", role: "alert" });
  #menu;

  /**
   * @param {import("../page/context.js").Context} context
   * @param {string} name of the host
   * @param {() => import("../time/time_span.js").Span} span that is shown
   * @param {() => void} cleared is called when its history is gone
   */
  constructor(context, name, span, cleared) {
    this.#context = context;
    this.#name = name;
    this.#span = span;
    this.#cleared = cleared;
    this.#menu = new Menu(`More about ${name}`, "⋯", () => this.#items());
    this.element = element("div", { class: "host-menu" }, this.#error, this.#menu.element);
  }

  #items() {
    const { can_manage: mayChange } = this.#context.session.current;
    return [
      {
        text: "Alarms of this host",
        act: () => this.#context.navigate({ ...plainState("alarms"), options: { host: this.#name } }),
      },
      { text: "Download everything shown as CSV", act: () => this.#download() },
      // No reading of such a name comes any more: one deletes it.
      ...(mayChange && !NO_PATH_NAMES.includes(this.#name)
        ? [{ text: "Clear history…", act: () => this.#clear() }]
        : []),
      ...(mayChange ? [{ text: "Delete host…", act: () => this.#delete() }] : []),
    ];
  }

  #download() {
    const { timeframe, range } = this.#span();
    const address = dataAddress({
      hosts: [this.#name],
      metrics: "*",
      ...(range ?? { timeframe: timeframe.name }),
    }).replace(/format=columns$/, "format=csv");
    const link = element("a", { href: address, download: "history.csv", hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
  }

  async #clear() {
    const text = [
      "All that is stored of ",
      element("strong", { class: "name" }, this.#name),
      " will be gone for good, the list's latest values with it. Its agent goes on, and a new history begins with its next reading.",
    ];
    if (!(await confirmed({ title: "Clear the history", text, action: "Clear history" }))) return;
    if (await this.#change("POST", `hosts/${encodeURIComponent(this.#name)}/clean`)) this.#cleared();
  }

  async #delete() {
    const asksForTokens = this.#context.session.current.authentication === "required";
    const text = [
      "The server will forget ",
      element("strong", { class: "name" }, this.#name),
      " and its whole history. ",
      asksForTokens
        ? "The tokens of its agent, and of programs that send its readings alone, will be revoked."
        : "This server asks agents for no token: one that still runs brings the host back with its next reading, without its history. Stop it first.",
    ];
    const shutOut = checkbox(
      "Shut its agent out",
      "It may not enrol again, and nobody may under this name, until an administrator lets it in (Access). Without this, an agent that has a token to add hosts comes back at once.",
    );
    if (
      !(await confirmed({
        title: "Delete the host",
        text,
        action: "Delete host",
        more: asksForTokens ? [shutOut.element] : [],
      }))
    ) {
      return;
    }
    if (await this.#change("DELETE", deletionAddress(this.#name, asksForTokens ? shutOut.checked : null))) {
      this.#context.navigate(plainState("overview"));
    }
  }

  /** @param {"POST"|"DELETE"} method @param {string} address @returns {Promise<boolean>} */
  async #change(method, address) {
    setText(this.#error, "");
    try {
      await this.#context.session.change(method, address);
      return true;
    } catch (error) {
      setText(this.#error, asSentence(error.message));
      return false;
    }
  }
}
