/** Downsample a long timeline for a chart. */
const MAX_POINTS = 240;

/** Mean of rows over bins of equal length, weighted by people; `mean` is null in bins without a visible expression. */
export function binTimeline(timeline, labels, durationS) {
  const binSeconds = Math.max(1, Math.ceil(durationS / MAX_POINTS));
  const bins = new Map();
  for (const row of timeline) {
    const index = Math.floor(row.time_s / binSeconds);
    bins.set(index, [...(bins.get(index) ?? []), row]);
  }
  const last = Math.max(...bins.keys(), 0);
  return Array.from({ length: last + 1 }, (_, index) => ({ time_s: index * binSeconds, mean: weightedMean(bins.get(index), labels) }));
}

/** Null if no face was seen or every expression was hidden. */
function weightedMean(all, labels) {
  const rows = all?.filter(({ mean }) => Object.keys(mean).length) ?? [];
  if (!rows.length) return null;
  const people = rows.reduce((sum, row) => sum + row.persons, 0);
  const mean = (label) => rows.reduce((sum, row) => sum + row.mean[label] * row.persons, 0) / people;
  return Object.fromEntries(labels.map((label) => [label, mean(label)]));
}
