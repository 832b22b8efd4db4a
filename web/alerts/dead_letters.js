/**
 * Messages that could not be delivered, or wait for it, each with a way to have it sent again.
 */

import { element } from "../parts/dom.js";
import { format } from "../parts/format.js";

const MOST_NAMED = 3;

/** "fired: Disk almost full / on web-1". @param {any} told */
function describeTold({ event, name, host, instance }) {
  const what = [name, instance].filter(Boolean).join(" ");
  return `${event}: ${what}${host ? ` on ${host}` : ""}`;
}

/** @param {any} delivery as the server lists it */
export function describeDelivery({ alarms = [] }) {
  const rest = alarms.length - MOST_NAMED;
  const told = alarms.slice(0, MOST_NAMED).map(describeTold);
  return `${told.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

/** @param {any} delivery */
function describeTrouble({ attempts, status, error, state, due }) {
  const tries = attempts === 1 ? "after one try" : `after ${attempts} tries`;
  const why = [error, status > 0 ? `(${status})` : ""].filter(Boolean).join(" ");
  if (state === "dead") return `given up ${tries}${why === "" ? "" : `: ${why}`}`;
  const next = `next try ${format.formatMoment(due)}`;
  return attempts === 0 ? next : `${next}, ${tries}${why === "" ? "" : `: ${why}`}`;
}

/**
 * @param {any[]} deliveries
 * @param {(delivery: any) => void} retry
 * @returns {HTMLElement[]}
 */
export function deliveryItems(deliveries, retry) {
  return deliveries.map((delivery) => {
    const again = element(
      "button",
      {
        type: "button",
        class: "button button-small",
        "aria-label": `Send again to ${delivery.channel}: ${describeDelivery(delivery)}`,
        onclick: () => retry(delivery),
      },
      "Send again",
    );
    return element(
      "li",
      { class: "delivery" },
      element(
        "div",
        {},
        element("strong", { class: "name" }, delivery.channel),
        element("span", { class: "refusal-details" }, ` of ${format.formatMoment(delivery.created)}, `),
        element("span", { class: "name" }, describeTrouble(delivery)),
        element("p", { class: "refusal-details name" }, describeDelivery(delivery)),
      ),
      ...(delivery.state === "dead" ? [again] : []), // the others are sent anyway
    );
  });
}
