/** Display names and formats of the metrics in a model card. */
import { attributes } from "../lib/attributes.js";
import { precisePercent, toSentence } from "../lib/format.js";

const share = precisePercent;
const wholeNumber = (value) => value.toLocaleString();
const signed = (value, text) => (value > 0 ? `+${text}` : text.replace("-", "\u2212"));

// The first pattern that matches a metric's name gives the format of its value.
const FORMATS = [
  [/^(n|n_.*|pictures|rejected)$/, wholeNumber],
  [/^(found|share|recall|nme)/, share],
  [/(bias|lost).*years|years_lost/, (value) => signed(value, `${value.toFixed(1)} years`)],
  [/degrees/, (value) => `${value.toFixed(1)}°`],
  [/years/, (value) => `${value.toFixed(1)} years`],
  [/_lost/, (value) => signed(value, `${(value * 100).toFixed(1)} points`)],
  [/^ms/, (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`],
  [/^rmse_px/, (value) => `${value.toFixed(2)} px`],
  [/(nll|brier)$|^false_per|^ap\d/, (value) => value.toFixed(3)],
  [/./, share],
];

// Metrics of an attribute in a card of several: the name of the attribute comes before that of the metric.
const ATTRIBUTE_METRICS = {
  accuracy: "accuracy",
  balanced_accuracy: "balanced accuracy",
  accuracy_worst_group: "accuracy, worst subgroup",
};

const attributeMetricNames = ({ name, title }) =>
  Object.entries(ATTRIBUTE_METRICS).map(([metric, words]) => [`${name}_${metric}`, `${title} ${words}`]);

// Headline metrics in this order; all others are in the table of all metrics.
const HEADLINE_NAMES = {
  accuracy: "Accuracy",
  balanced_accuracy: "Balanced accuracy",
  ece: "Calibration error",
  ece_by_chance: "Calibration error expected by chance",
  mae_years: "Mean age error",
  bias_years: "Mean age bias",
  share_within_5_years: "Ages within 5 years",
  interval_coverage: "Age interval coverage (target 80%)",
  mae_years_worst_group: "Mean age error, worst subgroup",
  ...Object.fromEntries(attributes.flatMap(attributeMetricNames)),
  mask_vs_none: "Mask or no mask, accuracy",
  rmse_px96: "Landmark RMSE, at 36 px between the eyes",
  nme: "Mean landmark error, share of the eye distance",
  yaw_mae_degrees: "Mean yaw error",
  pitch_mae_degrees: "Mean pitch error",
  roll_mae_degrees: "Mean roll error",
  facing_agreement: "Same answer whether a face faces the camera",
  frontal_facing: "Frontal portraits that count as facing the camera",
  pair_accuracy: "Both likeliest emotions are the pair",
  single_accuracy: "The likeliest emotion is one of the pair",
  pair_accuracy_where_shown: "The pair is right where one is shown",
  ap40: "Average precision",
  recall: "Recall, as served",
  false_per_image: "False detections per image, as served",
  found: "Faces detected",
  accuracy_direct: "Accuracy on direct crops of the same faces",
  accuracy_lost: "Accuracy lost in the full pipeline",
  mae_years_direct: "Mean age error on direct crops of the same faces",
  mae_years_lost: "Error added by the full pipeline",
  ms_a_face: "Time per face, one thread",
};

/** Conditions under which the same faces were evaluated again, by suffix of the metric's name. */
export const CONDITIONS = {
  turned: "rotated by 20 degrees",
  tight: "cropped from brows to chin",
  hair_hidden: "with the hair covered",
  masked: "with a synthetic mask",
};

export const metricText = (name, value) => FORMATS.find(([pattern]) => pattern.test(name))[1](value);

const intervalText = (figures, name) => {
  const [low, high] = [figures[`${name}_low`], figures[`${name}_high`]];
  return low == null || high == null ? null : `${metricText(name, low)} to ${metricText(name, high)}`;
};

/** `{words, text, interval}` of each headline metric in `figures`. */
export const headlineMetrics = (figures) =>
  Object.keys(HEADLINE_NAMES)
    .filter((name) => typeof figures[name] === "number")
    .map((name) => ({ words: HEADLINE_NAMES[name], text: metricText(name, figures[name]), interval: intervalText(figures, name) }));

// Mask metrics are also given by source, since a model can learn shortcuts from sources.
const PER_SOURCE = /^(balanced_accuracy|mask_vs_none)_(.+)$/;
const UNDER_CONDITION = new RegExp(`^(.+?)(_lost)?_(${Object.keys(CONDITIONS).join("|")})(_low|_high)?$`);
const LOSS_BOUND_NAMES = { _low: ", loss (lower bound)", _high: ", loss (upper bound)" };

export function metricName(name) {
  const [, figure, source] = PER_SOURCE.exec(name) ?? [];
  if (figure) return `${HEADLINE_NAMES[figure]}, images of ${source}`;
  const [, plain, lost, condition, end] = UNDER_CONDITION.exec(name) ?? [];
  if (plain) return `${metricName(plain)}, ${CONDITIONS[condition]}${lost ? LOSS_BOUND_NAMES[end] ?? ", loss" : ""}`;
  return HEADLINE_NAMES[name] ?? name.replaceAll("_", " ");
}

/** `[name, text]` of every numeric metric. */
export const allMetrics = (figures) =>
  Object.entries(figures)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => [metricName(name), metricText(name, value)]);

const outOfHundred = (value) => `${Math.round(value * 100)} of 100`;

/** Summary for lay readers, one sentence per metric; empty if none is known. */
export function summarySentence(figures) {
  const parts = [
    figures.accuracy != null && `correct for ${outOfHundred(figures.accuracy)} faces`,
    figures.mae_years != null && `the mean age error is ${figures.mae_years.toFixed(1)} years`,
    ...attributes.map(({ name, title }) => {
      const accuracy = figures[`${name}_accuracy`];
      return accuracy != null && `${title.toLowerCase()} is correct for ${outOfHundred(accuracy)} faces`;
    }),
    figures.mask_vs_none != null && `mask or no mask is correct for ${outOfHundred(figures.mask_vs_none)} faces`,
    figures.recall != null && `detects ${outOfHundred(figures.recall)} faces`,
    figures.nme != null && `the mean landmark error is ${precisePercent(figures.nme)} of the distance between the eyes`,
  ].filter(Boolean);
  return parts.map(toSentence).join(" ");
}

const NORMAL_QUANTILE_975 = 1.959964;

/** Wilson score interval (95 %) of the share `value` of `count`; computed here since cards hold only share and count of a subgroup. */
export function wilsonInterval(value, count) {
  const spread = NORMAL_QUANTILE_975 ** 2 / count;
  const center = (value + spread / 2) / (1 + spread);
  const half = (NORMAL_QUANTILE_975 * Math.sqrt((value * (1 - value)) / count + spread / (4 * count))) / (1 + spread);
  return [Math.max(0, center - half), Math.min(1, center + half)];
}
