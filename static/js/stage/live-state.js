/** State of the live view as a label and a message. */
import { toSentence } from "../lib/format.js";
import { t } from "../lib/i18n.js";

const viewState = (tone, label, detail = "") => ({ tone, label, detail: toSentence(detail), live: false });

function visionState({ state, error }) {
  if (state === "starting") return viewState("wait", t("live.starting"), t("live.starting_detail"));
  if (state === "restarting") return viewState("wait", t("live.restarting"), t("live.restarting_detail"));
  if (state === "failed") return viewState("bad", t("live.stopped"), error ?? t("live.stopped_detail"));
  return null;
}

function cameraState({ state, kind, notice, error }) {
  if (state === "opening") return viewState("wait", t("live.opening"), error ?? "");
  const recorded = kind === "file" || kind === "folder";
  if (state === "paused" && recorded) return viewState("idle", t("live.paused"), notice ?? t("live.paused_file_detail"));
  if (state === "paused") return viewState("idle", t("live.paused"), t("live.paused_detail"));
  if (state === "lost") return viewState("bad", t("live.lost"), error ?? t("live.lost_detail"));
  if (state === "failed") return viewState("bad", t("live.no_camera"), error ?? t("live.no_camera_detail"));
  return null;
}

/** Return `{tone: ok|wait|bad|idle, label, detail, live}` for the most serious cause. */
export function liveState({ connection, status, stalled, stats }) {
  if (connection === "lost") return viewState("bad", t("live.connection_lost"), t("live.connection_lost_detail"));
  if (connection === "connecting" || !status) return viewState("wait", t("live.connecting"));
  const cause = visionState(status.vision) ?? cameraState(status.camera);
  if (cause) return cause;
  if (stalled || !stats) return viewState("wait", t("live.waiting"));
  return { tone: "ok", label: t("live.live"), detail: "", live: true };
}

/** Why there is no picture to save or record, in one sentence; empty while there is one. */
export function reasonWithoutPicture(state) {
  const { live, label } = liveState(state);
  return live ? "" : t("live.needs_picture", { state: label });
}
