/**
 * Light or dark: the system's wish, unless the person chose otherwise on this page.
 */

const STORAGE_KEY = "hostwatch-theme"; // theme_early.js reads it too
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();
/** Kept, as to ask for it has the browser reckon styles anew. */
let systemIsDark = systemDark.matches;
systemDark.addEventListener("change", () => (systemIsDark = systemDark.matches));

/** @returns {import("../charts/palette.js").Theme} */
export function currentTheme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return systemIsDark ? "dark" : "light";
}

/** @param {() => void} listener is called when the theme has changed */
export function onThemeChange(listener) {
  listeners.add(listener);
}

function tellListeners() {
  for (const listener of listeners) listener();
}

/** @param {HTMLButtonElement} button */
function describe(button) {
  const other = currentTheme() === "dark" ? "light" : "dark";
  button.setAttribute("aria-label", `Switch to the ${other} theme`);
  button.title = `Switch to the ${other} theme`;
}

/** @param {HTMLButtonElement} button becomes the switch */
export function setUpThemeSwitch(button) {
  describe(button);
  onThemeChange(() => describe(button));
  systemDark.addEventListener("change", tellListeners);
  button.addEventListener("click", () => {
    const theme = currentTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(STORAGE_KEY, theme);
    } catch {
      // Then it holds until the page is closed.
    }
    tellListeners();
  });
}
