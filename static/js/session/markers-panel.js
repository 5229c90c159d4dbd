/** Markers and spans of a session: list, add, change, delete, and filter by them. */
import { byId, element, linkButton, replaceKeepingFocus } from "../lib/dom.js";
import { durationText } from "../lib/format.js";
import { attempt } from "../lib/messages.js";
import { t } from "../lib/i18n.js";
import { askMarker, askMarkerNames } from "./dialogs.js";
import { toggled } from "./filter.js";
import { spanText } from "./names.js";

function filterButton(marker, selected, filterBy) {
  const attributes = { type: "button", class: "person", "aria-pressed": String(selected.includes(marker.id)), title: t("session.markers.filter") };
  const button = element("button", attributes, marker.name);
  button.addEventListener("click", () => filterBy(marker));
  return button;
}

function markerRow(marker, { selected, filterBy, change, remove }) {
  const isSpan = marker.end_s !== null;
  const when = isSpan ? spanText(marker.start_s, marker.end_s) : durationText(marker.start_s);
  const name = isSpan && !marker.excluded ? filterButton(marker, selected, filterBy) : element("span", { class: "marker__name" }, marker.name);
  return element(
    "li", { class: "marker", "data-marker": String(marker.id) },
    element("span", { class: "marker__time" }, when), name,
    marker.excluded ? element("span", { class: "tag" }, t("session.markers.excluded")) : null,
    marker.note ? element("span", { class: "marker__note" }, marker.note) : null,
    element("span", { class: "marker__actions" },
      linkButton(t("session.markers.edit"), `${t("session.markers.edit")}: ${marker.name}`, () => change(marker)),
      linkButton(t("session.markers.delete"), `${t("session.markers.delete")}: ${marker.name}`, () => remove(marker))),
  );
}

/** `shownSpan()` gives the span on the timeline, which a new marker proposes. */
export function mountMarkers(api, store, { set, changed, shownSpan }) {
  const send = async (...call) => (await attempt(() => api.send(...call))) && changed();
  const actions = {
    filterBy: ({ id }) => set({ markers: toggled(store.state.filter.markers, id) }),
    async change(marker) {
      const fields = await askMarker(t("session.markers.edit_title"), marker);
      if (fields) await send("PATCH", `/markers/${marker.id}`, fields);
    },
    remove: (marker) => send("DELETE", `/markers/${marker.id}`),
  };
  const add = async (key = null) => {
    const { from, to } = shownSpan();
    const { filter } = store.state;
    const isSpan = filter.from !== null || filter.to !== null;
    const name = key && (store.state.detail.marker_names?.[key] ?? t("recording.marker_number", { number: key }));
    const fields = await askMarker(t("session.markers.add_title"), { name, start_s: from, end_s: isSpan ? to : null });
    if (fields) await send("POST", "/markers", { ...fields, key });
  };
  byId("marker-add").addEventListener("click", () => add());
  byId("marker-names").addEventListener("click", async () => {
    const names = await askMarkerNames(store.state.detail.marker_names ?? {});
    if (names) await send("PUT", "/marker-names", names);
  });
  return {
    add,
    show({ detail, filter }) {
      const rows = detail.markers.map((marker) => markerRow(marker, { selected: filter.markers, ...actions }));
      replaceKeepingFocus(byId("markers"), rows, { key: ({ dataset }) => dataset.marker, fallback: byId("marker-add") });
      byId("markers-empty").hidden = detail.markers.length > 0;
    },
  };
}
