/** Series colours, defined in base.css. A label's colour follows its position in the server's label list. */
export const seriesVariable = (labels, label) => {
  const index = labels.indexOf(label);
  return index < 0 ? "var(--series-other)" : `var(--series-${index + 1})`;
};

const styles = () => getComputedStyle(document.documentElement);

export const colour = (variable) => styles().getPropertyValue(variable).trim();

export const seriesColours = (labels, all = labels) =>
  all.map((label) => colour(labels.includes(label) ? `--series-${labels.indexOf(label) + 1}` : "--series-other"));

/** `labels` in order, followed by further bins of `histogram` (such as "unsure"). */
export const withExtraLabels = (labels, histogram) => [
  ...labels,
  ...Object.keys(histogram ?? {}).filter((label) => !labels.includes(label)),
];

/** Call `redraw` when the system switches between dark and light mode. */
export function onColourSchemeChange(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
