// The table of members: the picture in words.

import { byId, html, say } from "./dom.js";
import { stateIcon } from "./legend.js";
import { choose, state } from "./store.js";
import { number, percent, stateOf } from "./words.js";

const unknown = (m) => html("span", { class: "faint", title: m.why ?? "" }, "unknown");
const load = (key) => ({ value: (m) => m.load?.[key] ?? -1, cell: (m) => (m.load ? number(m.load[key]) : unknown(m)), number: true });

const columns = [
  { name: "Member", value: (m) => m.name, cell: nameCell },
  { name: "State", value: (m) => stateOf(m), cell: (m) => html("span", { class: "state" }, stateIcon(stateOf(m)), stateOf(m)) },
  { name: "Share", value: (m) => m.share, cell: (m) => percent(m.share), number: true },
  { name: "Keys", ...load("keys") },
  { name: "Buckets", ...load("held"), minor: true },
  { name: "To fill", ...load("wanted"), minor: true },
  { name: "To hand over", ...load("moving"), minor: true },
  { name: "Address", value: (m) => m.addr, cell: (m) => m.addr, minor: true },
  { name: "Domain", value: (m) => m.domain, cell: (m) => m.domain, minor: true },
];

const atFirst = 200;
let by = null, down = false, all = false;
const rows = new Map(); // by identifier: the row and what it shows

function nameCell(m) {
  const b = html("button", { type: "button", class: "link-button", onclick: () => choose(m.id) }, m.name);
  return m.self ? html("span", {}, b, html("span", { class: "tag" }, "this node")) : b;
}

const classes = (c) => [c.number && "number", c.minor && "minor"].filter(Boolean).join(" ") || false;

export function start() {
  const cells = columns.map((c) => html("th", { scope: "col", class: classes(c) }, html("button", { type: "button", onclick: () => sortBy(c) }, c.name)));
  document.querySelector("#table thead").append(html("tr", {}, ...cells));
  byId("filter").addEventListener("input", draw);
  byId("all").addEventListener("click", () => { all = true; draw(); });
}

// sortBy sorts by a column, the other way round, and again by the circle.
function sortBy(c) {
  if (by !== c) [by, down] = [c, !!c.number];
  else if (down === !!c.number) down = !down;
  else by = null;
  document.querySelectorAll("#table th").forEach((th, i) => {
    if (columns[i] === by) th.setAttribute("aria-sort", down ? "descending" : "ascending");
    else th.removeAttribute("aria-sort");
  });
  draw();
}

function wanted() {
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const list = state.circle.filter((m) => words.every((w) => `${m.name} ${m.addr} ${m.domain} ${stateOf(m)}`.toLowerCase().includes(w)));
  if (!by) return list;
  const compare = (a, b) => (by.number ? by.value(a) - by.value(b) : by.value(a).localeCompare(by.value(b), "en", { numeric: true }));
  return list.sort((a, b) => (down ? compare(b, a) : compare(a, b)));
}

export function draw() {
  const list = wanted(), shown = all ? list : list.slice(0, atFirst);
  const body = document.querySelector("#table tbody");
  const trs = shown.map(row);
  if (trs.length !== body.children.length || trs.some((tr, i) => tr !== body.children[i])) body.replaceChildren(...trs);
  const text = list.length === state.circle.length ? "" : `${number(list.length)} of ${number(state.circle.length)} members match.`;
  say(byId("shown"), `${text}${shown.length < list.length ? ` ${number(shown.length)} are shown.` : ""}`);
  byId("all").hidden = shown.length === list.length;
}

// row returns the row of a member, the one that is there unless it changed.
function row(m) {
  const key = JSON.stringify([m.name, m.addr, m.domain, m.state, m.serving, m.share, m.load, m.why, m.self]);
  let kept = rows.get(m.id);
  if (kept?.key !== key) {
    const tr = html("tr", { "data-id": m.id }, ...columns.map((c, i) => html(i ? "td" : "th", { scope: i ? false : "row", class: classes(c) }, c.cell(m))));
    kept = { tr, key };
    rows.set(m.id, kept);
  }
  if (m.id === state.chosen) kept.tr.setAttribute("aria-current", "true");
  else kept.tr.removeAttribute("aria-current");
  return kept.tr;
}
