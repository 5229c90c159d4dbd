/** What state the live view is in, in words, from everything the page knows. */
import { sentence } from "../lib/format.js";

const condition = (tone, label, detail = "") => ({ tone, label, detail: sentence(detail), live: false });

function visionCondition({ state, error }) {
  if (state === "starting") return condition("wait", "Starting", "The picture comes in a moment.");
  if (state === "restarting") return condition("wait", "Analysis restarting", "The picture comes back by itself.");
  if (state === "failed") return condition("bad", "Analysis stopped", error ?? "It stopped too often.");
  return null;
}

function cameraCondition({ state, kind, notice, error }) {
  if (state === "opening") return condition("wait", "Opening camera", error ?? "");
  const recorded = kind === "file" || kind === "folder";
  if (state === "paused" && recorded) return condition("idle", "Paused", notice ?? "Resume to go on.");
  if (state === "paused") return condition("idle", "Paused", "The camera is off. Resume to go on.");
  if (state === "lost") return condition("bad", "Camera lost", error ?? "It is tried again every second.");
  if (state === "failed") return condition("bad", "No camera", error ?? "Choose another one.");
  return null;
}

/** `{tone: ok|wait|bad|idle, label, detail, live}`; the most serious cause first. */
export function describe({ connection, status, stalled, stats }) {
  if (connection === "lost") return condition("bad", "Connection lost", "Trying to reach the server again.");
  if (connection === "connecting" || !status) return condition("wait", "Connecting");
  const cause = visionCondition(status.vision) ?? cameraCondition(status.camera);
  if (cause) return cause;
  if (stalled || !stats) return condition("wait", "Waiting for pictures");
  return { tone: "ok", label: "Live", detail: "", live: true };
}
