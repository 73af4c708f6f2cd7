// Looking up a key.

import { askNode } from "./ask.js";
import { byId, html } from "./dom.js";
import { choose, setFound } from "./store.js";
import { micros, spell } from "./words.js";

const jump = (p) => html("button", { type: "button", class: "link-button", onclick: () => choose(p.id) }, p.name);

async function lookUp(key) {
  const found = byId("found");
  try {
    const f = await askNode(`/api/lookup?key=${encodeURIComponent(key)}`);
    setFound(f);
    found.replaceChildren(result(f));
  } catch (e) {
    setFound(null);
    found.replaceChildren(html("p", { class: "bad" }, `No answer: ${e.message}.`));
  }
  byId("clear").hidden = false;
}

function result(f) {
  const copies = f.holders.slice(1).flatMap((h, i) => [i ? ", " : "", jump(h), h.state === "alive" ? "" : ` (${h.state})`]);
  const steps = f.steps.map((s) => html("li", { class: s.error ? "bad" : false }, jump(s), ` ${micros(s.took)}${s.error ? `, ${s.error}` : ""}`));
  return html("div", {},
    html("p", {}, html("strong", {}, f.key || spell(f.id)), " is kept by ", f.holders.length ? jump(f.holders[0]) : "nobody",
      ...(copies.length ? [", and copied to ", ...copies] : []), "."),
    steps.length ? html("div", { class: "asked" }, `Asked in ${micros(f.took)}: `, html("ol", {}, ...steps))
      : html("p", { class: "faint" }, "Nobody was asked: this node knows the owner itself."),
    html("p", { class: "faint" }, `Identifier ${spell(f.id)}…, bucket ${f.bucket}.`));
}

export function start() {
  byId("lookup").addEventListener("submit", (e) => {
    e.preventDefault();
    lookUp(byId("key").value);
  });
  byId("clear").addEventListener("click", () => {
    byId("found").replaceChildren();
    byId("clear").hidden = true;
    byId("key").value = "";
    setFound(null);
    byId("key").focus();
  });
}
