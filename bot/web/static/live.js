/* Sends without reload and shows news as it comes. The server draws every message; without this file the page
   works the same by forms and links. Chrome 69: no ?. and no ??, no event.submitter, no replaceChildren. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const log = byId("log"), composer = byId("composer"), box = byId("q");
  if (!log || !window.fetch || !window.EventSource) return;
  const notes = {};
  let last = +log.dataset.last, queue = [], sending = false, pause = 0, timer = 0, stream;

  const each = (list, act) => Array.from(list).forEach(act);
  const copy = (id) => byId(id).content.firstElementChild.cloneNode(true);
  const keep = (name, value) => {
    try { value ? sessionStorage.setItem(name, value) : sessionStorage.removeItem(name); } catch (e) { /* off */ }
  };
  const kept = (name) => { try { return sessionStorage.getItem(name) || ""; } catch (e) { return ""; } };
  const keepQueue = () => keep("queue", queue.length ? JSON.stringify(queue) : "");
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b, i) =>
    ([4, 6, 8, 10].includes(i) ? "-" : "") +
    (256 + (i === 6 ? b & 15 | 64 : i === 8 ? b & 63 | 128 : b)).toString(16).slice(1)).join("");
  const ask = (method, url, body) => fetch(url, {
    method, body, credentials: "same-origin",
    headers: { Accept: "text/html, application/json", "Content-Type": "application/json" },
  });

  /* One note of each kind, at the end of the log; no words take it away. */
  const note = (id, words) => {
    if (notes[id]) notes[id].remove();
    delete notes[id];
    if (words === undefined) return;
    const fresh = notes[id] = copy(id);
    if (words) fresh.querySelector("span").textContent = words;
    log.append(fresh);
    fresh.scrollIntoView({ block: "nearest" });
  };

  /* What waits to be sent is shown as such. */
  const wait = (turn) => {
    each(log.querySelectorAll(".wait"), (old) => old.remove());
    if (!turn || !turn.text) return;
    const bubble = copy("t-wait");
    bubble.querySelector(".bubble").textContent = turn.text;
    log.insertBefore(bubble, log.querySelector(":scope > .note.clay"));
    bubble.scrollIntoView({ block: "nearest" });
  };

  /* Parts that change with the place are swapped; the rest is messages. */
  const parse = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    each(holder.content.querySelectorAll("[data-swap]"), (fresh) => {
      const old = byId(fresh.id) || fresh.id === "where" && byId("scene");
      fresh.remove();
      if (old) old.replaceWith(fresh);
    });
    return holder.content;
  };

  /* Pieces begin where the page ended, so nothing is left out; what is there already is passed over. */
  const show = (html) => {
    const end = log.querySelector(":scope > .wait, :scope > .note.clay");  /* a card may hold a note too */
    let first;
    each(parse(html).children, (node) => {
      const { seq, day } = node.dataset;
      if (day ? log.querySelector(`.day[data-day="${day}"]`) : !(+seq > last)) return;
      log.insertBefore(node, end);
      if (day) return;
      last = +seq;
      first = first || node;
      if (node.classList.contains("me")) settle(node);
    });
    if (!first) return;
    if (byId("welcome")) byId("welcome").remove();
    first.scrollIntoView({ block: "start" });
  };

  /* After the person spoke, the choices before are history: the one taken is ticked, the others quieter.
     To rate an answer is not to go on from it. */
  const settle = (node) => {
    const words = node.querySelector(".bubble").textContent.trim();
    const rating = Array.from(log.querySelectorAll(".under button")).filter((one) => one.textContent === words).pop();
    if (rating) return rating.setAttribute("aria-pressed", "true");
    each(log.querySelectorAll(".opts:not([data-settled])"), (opts) => {
      if (node.contains(opts) || opts.compareDocumentPosition(node) & 2) return;
      opts.dataset.settled = "";
      each(opts.querySelectorAll("button"), (option) => {
        const taken = option.querySelector("span").textContent === words;
        option.classList.toggle("done", taken);
        option.classList.toggle("off", !taken);
        if (taken) option.setAttribute("aria-pressed", "true");
      });
    });
  };

  const catchUp = async () => {
    try {
      const answer = await ask("GET", `/chat/messages?after=${last}`);
      if (answer.ok) show(await answer.text());
    } catch (e) { /* the stream will call again */ }
  };

  const say = (name, words) => {
    queue.push({ id: newId(), [name]: words });
    keepQueue();
    step();
  };
  const later = (seconds) => { timer = setTimeout(step, seconds * 1000); };
  const wordsOf = (body) => { try { return JSON.parse(body).text; } catch (e) { return ""; } };

  /* Sends what waits, one after the other, under the same id until it is taken: never twice, never lost. */
  const step = async () => {
    clearTimeout(timer);
    timer = 0;
    if (sending || !queue.length) return;
    sending = true;
    const turn = queue[0], slow = setTimeout(wait, 300, turn);
    try {
      const answer = await ask("POST", `/chat/messages?after=${last}`, JSON.stringify(turn));
      const body = await answer.text();
      pause = 0;
      note("t-offline");
      note("t-trouble");
      if (answer.status === 429 || answer.status === 503) {
        later(+answer.headers.get("Retry-After") || 5);
        note("t-trouble", wordsOf(body));
      } else {
        queue.shift();
        keepQueue();
        wait();
        if (answer.ok) show(body);
        else {
          box.value = box.value || turn.text || "";
          note("t-trouble", wordsOf(body));
        }
      }
    } catch (e) {
      pause = Math.min(pause * 2 || 1, 15);
      later(pause);
      wait(turn);
      if (!notes["t-offline"]) note("t-offline", "");
    }
    clearTimeout(slow);
    sending = false;
    if (!timer) step();
  };

  const listen = () => {
    stream = new EventSource(`/chat/events?after=${last}`);
    stream.onmessage = (event) => { if (+event.lastEventId > last && !sending) catchUp(); };
    stream.onopen = step;
    stream.onerror = () => { if (stream.readyState === 2) setTimeout(listen, 5000); };
  };

  /* Older messages come in above without moving what is being read. */
  const earlier = async (link) => {
    try {
      const answer = await ask("GET", `/chat/messages${link.search}`);
      if (!answer.ok) throw answer;
      const piece = parse(await answer.text()), day = log.querySelector(".day"), first = log.querySelector(".msg");
      if (day && piece.querySelector(`.day[data-day="${day.dataset.day}"]`)) day.remove();
      const top = first.getBoundingClientRect().top;
      link.parentNode.replaceWith(piece);
      window.scrollBy(0, first.getBoundingClientRect().top - top);
      log.focus({ preventScroll: true });
    } catch (e) { location = link.href; }
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, .earlier a[href*=before]");
    if (!target) return;
    if (target.matches("a")) earlier(target);
    else if (target.getAttribute("form") === "say") say(target.name, target.value);
    else return;
    event.preventDefault();
  });
  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = box.value.trim();
    box.value = "";
    keep("draft");
    if (words) say("text", words);
    else box.focus();
  });
  box.addEventListener("input", () => keep("draft", box.value));
  window.addEventListener("online", step);
  document.addEventListener("visibilitychange", () => document.hidden || catchUp());

  if ("cleared" in log.dataset) { keep("draft"); keep("queue"); }
  box.value = box.value || kept("draft");
  queue = JSON.parse(kept("queue") || "[]");
  const mine = log.querySelectorAll(".msg.me");
  if (mine.length && !location.search) mine[mine.length - 1].scrollIntoView({ block: "start" });
  listen();
  step();
})();
