/** Numbers on an axis over their range: one point per person, and the mean beside it. */
import { hasText, t } from "../lib/i18n.js";
import { numberText } from "../lib/attribute-text.js";
import { personVariable } from "../lib/colours.js";
import { element, renderList, setText } from "../lib/dom.js";

/** Where a value lies in its range, 0 to 1. */
export const shareOf = ([low, high], value) => (Math.min(high, Math.max(low, value)) - low) / (high - low);

/** " years"; empty without a unit. */
export const unitText = (unit) => (unit ? ` ${hasText(`attributes.units.${unit}`) ? t(`attributes.units.${unit}`) : unit}` : "");

/** The mean over people, by the time each was seen. */
export function mean(points) {
  const weight = points.reduce((sum, point) => sum + point.weight, 0);
  return points.reduce((sum, point) => sum + point.value * point.weight, 0) / weight;
}

function create({ title, note, range, digits }) {
  const limit = (value) => element("span", { class: "axis__limit" }, numberText({ digits: Math.min(digits, 1) }, value));
  return element(
    "li",
    { class: "axis" },
    element("span", { class: "axis__title" }, title, note ? element("span", { class: "axis__note" }, note) : null),
    element("span", { class: "axis__scale" }, limit(range[0]), element("span", { class: "axis__track", role: "img" }), limit(range[1])),
    element("span", { class: "axis__value" }),
  );
}

function update(row, { title, unit, range, digits, points }, selected) {
  const shown = points.filter(({ id }) => id === selected);
  const track = row.querySelector(".axis__track");
  renderList(track, points, ({ id }) => id, () => element("span", { class: "axis__point" }), (node, { id, value }) => {
    node.style.setProperty("--person", personVariable(id));
    node.style.setProperty("--share", shareOf(range, value).toFixed(4));
    node.classList.toggle("axis__point--faded", selected !== null && id !== selected);
    node.title = t("base.chart.person_value", { id, value: numberText({ digits }, value) + unitText(unit) });
  });
  const texts = points.map(({ id, value }) => t("base.chart.person_value", { id, value: numberText({ digits }, value) }));
  track.setAttribute("aria-label", `${title}. ${texts.join(", ")}`);
  const values = selected === null ? points : shown;
  setText(row.querySelector(".axis__value"), values.length ? numberText({ digits }, mean(values)) + unitText(unit) : "");
}

/** Draw `series` (of `numberSeries`) into the list `parent`; `selected` is a person's id or null. */
export function renderNumberAxes(parent, series, selected) {
  renderList(parent, series, ({ title }) => title, create, (row, one) => update(row, one, selected));
}
