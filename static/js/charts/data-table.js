/** The numbers behind a chart as a table, folded below it. */
import { element } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** Head and body of a table; the first text of each row is its heading. */
export const tableParts = (head, rows) => [
  element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
  element("tbody", {}, ...rows.map(([first, ...cells]) => element("tr", {}, element("th", { scope: "row" }, first), ...cells.map((text) => element("td", {}, text))))),
];

const createDetails = (caption) =>
  element("details", { class: "data-table" },
    element("summary", {}, t("session.data_table", { title: caption })),
    element("div", { class: "table-wrap", tabindex: "0", role: "region" }));

/** `rows` gives lists of texts, one a column of `head`; the first is the row's heading. */
export function renderDataTable(parent, caption, head, rows) {
  const details = parent.querySelector("details") ?? createDetails(caption);
  const wrap = details.lastElementChild;
  wrap.setAttribute("aria-label", caption);
  const fill = () => wrap.replaceChildren(element("table", {}, element("caption", { class: "visually-hidden" }, caption), ...tableParts(head, rows())));
  details.ontoggle = () => details.open && fill();
  if (details.open) fill();
  if (!details.parentElement) parent.append(details);
}
