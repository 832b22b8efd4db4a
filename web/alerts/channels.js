/**
 * Channels: who is told of alarms, whether that works, and what could not be delivered.
 */

import { confirmed } from "../parts/dialog.js";
import { arrange, element, setAttribute, setText } from "../parts/dom.js";
import { asSentence } from "../parts/format.js";
import { loadingState, notice } from "../parts/loading.js";
import { Poller } from "../history/poller.js";
import { View } from "../page/view.js";
import { alertTabs, alertTitle } from "./alert_tabs.js";
import { channelAddress, getChannels, getDeliveries } from "./alerts_api.js";
import { ChannelForm } from "./channel_form.js";
import { describeLast, describeTarget, describeTest, kindNamed } from "./channel_kinds.js";
import { deliveryItems } from "./dead_letters.js";
import { RoutesEditor } from "./routes_editor.js";

const POLL_SECONDS = 10;

/** @typedef {import("./alerts_api.js").Channel} Channel */

class ChannelCard {
  /** @type {Channel} */
  #channel;
  #test;
  #name = element("h2", { class: "name" });
  #kind = element("p", { class: "title-detail name" });
  #marks = element("p", { class: "channel-marks" });
  #last = element("p", { class: "channel-last name" });
  #result = element("p", { class: "channel-test name", role: "status" });
  #testButton = element(
    "button",
    { type: "button", class: "button button-small", onclick: () => this.#runTest() },
    "Send a test",
  );
  #change;
  #delete;

