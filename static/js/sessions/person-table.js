/** Table of the people in a session; selecting a person filters the charts. */
import { COUNTED_ATTRIBUTES, sharesText } from "./label-shares.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { ageText, sexText, timeText, capitalise } from "../lib/format.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";

const COLUMNS = ["Seen", "Seconds", "Most frequent", "Expressions", "Age", "Perceived sex", ...COUNTED_ATTRIBUTES.map(({ column }) => column)];

function create({ id }) {
  const button = element("button", { type: "button", class: "person", "aria-pressed": "false" }, `Person ${id}`);
  const cells = COLUMNS.map((label) => element("td", { "data-label": label, "data-suffix": label === "Seconds" ? " s" : null }));
  cells[3].append(createStackedBar());
  return element("tr", {}, element("th", { scope: "row" }, button), ...cells);
}

function texts(person) {
  return [
    `${timeText(person.first_seen_at)} to ${timeText(person.last_seen_at)}`,
    String(person.person_seconds),
    capitalise(person.dominant),
    null,
    ageOf(person),
    person.p_female == null ? "" : sexText(person.sex, person.p_female).replace(/perceived (sex )?/, ""),
    ...COUNTED_ATTRIBUTES.map(({ name, text }) => sharesText(person[name], text)),
  ];
}

/** Empty without an age model; "unsure" if a mask covered the face in every frame. */
function ageOf({ age_years: years, masks }) {
  if (years == null) return masks.mask ? "unsure" : "";
  return ageText(years);
}

/** `counts` are the session's seconds by label (`races`, `masks`); `selected` is a person's id or null. */
export function renderPersons(body, { persons, labels, ...counts }, selected) {
  const isEmpty = ({ name }) => !Object.keys(counts[name]).length;
  for (const one of COUNTED_ATTRIBUTES) byId(`${one.name}-column`).hidden = isEmpty(one);
  renderList(body, persons, (person) => person.id, create, (row, person) => {
    const cells = row.querySelectorAll("td");
    texts(person).forEach((text, index) => text !== null && setText(cells[index], text));
    for (const one of COUNTED_ATTRIBUTES) cells[COLUMNS.indexOf(one.column)].hidden = isEmpty(one);
    renderStackedBar(cells[3].firstElementChild, labels, person.histogram);
    row.querySelector("button").setAttribute("aria-pressed", String(person.id === selected));
  });
}
