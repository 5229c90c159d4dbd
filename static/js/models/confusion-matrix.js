/** What is taken for what: a table whose fields are shaded by how often it happens. */
import { element } from "../lib/dom.js";
import { percent, word } from "../lib/format.js";

function field(count, total, isRight, title) {
  const share = total ? count / total : 0;
  const node = element("td", { class: isRight ? "confusion__right" : null, title }, percent(share));
  node.style.setProperty("--strength", `${Math.round(100 * share ** 0.7)}%`);
  return node;
}

function row(label, labels, counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cells = counts.map((count, column) => {
    const title = `${count.toLocaleString()} of ${total.toLocaleString()} labelled ${label} were called ${labels[column]}`;
    return field(count, total, labels[column] === label, title);
  });
  return element("tr", {}, element("th", { scope: "row" }, word(label)), ...cells);
}

/** `matrix` has a row for each true label and a column for each that was said. */
export function confusion(labels, matrix) {
  const heads = labels.map((label) => element("th", { scope: "col" }, element("span", {}, word(label))));
  const explained = "A row holds the faces of one label, its fields what they were called: blue is right, orange is not.";
  return element(
    "div",
    { class: "scrolls", tabindex: "0", role: "region", "aria-label": "What is taken for what" },
    element("p", { class: "chart-title" }, "What is taken for what"),
    element("p", { class: "quiet" }, explained),
    element(
      "table",
      { class: "confusion" },
      element("caption", { class: "visually-hidden" }, "What is taken for what"),
      element("thead", {}, element("tr", {}, element("td", {}), ...heads)),
      element("tbody", {}, ...matrix.map((counts, index) => row(labels[index], labels, counts))),
    ),
  );
}
