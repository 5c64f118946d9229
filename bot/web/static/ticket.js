/* The page of a ticket: Ctrl+Enter sends. Everything works without this. */
"use strict";
document.addEventListener("keydown", (event) => {
  const form = event.target.closest && event.target.closest("form[data-keys]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const send = form.querySelector("button.go:not([aria-disabled])");
  if (!send) return;
  event.preventDefault();
  if (form.reportValidity()) send.click();
});
