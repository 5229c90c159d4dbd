/** The strongest and the longest times in which people showed another emotion than usual; a click zooms to one. */
import { byId, element, replaceKeepingFocus } from "../lib/dom.js";
import { durationText, percent } from "../lib/format.js";
import { personVariable } from "../lib/colours.js";
import { t } from "../lib/i18n.js";
import { emotionText, personName } from "./names.js";

const MARGIN_S = 5;

function eventRow(event, choose) {
  const person = element("span", { class: "event__person" }, personName({ id: event.person, name: event.name }));
  person.style.setProperty("--person", personVariable(event.person));
  const button = element(
    "button", { type: "button", class: "event" },
    element("span", { class: "event__time" }, durationText(event.start_s)),
    person,
    element("span", { class: "event__what" }, t("session.events.change", { usual: emotionText(event.usual), label: emotionText(event.label) })),
    element("span", { class: "event__size" }, t("session.events.size", { strength: percent(event.strength), seconds: Math.round(event.duration_s * 10) / 10 })),
  );
  button.addEventListener("click", () => choose(event));
  return element("li", {}, button);
}

/** `set(patch)` changes the filter. */
export function mountEvents(set) {
  const order = byId("events-order");
  let current = null;
  const draw = () => {
    const events = current?.events[order.value] ?? [];
    const { duration_s: durationS } = current?.session ?? { duration_s: 0 };
    const choose = ({ start_s: startS, end_s: endS }) => {
      const margin = Math.max(MARGIN_S, endS - startS);
      set({ from: Math.max(0, startS - margin), to: Math.min(durationS, endS + margin) });
      byId("timeline-plot").focus();
    };
    replaceKeepingFocus(byId("events"), events.map((event) => eventRow(event, choose)), { key: ({ textContent }) => textContent, fallback: order });
    byId("events-empty").hidden = events.length > 0;
  };
  order.addEventListener("change", draw);
  return {
    show(events, session) {
      current = { events, session };
      draw();
    },
  };
}
