// Questions to the node, with its errors and hints as one text.

export async function askNode(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { signal: AbortSignal.timeout(15_000), ...options });
  } catch {
    throw new Error("the node does not answer");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([body.error ?? answer.statusText, body.hint].filter(Boolean).join("; "));
  return body;
}
