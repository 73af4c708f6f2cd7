// What is known, and who wants to hear when it changes.

const listeners = [];

export const state = {
  ring: null, // of the ring as a whole
  node: null, // the page's own node
  members: new Map(), // by identifier
  circle: [], // the same in the order of the circle
  chosen: null, // identifier of the member that is looked at
  detail: null, // what the chosen one says of itself, or {error}
  found: null, // the last lookup
  fresh: null, // when something was heard last
};

export const onChange = (f) => listeners.push(f);

function changed() {
  for (const f of listeners) f(state);
}

// merge takes in what the node told: everything, or what is new.
export function merge(update) {
  if (update.full) state.members = new Map();
  for (const m of update.members) state.members.set(m.id, m);
  for (const id of update.gone ?? []) state.members.delete(id);
  state.circle = [...state.members.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  state.ring = update.ring;
  state.node = update.node;
  state.fresh = new Date();
  if (!state.members.has(state.chosen)) choose(state.node.id, true);
  if (state.chosen === state.node.id) state.detail = state.node;
  changed();
}

export function choose(id, quiet = false) {
  if (state.chosen !== id) {
    state.chosen = id;
    state.detail = state.node && id === state.node.id ? state.node : null;
  }
  if (!quiet) changed();
}

export function setDetail(id, detail) {
  if (state.chosen !== id) return; // somebody chose another one meanwhile
  state.detail = detail;
  changed();
}

export function setFound(found) {
  state.found = found;
  changed();
}
