/** Number of `--series-` colours in base.css; further labels repeat them. */
const SERIES_COLOURS = 7;

const seriesName = (labels, label) => {
  const index = labels.indexOf(label);
  return index < 0 ? "--series-other" : `--series-${(index % SERIES_COLOURS) + 1}`;
};

/** Series colours, defined in base.css. A label's colour follows its position in the server's label list. */
export const seriesVariable = (labels, label) => `var(${seriesName(labels, label)})`;

/** Number of `--person-` colours in base.css. */
const PERSON_COLOURS = 8;

const personColourName = (id) => `--person-${((id - 1) % PERSON_COLOURS) + 1}`;

/** Colour of a person, as that of the box in the video. */
export const personVariable = (id) => `var(${personColourName(id)})`;

const styles = () => getComputedStyle(document.documentElement);

export const colour = (variable) => styles().getPropertyValue(variable).trim();

export const personColour = (id) => colour(personColourName(id));

export const seriesColours = (labels, all = labels) => all.map((label) => colour(seriesName(labels, label)));

/** `labels` in order, followed by further bins of `histogram` (such as "unsure"). */
export const withExtraLabels = (labels, histogram) => [
  ...labels,
  ...Object.keys(histogram ?? {}).filter((label) => !labels.includes(label)),
];

/** Call `redraw` when the system switches between dark and light mode. */
export function onColourSchemeChange(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
