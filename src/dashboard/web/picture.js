// The ring, drawn from the paths and places that the node reckoned.

import { byId, html, svg } from "./dom.js";
import { measures, signs } from "./measures.js";
import { choose, state } from "./store.js";
import { number, percent, plural, stateOf } from "./words.js";

const { radius, labelAt, maxSigns } = measures;
const outermost = labelAt - 4;

let layers, picture, middle = "";

// make builds the picture's parts, once.
function make() {
  const names = ["arcs", "links", "ticks", "signs", "labels", "way", "middle"];
  layers = Object.fromEntries(names.map((n) => [n, svg("g", { "aria-hidden": "true" })]));
  layers.place = svg("g", { id: "place", role: "option", "aria-selected": "true" });
  picture = svg("svg", {
    class: "picture", viewBox: measures.viewBox, role: "listbox", tabindex: "0", id: "picture",
    "aria-label": "Members on the circle; arrow keys go around it", "aria-activedescendant": "place",
  }, svg("circle", { class: "circle", r: radius }), layers.arcs, layers.links, layers.ticks, layers.signs,
  layers.labels, layers.middle, layers.way, layers.place);
  picture.addEventListener("keydown", onKey);
  picture.addEventListener("pointermove", onPoint);
  picture.addEventListener("pointerleave", () => { byId("tip").hidden = true; });
  picture.addEventListener("click", (e) => {
    const m = memberAt(e);
    if (m) choose(m.id);
  });
  byId("stage").prepend(picture);
}

export function draw() {
  if (!picture) make();
  byId("empty").hidden = state.circle.length > 0;
  picture.toggleAttribute("hidden", state.circle.length === 0);
  drawArcs();
  drawMembers();
  drawLinks();
  drawWay();
  drawPlace();
  drawMiddle();
}

function drawArcs() {
  const paths = ["", "", "", "", "", ""];
  for (const m of state.circle) if (m.arc) paths[m.level] += m.arc;
  layers.arcs.replaceChildren(...paths.flatMap((d, l) => (d ? [svg("path", { class: `arc level${l}`, d })] : [])));
}

// polar returns the place at an angle of degrees and a distance from the centre.
function polar(angle, r) {
  const a = (angle * Math.PI) / 180;
  return `${(r * Math.sin(a)).toFixed(1)} ${(-r * Math.cos(a)).toFixed(1)}`;
}

const ranked = (m) => (m.self ? 2 : m.state !== "alive" ? 1 : 0);

function drawMembers() {
  const many = state.circle.length > maxSigns;
  const ticks = many ? state.circle.filter((m) => !ranked(m)).map((m) => `M${polar(m.angle, radius - 5)}L${polar(m.angle, radius + 5)}`).join("") : "";
  layers.ticks.replaceChildren(svg("path", { class: "ticks", d: ticks }));
  const shown = state.circle.filter((m) => !many || ranked(m)).sort((a, b) => ranked(a) - ranked(b));
  layers.signs.replaceChildren(...shown.map((m) => sign(m, many ? 0.7 : 1)));
  layers.labels.replaceChildren(...state.circle.filter((m) => m.label).map((m) => label(m, m.label)));
}

function sign(m, scale) {
  const how = stateOf(m);
  return svg("path", {
    class: `sign ${how}${m.self ? " self" : ""}`, d: signs[how], transform: `translate(${m.x} ${m.y}) scale(${scale})`,
  });
}

function label(m, at) {
  return svg("text", { class: `label${m.self ? " self" : ""}`, x: at.x, y: at.y, "text-anchor": at.anchor }, at.text);
}

function drawLinks() {
  const links = state.found ? [] : state.detail?.links ?? [];
  layers.links.replaceChildren(...links.map((l) => svg("path", { class: `link ${l.kind}`, d: l.path })));
}

// drawWay draws the last lookup: whom it asked, where the key is, who holds it.
function drawWay() {
  const f = state.found;
  if (!f) return layers.way.replaceChildren();
  const hops = f.path.map((p) => svg("path", { class: `way${p.failed ? " failed" : ""}`, d: p.path, pathLength: "1" }));
  const stops = f.path.map((p) => state.members.get(p.to)).filter(Boolean).map((m) => svg("circle", { class: "stop", cx: m.x, cy: m.y, r: 6 }));
  const members = f.holders.map((h) => state.members.get(h.id)).filter(Boolean);
  const holders = members.map((m, i) => svg("g", { transform: `translate(${inside(members, i)})` },
    svg("circle", { class: `holder${i ? "" : " owner"}`, r: 15 }), svg("text", { class: "rank", y: 6, "text-anchor": "middle" }, `${i + 1}`)));
  const key = svg("g", {}, svg("path", { class: "key-line", d: `M${polar(f.angle, radius)}L${polar(f.angle, outermost)}` }),
    svg("path", { class: "key", d: "M0-13L13 0L0 13L-13 0Z", transform: `translate(${polar(f.angle, outermost).replace(" ", ",")})` }));
  layers.way.replaceChildren(...hops, ...stops, ...holders, key);
}

