/** Markers of the running session: a button, the key M, and the keys 1 to 9 for markers with that name. */
import { addMarker } from "../lib/api.js";
import { attempt, toast } from "../lib/messages.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { durationText } from "../lib/format.js";
import { elapsedSeconds } from "./elapsed-time.js";

const NAMED_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Mount the button; returns the actions of the keys. */
export function mountMarkers(store) {
  let set = { id: null, number: 0, last: "" };
  const current = () => store.state.status?.session ?? null;
  const show = () => setText(byId("recording-markers"), set.number ? t("recording.markers", { count: set.number, last: set.last }) : "");
  const mark = (name) => {
    const session = current();
    if (!session) return;
    const time = elapsedSeconds(store.state);
    attempt(async () => {
      await addMarker(session.id, { name: name ?? t("recording.marker_number", { number: set.number + 1 }), note: "", time });
      set = { ...set, number: set.number + 1, last: durationText(time) };
      show();
      toast(t("recording.marked", { time: set.last }));
    });
  };
  byId("marker-button").addEventListener("click", () => mark());
  store.watch(["status"], () => {
    if (set.id === (current()?.id ?? null)) return;
    set = { id: current()?.id ?? null, number: 0, last: "" };
    show();
  });
  return { m: () => mark(), ...Object.fromEntries(NAMED_KEYS.map((key) => [key, () => mark(t("recording.marker_number", { number: Number(key) }))])) };
}
