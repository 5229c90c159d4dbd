/** One bar a label in a fixed order; the fill glides to its value. */
import { element, keyed, setText } from "../lib/dom.js";
import { percent, word } from "../lib/format.js";
import { seriesVariable } from "../lib/colours.js";

function create(labels, label) {
  const row = element(
    "li",
    { class: "bar" },
    element("span", { class: "bar__label" }, word(label)),
    element("span", { class: "bar__track" }, element("span", { class: "bar__fill" })),
    element("span", { class: "bar__value" }),
  );
  row.style.setProperty("--series", seriesVariable(labels, label));
  return row;
}

/** Draw `values` (label -> 0..1, or null for none) into the list `parent`. */
export function renderBars(parent, labels, values, top = null) {
  keyed(parent, labels, (label) => label, (label) => create(labels, label), (row, label) => {
    const share = values?.[label] ?? 0;
    row.style.setProperty("--share", share.toFixed(4));
    row.classList.toggle("bar--top", label === top);
    setText(row.querySelector(".bar__value"), values ? percent(share) : "");
  });
}
