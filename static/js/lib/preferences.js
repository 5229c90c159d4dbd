/** Preferences in localStorage. The page also works where storage is not available. */
const SHOW_KEY = "live-face-analysis.show";
const PLANE_KEY = "live-face-analysis.plane";

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
