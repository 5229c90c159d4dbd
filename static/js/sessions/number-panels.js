/** The numbers of a session: means by person on an axis each. */
import { byId, setText } from "../lib/dom.js";
import { renderNumberAxes } from "../charts/number-axis.js";
import { numberSeries } from "./recorded-values.js";

/** `attributes` are those that the session holds, `selected` a person's id or null, `of` says whose numbers they are. */
export function showNumbers(attributes, persons, selected, of) {
  const series = attributes.flatMap((attribute) => numberSeries(attribute, persons));
  byId("numbers").hidden = !series.length;
  setText(byId("numbers-of"), of);
  renderNumberAxes(byId("axes"), series, selected);
}
