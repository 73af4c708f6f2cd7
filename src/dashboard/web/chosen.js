// The member that is looked at: what it says of itself, and its neighbours.

import { askNode } from "./ask.js";
import { act, isAdmin } from "./admin.js";
import { byId, html } from "./dom.js";
import { stateIcon } from "./legend.js";
import { choose, setDetail, state } from "./store.js";
import { ago, number, percent, plural, spell, stateOf } from "./words.js";

let asked = null, askedAt = 0;

// ask asks for the chosen member's own words, anew every five seconds.
async function ask(m) {
  if (m.self || (asked === m.id && Date.now() - askedAt < 5000)) return;
  asked = m.id;
  askedAt = Date.now();
  try {
    setDetail(m.id, await askNode(`/api/member?id=${m.id}`));
  } catch (e) {
    setDetail(m.id, { error: e.message });
  }
}

let drawn = "";

export function draw() {
  const m = state.members.get(state.chosen);
  if (!m) return;
  ask(m);
  const key = JSON.stringify([m, state.detail, state.found !== null]);
  if (key === drawn) return; // what has the focus keeps it
  drawn = key;
  byId("chosen-title").replaceChildren(stateIcon(stateOf(m)), " ", m.name, ...(m.self ? [html("span", { class: "tag" }, "this node")] : []));
  byId("chosen-body").replaceChildren(facts(m), neighbours(m), ...orders(m));
}

function facts(m) {
  const rows = [["State", stateOf(m)], ["Address", m.addr], ["Domain", m.domain],
    ["Identifier", html("abbr", { title: m.id }, spell(m.id))], ["Share of the circle", percent(m.share)]];
  if (m.load) {
    rows.push(["Keys in its copies", number(m.load.keys)], ["Buckets", number(m.load.held)]);
    if (m.load.wanted) rows.push(["To be filled", plural(m.load.wanted, "bucket")]);
    if (m.load.moving) rows.push(["To be handed over", plural(m.load.moving, "bucket")]);
    if (m.load.refuses) rows.push(["Disk", "no room for inserts"]);
  } else rows.push(["Load", `unknown: ${m.why}`]);
  const d = state.detail;
  if (d?.doing) rows.push(["Busy with", d.doing]);
  if (d?.since) rows.push(["Running since", new Date(d.since).toLocaleString("en-GB")]);
  return html("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [html("dt", {}, k), html("dd", {}, v)]));
}

const jump = (p) => html("button", { type: "button", class: "link-button", onclick: () => choose(p.id) }, p.name);

function neighbours(m) {
  const d = state.detail;
  if (!d) return html("p", { class: "faint" }, "Asking it for its neighbours…");
  if (d.error) return html("p", { class: "faint" }, `Its neighbours are not known: ${d.error}.`);
  const shown = d.successors.slice(0, 4), rest = d.successors.length - shown.length;
  const fingers = d.links.filter((l) => l.kind === "finger").length;
  const list = (peers) => peers.flatMap((p, i) => (i ? [", ", jump(p)] : [jump(p)]));
  return html("dl", { class: "facts" },
    html("dt", {}, "Predecessor"), html("dd", {}, d.predecessor ? jump(d.predecessor) : "none"),
    html("dt", {}, "Successors"), html("dd", {}, ...(shown.length ? list(shown) : ["none"]), rest > 0 ? ` and ${number(rest)} more` : ""),
    html("dt", {}, "Fingers beyond"), html("dd", {}, number(fingers)),
    ...(m.self ? [] : [html("dt", {}, "Asked"), html("dd", {}, ago(d.at))]));
}

function orders(m) {
  if (!isAdmin()) return [];
  const button = m.state === "down"
    ? html("button", { type: "button", class: "grave", onclick: () => act("forget", { name: m.name }, `Forget ${m.name} for ever? What only it holds is lost.`) }, "Forget")
    : html("button", { type: "button", class: "grave", onclick: () => act("leave", { name: m.name }, `Let ${m.name} hand over its keys and leave the ring?`) }, "Let it leave");
  return [html("p", { class: "row" }, button)];
}
