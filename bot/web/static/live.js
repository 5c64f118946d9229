/* Sends without reload, shows news as it comes, reads aloud. Every message is drawn by the server; without this
   file the page works the same by forms and links. Chrome 69: no optional chaining, no ??, no submitter. */
(function () {
  "use strict";
  var log = document.getElementById("log");
  var composer = document.getElementById("composer");
  if (!log || !window.fetch || !window.EventSource) return;
  var box = composer.querySelector(".in");
  var last = +log.getAttribute("data-last");
  var kept = window.sessionStorage;
  var queue = [];
  var sending = false;
  var wait = 0;
  var timer = 0;
  var notes = {};
  var stream = null;

  function keep(name, value) {
    try { if (value) kept.setItem(name, value); else kept.removeItem(name); } catch (e) { /* storage is off */ }
  }
  function keptValue(name) {
    try { return kept.getItem(name) || ""; } catch (e) { return ""; }
  }
  function copy(id) {
    return document.getElementById(id).content.firstElementChild.cloneNode(true);
  }
  function newId() {
    var hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), function (b, i) {
      if (i === 6) b = b & 15 | 64;
      if (i === 8) b = b & 63 | 128;
      return (b + 256).toString(16).slice(1);
    }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /* One note of each kind, at the end of the log. */
  function note(id, words) {
    if (notes[id]) notes[id].remove();
    notes[id] = null;
    if (words === undefined) return;
    notes[id] = copy(id);
    if (words) notes[id].querySelector("span").textContent = words;
    log.appendChild(notes[id]);
    notes[id].scrollIntoView({ block: "nearest" });
  }

  function parse(html) {
    var holder = document.createElement("template");
    holder.innerHTML = html;
    Array.from(holder.content.querySelectorAll("[data-swap]")).forEach(function (fresh) {
      var old = document.getElementById(fresh.id) || fresh.id === "where" && document.getElementById("scene");
      fresh.remove();
      if (old) old.replaceWith(fresh);
    });
    return holder.content;
  }

  /* Adds what is newer than the last message; pieces always begin where the page ended, so none is left out. */
  function show(html) {
    var first = null;
    var end = log.querySelector(".wait, #t-end") || null;
    Array.from(parse(html).children).forEach(function (node) {
      var seq = +node.getAttribute("data-seq");
      var day = node.getAttribute("data-day");
      if (day && log.querySelector('.day[data-day="' + day + '"]')) return;
      if (!day && !(seq > last)) return;
      log.insertBefore(node, end);
      if (!seq) return;
      last = seq;
      first = first || node;
      dress(node);
      settle(node);
    });
    if (!first) return;
    var welcome = document.getElementById("welcome");
    if (welcome) welcome.remove();
    ["t-offline", "t-trouble"].forEach(function (id) { if (notes[id]) log.appendChild(notes[id]); });
    first.scrollIntoView({ block: "start" });
  }

  /* After the person spoke, the choices before are history: the one taken is ticked, the others quieter. */
  function settle(node) {
    if (!node.classList.contains("me")) return;
    var words = node.querySelector(".bubble").textContent.trim();
    var all = log.querySelectorAll(".opts");
    var opts = all.length ? all[all.length - 1] : null;
    if (!opts || opts.hasAttribute("data-settled")) return;
    opts.setAttribute("data-settled", "");
    Array.from(opts.querySelectorAll(".opt")).forEach(function (option) {
      var taken = option.querySelector("span").textContent === words;
      option.classList.toggle("done", taken);
      option.classList.toggle("off", !taken);
      if (taken) option.setAttribute("aria-pressed", "true");
    });
  }

  function ask(method, url, body) {
    return fetch(url, {
      method: method,
      credentials: "same-origin",
      headers: { "Accept": "text/html, application/json", "Content-Type": "application/json" },
      body: body
    });
  }

  function catchUp() {
    return ask("GET", "/chat/messages?after=" + last).then(function (answer) {
      if (!answer.ok) return;
      return answer.text().then(show);
    }).catch(function () { /* the stream will call again */ });
  }

  function say(name, words) {
    var turn = { id: newId() };
    turn[name] = words;
    queue.push(turn);
    keep("queue", JSON.stringify(queue));
    step();
  }

  function step() {
    clearTimeout(timer);
    if (sending || !queue.length) return;
    sending = true;
    var turn = queue[0];
    var slow = setTimeout(function () { waiting(turn); }, 300);
    ask("POST", "/chat/messages?after=" + last, JSON.stringify(turn)).then(function (answer) {
      return answer.text().then(function (body) { return { answer: answer, body: body }; });
    }).then(function (got) {
      var status = got.answer.status;
      note("t-offline");
      note("t-trouble");
      if (status === 429 || status === 503) {
        later(+got.answer.headers.get("Retry-After") || 3);
        note("t-trouble", wordsOf(got.body));
        return;
      }
      wait = 0;
      queue.shift();
      keep("queue", queue.length ? JSON.stringify(queue) : "");
      if (got.answer.ok) show(got.body);
      else {
        if (turn.text && !box.value) box.value = turn.text;
        note("t-trouble", wordsOf(got.body));
      }
    }).catch(function () {
      wait = Math.min(wait ? wait * 2 : 1, 15);
      later(wait);
      if (!notes["t-offline"]) note("t-offline", "");
    }).then(function () {
      clearTimeout(slow);
      if (!notes["t-offline"] && !notes["t-trouble"]) waiting(null);
      sending = false;
      if (!timer) step();
    });
  }
  function later(seconds) {
    timer = setTimeout(function () { timer = 0; step(); }, seconds * 1000);
  }
  function wordsOf(body) {
    try { return JSON.parse(body).text; } catch (e) { return ""; }
  }
  function waiting(turn) {
    var old = log.querySelector(".wait");
    if (old) old.remove();
    if (!turn || !turn.text) return;
    var bubble = copy("t-wait");
    bubble.querySelector(".bubble").textContent = turn.text;
    log.insertBefore(bubble, notes["t-offline"]);
    bubble.scrollIntoView({ block: "nearest" });
  }

  function listen() {
    if (stream) stream.close();
    stream = new EventSource("/chat/events?after=" + last);
    stream.onmessage = function (event) { if (+event.lastEventId > last && !sending) catchUp(); };
    stream.onopen = function () { if (queue.length) step(); };
    stream.onerror = function () {
      if (stream.readyState === 2) setTimeout(listen, 5000);
    };
  }

  /* Read aloud with the device's own voice. */
  var voice = window.speechSynthesis;
  var speaking = null;
  function dress(node) {
    if (!voice || !window.SpeechSynthesisUtterance || node.classList.contains("me")) return;
    var under = node.querySelector(".under");
    if (!under) {
      under = document.createElement("div");
      under.className = "under";
      node.appendChild(under);
    }
    under.appendChild(copy("t-speak"));
  }
  function hush() {
    voice.cancel();
    if (!speaking) return;
    speaking.setAttribute("aria-pressed", "false");
    speaking.querySelector("span").textContent = speaking.getAttribute("data-words");
    speaking = null;
  }
  function speak(button) {
    var again = speaking === button;
    hush();
    if (again) return;
    var parts = button.closest(".msg").querySelectorAll(".bubble p, .bubble li, .bubble h2, .note div, .opt span");
    var words = Array.from(parts).filter(function (part) {
      return !part.closest("details:not([open])");
    }).map(function (part) { return part.textContent.trim(); }).join("。");
    var talk = new SpeechSynthesisUtterance(words);
    talk.lang = "zh-CN";
    talk.rate = 0.9;
    talk.onend = talk.onerror = hush;
    speaking = button;
    button.setAttribute("aria-pressed", "true");
    var label = button.querySelector("span");
    button.setAttribute("data-words", label.textContent);
    label.textContent = copy("t-hush").textContent;
    voice.speak(talk);
  }

  /* Older messages come in above without moving what is being read. */
  function earlier(link) {
    var first = log.querySelector(".msg");
    ask("GET", link.href.replace(/^[^?]*/, "/chat/messages")).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (html) {
      var day = log.querySelector(".day");
      var piece = parse(html);
      if (day && piece.querySelector('.day[data-day="' + day.getAttribute("data-day") + '"]')) day.remove();
      Array.from(piece.querySelectorAll(".msg")).forEach(dress);
      var top = first.getBoundingClientRect().top;
      link.parentNode.replaceWith(piece);
      window.scrollBy(0, first.getBoundingClientRect().top - top);
      log.focus({ preventScroll: true });
    }).catch(function () { location.href = link.href; });
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest("button, a");
    if (!target) return;
    if (target.getAttribute("form") === "say") {
      event.preventDefault();
      say(target.name, target.value);
    } else if (target.hasAttribute("data-speak")) speak(target);
    else if (target.closest(".earlier") && /before=/.test(target.search || "")) {
      event.preventDefault();
      earlier(target);
    }
  });
  composer.addEventListener("submit", function (event) {
    event.preventDefault();
    var words = box.value.trim();
    if (!words) return box.focus();
    box.value = "";
    keep("draft", "");
    say("text", words);
  });
  box.addEventListener("input", function () { keep("draft", box.value); });
  window.addEventListener("online", step);
  window.addEventListener("pagehide", function () { if (voice) voice.cancel(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) catchUp(); });

  if (log.hasAttribute("data-cleared")) { keep("draft", ""); keep("queue", ""); }
  box.value = box.value || keptValue("draft");
  try { queue = JSON.parse(keptValue("queue") || "[]"); } catch (e) { queue = []; }
  Array.from(log.querySelectorAll(".msg[data-seq]")).forEach(dress);
  var mine = log.querySelectorAll(".msg.me");
  if (mine.length && !location.search && !location.hash) mine[mine.length - 1].scrollIntoView({ block: "start" });
  listen();
  step();
})();
