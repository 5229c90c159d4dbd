/** State of the live view as a label and a message. */
import { timeText, toSentence } from "../lib/format.js";
import { t } from "../lib/i18n.js";

const viewState = (tone, label, detail = "") => ({ tone, label, detail: toSentence(detail), live: false });

function visionState({ state, error }) {
  if (state === "starting") return viewState("wait", t("live.starting"), t("live.starting_detail"));
  if (state === "restarting") return viewState("wait", t("live.restarting"), t("live.restarting_detail"));
  if (state === "failed") return viewState("bad", t("live.stopped"), error ?? t("live.stopped_detail"));
  return null;
}

/** Whether the source is a recording, so that a pause keeps its place. */
const isRecorded = ({ kind }) => kind === "file" || kind === "folder";

/** Who paused and when. */
function pausedText({ camera, pause }, ownPause) {
  if (pause) return t(pause.id === ownPause ? "live.paused_by_you" : "live.paused_by_other", { time: timeText(pause.at) });
  return t(isRecorded(camera) ? "live.paused_file_detail" : "live.paused_detail");
}

function cameraState(status, ownPause) {
  const { state, error } = status.camera;
  if (state === "opening") return viewState("wait", t("live.opening"), error ?? "");
  if (state === "paused" && status.camera.ended) return viewState("idle", t("live.ended"), status.camera.notice ?? "");
  if (state === "paused") return viewState("idle", t("live.paused"), pausedText(status, ownPause));
  if (state === "waiting" && isRecorded(status.camera)) return viewState("wait", t("live.waiting"));
  if (state === "waiting") return viewState("wait", t("camera.waiting"), t("camera.waiting_detail"));
  if (state === "lost") return viewState("bad", t("live.lost"), error ?? t("live.lost_detail"));
  if (state === "failed" && isRecorded(status.camera)) return viewState("bad", t("live.no_file"), error ?? "");
  if (state === "failed") return viewState("bad", t("live.no_camera"), error ?? t("live.no_camera_detail"));
  return null;
}

/** Return `{tone: ok|wait|bad|idle, label, detail, live}` for the most serious cause. */
export function liveState({ connection, status, stalled, stats, ownPause }) {
  if (connection === "lost") return viewState("bad", t("live.connection_lost"), t("live.connection_lost_detail"));
  if (connection === "connecting" || !status) return viewState("wait", t("live.connecting"));
  const cause = visionState(status.vision) ?? cameraState(status, ownPause);
  if (cause) return cause;
  if (stalled || !stats) return viewState("wait", t("live.waiting"));
  return { tone: "ok", label: t("live.live"), detail: "", live: true };
}

/** Why there is no picture to save or record, in one sentence; empty while there is one. */
export function reasonWithoutPicture(state) {
  const { live, label } = liveState(state);
  return live ? "" : t("live.needs_picture", { state: label });
}
