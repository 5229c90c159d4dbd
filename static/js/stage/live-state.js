/** State of the live view as a label and a message. */
import { toSentence } from "../lib/format.js";

const viewState = (tone, label, detail = "") => ({ tone, label, detail: toSentence(detail), live: false });

function visionState({ state, error }) {
  if (state === "starting") return viewState("wait", "Starting", "Video appears in a moment.");
  if (state === "restarting") return viewState("wait", "Analysis restarting", "Video resumes automatically.");
  if (state === "failed") return viewState("bad", "Analysis stopped", error ?? "It crashed too often.");
  return null;
}

function cameraState({ state, kind, notice, error }) {
  if (state === "opening") return viewState("wait", "Opening camera", error ?? "");
  const recorded = kind === "file" || kind === "folder";
  if (state === "paused" && recorded) return viewState("idle", "Paused", notice ?? "Press resume to continue.");
  if (state === "paused") return viewState("idle", "Paused", "The camera is off. Press resume to continue.");
  if (state === "lost") return viewState("bad", "Camera lost", error ?? "Retrying every second.");
  if (state === "failed") return viewState("bad", "No camera", error ?? "Choose another camera.");
  return null;
}

/** Return `{tone: ok|wait|bad|idle, label, detail, live}` for the most serious cause. */
export function liveState({ connection, status, stalled, stats }) {
  if (connection === "lost") return viewState("bad", "Connection lost", "Reconnecting to the server.");
  if (connection === "connecting" || !status) return viewState("wait", "Connecting");
  const cause = visionState(status.vision) ?? cameraState(status.camera);
  if (cause) return cause;
  if (stalled || !stats) return viewState("wait", "Waiting for video");
  return { tone: "ok", label: "Live", detail: "", live: true };
}
