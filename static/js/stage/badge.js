/** The badge in the header: state in a word, frame rate and delay while live. */
import { announce } from "../lib/messages.js";
import { describe } from "./live-state.js";
import { byId, setText } from "../lib/dom.js";

const figures = (stats) => `${Math.round(stats.fps)} fps, ${Math.round(stats.latency_ms)} ms delay`;

export function mountBadge(store) {
  const node = byId("badge");
  let spoken = "Connecting";
  node.hidden = false;
  store.watch(["connection", "status", "stalled", "stats"], (state) => {
    const now = describe(state);
    node.dataset.tone = now.tone;
    setText(node.querySelector(".badge__label"), now.label);
    setText(node.querySelector(".badge__figures"), now.live ? figures(state.stats) : "");
    if (now.label !== spoken) announce([now.label, now.detail].filter(Boolean).join(". "));
    spoken = now.label;
  });
}
