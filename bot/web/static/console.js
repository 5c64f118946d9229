/* The console's comfort: numbers and bands as they change, keys, how many lines are chosen. Every act works without.
   Lines never move under the finger: a list that is old says so, with a link. Chrome 88. */
(() => {
  "use strict";
  const all = (what, within) => Array.from((within || document).querySelectorAll(what));
  const one = (what) => document.querySelector(what);
  const shown = (number) => (number >= 1000 ? "999+" : String(number));

  /* -- live ------------------------------------------------------------------------------------------- */
  let stream = null;
  const update = (state) => {
    all("[data-count]").forEach((place) => {
      const number = state.counts[place.dataset.count] || 0;
      if (place.textContent !== shown(number)) place.textContent = shown(number);
      place.hidden = !number;
    });
    const rings = one("#rings"), holder = document.createElement("div");
    holder.innerHTML = state.rings;
    const text = (node) => node.textContent.replace(/\s+/g, " ").trim();
    if (rings && text(rings) !== text(holder)) rings.replaceChildren(...holder.childNodes);
    const news = one("#news");
    if (!news) return;
    const more = (state.counts[news.dataset.view] || 0) - Number(news.dataset.shown);
    const say = (kind, is) => all(`[data-news="${kind}"]`, news).forEach((link) => { link.hidden = !is; });
    if (more > 0) one("#news [data-news=more] b").textContent = more;
    say("more", more > 0);
    say("other", more < 0);
  };
  const close = () => { if (stream) stream.close(); stream = null; };
  const open = () => {
    if (stream || document.hidden || !window.EventSource) return;
    stream = new EventSource("/staff/events");
    stream.addEventListener("state", (event) => update(JSON.parse(event.data)));
    stream.addEventListener("ended", () => { close(); const note = one("#ended"); if (note) note.hidden = false; });
  };
  /* A browser keeps six connections to one place: windows that nobody looks at let theirs go. */
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();

  /* -- chosen lines ------------------------------------------------------------------------------------- */
  const boxes = () => all('.list input[name="number"]');
  const choose = () => {
    const bar = one("#picked");
    if (!bar) return;
    const chosen = boxes().filter((box) => box.checked);
    boxes().forEach((box) => box.closest("tr").classList.toggle("on", box.checked));
    one("[data-picked]").hidden = !chosen.length;
    one("[data-unpicked]").hidden = !!chosen.length;
    one("[data-picked] .num").textContent = chosen.length;
  };
  document.addEventListener("change", (event) => { if (event.target.name === "number") choose(); });
  window.addEventListener("pageshow", choose);

  /* -- keys --------------------------------------------------------------------------------------------- */
  const GO = { w: "/staff/work", q: "/staff/queues", s: "/staff/due", b: "/staff/board", p: "/staff/gaps" };
  const ACTS = {
    c: '.acts [data-action="claim"]', t: '[data-action="open-transfer"]', e: '[data-action="open-extension"]',
    d: '[data-action="open-answer"]', m: '[data-action="open-merge"]', r: 'a[href^="?write=reply"]',
    n: 'a[href^="?write=note"]', l: 'a[href^="?write=contact"]',
  };
  let going = 0;
  const lines = () => all(".list tbody tr");
  const current = () => one(".list tr.cur");
  const step = (by) => {
    const rows = lines();
    if (!rows.length) return;
    const at = rows.indexOf(current());
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
    rows.forEach((row) => row.classList.toggle("cur", row === next));
    const link = next.querySelector(".ttl");
    link.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const claim = (row) => {
    const form = one("#claim");
    if (!form || !row) return;
    form.action = `/staff/claim/${encodeURIComponent(row.dataset.number)}`;
    form.submit();
  };
  const press = (key) => {
    if (Date.now() < going) {
      going = 0;
      if (GO[key]) location.assign(GO[key]);
      return true;
    }
    const row = current(), box = row && row.querySelector("input[type=checkbox]");
    switch (key) {
      case "/": { const field = one("#s"); if (field && field.offsetParent) { field.focus(); field.select(); } else location.assign("/staff/search"); return true; }
      case "?": location.assign("/staff/keys"); return true;
      case "j": step(1); return lines().length > 0;
      case "k": step(-1); return lines().length > 0;
      case "x": if (box) box.click(); return !!box;
      case "c": if (one("#claim") && row) { claim(row); return true; } break;
      case "g": going = Date.now() + 1500; return true;
    }
    const act = ACTS[key] && one(ACTS[key]);
    if (act) act.click();
    return !!act;
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target.closest && event.target.closest("input:not([type=checkbox]),textarea,select,[contenteditable]");
    if (event.key === "Escape") { if (field) field.blur(); return; }
    if (field || document.body.dataset.keys === "off") return;
    if (event.key.length === 1 && press(event.key.toLowerCase())) event.preventDefault();
  });
})();
