// Calls of the service, timed, each answer with all that a tester wants to know about it.

const JSON_TYPE = { "Content-Type": "application/json" };

async function timed(address, options) {
  const began = performance.now();
  const response = await fetch(address, { cache: "no-store", ...options });
  const text = await response.text();
  return {
    ok: response.ok,
    status: response.status,
    text,
    json: parsed(text),
    ms: performance.now() - began,
    bytes: new TextEncoder().encode(text).length,
    id: response.headers.get("X-Request-Id") ?? "",
    nothing: response.headers.get("X-Nothing-Said") ?? "",
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const post = (address, body, signal) =>
  timed(address, { method: "POST", headers: JSON_TYPE, body, signal });

/** The request of a set-up; about the Bundle `own`, if there is one. */
export function setUpRequest(query, own, signal) {
  const address = `/sandbox/request?${query}`;
  return own ? post(address, own, signal) : timed(address, { signal });
}

export function sendFeedback(service, item) {
  const stamped = { ...item, outcomeTimestamp: new Date().toISOString() };
  return post(`/cds-services/${service}/feedback`, JSON.stringify({ feedback: [stamped] }));
}

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** What the decision record says of a call: it is written a moment after the answer; null when there is none. */
export async function recordOf(id, signal) {
  for (const wait of [60, 120, 250, 500, 1000]) {
    await pause(wait);
    const { status, json } = await timed(`/sandbox/records/${id}`, { signal });
    if (status === 200) return json;
    if (status !== 202) return null;
  }
  return null;
}

/** What the record of a request or Bundle shows of all policies: a table, and its picture as SVG text; null without. */
export async function policiesOf(body, width, signal) {
  const { ok, json } = await timed(`/sandbox/policies?width=${Math.floor(width)}`, { method: "POST", headers: JSON_TYPE, body, signal });
  return ok ? json : null;
}

/** The picture of a request or Bundle as SVG text, so many pixels wide; null without one. */
export async function timelineOf(body, width, signal) {
  const { ok, text } = await timed(`/sandbox/timeline?width=${Math.floor(width)}`, { method: "POST", headers: JSON_TYPE, body, signal });
  return ok ? text : null;
}
