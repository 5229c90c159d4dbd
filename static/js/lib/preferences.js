/** Preferences in localStorage. The page also works where storage is not available. */
const STORAGE_KEY = "live-face-analysis.show";

/** The stored choice among `layers`, or `defaults` if nothing is stored. */
export function loadShownLayers(layers, defaults) {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY));
    return Array.isArray(stored) ? layers.filter((layer) => stored.includes(layer)) : defaults;
  } catch {
    return defaults;
  }
}

export function saveShownLayers(show) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(show));
  } catch {
    // Private windows may refuse to store; the choice is then kept until the page is closed.
  }
}
