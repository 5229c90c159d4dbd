/** The numbers of a session: means by person on an axis each, and two of them in their plane. */
import { planesOf } from "../lib/attributes.js";
import { byId, setText } from "../lib/dom.js";
import { planeTitle } from "../lib/attribute-text.js";
import { renderNumberAxes } from "../charts/number-axis.js";
import { createPlane } from "../charts/plane.js";
import { numberSeries, personValue } from "./recorded-values.js";

const valueOn = (axis, person) => personValue(axis, person)[axis.value_key] ?? null;

const pointsOf = ({ x, y }, persons, selected) =>
  persons
    .map((person) => ({ id: person.id, x: valueOn(x, person), y: valueOn(y, person), faded: selected !== null && person.id !== selected }))
    .filter((point) => point.x !== null && point.y !== null);

export function mountNumberPanels() {
  let chart = null;
  return {
    /** `attributes` are those that the session holds, `selected` a person's id or null. */
    show(attributes, persons, selected, of) {
      const series = attributes.flatMap((attribute) => numberSeries(attribute, persons));
      const [plane] = planesOf(attributes);
      byId("numbers").hidden = !series.length;
      byId("plane-panel").hidden = !plane;
      setText(byId("numbers-of"), of);
      renderNumberAxes(byId("axes"), series, selected);
      if (!plane) return;
      setText(byId("plane-title"), planeTitle(plane.name));
      chart ??= createPlane(byId("plane"), plane);
      chart.show(pointsOf(plane, persons, selected));
    },
  };
}
