/**
 * Lists and tags as one types them into a field: "web-*, db-1", "role=db, role=web, site=fra". Pure.
 */

/** @param {string} text @returns {string[]} */
export function textToList(text) {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/** @param {string[]|undefined} list */
export function listToText(list) {
  return (list ?? []).join(", ");
}

/**
 * @param {string} text
 * @returns {Record<string, string[]>} of each key its values; what has no "=" is a key with an empty value
 */
export function textToTags(text) {
  /** @type {Map<string, string[]>} */
  const tags = new Map();
  for (const part of textToList(text)) {
    const at = part.indexOf("=");
    const key = (at < 0 ? part : part.slice(0, at)).trim();
    const value = at < 0 ? "" : part.slice(at + 1).trim();
    tags.set(key, [...(tags.get(key) ?? []), value]);
  }
  return Object.fromEntries(tags);
}

/** @param {Record<string, string[]>|undefined} tags */
export function tagsToText(tags) {
  return Object.entries(tags ?? {})
    .flatMap(([key, values]) => values.map((value) => `${key}=${value}`))
    .join(", ");
}
