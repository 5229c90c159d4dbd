/** The names of a card's figures in words, and their values as people read them. */
import { sentence } from "../lib/format.js";

const share = (value) => `${(value * 100).toFixed(1)}\u202f%`;
const whole = (value) => value.toLocaleString();
const signed = (value, text) => (value > 0 ? `+${text}` : text.replace("-", "\u2212"));

// The first rule whose pattern fits a name tells how its values are written.
const FORMATS = [
  [/^(n|n_.*|pictures|rejected)$/, whole],
  [/^(found|share|recall|nme)/, share],
  [/(bias|lost).*years|years_lost/, (value) => signed(value, `${value.toFixed(1)} years`)],
  [/years/, (value) => `${value.toFixed(1)} years`],
  [/_lost/, (value) => signed(value, `${(value * 100).toFixed(1)} points`)],
  [/^ms/, (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`],
  [/^rmse_px/, (value) => `${value.toFixed(2)} px`],
  [/(nll|brier)$|^false_per|^ap\d/, (value) => value.toFixed(3)],
  [/./, share],
];

// What is told first, in this order; everything else is in the table of all figures.
const FIRST = {
  accuracy: "Right",
  balanced_accuracy: "Right, each class counting the same",
  ece: "Gap between how sure it is and how often it is right",
  ece_by_chance: "That gap for a model that is exactly as sure as it should be, on so many pictures",
  mae_years: "Age off by, on average",
  bias_years: "Ages too high by, on average",
  share_within_5_years: "Ages within 5 years of the true one",
  interval_coverage: "Ages within the interval that is told (meant: 80\u202f%)",
  mae_years_worst_group: "Age off by, in the worst group of people",
  sex_accuracy: "Perceived sex right",
  sex_accuracy_worst_group: "Perceived sex right, in the worst group of people",
  race_accuracy: "Perceived race right",
  race_balanced_accuracy: "Perceived race right, each label counting the same",
  race_accuracy_worst_group: "Perceived race right, in the worst group of people",
  mask_vs_none: "Mask told from no mask",
  rmse_px96: "Points off by, where the eyes are 36 px apart",
  nme: "Points off by, of the eyes\u2019 distance",
  ap40: "Average precision",
  recall: "Faces found, as served",
  false_per_image: "False faces a picture, as served",
  found: "Faces found",
  accuracy_direct: "Right on direct patches of the same faces",
  accuracy_lost: "Lost on the way",
  mae_years_direct: "Age off by on direct patches of the same faces",
  mae_years_lost: "Age lost on the way",
  ms_a_face: "Time for a face, alone",
};

/** Under which the same faces were scored once more, by the end of a figure's name. */
export const CONDITIONS = {
  turned: "turned by 20 degrees",
  tight: "cut from brows to chin",
  hair_hidden: "with the hair hidden",
  masked: "with a drawn mask",
};

export const figureText = (name, value) => FORMATS.find(([pattern]) => pattern.test(name))[1](value);

const span = (figures, name) => {
  const [low, high] = [figures[`${name}_low`], figures[`${name}_high`]];
  return low == null || high == null ? null : `${figureText(name, low)} to ${figureText(name, high)}`;
};

/** `{words, text, interval}` of the figures that are told first. */
export const firstFigures = (figures) =>
  Object.keys(FIRST)
    .filter((name) => typeof figures[name] === "number")
    .map((name) => ({ words: FIRST[name], text: figureText(name, figures[name]), interval: span(figures, name) }));

// Masks are scored by source too, since sources have shortcuts.
const OF_SOURCE = /^(balanced_accuracy|mask_vs_none)_(.+)$/;
const UNDER = new RegExp(`^(.+?)(_lost)?_(${Object.keys(CONDITIONS).join("|")})(_low|_high)?$`);
const LOST = { _low: ", worse by at least", _high: ", worse by at most" };

export function inWords(name) {
  const [, figure, source] = OF_SOURCE.exec(name) ?? [];
  if (figure) return `${FIRST[figure]}, on pictures of ${source}`;
  const [, plain, lost, condition, end] = UNDER.exec(name) ?? [];
  if (plain) return `${inWords(plain)}, ${CONDITIONS[condition]}${lost ? LOST[end] ?? ", worse by" : ""}`;
  return FIRST[name] ?? name.replaceAll("_", " ");
}

/** `[words, text]` of every figure. */
export const allFigures = (figures) =>
  Object.entries(figures)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => [inWords(name), figureText(name, value)]);

const ofHundred = (value) => `${Math.round(value * 100)} of 100`;

/** A sentence for everybody; empty where no figure is known. */
export function inShort(figures) {
  const parts = [
    figures.accuracy != null && `it is right for ${ofHundred(figures.accuracy)} faces`,
    figures.mae_years != null && `ages are off by ${figures.mae_years.toFixed(1)} years on average`,
    figures.sex_accuracy != null && `perceived sex is right for ${ofHundred(figures.sex_accuracy)} faces`,
    figures.race_accuracy != null && `perceived race is right for ${ofHundred(figures.race_accuracy)} faces`,
    figures.mask_vs_none != null && `a mask is told from none for ${ofHundred(figures.mask_vs_none)} faces`,
    figures.recall != null && `it finds ${ofHundred(figures.recall)} faces`,
    figures.nme != null && `its points are off by ${(figures.nme * 100).toFixed(1)} % of the distance between the eyes`,
  ].filter(Boolean);
  return parts.length ? sentence(parts.join(", and ")) : "";
}

const NORMAL_95 = 1.959964;

/** Wilson's 95 % interval of a share of `count`. */
export function shareInterval(value, count) {
  const spread = NORMAL_95 ** 2 / count;
  const center = (value + spread / 2) / (1 + spread);
  const half = (NORMAL_95 * Math.sqrt((value * (1 - value)) / count + spread / (4 * count))) / (1 + spread);
  return [Math.max(0, center - half), Math.min(1, center + half)];
}
