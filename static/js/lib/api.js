/** The HTTP interface: answers as objects, refusals as an Error with the server's own line. */
async function answer(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json().catch(() => ({}));
  throw new Error(body.error ?? `the server answered ${response.status}`);
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("the server does not answer; is it still running?");
  }
  return answer(response);
}

export const cameras = () => call("/api/cameras").then((body) => body.cameras);
export const models = () => call("/api/models").then((body) => body.models);
export const sessions = () => call("/api/sessions").then((body) => body.sessions);
export const session = (id) => call(`/api/sessions/${id}`);
export const deleteSession = (id) => call(`/api/sessions/${id}`, { method: "DELETE" });
export const deleteSessions = () => call("/api/sessions", { method: "DELETE" });

export const pictureUrl = (path, show) => `${path}?show=${show.join(",")}`;

/** The annotated picture as a Blob. */
export async function snapshot(show) {
  const response = await fetch(pictureUrl("/snapshot.jpg", show), { cache: "no-store" });
  return response.ok ? response.blob() : answer(response);
}

/** Why the server refuses a stream, or null: an <img> tells nothing about its failure. */
export async function streamRefusal(url) {
  const abort = new AbortController();
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.ok) return null;
    return (await response.json()).error ?? null;
  } catch {
    return null;
  } finally {
    abort.abort();
  }
}
