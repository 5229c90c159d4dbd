/** The values of attributes in a session's detail (docs/api.md), by the attributes' descriptions. */
import { labelText } from "../lib/attribute-text.js";
import { hasLabels } from "../lib/attributes.js";
import { isCounted } from "./label-shares.js";

// A person's value in the form of a face's JSON, by kind of attribute.
const VALUES_BY_KIND = {
  classes: ({ name }, person) => ({ label: person[name] }),
  binary: ({ name, positive }, person) => ({ label: person[name], [`p_${positive}`]: person[`p_${positive}`] }),
  number: ({ column, value_key: key }, person) => ({ [key]: person[column] }),
  vector: ({ name, labels }, person) => Object.fromEntries(labels.map((label) => [label, person[`${name}_${label}`]])),
};

export const personValue = (attribute, person) => VALUES_BY_KIND[attribute.kind](attribute, person);

/** Person-seconds by the label of each person as a whole. */
function secondsByPersonLabel({ name }, persons) {
  const seconds = {};
  for (const person of persons) if (person[name] != null) seconds[person[name]] = (seconds[person[name]] ?? 0) + person.person_seconds;
  return seconds;
}

/** Person-seconds by label, of one person or, without one, of everyone. */
export function secondsByLabel(attribute, { session, persons, ...counts }, person = null) {
  if (attribute.headline) return (person ?? session).histogram;
  if (isCounted(attribute)) return (person ?? counts)[attribute.counts_key] ?? {};
  return secondsByPersonLabel(attribute, person ? [person] : persons);
}

/** The means of a number, or of each component of a vector: `{title, note, unit, range, digits, points: [{id, value, weight}]}`. */
export function numberSeries(attribute, persons) {
  const { title, note, unit, range, digits } = attribute;
  const components = attribute.kind === "vector" ? attribute.labels : attribute.kind === "number" ? [attribute.value_key] : [];
  return components.map((component) => ({
    title: attribute.kind === "vector" ? `${title}, ${labelText(attribute, component)}` : title,
    note, unit, range, digits,
    points: persons
      .map((person) => ({ id: person.id, value: personValue(attribute, person)[component], weight: person.person_seconds }))
      .filter(({ value }) => value != null),
  }));
}

/** Whether the session holds values of an attribute. */
function hasValues(attribute, detail) {
  if (hasLabels(attribute)) return Object.keys(secondsByLabel(attribute, detail)).length > 0;
  return numberSeries(attribute, detail.persons).some(({ points }) => points.length > 0);
}

/** Whether an attribute belongs on the page of a session: also if it was unsure all the time, but not if it was off. */
export const isRecorded = (attribute, detail) => hasValues(attribute, detail) || (attribute.served && !isCounted(attribute));
