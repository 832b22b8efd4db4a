/**
 * What kinds of channels there are, and what each has to be told. Pure.
 */

import { formatAgo, formatDuration } from "../parts/format.js";

/**
 * @typedef {object} ChannelField
 * @property {string} name in the settings, or the secrets
 * @property {string} label
 * @property {string} [hint]
 * @property {boolean} [secret] it is never shown again
 * @property {boolean} [required]
 * @property {[string, string][]} [choices]
 * @property {string} [value] of a new one
 * @property {boolean} [long] more than a line
 *
 * @typedef {{name: string, label: string, hint: string, fields: ChannelField[]}} ChannelKind
 */

const URL_FIELD = { name: "url", label: "Address", required: true };
const TOKEN_FIELD = { name: "token", label: "Access token", secret: true, hint: "Empty: none." };

/** @type {ChannelKind[]} */
export const KINDS = [
  {
    name: "mail",
    label: "Mail",
    hint: "By an SMTP server.",
    fields: [
      { ...URL_FIELD, name: "server", label: "Server", hint: "As smtp://mail.example:587 or smtps://mail.example." },
      { name: "from", label: "From", required: true },
      { name: "to", label: "To", required: true, hint: "Addresses, separated by commas." },
      { name: "user", label: "User" },
      { name: "password", label: "Password", secret: true },
      {
        name: "tls",
        label: "Encryption",
        choices: [
          ["required", "Required"],
          ["none", "None, also for the password"],
        ],
        value: "required",
      },
    ],
  },
  {
    name: "ntfy",
    label: "ntfy",
    hint: "Notifications on telephones, by ntfy.sh or a server of your own.",
    fields: [
      { ...URL_FIELD, label: "Server", value: "https://ntfy.sh" },
      { name: "topic", label: "Topic", required: true, hint: "Whoever knows it can read it: choose a long one." },
      TOKEN_FIELD,
    ],
  },
  {
    name: "slack",
    label: "Slack and alike",
    hint: "An incoming webhook of Slack, Mattermost, Rocket.Chat or Discord (its address with /slack behind it).",
    fields: [{ name: "url", label: "Address of the webhook", secret: true, required: true }],
  },
  {
    name: "webhook",
    label: "Webhook",
    hint: "JSON by POST, with headers of the Standard Webhooks specification.",
    fields: [
      URL_FIELD,
      { name: "secret", label: "Secret to sign with", secret: true, hint: "Empty: messages are not signed." },
      { name: "header.Authorization", label: "Header Authorization", secret: true, hint: "Empty: none." },
      { name: "body", label: "Template of the body", long: true, hint: "Empty: our JSON (docs/alerts.md)." },
    ],
  },
  {
    name: "alertmanager",
    label: "Alertmanager",
    hint: "Every open alarm, once a minute, as Prometheus posts them.",
    fields: [
      URL_FIELD,
      { name: "user", label: "User", secret: true },
      { name: "password", label: "Password", secret: true },
      TOKEN_FIELD,
    ],
  },
  {
    name: "heartbeat",
    label: "Heartbeat",
    hint: "A GET while all is well, for a service that tells you when it stops coming.",
    fields: [
      { name: "url", label: "Address", secret: true, required: true },
      { name: "every", label: "Every … seconds", value: "60" },
    ],
  },
];

/** @param {string} name */
export function kindNamed(name) {
  return KINDS.find((kind) => kind.name === name) ?? { name, label: name, hint: "", fields: [] };
}

/** Where it leads, without what is secret. @param {import("./alerts_api.js").Channel} channel */
export function describeTarget({ kind, settings = {} }) {
  if (kind === "mail") return [settings.to, settings.server].filter(Boolean).join(" by ");
  if (kind === "ntfy") return [settings.topic, settings.url].filter(Boolean).join(" on ");
  if (kind === "heartbeat") return `every ${formatDuration(Number(settings.every ?? 60))}`;
  return settings.url ?? "";
}

/** What became of the last message. @param {import("./alerts_api.js").Channel} channel @param {number} now */
export function describeLast({ last }, now) {
  if (!last) return "nothing sent yet";
  const ago = formatAgo(now - last.at);
  if (last.outcome === "sent") return `sent ${ago}`;
  const status = last.status > 0 ? ` (${last.status})` : "";
  const word = last.outcome === "dead" ? "given up" : "failed, and is tried again";
  return `${word} ${ago}: ${last.error || "no answer"}${status}`;
}

/** What a test brought. @param {{outcome: string, status: number, error: string, seconds: number}} result */
export function describeTest({ outcome, status, error, seconds }) {
  const took = Number.isFinite(seconds) ? ` in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s` : "";
  if (outcome === "sent") return `The test message was taken${status > 0 ? ` (${status})` : ""}${took}.`;
  return `The test message was not taken${took}: ${error || "no answer"}${status > 0 ? ` (${status})` : ""}.`;
}

/**
 * What to send for a channel.
 * @param {ChannelKind} kind
 * @param {Record<string, string>} values by field's name; of secrets only those that were typed in
 * @param {string[]} removed secrets that are to go
 * @param {{isDefault: boolean, isEnabled: boolean}} more
 */
export function channelRequest(kind, values, removed, { isDefault, isEnabled }) {
  /** @type {Record<string, string|number>} */
  const settings = {};
  /** @type {Record<string, string|null>} */
  const secrets = Object.fromEntries(removed.map((name) => [name, null]));
  for (const { name, secret = false } of kind.fields) {
    const value = (values[name] ?? "").trim();
    if (value === "") continue;
    if (secret) secrets[name] = value;
    else settings[name] = name === "every" ? Number(value) : value;
  }
  return { kind: kind.name, default: isDefault, enabled: isEnabled, settings, secrets };
}
