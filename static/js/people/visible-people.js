/** People in view; those lost a moment ago are kept so that their cards do not flicker. */
import { UNSURE } from "../lib/attributes.js";

const KEPT_AFTER_LOSS_MS = 1200;

export class VisiblePeople {
  #seen = new Map();

  /** People of `faces` and those lost within `keptMs` (`gone`): those in view first, each group by id. */
  update(faces, now, keptMs = KEPT_AFTER_LOSS_MS) {
    for (const face of faces) this.#seen.set(face.id, { face, at: now });
    for (const [id, { at }] of this.#seen) if (now - at > keptMs) this.#seen.delete(id);
    return [...this.#seen.values()]
      .map(({ face, at }) => ({ ...face, gone: at !== now }))
      .sort((one, other) => one.gone - other.gone || one.id - other.id);
  }

  clear() {
    this.#seen.clear();
    return [];
  }
}

/** Those who have not left. */
export const inView = (people) => people.filter(({ gone }) => !gone);

/** Number of people by label of an attribute, the most frequent first and unsure last: `[[label, number], ...]`. */
export function countByLabel(people, { name, labels }) {
  const counts = new Map();
  for (const { [name]: value } of people) if (value) counts.set(value.label, (counts.get(value.label) ?? 0) + 1);
  const rank = ([label, number]) => (label === UNSURE ? 0 : number);
  const place = ([label]) => labels.indexOf(label);
  return [...counts].sort((one, other) => rank(other) - rank(one) || place(one) - place(other));
}

/** Mean probability of each label of an attribute; null if nobody has any (another attribute may hide them). */
export function meanProbabilities(people, { name, labels }) {
  const known = people.filter((person) => person[name]?.probabilities);
  if (!known.length) return null;
  const mean = (label) => known.reduce((sum, person) => sum + (person[name].probabilities[label] ?? 0), 0) / known.length;
  return Object.fromEntries(labels.map((label) => [label, mean(label)]));
}

/** The key with the largest value; null if there is none. */
export function largestKey(values) {
  const entries = Object.entries(values ?? {});
  if (!entries.length) return null;
  return entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
