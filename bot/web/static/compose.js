/* Puts a canned reply or a suggestion into the text in place; without this the same buttons send the form for it. */
"use strict";
(() => {
  const text = document.getElementById("w");
  const form = text && text.form;
  if (!form || !form.elements.cites) return;
  const cites = form.elements.cites;
  const note = document.getElementById("weak");
  const list = document.getElementById("weak-list");
  const look = () => {
    note.hidden = !list.children.length || text.value.includes(note.dataset.latest);
  };
  const put = (button) => {
    const added = button.dataset.text;
    if (!text.value.includes(added)) text.value = (text.value + "\n" + added).trim();
    const known = new Set(cites.value.split(" ").filter(Boolean));
    if (button.dataset.cites) known.add(button.dataset.cites);
    cites.value = [...known].join(" ");
    const weak = button.dataset.weak;
    if (weak && ![...list.children].some((line) => line.textContent === weak)) {
      list.append(Object.assign(document.createElement("li"), { textContent: weak }));
    }
    look();
    text.focus();
    text.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-put]");
    if (!button) return;
    event.preventDefault();
    put(button);
  });
  text.addEventListener("input", look);
})();
