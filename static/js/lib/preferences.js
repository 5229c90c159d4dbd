/** Preferences in localStorage. The page also works where storage is not available. */
const SHOW_KEY = "live-face-analysis.show";
const PLANE_KEY = "live-face-analysis.plane";
const SESSION_KEY = "live-face-analysis.session";

function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function save(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows may refuse to store; the choice is then kept until the page is closed.
  }
}

/** The stored choice among `layers`, or `defaults` if nothing is stored. */
export function loadShownLayers(layers, defaults) {
  const stored = load(SHOW_KEY);
  return Array.isArray(stored) ? layers.filter((layer) => stored.includes(layer)) : defaults;
}

export const saveShownLayers = (show) => save(SHOW_KEY, show);

/** Whether the expression panel shows the plane instead of the bars. */
export const loadPlaneChoice = () => load(PLANE_KEY) === true;

export const savePlaneChoice = (isShown) => save(PLANE_KEY, isShown);

/** Options of the next session: `{rate, marker_names}`, either or both as in `session_start`. */
export function loadSessionOptions() {
  const stored = load(SESSION_KEY);
  return stored && typeof stored === "object" ? stored : {};
}

export const saveSessionOptions = (options) => save(SESSION_KEY, options);
