/** The stage: the picture in its own shape, and what to say where there is none. */
import { attempt } from "../lib/messages.js";
import { pictureUrl } from "../lib/api.js";
import { describe } from "./live-state.js";
import { byId, setText } from "../lib/dom.js";
import { request } from "../lib/socket.js";
import { Stream } from "./mjpeg-stream.js";

/** Grows whenever the stream has to be taken up anew: a new vision process, a new connection. */
class Generation {
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

/** Without a live camera nothing would come, and a page whose image never comes counts as loading for ever. */
const wanted = ({ show, status, hidden }) =>
  !hidden && status?.camera.state === "live" ? pictureUrl("/video_feed", show) : null;

function renderVeil(state) {
  const now = describe(state);
  const refused = now.live ? state.streamProblem : null;
  const veil = byId("veil");
  veil.hidden = now.live && !refused;
  setText(veil.querySelector(".stage__veil-title"), refused ? "No picture" : now.label);
  setText(veil.querySelector(".stage__veil-detail"), refused ?? now.detail);
  byId("retry").hidden = state.connection !== "online" || state.status?.vision.state !== "failed";
  byId("hint").hidden = !now.live || state.people.length > 0;
}

function renderShape({ stats, status }) {
  const { width, height } = stats ?? status?.camera ?? {};
  if (width && height) document.documentElement.style.setProperty("--aspect", String(width / height));
}

export function mountStage(store, socket) {
  const stream = new Stream(byId("picture"), (streamProblem) => store.set({ streamProblem }));
  const generation = new Generation();
  store.watch(["show", "status", "connection", "hidden"], (state) => {
    const before = generation.value;
    stream.show(wanted(state), generation.update(state) !== before);
  });
  store.watch(["status", "connection", "stalled", "people", "streamProblem"], renderVeil);
  store.watch(["stats", "status"], renderShape);
  byId("retry").addEventListener("click", () => attempt(() => request(socket, "analysis_retry")));
  const follow = () => store.set({ hidden: document.hidden });
  document.addEventListener("visibilitychange", follow);
  follow();
}
