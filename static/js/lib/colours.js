/** Colours live in the style sheet; a label's colour goes by its place in the server's list. */
export const seriesVariable = (labels, label) => {
  const index = labels.indexOf(label);
  return index < 0 ? "var(--series-other)" : `var(--series-${index + 1})`;
};

const styles = () => getComputedStyle(document.documentElement);

export const colour = (variable) => styles().getPropertyValue(variable).trim();

export const seriesColours = (labels, all = labels) =>
  all.map((label) => colour(labels.includes(label) ? `--series-${labels.indexOf(label) + 1}` : "--series-other"));

/** The labels in their order, then bins the labels do not name ("unsure"). */
export const withExtraBins = (labels, histogram) => [
  ...labels,
  ...Object.keys(histogram ?? {}).filter((label) => !labels.includes(label)),
];

/** Call `redraw` whenever the system turns dark or light. */
export function onSchemeChange(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
