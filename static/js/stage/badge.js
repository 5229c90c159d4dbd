/** Header badge: state, and while live the frame rate and latency. */
import { announce } from "../lib/messages.js";
import { liveState } from "./live-state.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

const figures = (stats) => t("live.figures", { fps: Math.round(stats.fps), latency: Math.round(stats.latency_ms) });

export function mountBadge(store) {
  const node = byId("badge");
  let announced = t("live.connecting");
  node.hidden = false;
  store.watch(["connection", "status", "stalled", "stats"], (state) => {
    const now = liveState(state);
    node.dataset.tone = now.tone;
    setText(node.querySelector(".badge__label"), now.label);
    setText(node.querySelector(".badge__figures"), now.live ? figures(state.stats) : "");
    if (now.label !== announced) announce([now.label, now.detail].filter(Boolean).join(". "));
    announced = now.label;
  });
}
