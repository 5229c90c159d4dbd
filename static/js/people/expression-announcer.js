/** Announce changes of the dominant expression to screen readers, politely: settled ones, and not often. */
import { announce } from "../lib/messages.js";
import { inView } from "./visible-people.js";
import { summaryOf } from "./expression-panel.js";

/** A change must last this long, and announcements are at least this far apart. */
const SETTLED_MS = 1500;
const MIN_INTERVAL_MS = 5000;

/** Decides when a text that changes often is announced; `now` in milliseconds. */
export class SettledChanges {
  #announced = "";
  #announcedAt = -Infinity;
  #text = "";
  #since = 0;

  /** The text to announce now, or null. */
  update(text, now) {
    if (text !== this.#text) [this.#text, this.#since] = [text, now];
    const isDue = now - this.#since >= SETTLED_MS && now - this.#announcedAt >= MIN_INTERVAL_MS;
    if (!isDue || text === this.#announced) return null;
    [this.#announced, this.#announcedAt] = [text, now];
    return text || null;
  }
}

/** The label of one person without its percentage, or the counts of a group; empty for nobody. */
function spokenText(state) {
  const { text, note, form } = summaryOf(state);
  return form === "none" || !inView(state.people).length ? "" : `${note}: ${text}`;
}

export function mountExpressionAnnouncer(store) {
  const changes = new SettledChanges();
  store.watch(["people"], (state) => {
    const text = changes.update(spokenText(state), performance.now());
    if (text) announce(text);
  });
}
