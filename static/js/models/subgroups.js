/** Aggregate a card's subgroups (by labelled properties of the faces) by one property, and rank them. */

/** Subgroups with fewer faces are not ranked: their interval is too wide. */
export const MIN_GROUP_FACES = 30;
const ALL = "all";

/** "10-19" with an en dash and without a line break. */
export const withoutLineBreak = (band) => band.replace(/(?<=\d)-(?=\d)/, "\u2060\u2013\u2060");

const distinctValues = (groups, property) => [...new Set(groups.map((group) => group[property]))].filter((value) => value !== ALL);

function mean(groups) {
  const n = groups.reduce((sum, group) => sum + group.n, 0);
  return { n, figure: groups.reduce((sum, group) => sum + group.figure * group.n, 0) / n };
}

const firstNumber = (band) => parseInt(band, 10);

/** Names of the labelled properties, in alphabetical order. */
export const propertiesOf = ([group]) => Object.keys(group).filter((key) => key !== "n" && key !== "figure").sort();

/** `{label, n, figure}` for each value of `property`; empty if there is only one value. */
export function meanByProperty(groups, property) {
  const values = distinctValues(groups, property);
  if (values.length < 2) return [];
  if (values.every((value) => firstNumber(value) >= 0)) values.sort((one, other) => firstNumber(one) - firstNumber(other));
  else values.sort();
  return values.map((value) => ({ label: value, ...mean(groups.filter((group) => group[property] === value)) }));
}

export const groupName = (group) =>
  propertiesOf([group]).reverse().map((property) => withoutLineBreak(group[property])).filter((value) => value !== ALL).join(", ");

/** Subgroups with at least `MIN_GROUP_FACES` faces, the worst first. */
export function worstFirst(groups, higherIsBetter) {
  const large = groups.filter(({ n }) => n >= MIN_GROUP_FACES);
  return large.sort((one, other) => (higherIsBetter ? one.figure - other.figure : other.figure - one.figure));
}
