// What is new, from the node: events, and where it has no room for one more
// listener, a look at it every ten seconds.

import { byId, say } from "./dom.js";
import { merge, state } from "./store.js";

const lookEvery = 10_000;
let source, timer, pause = 1000;

export function connect() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource("/api/events");
  source.addEventListener("ring", (e) => {
    pause = 1000;
    merge(JSON.parse(e.data));
    show("live");
  });
  source.onerror = () => {
    source.close();
    look();
  };
}

// look asks once, to see whether the node is there at all.
async function look() {
  try {
    const answer = await fetch("/api/ring", { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.statusText);
    merge(await answer.json());
    show("slow", "Many pages are open: this one is brought up to date every ten seconds.");
    timer = setTimeout(connect, lookEvery);
  } catch {
    const since = state.fresh ? ` What you see is from ${state.fresh.toLocaleTimeString()}.` : "";
    show("lost", `The node does not answer; trying again.${since}`);
    timer = setTimeout(connect, pause);
    pause = Math.min(pause * 2, 15_000);
  }
}

const words = { live: "live", slow: "every 10 s", lost: "not connected", connecting: "connecting" };

function show(how, trouble = "") {
  const live = byId("live");
  live.dataset.state = how;
  say(live, words[how]);
  document.body.classList.toggle("stale", how === "lost");
  byId("banner").hidden = trouble === "";
  say(byId("trouble"), trouble);
}

export function start() {
  byId("retry").addEventListener("click", connect);
  connect();
}
