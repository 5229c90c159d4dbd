/** Horizontal bars: one per label of the headline attribute, in a fixed order. */
import { element, renderList, setText } from "../lib/dom.js";
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { percent } from "../lib/format.js";
import { seriesVariable } from "../lib/colours.js";

function create(labels, label) {
  const row = element(
    "li",
    { class: "bar" },
    element("span", { class: "bar__label" }, headlineText(headline, { label })),
    element("span", { class: "bar__track" }, element("span", { class: "bar__fill" }), element("span", { class: "bar__interval", hidden: true })),
    element("span", { class: "bar__value" }),
  );
  row.style.setProperty("--series", seriesVariable(labels, label));
  return row;
}

function showInterval(node, interval) {
  node.hidden = !interval;
  if (!interval) return;
  node.style.setProperty("--low", interval[0].toFixed(4));
  node.style.setProperty("--high", interval[1].toFixed(4));
}

/** Draw `values` (label -> 0..1, or null) into the list `parent`; `top` is the label to highlight, `intervals` label -> [low, high]. */
export function renderProbabilityBars(parent, labels, values, top = null, intervals = null) {
  renderList(parent, labels, (label) => label, (label) => create(labels, label), (row, label) => {
    const share = values?.[label] ?? 0;
    row.style.setProperty("--share", share.toFixed(4));
    row.classList.toggle("bar--top", label === top);
    showInterval(row.querySelector(".bar__interval"), intervals?.[label]);
    setText(row.querySelector(".bar__value"), values ? percent(share) : "");
  });
}
