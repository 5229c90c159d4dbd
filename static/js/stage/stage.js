/** The video stage: the stream, and a message while there is no video. */
import { attempt } from "../lib/messages.js";
import { imageUrl } from "../lib/api.js";
import { liveState } from "./live-state.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { request } from "../lib/socket.js";
import { MjpegStream } from "./mjpeg-stream.js";

/** Counter that grows whenever the stream must be reopened: new vision process, new connection, camera live again. */
class StreamGeneration {
  #pid = null;
  #connection = null;
  #live = null;
  value = 0;

  update({ status, connection }) {
    const pid = status?.vision.pid ?? this.#pid;
    const live = status ? status.camera.state === "live" : null;
    const reconnected = connection === "online" && this.#connection === "lost";
    const replaced = this.#pid !== null && pid !== this.#pid;
    const back = live === true && this.#live === false;
    if (reconnected || replaced || back) this.value += 1;
    this.#pid = pid;
    this.#live = live ?? this.#live;
    this.#connection = connection;
    return this.value;
  }
}

/** Null without a live camera: an image that never arrives keeps the page in the loading state. */
const streamUrl = ({ show, status, hidden }) =>
  !hidden && status?.camera.state === "live" ? imageUrl("/video_feed", show) : null;

function renderMessage(state) {
  const now = liveState(state);
  const refused = now.live ? state.streamProblem : null;
  const message = byId("stage-message");
  message.hidden = now.live && !refused;
  setText(message.querySelector(".stage__message-title"), refused ? t("live.no_video") : now.label);
  setText(message.querySelector(".stage__message-detail"), refused ?? now.detail);
  byId("retry").hidden = state.connection !== "online" || state.status?.vision.state !== "failed";
  byId("hint").hidden = !now.live || state.people.length > 0;
}

export function mountStage(store, socket) {
  const stream = new MjpegStream(byId("video"), (streamProblem) => store.set({ streamProblem }));
  const generation = new StreamGeneration();
  store.watch(["show", "status", "connection", "hidden"], (state) => {
    const before = generation.value;
    stream.show(streamUrl(state), generation.update(state) !== before);
  });
  store.watch(["status", "connection", "stalled", "people", "streamProblem"], renderMessage);
  byId("retry").addEventListener("click", () => attempt(() => request(socket, "analysis_retry")));
  const updateVisibility = () => store.set({ hidden: document.hidden });
  document.addEventListener("visibilitychange", updateVisibility);
  updateVisibility();
}
