/**
 * Small helpers to build the page. Text becomes text nodes, never markup: there is no other way in here.
 */

/**
 * @param {string} tag
 * @param {Record<string, string|boolean|EventListener>} [attributes] `class` and others; `onclick` and the like are
 *   listeners; true sets an empty attribute, false leaves it out
 * @param {...(Node|string)} children
 * @returns {any} the element
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/**
 * An element that the page's file has.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type of element
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} #${id}`);
  return found;
}

/** Sets the text where it differs: an equal text costs nothing. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string} value */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Makes a parent's children be exactly these, in this order, moving only what is out of place.
 * @param {Element} parent @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) {
    if (!keep.has(child)) child.remove();
  }
  // By neighbours, not by number: after each change a browser counts its children anew.
  let place = parent.firstElementChild;
  for (const child of wanted) {
    if (child === place) {
      place = place.nextElementSibling;
    } else if (place !== null && place.nextElementSibling === child) {
      place = child.nextElementSibling; // the one before it belongs further down, and is put there in its turn
    } else {
      parent.insertBefore(child, place);
    }
  }
}
