/**
 * Tokens in words, and what is asked of the server for a new one.
 */

import { describeMaker } from "./agents.js";
import { format as viewersFormat, NO_VALUE } from "../parts/format.js";

const DAY = 86_400;

/**
 * @typedef {object} Token as the server lists it; times in Unix seconds
 * @property {string|number} id
 * @property {string} name
 * @property {string} scope
 * @property {string|null} host
 * @property {number} created
 * @property {number|null} last_used
 * @property {number|null} expires
 * @property {number|null} uses_left
 * @property {string|null} made_by "user anna", "token 7", or words; null: not known
 */

/** What a token can be good for, those that people make most first. `host`: whether it is (or may be) tied to one. */
export const SCOPES = [
  {
    name: "enroll",
    label: "Add hosts",
    hint: "An agent shows it once and gets a token of its own.",
    host: "none",
    lifetime: DAY,
  },
  {
    name: "write",
    label: "Send readings",
    hint: "For programs of your own that post readings, of one host or of any.",
    host: "optional",
    lifetime: 365 * DAY,
  },
  {
    name: "agent",
    label: "Send readings as one host's agent",
    hint: "For an agent that you do not want to enrol.",
    host: "required",
    lifetime: null,
  },
  {
    name: "read",
    label: "Read",
    hint: "For programs that ask for history, and for Prometheus.",
    host: "none",
    lifetime: 365 * DAY,
  },
  {
    name: "admin",
    label: "Everything",
    hint: "For programs that delete hosts or make tokens. Guard it well.",
    host: "none",
    lifetime: 30 * DAY,
  },
];

export const LIFETIMES = [
  { label: "in 1 day", seconds: DAY },
  { label: "in 30 days", seconds: 30 * DAY },
  { label: "in 1 year", seconds: 365 * DAY },
  { label: "never", seconds: null },
];

/** Whether agents need a token at all. @param {import("./session.js").SessionState} session */
export function isTokenNeeded(session) {
  return session.authentication === "required";
}

/** @param {Token} token */
export function describeScope({ scope, host }) {
  switch (scope) {
    case "enroll":
      return "add hosts";
    case "write":
      return host === null ? "send readings of any host" : "send one host's readings";
    case "agent":
      return "send its host's readings";
    case "read":
      return "read hosts and history";
    case "admin":
      return "do everything";
    default:
      return scope;
  }
}

/** @param {Token} token @param {number} now */
export function isSpent({ expires, uses_left: uses }, now) {
  return (expires !== null && expires <= now) || uses === 0;
}

/** @param {Token} token @param {number} now @param {typeof viewersFormat} [format] */
export function describeExpiry({ expires }, now, format = viewersFormat) {
  if (expires === null) return "never";
  return expires <= now ? `expired ${format.formatMoment(expires)}` : format.formatMoment(expires);
}

/** @param {Token} token */
export function describeUses({ scope, uses_left: uses }) {
  if (scope !== "enroll") return NO_VALUE;
  if (uses === null) return "no limit";
  return uses === 0 ? "used up" : String(uses);
}

/** The token that this one was made with, if it is still there. @param {Token} token @param {Token[]} all */
function parentOf({ made_by: maker }, all) {
  return all.find(({ id }) => maker === `token ${id}`);
}

/** True if nobody was asked for credentials when it was made. @param {Token} token */
export function wasMadeByAnybody({ made_by: maker }) {
  return maker?.startsWith("anybody") ?? false;
}

/** Who made it: a person, or another token by its name. @param {Token} token @param {Token[]} all */
export function describeOrigin(token, all) {
  const parent = parentOf(token, all);
  return parent ? `token ${parent.name}` : describeMaker(token.made_by);
}

/** What revoking ends, in a sentence or two. @param {Token} token @param {Token[]} [all] @param {number} [now] */
export function describeRevocation(token, all = [], now = 0) {
  const parent = parentOf(token, all);
  switch (token.scope) {
    case "enroll":
      return "No further host can be added with it; hosts that were stay.";
    case "agent":
      return `The agent of ${token.host} can deliver no more until it is enrolled anew. The host's history stays.${
        parent && !isSpent(parent, now)
          ? ` The token ${parent.name}, which it enrolled with, is still good: if the machine is in wrong hands revoke that too, for with it they can add hosts of other names.`
          : ""
      }`;
    default:
      return "Whoever uses it is refused from now on.";
  }
}

/**
 * The order of the list: what was made by people first, then the agents' own by host.
 * @param {Token} first @param {Token} second
 */
export function compareTokens(first, second) {
  const rank = ({ scope }) => (scope === "agent" ? 1 : 0);
  return (
    rank(first) - rank(second) ||
    first.name.localeCompare(second.name, undefined, { numeric: true }) ||
    first.created - second.created
  );
}

/** A token to enrol one host by, within a day. */
export function tokenForOneHost() {
  return { name: "Add a host", scope: "enroll", expires_in: DAY, uses: 1 };
}

/**
 * @param {{name: string, scope: string, host: string, lifetime: number|null, uses: string}} wanted as typed
 * @returns {object} the body of POST /tokens
 */
export function tokenRequest({ name, scope, host, lifetime, uses }) {
  const isTied = SCOPES.find((each) => each.name === scope).host !== "none" && host.trim() !== "";
  return {
    name: name.trim(),
    scope,
    ...(isTied ? { host: host.trim() } : {}),
    ...(lifetime === null ? {} : { expires_in: lifetime }),
    ...(scope === "enroll" && uses.trim() !== "" ? { uses: Number(uses) } : {}),
  };
}
