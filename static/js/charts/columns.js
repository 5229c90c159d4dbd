/** Small column chart as a list: value, column and label of each item, so that its text is its own alternative. */
import { seriesVariable, withExtraLabels } from "../lib/colours.js";
import { element, renderList, setText } from "../lib/dom.js";
import { capitalise, decimal } from "../lib/format.js";
import { labelText } from "../lib/attribute-text.js";

function create(labels, label) {
  const part = (name) => element("span", { class: `column__${name}` });
  const item = element("li", { class: "column", "data-label": label }, part("label"), part("value"), part("bar"));
  item.style.setProperty("--series", seriesVariable(labels, label));
  return item;
}

/** Draw `histogram` (label -> number) of an attribute into `parent`, an element that becomes a list. */
export function renderColumns(parent, { attribute, labels, histogram }) {
  const all = withExtraLabels(labels, histogram);
  const most = Math.max(1, ...all.map((label) => histogram[label] ?? 0));
  renderList(parent, all, (label) => label, (label) => create(labels, label), (item, label) => {
    const value = histogram[label] ?? 0;
    item.style.setProperty("--share", (value / most).toFixed(4));
    setText(item.querySelector(".column__label"), capitalise(labelText(attribute, label)));
    setText(item.querySelector(".column__value"), decimal(value));
  });
}
