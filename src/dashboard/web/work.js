// Repair and hand-over: of this node, and of all that answered.

import { byId, html } from "./dom.js";
import { state } from "./store.js";
import { ago, bytes, number, plural } from "./words.js";

let drawn = "";

export function draw() {
  const { node, ring } = state;
  const key = JSON.stringify([{ ...node, at: 0 }, ring, Math.floor(Date.now() / 10_000)]);
  if (key === drawn) return;
  drawn = key;
  byId("work").replaceChildren(...bars(node), ring ? whole(ring) : "", facts(node));
}

function bars(node) {
  const { held, wanted, moving } = node.load, all = held + wanted;
  const bar = (text, value, max) => html("p", { class: "meter" }, html("label", {}, text, html("progress", { value, max: Math.max(max, 1) })));
  const parts = [bar(wanted ? `${number(held)} of ${number(all)} buckets filled here` : `${plural(held, "bucket")} here, all filled`, held, all)];
  if (moving) parts.push(html("p", {}, `${plural(moving, "bucket")} to be handed over, of ${node.stand_ins} kept for members that died.`));
  for (const reason of node.not_ready) parts.push(html("p", { class: "bad" }, `Not ready: ${reason}.`));
  return parts;
}

function whole(ring) {
  const all = Object.entries(ring.states).reduce((n, [s, c]) => (s === "left" || s === "forgotten" ? n : n + c), 0);
  const busy = ring.wanted + ring.moving
    ? `${plural(ring.wanted, "bucket")} to be filled, ${number(ring.moving)} to be handed over`
    : "nothing to be filled or handed over";
  return html("p", {}, `In the whole ring: ${busy}${ring.known < all ? `, as far as ${number(ring.known)} of ${number(all)} members said` : ""}.`);
}

function facts(node) {
  const r = node.repair, q = state.ring.quorums, rows = [
    ["Quorums", `write ${q.write}, read ${q.read} of ${q.copies}`],
    ["Compared with the others", r.round ? ago(r.round) : "not yet"],
    ["Fetched since the start", r.keys ? `${plural(r.keys, "key")}, ${bytes(r.bytes)}` : "nothing"],
    ["All rows read", ago(r.scrubbed)],
    ["Damaged", r.damaged ? plural(r.damaged, "bucket") : "none"],
    ["Removed keys remembered", node.purge.blocked.length ? `${number(node.purge.waiting)}, waiting for ${node.purge.blocked.join(", ")}` : number(node.purge.waiting)],
    ["Database", `${bytes(node.file_bytes)}${node.synced ? "" : ", NOT SYNCED TO DISK"}`],
  ];
  return html("dl", { class: "facts" }, ...rows.flatMap(([k, v]) => [html("dt", {}, k), html("dd", {}, v)]));
}
