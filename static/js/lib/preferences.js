/** What this browser remembers; where it may not store anything, the page still works. */
const KEY = "live-face-analysis.show";
export const WORDS = ["boxes", "landmarks", "ids", "emotion", "age", "sex", "race", "mask", "blur"];
const FIRST = ["boxes", "emotion", "age", "sex"];

export function loadShow() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(stored) ? WORDS.filter((word) => stored.includes(word)) : FIRST;
  } catch {
    return FIRST;
  }
}

export function saveShow(show) {
  try {
    localStorage.setItem(KEY, JSON.stringify(show));
  } catch {
    // Private windows may refuse to store; the choice then lasts as long as the page.
  }
}
