/** Centred moving averages that leave gaps as gaps. */

/** Means of up to 2 * `radius` + 1 neighbouring values; nulls stay, and no value is taken from beyond one. */
export function smooth(values, radius) {
  if (radius < 1) return values;
  const result = new Array(values.length).fill(null);
  for (let start = 0; start < values.length; ) {
    let end = start;
    while (end < values.length && values[end] !== null) end += 1;
    smoothRun(values, start, end, radius, result);
    start = end + 1;
  }
  return result;
}

function smoothRun(values, start, end, radius, result) {
  const sums = [0];
  for (let index = start; index < end; index += 1) sums.push(sums.at(-1) + values[index]);
  for (let index = start; index < end; index += 1) {
    const from = Math.max(start, index - radius);
    const to = Math.min(end, index + radius + 1);
    result[index] = (sums[to - start] - sums[from - start]) / (to - from);
  }
}
