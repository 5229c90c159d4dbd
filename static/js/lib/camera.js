/** The camera of this page, where its address names one; pages without a name show the first camera of the server. */
const name = document.querySelector('meta[name="camera"]')?.content ?? null;

/** Parameters of requests about the camera of this page. */
export const cameraQuery = name === null ? {} : { camera: name };

/** `path` with the camera of this page as a parameter. */
export function ofCamera(path) {
  const query = new URLSearchParams(cameraQuery).toString();
  return query ? `${path}${path.includes("?") ? "&" : "?"}${query}` : path;
}
