/** Where a file or folder plays, below the stage; a bar to play it from elsewhere if its length is known. */
import { attempt } from "../lib/messages.js";
import { byId, element, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { durationText } from "../lib/format.js";
import { request } from "../lib/socket.js";

const STEP_S = 0.1;

/** Seconds from the start: of the newest statistics, or of the end if the file has ended; null for other sources. */
function positionOf({ stats, status }, last) {
  if (!["file", "folder"].includes(status?.camera.kind)) return null;
  if (status.camera.ended) return status.camera.duration_s;
  return stats ? stats.position_s : last;
}

const timesText = (position, duration) => [position, duration].filter((seconds) => seconds !== null).map(durationText).join(" / ");

function renderBar(bar, times, position, duration) {
  const text = timesText(position, duration);
  bar.hidden = duration === null;
  bar.max = duration ?? 0;
  bar.value = position;
  bar.setAttribute("aria-valuetext", text);
  setText(times, text);
}

export function mountPositionBar(store, socket) {
  const bar = element("input", { type: "range", min: 0, step: STEP_S, "aria-label": t("live.position") });
  const times = element("span", { class: "position__times" });
  byId("position").append(bar, times);
  let position = null;
  let isChosen = false; // a viewer moves the bar: it stays there until the file plays from there
  store.watch(["stats", "status"], (state) => {
    const duration = state.status?.camera.duration_s ?? null;
    position = positionOf(state, position);
    byId("position").hidden = position === null;
    if (position !== null && !isChosen) renderBar(bar, times, position, duration);
  });
  bar.addEventListener("input", () => {
    isChosen = true;
    setText(times, timesText(Number(bar.value), Number(bar.max)));
  });
  bar.addEventListener("change", async () => {
    await attempt(() => request(socket, "camera_seek", { position_s: Number(bar.value) }));
    isChosen = false;
  });
}
