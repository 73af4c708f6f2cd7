// How things are written.

const whole = new Intl.NumberFormat("en");
const tenth = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const number = (n) => whole.format(n);

export const plural = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;

export function percent(share) {
  if (share > 0 && share < 0.001) return "< 0.1\u00a0%";
  return `${tenth.format(100 * share)}\u00a0%`;
}

export function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${i === 0 ? whole.format(n) : tenth.format(n)} ${units[i]}`;
}

// micros writes a time of microseconds.
export function micros(n) {
  return n < 1000 ? `${number(n)} µs` : `${tenth.format(n / 1000)} ms`;
}

// ago writes how long ago a moment was.
export function ago(iso, now = Date.now()) {
  if (!iso) return "never";
  const s = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (s < 5) return "just now";
  if (s < 90) return `${s} s ago`;
  if (s < 5400) return `${Math.round(s / 60)} min ago`;
  if (s < 129600) return `${Math.round(s / 3600)} h ago`;
  return `${Math.round(s / 86400)} days ago`;
}

// spell writes an identifier's beginning as the commands do.
export const spell = (id) => id.slice(0, 8).toUpperCase().replace(/(..)(?=.)/g, "$1 ");

// stateOf says how a member is, in the words of the legend.
export function stateOf(m) {
  return m.state === "alive" && !m.serving ? "joining" : m.state;
}
