/** Groups of people out of a card's smallest ones (race by sex by age): by one property, and the worst of them. */
export const LEAST = 30; // fewer faces say too little to be called the worst
const ALL = "all";

/** "10-19" that no line breaks apart. */
export const unbroken = (band) => band.replace("-", "\u2060\u2013\u2060");

const words = (groups, property) => [...new Set(groups.map((group) => group[property]))].filter((word) => word !== ALL);

function mean(groups) {
  const n = groups.reduce((sum, group) => sum + group.n, 0);
  return { n, figure: groups.reduce((sum, group) => sum + group.figure * group.n, 0) / n };
}

const firstAge = (band) => parseInt(band, 10);

/** `{label, n, figure}` of each word of `race`, `sex` or `age`; empty where the set tells none apart. */
export function by(groups, property) {
  const found = words(groups, property);
  if (found.length < 2) return [];
  if (property === "age") found.sort((one, other) => firstAge(one) - firstAge(other));
  else found.sort();
  return found.map((word) => ({ label: word, ...mean(groups.filter((group) => group[property] === word)) }));
}

export const nameOf = ({ race, sex, age }) => [race, sex, unbroken(age)].filter((word) => word !== ALL).join(", ");

/** The smallest groups of at least `LEAST` faces, the worst first. */
export function ranked(groups, higherIsBetter) {
  const large = groups.filter(({ n }) => n >= LEAST);
  return large.sort((one, other) => (higherIsBetter ? one.figure - other.figure : other.figure - one.figure));
}
