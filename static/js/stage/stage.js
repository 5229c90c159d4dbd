/** The video stage: the stream of this viewer, opened only while there is a picture and the page is seen. */
import { imageUrl } from "../lib/api.js";
import { byId } from "../lib/dom.js";
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
const streamUrl = (state) =>
  !state.hidden && state.status?.camera.state === "live" ? imageUrl("/video_feed", state) : null;

export function mountStage(store) {
  const stream = new MjpegStream(byId("video"), (streamProblem) => store.set({ streamProblem }));
  const generation = new StreamGeneration();
  store.watch(["show", "pictureSize", "status", "connection", "hidden"], (state) => {
    const before = generation.value;
    stream.show(streamUrl(state), generation.update(state) !== before);
  });
  const updateVisibility = () => store.set({ hidden: document.hidden });
  document.addEventListener("visibilitychange", updateVisibility);
  updateVisibility();
}
