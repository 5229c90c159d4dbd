/** HTTP API client: JSON bodies as objects; an error response becomes an Error with the server's message and its `status`. */
import { language, t } from "./i18n.js";
import { problemText } from "./problems.js";

/** The camera of this page, where its address names one; pages without a name show the first camera of the server. */
const cameraName = document.querySelector('meta[name="camera"]')?.content ?? null;

/** Parameters of requests about the camera of this page. */
export const cameraQuery = cameraName === null ? {} : { camera: cameraName };

/** `path` with the camera of this page as a parameter. */
function ofCamera(path) {
  const query = new URLSearchParams(cameraQuery).toString();
  return query ? `${path}${path.includes("?") ? "&" : "?"}${query}` : path;
}

async function readBody(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json().catch(() => ({}));
  const message = body.error ? problemText(body.error) : t("problems.server_status", { status: response.status });
  throw Object.assign(new Error(message), { status: response.status });
}

/** The JSON body of the answer to a request. */
export async function requestJson(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(t("problems.server_silent"));
  }
  return readBody(response);
}

/** `options` as for fetch, such as a signal. */
export const sendJson = (method, path, body, options = {}) =>
  requestJson(path, { ...options, method, headers: { "Content-Type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });

export const fetchCameras = () => requestJson(ofCamera("/api/cameras")).then((body) => body.cameras.map((camera) => ({ ...camera, name: problemText(camera.name) })));
export const fetchModels = () => requestJson("/api/models").then((body) => body.models);
export const fetchSessions = () => requestJson("/api/sessions").then((body) => body.sessions);

/** `{sessions, tags}`: the sessions that match a text and have a tag; empty texts match all. */
export const findSessions = (search, tag) => requestJson(`/api/sessions?${new URLSearchParams({ ...(search && { search }), ...(tag && { tag }) })}`);

/** A session without the figures that take longer in a long one. */
export const fetchSession = (id) => requestJson(`/api/sessions/${id}?figures=0`);
export const deleteSession = (id) => requestJson(`/api/sessions/${id}`, { method: "DELETE" });
export const deleteSessions = () => requestJson("/api/sessions", { method: "DELETE" });

/** The summary of a session from its archive. */
export const importSession = (file) => requestJson("/api/sessions/import", { method: "POST", body: file });

/** `marker` is `{name, note, time, key}`; `time` in seconds of the session, null for now. Returns the marker. */
export const addMarker = (id, marker) => sendJson("POST", `/api/sessions/${id}/markers`, marker);

/** Let a marker of the running session end now. Returns the marker. */
export const endMarker = (id, marker) => sendJson("PATCH", `/api/sessions/${id}/markers/${marker}`, { end: "now" });

/** `names` of the marker keys of a session: `{"1": "Trailer 1", ...}`. */
export const nameMarkers = (id, names) => sendJson("PUT", `/api/sessions/${id}/marker-names`, names);

/** A link for a browser that gives its camera: `{url, code, ends_in_s, local, secure}`. */
export const createCameraLink = () => requestJson(ofCamera("/api/camera-link"), { method: "POST" });
export const revokeCameraLink = () => requestJson(ofCamera("/api/camera-link"), { method: "DELETE" });

/** Which parts of a person's face speak for the label told, for this viewer alone. */
export const fetchExplanation = (id) => requestJson(ofCamera(`/api/people/${id}/explanation`), { method: "POST" });

export const measureNeutralFace = (id) => requestJson(ofCamera(`/api/people/${id}/neutral-face`), { method: "PUT" });
export const forgetNeutralFace = (id) => requestJson(ofCamera(`/api/people/${id}/neutral-face`), { method: "DELETE" });

/** The record of a picture, which the server does not keep. */
export const analyzePicture = (file) => requestJson("/api/analyze", { method: "POST", body: file });

/** `view` has the overlays `show` and the `pictureSize` at which the picture is shown. */
export const imageUrl = (path, { show, pictureSize }) => ofCamera(`${path}?show=${show.join(",")}&size=${pictureSize}&lang=${language}`);

/** Fetch the newest annotated frame as a JPEG Blob. */
export async function fetchSnapshot(view) {
  const response = await fetch(imageUrl("/snapshot.jpg", view), { cache: "no-store" });
  return response.ok ? response.blob() : readBody(response);
}

/** The server's reason for refusing a stream, or null. An <img> error event carries no reason. */
export async function fetchStreamError(url) {
  const abort = new AbortController();
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.ok) return null;
    return problemText((await response.json()).error ?? null);
  } catch {
    return null;
  } finally {
    abort.abort();
  }
}
