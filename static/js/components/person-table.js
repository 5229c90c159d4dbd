/** Everybody a session has seen; a person's button shows their own figures. */
import { byId, element, keyed, setText } from "../dom.js";
import { ageText, masksText, sexText, timeOfDay, word } from "../format.js";
import { createStrip, renderStrip } from "./strip.js";

const COLUMNS = ["Seen", "Seconds", "Mostly", "Expressions", "Mask", "Age", "Perceived sex"];

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
    masksText(person.masks),
    ageOf(person),
    person.p_female == null ? "" : sexText(person.sex, person.p_female).replace(/perceived (sex )?/, ""),
  ];
}

/** Empty without a model of ages; unsure where a mask hid it all the time. */
function ageOf({ age_years: years, masks }) {
  if (years == null) return masks.mask ? "unsure" : "";
  return ageText(years);
}

/** `labels` in their order, `masks` of everybody, `chosen` a person's id or null. */
export function renderPersons(body, { persons, labels, masks }, chosen) {
  const withoutMasks = !Object.keys(masks).length;
  byId("mask-column").hidden = withoutMasks;
  keyed(body, persons, (person) => person.id, create, (row, person) => {
    const cells = row.querySelectorAll("td");
    texts(person).forEach((text, index) => text !== null && setText(cells[index], text));
    cells[COLUMNS.indexOf("Mask")].hidden = withoutMasks;
    renderStrip(cells[3].firstElementChild, labels, person.histogram);
    row.querySelector("button").setAttribute("aria-pressed", String(person.id === chosen));
  });
}