  /**
   * @param {object} actions
   * @param {(channel: Channel) => Promise<string>} actions.test brings its result
   * @param {(channel: Channel) => void} actions.change
   * @param {(channel: Channel) => void} actions.remove
   */
  constructor({ test, change, remove }) {
    this.#test = test;
    const button = (text, act) =>
      element("button", { type: "button", class: "button button-small", onclick: () => act(this.#channel) }, text);
    this.#change = button("Change", change);
    this.#delete = button("Delete", remove);
    this.element = element(
      "li",
      { class: "channel card" },
      element("div", { class: "channel-head" }, this.#name, this.#kind),
      this.#marks,
      this.#last,
      this.#result,
      element("div", { class: "form-actions" }, this.#testButton, this.#change, this.#delete),
    );
  }

  /** @param {Channel} channel @param {number} now */
  update(channel, now) {
    this.#channel = channel;
    const { name, kind, enabled, from_file: isFromFile, waiting, dead, last } = channel;
    setText(this.#name, name);
    setText(this.#kind, [kindNamed(kind).label, describeTarget(channel)].filter(Boolean).join(": "));
    const marks = [
      channel.default ? "by default" : "only where a rule or a route names it",
      enabled ? "" : "switched off: messages wait",
      isFromFile ? "from the configuration file: changed there" : "",
      waiting > 0 ? `${waiting} waiting` : "",
      dead > 0 ? `${dead} given up` : "",
    ].filter(Boolean);
    setText(this.#marks, marks.join(" · "));
    setText(this.#last, describeLast(channel, now));
    const isBad = dead > 0 || (last !== null && last.outcome !== "sent");
    setAttribute(this.element, "data-bad", String(isBad));
    setAttribute(this.#testButton, "aria-label", `Send a test to ${name}`);
    setAttribute(this.#change, "aria-label", `Change ${name}`);
    setAttribute(this.#delete, "aria-label", `Delete ${name}`);
    this.#change.hidden = isFromFile;
    this.#delete.hidden = isFromFile;
  }

  async #runTest() {
    if (this.#testButton.getAttribute("aria-disabled") === "true") return;
    this.#testButton.setAttribute("aria-disabled", "true");
    setText(this.#result, "Sending…");
    setText(this.#result, await this.#test(this.#channel));
    this.#testButton.setAttribute("aria-disabled", "false");
  }
}

export class ChannelsView extends View {
  #context;
  #error = element("p", { class: "form-error", role: "alert" });
  #message = element("div", {}, loadingState());
  #list = element("ul", { class: "channels", "aria-label": "Channels" });
  #deadList = element("ul", { class: "refusals" });
  #dead = element(
    "section",
    { class: "panel-wide card", "aria-label": "Not delivered", hidden: true },
    element("h2", {}, "Not delivered"),
    this.#deadList,
  );
  #routes;
  /** @type {Channel[]} */
  #channels = [];
  /** @type {Map<string, ChannelCard>} */
  #cards = new Map();
  #poller = new Poller(
    (signal) => this.#refresh(signal),
    () => POLL_SECONDS,
  );

  /**
   * @param {HTMLElement} place
   * @param {import("../page/context.js").Context} context
   * @param {import("../page/state.js").PageState} state
   */
  constructor(place, context, state) {
    super("Channels");
    this.#context = context;
    this.#routes = new RoutesEditor(context.session);
    const add = element(
      "button",
      { type: "button", class: "button button-primary", onclick: () => this.#open(null) },
      "Add a channel",
    );
    place.replaceChildren(
      alertTitle(
        this.heading,
        element("p", { class: "title-detail" }, "Who is told of alarms, and whether that works."),
        add,
      ),
      alertTabs(context, state, "channels"),
      this.#error,
      this.#message,
      this.#list,
      this.#dead,
      this.#routes.element,
    );
    this.#routes.load();
    this.#poller.start();
  }

  /** @override */
  destroy() {
    this.#poller.stop();
    this.#context.banner.recover("channels");
  }

  /** @param {Channel|null} channel */
  #open(channel) {
    const names = this.#channels.map(({ name }) => name);
    new ChannelForm(this.#context.session, channel, names, () => this.#poller.restart()).open();
  }

  /** @param {AbortSignal} signal */
  async #refresh(signal) {
    try {
      const [channels, dead] = await Promise.all([getChannels(signal), getDeliveries("dead", signal)]);
      const waiting = channels.some((one) => one.waiting > 0) ? await getDeliveries("waiting", signal) : [];
      if (signal.aborted) return;
      this.#show(channels, [...dead, ...waiting]);
      this.#context.banner.recover("channels");
    } catch (error) {
      if (!signal.aborted) this.#context.banner.fail("channels", error);
    }
  }

  /** @param {Channel[]} channels @param {any[]} deliveries */
  #show(channels, deliveries) {
    this.#channels = channels;
    const none = notice(
      "Nobody is told yet",
      element(
        "p",
        {},
        "Alarms are shown on this page and marked in charts. Add a channel, and who it leads to is told.",
      ),
    );
    this.#message.replaceChildren(...(channels.length === 0 ? [none] : []));
    const now = this.#context.now();
    const cards = new Map();
    for (const channel of channels) {
      const card =
        this.#cards.get(channel.name) ??
        new ChannelCard({
          test: (tested) => this.#test(tested),
          change: (changed) => this.#open(changed),
          remove: (removed) => this.#remove(removed),
        });
      card.update(channel, now);
      cards.set(channel.name, card);
    }
    this.#cards = cards;
    arrange(
      this.#list,
      [...cards.values()].map((card) => card.element),
    );
    this.#dead.hidden = deliveries.length === 0;
    const key = JSON.stringify(deliveries);
    if (key === this.#deadList.dataset.key) return;
    this.#deadList.dataset.key = key;
    this.#deadList.replaceChildren(...deliveryItems(deliveries, (delivery) => this.#retry(delivery)));
  }

  /** @param {Channel} channel */
  async #test({ name }) {
    try {
      const result = await this.#context.session.change("POST", `${channelAddress(name)}/test`);
      this.#poller.restart();
      return describeTest(result);
    } catch (error) {
      return asSentence(error.message);
    }
  }

  /** @param {any} delivery */
  async #retry({ id }) {
    await this.#try(() =>
      this.#context.session.change("POST", `alerts/deliveries/${encodeURIComponent(String(id))}/retry`),
    );
    this.heading.focus(); // its button goes away
  }

  /** @param {Channel} channel */
  async #remove({ name, waiting }) {
    const lost = waiting > 0 ? ` ${waiting} messages that wait are lost.` : "";
    const text = [
      "Delete ",
      element("strong", { class: "name" }, name),
      `? Nobody is told by it any more; its secrets are gone.${lost}`,
    ];
    if (!(await confirmed({ title: "Delete a channel", text, action: "Delete" }))) return;
    await this.#try(() => this.#context.session.change("DELETE", channelAddress(name)));
    this.heading.focus();
  }

  /** @param {() => Promise<any>} change */
  async #try(change) {
    setText(this.#error, "");
    try {
      await change();
    } catch (error) {
      setText(this.#error, asSentence(error.message));
    }
    this.#poller.restart();
  }
}
