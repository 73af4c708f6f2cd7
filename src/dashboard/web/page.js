// The page: every part draws itself anew when something changed.

import * as admin from "./admin.js";
import * as chosen from "./chosen.js";
import { byId, say } from "./dom.js";
import { drawLegend } from "./legend.js";
import * as live from "./live.js";
import * as lookup from "./lookup.js";
import * as picture from "./picture.js";
import { onChange, state } from "./store.js";
import * as table from "./table.js";
import * as work from "./work.js";

function summary() {
  const e = byId("summary");
  say(e, state.ring.text);
  e.dataset.well = state.ring.well;
}

// The theme: the system's, or the one that was chosen.
function theme() {
  const button = byId("theme"), root = document.documentElement;
  const show = () => say(button, `Theme: ${root.dataset.theme ?? "system"}`);
  button.addEventListener("click", () => {
    const next = { undefined: "light", light: "dark" }[root.dataset.theme];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      if (next) localStorage.setItem("theme", next);
      else localStorage.removeItem("theme");
    } catch { /* storage may be forbidden: it holds for this visit */ }
    show();
  });
  show();
}

theme();
drawLegend();
table.start();
lookup.start();
admin.start();
for (const draw of [summary, picture.draw, chosen.draw, work.draw, table.draw]) onChange(draw);
live.start();
