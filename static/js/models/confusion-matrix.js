/** Confusion matrix: a table whose cells are shaded by their share of the row. */
import { t } from "../lib/i18n.js";
import { element } from "../lib/dom.js";
import { percent, capitalise } from "../lib/format.js";
import { labelOf } from "./card-text.js";

function field(count, total, isRight, title) {
  const share = total ? count / total : 0;
  const node = element("td", { class: isRight ? "confusion__right" : null, title }, percent(share));
  node.style.setProperty("--strength", `${Math.round(100 * share ** 0.7)}%`);
  return node;
}

function row(index, names, counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cells = counts.map((count, column) => {
    const title = t("models.confusion.cell", { count, total, label: names[index], predicted: names[column] });
    return field(count, total, column === index, title);
  });
  return element("tr", {}, element("th", { scope: "row" }, capitalise(names[index])), ...cells);
}

/** `matrix` has a row per true label and a column per predicted label; `name` tells this table from others of the page. */
export function confusionMatrix({ attribute, labels, matrix, name }) {
  const names = labels.map((label) => labelOf(attribute, label));
  const corner = element("th", { scope: "col", class: "confusion__corner" }, element("span", { class: "visually-hidden" }, t("models.confusion.corner")));
  const heads = names.map((label) => element("th", { scope: "col" }, element("span", {}, capitalise(label))));
  return element(
    "div",
    { class: "scrolls", tabindex: "0", role: "region", "aria-label": name },
    element("p", { class: "chart-title" }, t("models.confusion.title")),
    element("p", { class: "quiet" }, t("models.confusion.explanation")),
    element(
      "table",
      { class: "confusion" },
      element("caption", { class: "visually-hidden" }, name),
      element("thead", {}, element("tr", {}, corner, ...heads)),
      element("tbody", {}, ...matrix.map((counts, index) => row(index, names, counts))),
    ),
  );
}