// inside returns where the mark of a holder stands: beside its member, and
// further in where the one before it would be covered.
function inside(members, i) {
  let row = 0;
  for (let k = i; k > 0; k--) {
    const apart = Math.abs(members[k].angle - members[k - 1].angle);
    if (Math.min(apart, 360 - apart) < 8) row++;
  }
  return polar(members[i].angle, radius - 30 - 34 * row).replace(" ", ",");
}

// drawPlace marks the chosen member; it is what a screen reader hears of.
function drawPlace() {
  const m = state.members.get(state.chosen);
  if (!m) return layers.place.replaceChildren();
  const at = state.circle.indexOf(m);
  layers.place.setAttribute("aria-setsize", state.circle.length);
  layers.place.setAttribute("aria-posinset", at + 1);
  layers.place.setAttribute("aria-label", describe(m));
  const parts = [svg("circle", { class: "chosen", cx: m.x, cy: m.y, r: 19 })];
  if (!m.label) parts.push(nameOf(m));
  layers.place.replaceChildren(...parts);
}

// nameOf labels a member that has no label of its own.
function nameOf(m) {
  const [x, y] = polar(m.angle, labelAt).split(" "), side = Math.sin((m.angle * Math.PI) / 180);
  const anchor = side > 0.2 ? "start" : side < -0.2 ? "end" : "middle";
  return svg("text", { class: "label chosen-name", x, y: Number(y) + 7, "text-anchor": anchor }, m.name);
}

export function describe(m) {
  const load = m.load ? `${plural(m.load.keys, "key")}` : `load unknown: ${m.why}`;
  return `${m.name}${m.self ? ", this node" : ""}, ${stateOf(m)}, ${percent(m.share)} of the circle, ${load}`;
}

function drawMiddle() {
  const { name, lines } = state.ring, key = [name, ...lines].join();
  if (key === middle) return;
  middle = key;
  layers.middle.replaceChildren(svg("text", { class: "middle", "text-anchor": "middle", y: `${-0.65 * lines.length}em` },
    svg("tspan", { class: "name" }, name.length > 14 ? `${name.slice(0, 13)}…` : name), ...lines.map((l) => svg("tspan", { x: 0, dy: "1.3em" }, l))));
}

function onKey(e) {
  const n = state.circle.length;
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  let at = state.circle.findIndex((m) => m.id === state.chosen);
  if (e.key in steps) at = (((at + steps[e.key]) % n) + n) % n;
  else if (e.key === "Home") at = state.circle.findIndex((m) => m.self);
  else return;
  e.preventDefault();
  if (state.circle[at]) choose(state.circle[at].id);
}

// memberAt returns the member of which the sign or the arc is under the pointer.
function memberAt(e) {
  const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(picture.getScreenCTM().inverse());
  const r = Math.hypot(p.x, p.y);
  if (r < radius - 45 || r > outermost) return null;
  const angle = ((Math.atan2(p.x, -p.y) * 180) / Math.PI + 360) % 360;
  if (r < radius + 8) {
    const apart = (m) => Math.hypot(m.x - p.x, m.y - p.y);
    return state.circle.reduce((a, b) => (a && apart(a) <= apart(b) ? a : b), null);
  }
  const holders = state.circle.filter((m) => m.serving);
  return holders.find((m) => m.angle >= angle) ?? holders[0] ?? null;
}

function onPoint(e) {
  const tip = byId("tip"), m = memberAt(e);
  tip.hidden = !m;
  picture.classList.toggle("pointing", !!m);
  if (!m) return;
  tip.replaceChildren(html("strong", {}, m.name), html("br"), `${stateOf(m)} · ${percent(m.share)}`, html("br"),
    m.load ? `${number(m.load.keys)} keys in ${number(m.load.held)} buckets` : `load unknown: ${m.why}`);
  const box = byId("stage").getBoundingClientRect();
  const right = e.clientX - box.left > box.width / 2;
  tip.style.left = right ? "auto" : `${e.clientX - box.left + 14}px`;
  tip.style.right = right ? `${box.right - e.clientX + 14}px` : "auto";
  tip.style.top = `${e.clientY - box.top + 14}px`;
}
