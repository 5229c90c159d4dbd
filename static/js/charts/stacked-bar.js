/** Thin stacked bar: one segment per label. */
import { element, renderList } from "../lib/dom.js";
import { seriesVariable, withExtraLabels } from "../lib/colours.js";

export const createStackedBar = () => element("span", { class: "stacked-bar", "aria-hidden": "true" });

/** Draw `values` (label -> amount) as shares of their sum. */
export function renderStackedBar(bar, labels, values) {
  const all = withExtraLabels(labels, values);
  renderList(bar, all, (label) => label, () => element("span", { class: "stacked-bar__segment" }), (segment, label) => {
    segment.style.setProperty("--series", seriesVariable(labels, label));
    segment.style.setProperty("--share", String(values?.[label] ?? 0));
  });
}
