// What signs and colours mean.

import { byId, html, svg } from "./dom.js";
import { signs } from "./measures.js";

const icon = (...parts) => svg("svg", { viewBox: "-16 -16 32 32", class: "picture icon", "aria-hidden": "true" }, ...parts);

// stateIcon is the sign of a state, beside its word.
export const stateIcon = (how) => icon(svg("path", { class: `sign ${how}`, d: signs[how] }));

const line = (kind) => icon(svg("path", { class: `link ${kind}`, d: "M-15 0H15" }));

function load() {
  const steps = [1, 2, 3, 4, 5].map((l, i) => svg("rect", { class: `level${l}`, x: i * 18, y: 20 - 4 * l, width: 17, height: 4 + 4 * l }));
  return svg("svg", { viewBox: "0 0 90 24", class: "picture icon wide", "aria-hidden": "true" }, ...steps);
}

export function drawLegend() {
  const states = ["alive", "joining", "leaving", "suspect", "down"].map((how) => html("li", {}, stateIcon(how), how));
  byId("legend").replaceChildren(...states,
    html("li", {}, load(), "keys beside the mean"),
    html("li", {}, icon(svg("rect", { class: "level0", x: -14, y: -3, width: 28, height: 6 })), "unknown"),
    html("li", {}, line("successor"), "successors"), html("li", {}, line("predecessor"), "predecessor"), html("li", {}, line("finger"), "fingers"));
}
