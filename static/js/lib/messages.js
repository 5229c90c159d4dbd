/** Short messages: a visible toast and a polite live region for screen readers. */
import { byId, setText } from "./dom.js";
import { toSentence } from "./format.js";

const SHOWN_MS = 5000;
let hideTimer = 0;

export function announce(text) {
  setText(byId("announcer"), text);
}

export function toast(text) {
  const node = byId("toast");
  setText(node, text);
  node.hidden = false;
  announce(text);
  clearTimeout(hideTimer);
  hideTimer = setTimeout(() => (node.hidden = true), SHOWN_MS);
}

/** Run `action` and show its error as a toast. Resolves to true on success. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(toSentence(error.message));
    return false;
  }
}
