/** HTTP API client: JSON bodies as objects; an error response becomes an Error with the server's message. */
import { language, t } from "./i18n.js";
import { problemText } from "./problems.js";

async function readBody(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json().catch(() => ({}));
  throw new Error(body.error ? problemText(body.error) : t("problems.server_status", { status: response.status }));
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(t("problems.server_silent"));
  }
  return readBody(response);
}

export const fetchCameras = () => request("/api/cameras").then((body) => body.cameras.map((camera) => ({ ...camera, name: problemText(camera.name) })));
export const fetchModels = () => request("/api/models").then((body) => body.models);
export const fetchSessions = () => request("/api/sessions").then((body) => body.sessions);
export const fetchSession = (id) => request(`/api/sessions/${id}`);
export const deleteSession = (id) => request(`/api/sessions/${id}`, { method: "DELETE" });
export const deleteSessions = () => request("/api/sessions", { method: "DELETE" });

/** `marker` is `{name, note, time, key}`; `time` in seconds of the session, null for now. Returns the marker. */
export const addMarker = (id, marker) =>
  request(`/api/sessions/${id}/markers`, { method: "POST", body: new Blob([JSON.stringify(marker)], { type: "application/json" }) });

/** A link for a browser that gives its camera: `{url, code, ends_in_s, local, secure}`. */
export const createCameraLink = () => request("/api/camera-link", { method: "POST" });
export const revokeCameraLink = () => request("/api/camera-link", { method: "DELETE" });

/** Which parts of a person's face speak for the label told, for this viewer alone. */
export const fetchExplanation = (id) => request(`/api/people/${id}/explanation`, { method: "POST" });

export const measureNeutralFace = (id) => request(`/api/people/${id}/neutral-face`, { method: "PUT" });
export const forgetNeutralFace = (id) => request(`/api/people/${id}/neutral-face`, { method: "DELETE" });

/** The record of a picture, which the server does not keep. */
export const analyzePicture = (file) => request("/api/analyze", { method: "POST", body: file });

/** `view` has the overlays `show` and the `pictureSize` at which the picture is shown. */
export const imageUrl = (path, { show, pictureSize }) => `${path}?show=${show.join(",")}&size=${pictureSize}&lang=${language}`;

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
