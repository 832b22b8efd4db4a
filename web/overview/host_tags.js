/**
 * Tags of hosts: a key and a value each, as their agents were told (`--tag role=db`). Pure functions.
 */

import { compareNames } from "../charts/chart_plan.js";

/** @param {any} host @returns {[string, string][]} keys and values, by key */
export function tagsOf(host) {
  return Object.entries(host.facts?.tags ?? {}).sort(([first], [second]) => compareNames(first, second));
}

/**
 * Keys are any names: what every object has by itself (`constructor`) is no tag.
 * @param {any} host @param {string} key @returns {string|undefined}
 */
function tagOf(host, key) {
  const tags = host.facts?.tags ?? {};
  return Object.hasOwn(tags, key) ? tags[key] : undefined;
}

/** @param {string} key @param {string} value */
export function tagText(key, value) {
  return `${key}=${value}`;
}

/**
 * The tags that an address asks for, `role=db,role=web,site=fra`: neither keys nor values hold a comma.
 * @param {string} text @returns {string[]} each once; what is no tag is left out
 */
export function parseTags(text) {
  return [...new Set(text.split(",").filter((tag) => /^[^=]+=./.test(tag)))];
}

/** Adds a tag to those asked for, or takes it away. @param {string} text @param {string} tag @returns {string} */
export function toggleTag(text, tag) {
  const tags = parseTags(text);
  return (tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag]).join(",");
}

/**
 * Whether a host has what is asked for: of each key that is named one of the values.
 * @param {any} host @param {string} text as parseTags takes it
 */
export function hasTags(host, text) {
  const wanted = new Map();
  for (const tag of parseTags(text)) {
    const at = tag.indexOf("=");
    const key = tag.slice(0, at);
    wanted.set(key, [...(wanted.get(key) ?? []), tag.slice(at + 1)]);
  }
  return [...wanted].every(([key, values]) => values.includes(tagOf(host, key)));
}

/**
 * Which tags there are, and how many hosts have each.
 * @param {any[]} hosts
 * @returns {[string, [string, number][]][]} keys, each with its values and their counts, all sorted
 */
export function countTags(hosts) {
  /** @type {Map<string, Map<string, number>>} */
  const keys = new Map();
  for (const host of hosts) {
    for (const [key, value] of Object.entries(host.facts?.tags ?? {})) {
      if (!keys.has(key)) keys.set(key, new Map());
      const values = keys.get(key);
      values.set(value, (values.get(value) ?? 0) + 1);
    }
  }
  /** @param {[string, unknown]} first @param {[string, unknown]} second */
  const byName = ([first], [second]) => compareNames(first, second);
  return [...keys]
    .map(([key, values]) => /** @type {[string, [string, number][]]} */ ([key, [...values].sort(byName)]))
    .sort(byName);
}

/**
 * Hosts under the values of a tag, those without it last; the order within a group stays.
 * @param {any[]} hosts @param {string} key "": all in one group without a name
 * @returns {{name: string|null, hosts: any[]}[]} name null: without the tag, or not grouped at all
 */
export function groupHosts(hosts, key) {
  if (key === "") return [{ name: null, hosts }];
  /** @type {Map<string|null, any[]>} */
  const groups = new Map();
  for (const host of hosts) {
    const name = tagOf(host, key) ?? null;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(host);
  }
  return [...groups]
    .map(([name, members]) => ({ name, hosts: members }))
    .sort(
      (first, second) =>
        Number(first.name === null) - Number(second.name === null) || compareNames(first.name ?? "", second.name ?? ""),
    );
}
