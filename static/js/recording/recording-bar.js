/** Bar over the page while a session is recorded: its name, which can be changed, its time, markers and Stop. */
import { attempt } from "../lib/messages.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { durationText, toSentence } from "../lib/format.js";
import { request } from "../lib/socket.js";
import { elapsedSeconds } from "./elapsed-time.js";
import { mountMarkers } from "./markers.js";

const TICK_MS = 250;
const PAGE_TITLE = document.title;

function renderBar({ status }) {
  const session = status?.session ?? null;
  const field = byId("recording-name");
  byId("recording").hidden = !session;
  document.body.classList.toggle("is-recording", Boolean(session));
  document.title = session ? `\u25cf ${session.name} · ${PAGE_TITLE}` : PAGE_TITLE;
  setText(byId("recording-problem"), status?.storage ? toSentence(status.storage) : "");
  byId("recording-problem").hidden = !status?.storage;
  if (!session || document.activeElement === field) return;
  field.value = session.name;
  field.title = `${session.name}\n${t("recording.rename_hint")}`;
}

function mountName(store, socket) {
  const field = byId("recording-name");
  const current = () => store.state.status?.session;
  const rename = async () => {
    const name = field.value.trim();
    if (!current() || name === current().name) return;
    const isDone = name && (await attempt(() => request(socket, "session_rename", { id: current().id, name })));
    if (!isDone) field.value = current()?.name ?? "";
  };
  byId("recording-form").addEventListener("submit", (event) => {
    event.preventDefault();
    field.blur(); // which is a change
  });
  field.addEventListener("change", rename);
  field.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    field.value = current()?.name ?? "";
    field.blur();
  });
}

/** Mount the bar; returns the actions of its keys (`mountKeyboardShortcuts`). */
export function mountRecordingBar(store, socket, stop) {
  const tick = () => {
    if (store.state.status?.session) setText(byId("recording-time"), durationText(elapsedSeconds(store.state)));
  };
  byId("recording-stop").addEventListener("click", () => attempt(stop));
  mountName(store, socket);
  store.watch(["status"], (state) => {
    renderBar(state);
    tick();
  });
  setInterval(tick, TICK_MS);
  return mountMarkers(store, socket);
}
