// Follows the state of a login and sends the browser on once its proof is verified.
// Without scripts the page reloads itself and shows a button.
"use strict";
(() => {
  const main = document.getElementById("login");
  const status = document.getElementById("status");
  const left = document.getElementById("left");
  const path = location.pathname.replace(/\/$/, "");
  let ends = performance.now() + Number(main.dataset.secondsLeft) * 1000;
  let isOver = false;
  let isLeaving = false;
  let source = null;
  let poll = null;

  function show(news) {
    ends = performance.now() + news.seconds_left * 1000;
    if (main.dataset.state !== news.state) {
      main.dataset.state = news.state;
      status.textContent = news.words;
    }
    if (news.is_over) {
      stop();
    }
    if (news.state === "verified" && !isLeaving) {
      isLeaving = true;
      document.getElementById("continue").requestSubmit();
    }
  }

  function stop() {
    isOver = true;
    if (source) source.close();
    clearInterval(poll);
    clearInterval(clock);
    if (left) left.textContent = "";
  }

  async function look() {
    try {
      const answer = await fetch(path + "/status", { cache: "no-store" });
      if (answer.ok) show(await answer.json());
      else if (answer.status === 403 || answer.status === 404) stop();
    } catch {
      // The network is away: the next look may find it.
    }
  }

  function tick() {
    if (!left) return;
    const seconds = Math.max(0, Math.round((ends - performance.now()) / 1000));
    const rest = String(seconds % 60).padStart(2, "0");
    left.textContent = `${Math.floor(seconds / 60)}:${rest} left`;
  }

  const clock = setInterval(tick, 1000);
  tick();

  function pollInstead() {
    if (source) source.close();
    source = null;
    if (!poll && !isOver) poll = setInterval(look, 2000);
  }

  if (window.EventSource) {
    let failures = 0;
    source = new EventSource(path + "/events");
    source.onmessage = (event) => {
      failures = 0;
      show(JSON.parse(event.data));
    };
    source.onerror = () => {
      failures += 1;
      if (failures > 3 || source.readyState === EventSource.CLOSED) pollInstead();
    };
  } else {
    pollInstead();
  }

  const link = document.getElementById("link");
  if (link) link.addEventListener("focus", () => link.select());
  // A page that comes back out of the browser's memory is out of date.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
