/** Short messages: a toast for the eyes and one polite line for screen readers. */
import { byId, setText } from "./dom.js";
import { sentence } from "./format.js";

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

/** Run `action`; its refusal becomes a message. True when it went well. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(sentence(error.message));
    return false;
  }
}
