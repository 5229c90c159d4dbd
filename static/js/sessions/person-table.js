/** Everybody a session has seen; a person's button shows their own figures. */
import { COUNTED, secondsText } from "./label-seconds.js";
import { byId, element, keyed, setText } from "../lib/dom.js";
import { ageText, sexText, timeOfDay, word } from "../lib/format.js";
import { createStrip, renderStrip } from "../charts/stacked-bar.js";

const COLUMNS = ["Seen", "Seconds", "Mostly", "Expressions", "Age", "Perceived sex", ...COUNTED.map(({ column }) => column)];

function create({ id }) {
  const button = element("button", { type: "button", class: "person", "aria-pressed": "false" }, `Person ${id}`);
  const cells = COLUMNS.map((label) => element("td", { "data-label": label, "data-suffix": label === "Seconds" ? " s" : null }));
  cells[3].append(createStrip());
  return element("tr", {}, element("th", { scope: "row" }, button), ...cells);
}

function texts(person) {
  return [
    `${timeOfDay(person.first_seen_at)} to ${timeOfDay(person.last_seen_at)}`,
    String(person.person_seconds),
    word(person.dominant),
    null,
    ageOf(person),
    person.p_female == null ? "" : sexText(person.sex, person.p_female).replace(/perceived (sex )?/, ""),
    ...COUNTED.map(({ name, text }) => secondsText(person[name], text)),
  ];
}

/** Empty without a model of ages; unsure where a mask hid it all the time. */
function ageOf({ age_years: years, masks }) {
  if (years == null) return masks.mask ? "unsure" : "";
  return ageText(years);
}

/** `labels` in their order, `counts` of everybody, `chosen` a person's id or null. */
export function renderPersons(body, { persons, labels, ...counts }, chosen) {
  const isEmpty = ({ name }) => !Object.keys(counts[name]).length;
  for (const one of COUNTED) byId(`${one.name}-column`).hidden = isEmpty(one);
  keyed(body, persons, (person) => person.id, create, (row, person) => {
    const cells = row.querySelectorAll("td");
    texts(person).forEach((text, index) => text !== null && setText(cells[index], text));
    for (const one of COUNTED) cells[COLUMNS.indexOf(one.column)].hidden = isEmpty(one);
    renderStrip(cells[3].firstElementChild, labels, person.histogram);
    row.querySelector("button").setAttribute("aria-pressed", String(person.id === chosen));
  });
}
