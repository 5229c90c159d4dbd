/** Preferences in localStorage. The page also works where storage is not available. */
const STORAGE_KEY = "live-face-analysis.show";
export const LAYERS = ["boxes", "landmarks", "ids", "emotion", "age", "sex", "race", "mask", "blur"];
const DEFAULT_LAYERS = ["boxes", "emotion", "age", "sex"];

export function loadShownLayers() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY));
    return Array.isArray(stored) ? LAYERS.filter((word) => stored.includes(word)) : DEFAULT_LAYERS;
  } catch {
    return DEFAULT_LAYERS;
  }
}

export function saveShownLayers(show) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(show));
  } catch {
    // Private windows may refuse to store; the choice is then kept until the page is closed.
  }
}
