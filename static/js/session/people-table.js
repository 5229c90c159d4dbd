/** Sortable table of a session's people; pressing a name filters all figures. */
import { byId, element, linkButton, replaceKeepingFocus } from "../lib/dom.js";
import { capitalise, decimal, percent } from "../lib/format.js";
import { cellText } from "../lib/attribute-text.js";
import { t } from "../lib/i18n.js";
import { personVariable } from "../lib/colours.js";
import { headline } from "../lib/attributes.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";
import { isCounted, largestShareText, sharesText } from "../sessions/label-shares.js";
import { personValue } from "../sessions/recorded-values.js";
import { emotionText, personName, spanText } from "./names.js";

const dash = "–";

/** Columns before those of the attributes: `{key, title, value(person) to sort by, cell(person), hint(person)?}`; a cell is a text or nodes. */
const fixedColumns = (labels) => [
  { key: "seen", title: t("session.seen"), value: ({ first_s: first }) => first, cell: (person) => spanText(person.first_s, person.last_s) },
  { key: "seconds", title: t("session.seconds"), value: ({ person_seconds: seconds }) => seconds, cell: (person) => decimal(person.person_seconds) },
  { key: "share", title: t("session.share"), value: ({ share }) => share, cell: ({ share }) => percent(share ?? 0) },
  { key: "dominant", title: t("session.expressions"), value: ({ dominant }) => dominant ?? "", cell: (person) => expressionCell(person, labels), hint: ({ histogram }) => sharesText(headline, histogram) },
];

/** The most frequent expression over a bar of all; their shares are in the title of the cell. */
function expressionCell({ dominant, histogram }, labels) {
  if (!dominant) return dash;
  const bar = createStackedBar();
  renderStackedBar(bar, labels, histogram);
  return [element("span", { class: "persons__dominant" }, emotionText(dominant)), bar];
}

/** Numbers that are drawn on axes and in a plane would make the table too wide. */
const hasColumn = ({ headline, kind, plane }) => !headline && kind !== "vector" && !plane;

function attributeColumn(attribute) {
  if (attribute.name === "facing") return facingColumn(attribute);
  const counted = isCounted(attribute);
  // The label that a person has most of the time; the others are in the cell's title.
  const seconds = (person) => person[attribute.counts_key];
  const cell = (person) => (counted ? largestShareText(attribute, seconds(person)) : capitalise(cellText(attribute, personValue(attribute, person))));
  const value = (person) => person[attribute.column] ?? person[`p_${attribute.positive}`] ?? cell(person);
  return { key: attribute.name, title: attribute.title, value, cell, hint: (person) => (counted ? sharesText(attribute, seconds(person)) : "") };
}

/** The share alone: its title says what of. */
const facingColumn = ({ name, title }) => ({
  key: name, title, value: ({ facing_share: share }) => share ?? -1, cell: ({ facing_share: share }) => (share === null || share === undefined ? dash : percent(share)),
});

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one ?? "").localeCompare(String(other ?? ""), undefined, { numeric: true });
}

function headCell(column, sort, onSort) {
  const button = element("button", { type: "button", class: "sort" }, column.title);
  button.addEventListener("click", () => onSort(column.key));
  const direction = sort.key === column.key ? (sort.descending ? "descending" : "ascending") : "none";
  return element("th", { scope: "col", "aria-sort": direction, "data-key": column.key }, button);
}

function personCell(person, { selected, marked, actions }) {
  const check = element("input", { type: "checkbox", "aria-label": t("session.people_tools.choose", { person: personName(person) }) });
  check.checked = marked.has(person.id);
  check.addEventListener("change", () => actions.mark(person.id, check.checked));
  const button = element("button", { type: "button", class: "person", "aria-pressed": String(selected.includes(person.id)), title: personName(person) }, personName(person));
  button.style.setProperty("--person", personVariable(person.id));
  button.addEventListener("click", () => actions.select(person.id));
  return element("th", { scope: "row" }, element("span", { class: "person-cell" }, check, button));
}

function menuCell(person, { actions }) {
  const item = (name, action) => {
    const text = t(`session.people_tools.${name}`);
    return linkButton(text, `${text}: ${personName(person)}`, () => action(person));
  };
  return element("td", { class: "row-actions" }, item("rename", actions.rename), item("split", actions.split), item("remove", actions.remove));
}

function row(person, columns, context) {
  const cells = columns.map(({ key, title, cell, hint, isFixed }) =>
    element("td", { class: isFixed ? null : "persons__attribute", "data-label": title, "data-key": key, title: hint?.(person) ?? "" }, ...[cell(person)].flat()));
  return element("tr", { "data-person": String(person.id) }, personCell(person, context), ...cells, menuCell(person, context));
}

/** `actions`: `{select(id), mark(id, on), rename(person), split(person), remove(person)}`. */
export function mountPeopleTable(actions) {
  const table = byId("persons");
  const chooser = byId("persons-sort");
  let sort = { key: "person", descending: false };
  let current = null;
  const onSort = (key) => {
    sort = { key, descending: sort.key === key && !sort.descending };
    draw();
  };
  chooser.addEventListener("change", () => onSort(chooser.value));
  const draw = () => {
    const { figures, labels, selected, marked, recorded } = current;
    const person = { key: "person", title: t("session.person_title"), value: ({ id }) => id };
    const columns = [...fixedColumns(labels).map((column) => ({ ...column, isFixed: true })), ...recorded.filter(hasColumn).map(attributeColumn)];
    const all = [person, ...columns];
    const by = all.find(({ key }) => key === sort.key) ?? person;
    const sorted = [...figures.persons].sort((one, other) => compare(by.value(one), by.value(other)) * (sort.descending ? -1 : 1));
    const last = element("th", { scope: "col" }, t("session.people_tools.actions"));
    replaceKeepingFocus(table.tHead.rows[0], [...all.map((column) => headCell(column, sort, onSort)), last], { key: ({ dataset }) => dataset.key, fallback: chooser });
    replaceKeepingFocus(table.tBodies[0], sorted.map((one) => row(one, columns, { selected, marked, actions })), { key: ({ dataset }) => dataset.person, fallback: chooser });
    chooser.replaceChildren(...all.map(({ key, title }) => element("option", { value: key, selected: key === sort.key }, title)));
  };
  return {
    /** `recorded` are the attributes with a column each, `selected` ids of the filter, `marked` the set of ids chosen for merging. */
    show(figures, labels, recorded, selected, marked) {
      current = { figures, labels, recorded, selected, marked };
      draw();
    },
  };
}
