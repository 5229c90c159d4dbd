/** Thin a long timeline to what a chart can show. */
const MOST_POINTS = 240;

/** Rows averaged over equal spans (weighted by people), with `null` rows where no one was seen. */
export function thinned(timeline, labels, durationS) {
  const span = Math.max(1, Math.ceil(durationS / MOST_POINTS));
  const bins = new Map();
  for (const row of timeline) {
    const index = Math.floor(row.time_s / span);
    bins.set(index, [...(bins.get(index) ?? []), row]);
  }
  const last = Math.max(...bins.keys(), 0);
  return Array.from({ length: last + 1 }, (_, index) => ({ time_s: index * span, mean: average(bins.get(index), labels) }));
}

/** Null where nobody was seen, or only faces whose expression a mask hid. */
function average(all, labels) {
  const rows = all?.filter(({ mean }) => Object.keys(mean).length) ?? [];
  if (!rows.length) return null;
  const people = rows.reduce((sum, row) => sum + row.persons, 0);
  const mean = (label) => rows.reduce((sum, row) => sum + row.mean[label] * row.persons, 0) / people;
  return Object.fromEntries(labels.map((label) => [label, mean(label)]));
}
