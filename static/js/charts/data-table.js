/** The numbers behind a chart as a table, folded below it. */
import { element } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** Head and body of a table; the first text of each row is its heading. */
export const tableParts = (head, rows) => [
  element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
  element("tbody", {}, ...rows.map(([first, ...cells]) => element("tr", {}, element("th", { scope: "row" }, first), ...cells.map((text) => element("td", {}, text))))),
];

/** `rows` gives lists of texts, one a column of `head`; the first is the row's heading. */
export function renderDataTable(parent, caption, head, rows) {
  const details = parent.querySelector("details") ?? element("details", { class: "data-table" }, element("summary", {}, t("session.data_table")));
  const fill = () => {
    const table = element("table", {}, element("caption", { class: "visually-hidden" }, caption), ...tableParts(head, rows()));
    details.querySelector(".table-wrap")?.remove();
    details.append(element("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": caption }, table));
  };
  details.ontoggle = () => details.open && fill();
  if (details.open) fill();
  if (!details.parentElement) parent.append(details);
}
