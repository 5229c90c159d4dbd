/** Veil over the stage while there is no picture: the state, its reason, one primary button, and further choices. */
import { attempt } from "../lib/messages.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { request } from "../lib/socket.js";
import { liveState } from "./live-state.js";

const DEMO = "demo";

/** Open the choice of the camera in the toolbar. */
function openPicker() {
  const select = byId("camera");
  select.focus();
  select.showPicker?.();
}

const ACTIONS = {
  retry: { text: () => t("live.retry"), run: (socket) => request(socket, "analysis_retry") },
  play: { text: () => t("live.play"), run: (socket) => request(socket, "camera_resume") },
  resume: { text: () => t("live.resume_for_everyone"), run: (socket) => request(socket, "camera_resume") },
  choose: { text: () => t("live.choose_source"), run: openPicker },
  demo: { text: () => t("live.show_demo"), run: (socket) => request(socket, "camera_select", { source: DEMO }) },
};

/** What can be done where the source is lost or cannot be opened; the demo last. */
function otherSources({ cameras, status }) {
  const others = cameras.map(({ source }) => source).filter((source) => source !== status.camera.source);
  const demo = others.includes(DEMO) ? ["demo"] : [];
  return others.some((source) => source !== DEMO) ? ["choose", ...demo] : demo;
}

/** Names of `ACTIONS` that help in this state, the primary one first. */
export function veilActions(state) {
  const { connection, status } = state;
  if (connection !== "online" || !status) return [];
  if (status.vision.state === "failed") return ["retry"];
  if (status.vision.state !== "running") return [];
  if (status.camera.state === "paused") return [status.camera.ended ? "play" : "resume", "choose"];
  return ["lost", "failed"].includes(status.camera.state) ? otherSources(state) : [];
}

function createButton(name, socket) {
  const button = element("button", { type: "button", class: "button", "data-action": name }, ACTIONS[name].text());
  button.addEventListener("click", () => attempt(async () => ACTIONS[name].run(socket)));
  return button;
}

function render(state, socket) {
  const now = liveState(state);
  const refused = now.live ? state.streamProblem : null;
  const veil = byId("stage-message");
  veil.hidden = now.live && !refused;
  setText(veil.querySelector(".veil__title"), refused ? t("live.no_video") : now.label);
  setText(veil.querySelector(".veil__detail"), refused ?? now.detail);
  const actions = veilActions(state);
  byId("veil-actions").hidden = !actions.length;
  renderList(byId("veil-actions"), actions, (name) => name, (name) => createButton(name, socket), (button, name) =>
    button.classList.toggle("veil__primary", name === actions[0]),
  );
  byId("hint").hidden = !now.live || state.people.length > 0;
}

export function mountVeil(store, socket) {
  const keys = ["status", "connection", "stalled", "people", "streamProblem", "cameras", "ownPause"];
  store.watch(keys, (state) => render(state, socket));
}
