/**
 * Markers of the running session: a button, the key M, and the keys 1 to 9 for markers whose names the session defines; a
 * button and the key E let the last one be a span.
 */
import { addMarker, endMarker } from "../lib/api.js";
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
  /** The newest marker, while it is a point. */
  const openMarker = () => {
    const newest = known.markers.reduce((one, other) => (other.id > (one?.id ?? 0) ? other : one), null);
    return newest?.end_s === null ? newest : null;
  };
  const show = (session, markers) => {
    known = { session, markers };
    const last = markers.length ? durationText(Math.max(...markers.map(({ start_s: start }) => start))) : "";
    setText(byId("recording-markers"), last && t("recording.markers", { count: markers.length, last }));
    byId("marker-end").hidden = !openMarker();
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
  const endSpan = () =>
    current() &&
    openMarker() &&
    attempt(async () => {
      const { id } = current();
      const ended = await endMarker(id, openMarker().id);
      show(id, known.markers.map((one) => (one.id === ended.id ? ended : one)));
      toast(t("recording.span_ended", { name: ended.name, from: durationText(ended.start_s), to: durationText(ended.end_s) }));
    });
  byId("marker-button").addEventListener("click", markNow);
  byId("marker-end").addEventListener("click", endSpan);
  // Markers that other viewers and programs set count as well.
  socket.on("markers", ({ session, markers }) => session === current()?.id && show(session, markers));
  store.watch(["status"], () => {
    const session = current()?.id ?? null;
    if (session !== known.session) show(session, []);
  });
  return { m: markNow, e: endSpan, ...Object.fromEntries(KEYS.map((key) => [String(key), () => mark((session) => markerOfKey(session, key))])) };
}
