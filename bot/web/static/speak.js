/* A button beside the name of each reply that reads it aloud with the device's own voice; only where there is one. */
(() => {
  "use strict";
  const voice = window.speechSynthesis, log = document.getElementById("log");
  if (!log || !voice || !window.SpeechSynthesisUtterance) return;
  const button = document.getElementById("t-speak").content.firstElementChild;
  const words = ".bubble p, .bubble li, .bubble h2, .note div, .opt span";
  let speaking = null;

  const dress = (node) => {
    const name = node.matches && node.matches(".msg.bot, .msg.human") && node.querySelector(".who");
    if (name && node.dataset.seq && !node.querySelector("[data-speak]")) name.append(button.cloneNode(true));
  };
  /* Bubbles that follow under the same name belong to the same speech. */
  const bubblesOf = (node) => {
    const run = [node];
    while ((node = node.nextElementSibling) && node.matches(".more")) run.push(node);
    return run;
  };
  const press = (pressed, on) => {
    pressed.setAttribute("aria-pressed", on);
    pressed.children[1].hidden = on;
    pressed.children[2].hidden = !on;
  };
  const hush = () => {
    voice.cancel();
    if (speaking) press(speaking, false);
    speaking = null;
  };
  const speak = (pressed) => {
    const again = speaking === pressed;
    hush();
    if (again) return;
    const talk = new SpeechSynthesisUtterance(bubblesOf(pressed.closest(".msg"))
      .reduce((parts, node) => parts.concat(Array.from(node.querySelectorAll(words))), [])
      .filter((part) => !part.closest("details:not([open])"))
      .map((part) => part.textContent.trim()).join("。"));
    talk.lang = "zh-CN";
    talk.rate = 0.9;
    talk.onend = talk.onerror = () => { if (speaking === pressed) hush(); };
    speaking = pressed;
    press(pressed, true);
    voice.speak(talk);
  };

  log.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-speak]");
    if (pressed) speak(pressed);
  });
  window.addEventListener("pagehide", () => voice.cancel());
  Array.from(log.querySelectorAll(".msg")).forEach(dress);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(dress)))
    .observe(log, { childList: true });
})();
