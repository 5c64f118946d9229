/* The page of a ticket: Ctrl+Enter sends, and what happens meanwhile appears. Everything works without this. */
"use strict";
document.addEventListener("keydown", (event) => {
  const form = event.target.closest && event.target.closest("form[data-keys]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const send = form.querySelector("button.go:not([aria-disabled])");
  if (!send) return;
  event.preventDefault();
  if (form.reportValidity()) send.click();
});

const messages = document.getElementById("messages");
if (messages && messages.dataset.live && window.EventSource) {
  let seen = messages.dataset.entries, moved = false, source = null;
  const show = (event) => {
    const news = JSON.parse(event.data);
    const beside = document.getElementById("beside");
    if (beside && news.beside) beside.outerHTML = news.beside;
    if (!news.messages) return;
    messages.innerHTML = news.messages;
    const lines = document.getElementById("lines");
    if (lines && !location.search.includes("until=")) lines.innerHTML = news.lines;
    seen = news.entries;
    moved = moved || !news.quiet;
    document.getElementById("moved").hidden = !moved;
    // What only the person said is in sight now; what a colleague did has to be looked at first.
    if (!moved) document.querySelectorAll("input[name=seen]").forEach((mark) => { mark.value = seen; });
  };
  const listen = () => {
    if (source) source.close();
    source = null;
    if (document.hidden) return; // a browser holds few connections: only the page in sight listens
    const beside = document.getElementById("beside");
    const shown = beside ? beside.dataset.beside : "";
    source = new EventSource(`${messages.dataset.live}?entries=${seen}&beside=${shown}`);
    source.onmessage = show;
    source.onerror = () => source && source.close(); // not asked for again: an open page keeps nobody signed in
  };
  document.addEventListener("visibilitychange", listen);
  listen();
}
