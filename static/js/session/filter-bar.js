/** The filter above the figures: what is chosen, and buttons that take each choice back. */
import { byId, element, replaceKeepingFocus, setAvailable } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { EVERYTHING, isEverything, toggled } from "./filter.js";
import { personName, spanText } from "./names.js";

function chip(text, remove) {
  const button = element("button", { type: "button", class: "filter-chip", "aria-label": t("session.filter.remove", { what: text }) }, text, element("span", { "aria-hidden": "true" }, " ×"));
  button.addEventListener("click", remove);
  return element("li", {}, button);
}

function chips({ filter, detail }, set) {
  const person = (id) => detail.people.find((one) => one.id === id) ?? { id, name: null };
  const marker = (id) => detail.markers.find((one) => one.id === id);
  const { people, markers, from, to } = filter;
  return [
    ...people.map((id) => chip(personName(person(id)), () => set({ people: toggled(people, id) }))),
    ...markers.map((id) => chip(t("session.filter.during", { name: marker(id)?.name ?? String(id) }), () => set({ markers: toggled(markers, id) }))),
    ...(from === null && to === null ? [] : [chip(spanText(from ?? 0, to ?? detail.session.duration_s), () => set({ from: null, to: null }))]),
  ];
}

/** `set(patch)` changes the filter. */
export function mountFilterBar(set) {
  byId("filter-reset").addEventListener("click", () => set(EVERYTHING));
  const excluded = byId("filter-excluded");
  excluded.addEventListener("change", () => set({ excluded: excluded.checked }));
  return {
    show(state) {
      const shown = chips(state, set);
      const rows = shown.length ? shown : [element("li", { class: "quiet" }, t("session.filter.everything"))];
      replaceKeepingFocus(byId("filter-chips"), rows, { key: ({ textContent }) => textContent, fallback: byId("timeline-plot") });
      setAvailable(byId("filter-reset"), "hidden", !isEverything(state.filter), byId("timeline-plot"));
      byId("filter-excluded-label").hidden = !state.detail.markers.some((marker) => marker.excluded);
      excluded.checked = state.filter.excluded;
    },
  };
}
