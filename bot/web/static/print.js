/* A button that prints; without it the browser's own command prints the same page. */
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-action='print']")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
