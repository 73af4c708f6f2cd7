// What administrators may do. The node asks for their certificate each time.

import { askNode } from "./ask.js";
import { byId, html } from "./dom.js";

export const isAdmin = () => document.body.dataset.admin === "true";

export async function act(what, order, question) {
  if (question && !confirm(question)) return;
  const outcome = byId("outcome");
  outcome.replaceChildren("…");
  try {
    const body = JSON.stringify(order);
    const done = await askNode(`/api/${what}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Chord": "1" }, body });
    outcome.replaceChildren(...told(what, order, done.result));
  } catch (e) {
    outcome.replaceChildren(html("p", { class: "bad" }, `Not done: ${e.message}`));
  }
}

function told(what, order, result) {
  if (what !== "values") return [html("p", {}, { insert: "Inserted.", remove: "Removed.", forget: `${order.name} is forgotten.`, leave: `${order.name} is leaving.` }[what])];
  if (!result?.length) return [html("p", {}, "The key has no values.")];
  return [html("ul", {}, ...result.slice(0, 100).map((v) => html("li", {}, v)))];
}

export function start() {
  byId("edit")?.addEventListener("submit", (e) => {
    e.preventDefault();
    act(e.submitter.dataset.do, { key: byId("edit-key").value, value: byId("edit-value").value });
  });
}
