/** Everybody a session has seen; a person's button shows their own figures. */
import { element, keyed, setText } from "../dom.js";
import { ageText, sexText, timeOfDay, word } from "../format.js";
import { createStrip, renderStrip } from "./strip.js";

const COLUMNS = ["Seen", "Seconds", "Mostly", "Expressions", "Age", "Perceived sex"];

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
    person.age_years == null ? "" : ageText(person.age_years),
    person.p_female == null ? "" : sexText(person.sex, person.p_female).replace(/perceived (sex )?/, ""),
  ];
}

/** `labels` in their order, `chosen` a person's id or null. */
export function renderPersons(body, { persons, labels }, chosen) {
  keyed(body, persons, (person) => person.id, create, (row, person) => {
    const cells = row.querySelectorAll("td");
    texts(person).forEach((text, index) => text !== null && setText(cells[index], text));
    renderStrip(cells[3].firstElementChild, labels, person.histogram);
    row.querySelector("button").setAttribute("aria-pressed", String(person.id === chosen));
  });
}
