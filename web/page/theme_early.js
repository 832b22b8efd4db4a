// Runs before the page is painted, so that a chosen theme does not flash in the other one first. A plain script:
// modules wait.
(function () {
  "use strict";
  try {
    const chosen = localStorage.getItem("hostwatch-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is forbidden here: the system's theme it is.
  }
})();
