/** Page of a device that gives its camera: one loop that exchanges frames for annotated pictures until it is stopped. */
import { CameraRequests, CameraSocket, ConnectionEnded, frameMessage, note } from "../camera/camera-socket.js";
import { DetailLevel } from "../camera/detail-level.js";
import { DeviceCamera } from "../camera/device-camera.js";
import { OwnPicture } from "../camera/own-picture.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** Time between two messages while no frames are wanted. */
const NOTE_INTERVAL_MS = 1000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 4000;
/** Failures to connect after which a page that loads well goes on without a WebSocket. */
const REQUESTS_AFTER = 3;

const video = byId("camera");
const camera = new DeviceCamera(video, JSON.parse(byId("limits").textContent), JSON.parse(video.dataset.mirror));
const picture = new OwnPicture();
const level = new DetailLevel();
let isGiving = false;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Show a state: its tone and label in the header, and a message over the picture. */
function show(tone, label, message = "") {
  byId("badge").dataset.tone = tone;
  setText(byId("state"), label);
  setText(byId("message"), message);
}

function showButtons() {
  byId("start").hidden = isGiving;
  byId("stop").hidden = !isGiving;
}

/** End with a message; the camera is off. */
function stop(message, tone = "idle") {
  isGiving = false;
  camera.close();
  picture.hide();
  show(tone, t("camera.page_title"), message);
  setText(byId("start"), t(tone === "bad" ? "camera.again" : "camera.start"));
  showButtons();
}

const CAMERA_PROBLEMS = { NotAllowedError: "denied", SecurityError: "denied" };

/** Open the camera; false, with a message, if that fails. */
async function openCamera() {
  show("wait", t("camera.starting"), t("camera.first_picture"));
  try {
    await camera.open();
    byId("turn").hidden = !(await camera.hasSeveral());
    return true;
  } catch (error) {
    const key = CAMERA_PROBLEMS[error.name] ?? "not_found";
    stop({ denied: t("camera.denied"), not_found: t("camera.not_found") }[key], "bad");
    return false;
  }
}

const WAITING_TEXTS = { paused: () => t("camera.paused"), elsewhere: () => t("camera.elsewhere") };

/** No frames are wanted, or the page is hidden: the camera is off until that changes. */
async function wait(socket, wanted) {
  if (camera.isOpen) camera.close();
  picture.hide();
  show("wait", t("camera.page_title"), WAITING_TEXTS[wanted]?.() ?? t("camera.first_picture"));
  await sleep(NOTE_INTERVAL_MS);
  return socket.exchange(note(false));
}

/** Send one frame; resolves to its answer. */
async function giveFrame(socket) {
  const capturedMs = await camera.nextFrame();
  const jpeg = await camera.encode(level.current);
  const sentMs = performance.now();
  const answer = await socket.exchange(frameMessage(capturedMs, jpeg));
  level.add(performance.now() - sentMs, performance.now());
  Object.assign(byId("figures").dataset, { sent: Number(byId("figures").dataset.sent ?? 0) + 1, dropped: camera.dropped });
  return answer;
}

/** Exchange messages until the connection ends, which throws `ConnectionEnded`, or the page is stopped. */
async function give(socket) {
  let answer = await socket.exchange(note(false));
  while (isGiving) {
    if (answer.wanted !== "give" || document.hidden) {
      answer = await wait(socket, answer.wanted);
      continue;
    }
    if (!camera.isOpen && !(await openCamera())) return;
    answer = await giveFrame(socket);
    if (answer.picture && isGiving) {
      picture.show(answer.picture, answer.capturedMs);
      show("ok", t("camera.live"));
    }
  }
}

/** What a failure to connect means: that the pass has `ended`, that `requests` may work, or null if the server is silent. */
async function meaningOfFailure(failures) {
  const response = await fetch("/camera/pass").catch(() => null);
  if (response?.status === 401) return "ended";
  return response?.ok && failures >= REQUESTS_AFTER ? "requests" : null;
}

const END_TEXTS = {
  ended: () => t("camera.ended"),
  taken: () => t("camera.taken"),
  malformed: () => t("camera.malformed"),
};

/** Connect, give the camera, and connect again until stopped or refused. */
async function run() {
  let failures = 0;
  let opensSockets = true;
  while (isGiving) {
    let socket = null;
    try {
      socket = opensSockets ? await CameraSocket.open() : new CameraRequests();
      if (opensSockets) failures = 0;
      await give(socket);
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
      if (!isGiving) return;
      show("wait", t("camera.connecting"), t("camera.connecting"));
      failures += 1;
      const reason = error.reason ?? (socket ? null : await meaningOfFailure(failures));
      if (reason === "requests") opensSockets = false;
      else if (reason) return stop(END_TEXTS[reason](), "bad");
      await sleep(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)));
    } finally {
      socket?.close();
    }
  }
}

/** Keep the screen on, where the browser can; it lets go when the page is hidden. */
const keepAwake = () => isGiving && !document.hidden && navigator.wakeLock?.request("screen").catch(() => {});

byId("start").addEventListener("click", () => {
  isGiving = true;
  showButtons();
  show("wait", t("camera.connecting"), t("camera.connecting"));
  keepAwake();
  run();
});
byId("stop").addEventListener("click", () => stop(t("camera.stopped")));
byId("turn").addEventListener("click", () => camera.turn().catch(() => openCamera()));
document.addEventListener("visibilitychange", keepAwake);
byId("start").disabled = !navigator.mediaDevices;
if (!navigator.mediaDevices) show("bad", t("camera.page_title"), t("camera.insecure"));
