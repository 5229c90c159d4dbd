/** Who is in view: the people of the newest numbers, with a short memory so that cards do not blink. */
const LINGER_MS = 1200;

export class People {
  #seen = new Map();

  /** The people of `faces`, and those seen just now marked `gone`; by id. */
  update(faces, now) {
    for (const face of faces) this.#seen.set(face.id, { face, at: now });
    for (const [id, { at }] of this.#seen) if (now - at > LINGER_MS) this.#seen.delete(id);
    return [...this.#seen.values()]
      .map(({ face, at }) => ({ ...face, gone: at !== now }))
      .sort((one, other) => one.id - other.id);
  }

  clear() {
    this.#seen.clear();
    return [];
  }
}

/** Mean emotion probabilities of `people`, or null where no one has any; who wears a mask has none. */
export function meanEmotion(people, labels) {
  const known = people.filter((person) => person.emotion?.probabilities);
  if (!known.length) return null;
  const mean = (label) => known.reduce((sum, person) => sum + (person.emotion.probabilities[label] ?? 0), 0) / known.length;
  return Object.fromEntries(labels.map((label) => [label, mean(label)]));
}

/** The label with the greatest value; null for none. */
export function greatest(values) {
  const entries = Object.entries(values ?? {});
  if (!entries.length) return null;
  return entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
