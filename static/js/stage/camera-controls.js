/** Camera picker and pause button. */
import { fetchCameras } from "../lib/api.js";
import { attempt } from "../lib/messages.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { request } from "../lib/socket.js";

/** The available cameras, and the source in use if it is another one (a file, a stream). */
function choices({ cameras: found, status }) {
  const current = status?.camera;
  if (!current?.source || found.some(({ source }) => source === current.source)) return found;
  return [...found, { source: current.source, name: current.name ?? current.source }];
}

function renderPicker(select, state) {
  renderList(select, choices(state), ({ source }) => source, () => element("option"), (option, { source, name }) => {
    option.value = source;
    setText(option, name);
  });
  if (document.activeElement !== select || !select.dataset.busy) select.value = state.status?.camera.source ?? "";
  select.title = select.selectedOptions[0]?.textContent ?? "";
}

export function mountCameraPicker(store, socket) {
  const select = byId("camera");
  const refresh = () => fetchCameras().then((found) => store.set({ cameras: found })).catch(() => {});
  socket.on("connect", refresh);
  store.watch(["cameras", "status"], (state) => renderPicker(select, state));
  select.addEventListener("change", async () => {
    const source = select.value;
    const chosen = await attempt(() => request(socket, "camera_select", { source }));
    if (!chosen) renderPicker(select, store.state);
  });
}

export function mountPauseButton(store, socket) {
  const button = byId("power");
  const paused = () => store.state.status?.camera.state === "paused";
  const pause = async () => store.set({ ownPause: (await request(socket, "camera_pause")).pause?.id ?? null });
  button.addEventListener("click", () => attempt(() => (paused() ? request(socket, "camera_resume") : pause())));
  store.watch(["status"], () => {
    const text = t(!paused() ? "live.pause" : store.state.status.camera.ended ? "live.play" : "live.resume");
    button.classList.toggle("tool--paused", paused());
    button.setAttribute("aria-label", text);
    button.title = text;
  });
}
