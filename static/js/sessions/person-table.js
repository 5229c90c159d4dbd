/** Table of the people in a session; selecting a person filters the charts. */
import { isCounted, sharesText } from "./label-shares.js";
import { personValue } from "./recorded-values.js";
import { cellText } from "../lib/attribute-text.js";
import { element, renderList, setText } from "../lib/dom.js";
import { timeText, capitalise } from "../lib/format.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";

const FIXED_COLUMNS = ["Seen", "Seconds", "Most frequent", "Expressions"];
const BAR_COLUMN = FIXED_COLUMNS.indexOf("Expressions");

function create({ id }, attributes) {
  const button = element("button", { type: "button", class: "person", "aria-pressed": "false" }, `Person ${id}`);
  const fixed = FIXED_COLUMNS.map((label) => element("td", { "data-label": label, "data-suffix": label === "Seconds" ? " s" : null }));
  const cells = attributes.map(({ name, title }) => element("td", { "data-label": title, "data-attribute": name }));
  fixed[BAR_COLUMN].append(createStackedBar());
  return element("tr", {}, element("th", { scope: "row" }, button), ...fixed, ...cells);
}

const attributeCell = (attribute, person) =>
  isCounted(attribute) ? sharesText(attribute, person[attribute.counts_key]) : cellText(attribute, personValue(attribute, person));

const texts = (person, attributes) => [
  `${timeText(person.first_seen_at)} to ${timeText(person.last_seen_at)}`,
  String(person.person_seconds),
  capitalise(person.dominant),
  null,
  ...attributes.map((attribute) => attributeCell(attribute, person)),
];

function renderHead(row, attributes) {
  const titles = ["Person", ...FIXED_COLUMNS, ...attributes.map(({ title }) => title)];
  renderList(row, titles, (title) => title, () => element("th", { scope: "col" }), setText);
}

/** `attributes` get a column each, besides the headline's; `selected` is a person's id or null. */
export function renderPersons(table, { persons, labels }, attributes, selected) {
  renderHead(table.tHead.rows[0], attributes);
  const key = ({ id }) => `${id} ${attributes.length}`;
  renderList(table.tBodies[0], persons, key, (person) => create(person, attributes), (row, person) => {
    const cells = row.querySelectorAll("td");
    row.dataset.person = person.id;
    texts(person, attributes).forEach((text, index) => text !== null && setText(cells[index], text));
    renderStackedBar(cells[BAR_COLUMN].firstElementChild, labels, person.histogram);
    row.querySelector("button").setAttribute("aria-pressed", String(person.id === selected));
  });
}
