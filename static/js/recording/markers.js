/** Markers of the running session: a button, the key M, and the keys 1 to 9 for markers whose names the session defines. */
import { addMarker } from "../lib/api.js";
import { attempt, toast } from "../lib/messages.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { durationText } from "../lib/format.js";

const KEYS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The marker of a key: named by the session, else by its number. */
const markerOfKey = ({ marker_names: names }, key) => ({ key, name: names?.[key] ?? t("recording.marker_number", { number: key }) });

/** Mount the button; returns the actions of the keys. */
export function mountMarkers(store, socket) {
  let known = { session: null, markers: [] };
  const current = () => store.state.status?.session ?? null;
  const show = (session, markers) => {
    known = { session, markers };
    const last = markers.length ? durationText(Math.max(...markers.map(({ start_s: start }) => start))) : "";
    setText(byId("recording-markers"), last && t("recording.markers", { count: markers.length, last }));
  };
  const mark = (marker) =>
    current() &&
    attempt(async () => {
      const session = current();
      const added = await addMarker(session.id, { note: "", time: null, ...marker(session) });
      if (!known.markers.some(({ id }) => id === added.id)) show(session.id, [...known.markers, added]);
      toast(t("recording.marked", { name: added.name, time: durationText(added.start_s) }));
    });
  const markNow = () => mark(() => ({ name: t("recording.marker_number", { number: known.markers.length + 1 }) }));
  byId("marker-button").addEventListener("click", markNow);
  // Markers that other viewers and programs set count as well.
  socket.on("markers", ({ session, markers }) => session === current()?.id && show(session, markers));
  store.watch(["status"], () => {
    const session = current()?.id ?? null;
    if (session !== known.session) show(session, []);
  });
  return { m: markNow, ...Object.fromEntries(KEYS.map((key) => [String(key), () => mark((session) => markerOfKey(session, key))])) };
}
