/** A thin bar of shares, one segment a label: numbers at a glance, beside their words. */
import { element, keyed } from "../lib/dom.js";
import { seriesVariable, withExtraBins } from "../lib/colours.js";

export const createStrip = () => element("span", { class: "strip", "aria-hidden": "true" });

/** Draw `values` (label -> amount) as shares of their sum. */
export function renderStrip(strip, labels, values) {
  const all = withExtraBins(labels, values);
  keyed(strip, all, (label) => label, () => element("span", { class: "strip__part" }), (part, label) => {
    part.style.setProperty("--series", seriesVariable(labels, label));
    part.style.setProperty("--share", String(values?.[label] ?? 0));
  });
}
