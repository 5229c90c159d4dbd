/** Confusion matrix: a table whose cells are shaded by their share of the row. */
import { element } from "../lib/dom.js";
import { percent, capitalise } from "../lib/format.js";

function field(count, total, isRight, title) {
  const share = total ? count / total : 0;
  const node = element("td", { class: isRight ? "confusion__right" : null, title }, percent(share));
  node.style.setProperty("--strength", `${Math.round(100 * share ** 0.7)}%`);
  return node;
}

function row(label, labels, counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cells = counts.map((count, column) => {
    const title = `${count.toLocaleString()} of ${total.toLocaleString()} labelled ${label} were predicted as ${labels[column]}`;
    return field(count, total, labels[column] === label, title);
  });
  return element("tr", {}, element("th", { scope: "row" }, capitalise(label)), ...cells);
}

/** `matrix` has a row per true label and a column per predicted label. */
export function confusionMatrix(labels, matrix) {
  const heads = labels.map((label) => element("th", { scope: "col" }, element("span", {}, capitalise(label))));
  const explanation = "Rows are true labels, columns are predicted labels. Blue is correct, orange is wrong.";
  return element(
    "div",
    { class: "scrolls", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
    element("p", { class: "chart-title" }, "Confusion matrix"),
    element("p", { class: "quiet" }, explanation),
    element(
      "table",
      { class: "confusion" },
      element("caption", { class: "visually-hidden" }, "Confusion matrix"),
      element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
      element("tbody", {}, ...matrix.map((counts, index) => row(labels[index], labels, counts))),
    ),
  );
}
