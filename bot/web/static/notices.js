/* The page of a notice that is being sent: its numbers as they change. Loading it again shows the same. */
(() => {
  "use strict";
  const numbers = document.getElementById("numbers");
  if (!numbers || !numbers.dataset.live || !window.EventSource) return;
  let source = null;
  const close = () => { if (source) source.close(); source = null; };
  const listen = () => {
    close();
    if (document.hidden) return; // a browser holds few connections: only the page in sight listens
    source = new EventSource(numbers.dataset.live);
    source.onmessage = (event) => {
      const news = JSON.parse(event.data);
      numbers.innerHTML = news.numbers;
      if (news.state !== numbers.dataset.state) location.reload(); // other buttons
    };
    source.onerror = close; // not asked for again: an open page keeps nobody signed in
  };
  document.addEventListener("visibilitychange", listen);
  window.addEventListener("pagehide", close);
  listen();
})();
