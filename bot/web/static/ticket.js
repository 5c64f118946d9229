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
  const source = new EventSource(messages.dataset.live);
  let moved = false;
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    messages.innerHTML = news.messages;
    if (!location.search.includes("until=")) document.getElementById("lines").innerHTML = news.lines;
    moved = moved || !news.quiet;
    document.getElementById("moved").hidden = !moved;
    // What only the person said is in sight now; what a colleague did has to be looked at first.
    if (!moved) document.querySelectorAll("input[name=seen]").forEach((mark) => { mark.value = news.entries; });
  };
  source.onerror = () => source.close(); // not asked for again: an open page keeps nobody signed in
}
