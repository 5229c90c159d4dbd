/** Display names and formats of the metrics in a model card. */
import { hasText, t } from "../lib/i18n.js";
import { attributes, servedAttributes } from "../lib/attributes.js";
import { decimal, fixed, precisePercent } from "../lib/format.js";

const withUnit = (unit, digits) => (value) => t(`models.with_unit.${unit}`, { value: fixed(value, digits) });
const signed = (value, text) => (value > 0 ? `+${text}` : text);
const points = (value) => withUnit("points", 1)(value * 100);

// The first pattern that matches a metric's name gives the format of its value.
const FORMATS = [
  [/^(n|n_.*|pictures|rejected)$/, decimal],
  [/^(found|share|recall|nme)/, precisePercent],
  [/(bias|lost).*years|years_lost/, (value) => signed(value, withUnit("years", 1)(value))],
  [/degrees/, withUnit("degrees", 1)],
  [/years/, withUnit("years", 1)],
  [/_lost/, (value) => signed(value, points(value))],
  [/^ms/, (value) => withUnit("milliseconds", value < 10 ? 2 : 0)(value)],
  [/^rmse_px/, withUnit("pixels", 2)],
  [/(nll|brier)$|^false_per|^ap\d/, (value) => fixed(value, 3)],
  [/./, precisePercent],
];

// Metrics of an attribute in a card of several: the name of the attribute comes before that of the metric.
const ATTRIBUTE_METRICS = ["accuracy", "balanced_accuracy", "accuracy_worst_group"];

/** Headline metrics in this order; all others are in the table of all metrics. */
const HEADLINE_METRICS = [
  "accuracy", "balanced_accuracy", "ece", "ece_by_chance",
  "mae_years", "bias_years", "share_within_5_years", "interval_coverage", "mae_years_worst_group",
  ...attributes.flatMap(({ name }) => ATTRIBUTE_METRICS.map((metric) => `${name}_${metric}`)),
  "none_or_mask_accuracy", "mask_vs_none",
  "rmse_px96", "nme", "yaw_mae_degrees", "pitch_mae_degrees", "roll_mae_degrees", "facing_agreement", "frontal_facing",
  "pair_accuracy", "single_accuracy", "pair_accuracy_where_shown",
  "ap40", "recall", "false_per_image", "found",
  "accuracy_direct", "accuracy_lost", "mae_years_direct", "mae_years_lost",
  "ms_a_face",
];

/** Conditions under which the same faces were evaluated again: suffixes of a metric's name. */
export const CONDITIONS = ["turned", "tight", "hair_hidden", "masked"];

export const conditionText = (condition) => t(`models.conditions.${condition}`);

export const metricText = (name, value) => FORMATS.find(([pattern]) => pattern.test(name))[1](value);

const intervalText = (figures, name) => {
  const [low, high] = [figures[`${name}_low`], figures[`${name}_high`]];
  return low == null || high == null ? null : t("models.range", { low: metricText(name, low), high: metricText(name, high) });
};

const isKnown = (figures) => (name) => typeof figures[name] === "number";

/** `{words, text, interval}` of each headline metric in `figures`. */
export const headlineMetrics = (figures) =>
  HEADLINE_METRICS.filter(isKnown(figures)).map((name) => ({
    words: metricName(name), text: metricText(name, figures[name]), interval: intervalText(figures, name),
  }));

/** `{words, text}` of the metrics that say how often a network is right: of each served attribute, of a detector, of landmarks. */
export function summaryMetrics(figures) {
  const one = (name) => ({ name, words: t(`models.summary.words.${name}`) });
  const ofAttribute = ({ name, title }) => ({ name: `${name}_accuracy`, words: t("models.summary.words.attribute_accuracy", { attribute: title.toLowerCase() }) });
  return [one("accuracy"), one("mae_years"), ...servedAttributes.map(ofAttribute), one("recall"), one("nme")]
    .filter(({ name }) => isKnown(figures)(name))
    .map(({ name, words }) => ({ words, text: metricText(name, figures[name]) }));
}

// Mask metrics are also given by source, since a model can learn shortcuts from sources.
const PER_SOURCE = /^(balanced_accuracy|mask_vs_none)_(.+)$/;
const UNDER_CONDITION = new RegExp(`^(.+?)(_lost)?_(${CONDITIONS.join("|")})(_low|_high)?$`);

function conditionName([, plain, lost, condition, end]) {
  const values = { metric: metricName(plain), condition: conditionText(condition) };
  if (!lost) return t("models.under_condition", values);
  if (end) return end === "_low" ? t("models.loss_low", values) : t("models.loss_high", values);
  return t("models.loss", values);
}

function attributeMetricName(name) {
  const attribute = attributes.find((one) => name.startsWith(`${one.name}_`));
  const metric = attribute && name.slice(attribute.name.length + 1);
  return ATTRIBUTE_METRICS.includes(metric) ? t(`models.attribute_metrics.${metric}`, { attribute: attribute.title }) : null;
}

export function metricName(name) {
  const [, figure, source] = PER_SOURCE.exec(name) ?? [];
  if (figure) return t("models.of_source", { metric: metricName(figure), source });
  const parts = UNDER_CONDITION.exec(name);
  if (parts) return conditionName(parts);
  return hasText(`models.metrics.${name}`) ? t(`models.metrics.${name}`) : (attributeMetricName(name) ?? name.replaceAll("_", " "));
}

/** `[name, text]` of every numeric metric. */
export const allMetrics = (figures) =>
  Object.entries(figures)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => [metricName(name), metricText(name, value)]);

/** Summary for lay readers, one sentence per metric; empty if none is known. */
export function summarySentence(figures) {
  const outOfHundred = (value) => Math.round(value * 100);
  return [
    figures.accuracy != null && t("models.sentence.accuracy", { share: outOfHundred(figures.accuracy) }),
    figures.mae_years != null && t("models.sentence.age", { years: fixed(figures.mae_years, 1) }),
    ...attributes.map(({ name, title: attribute }) => {
      const accuracy = figures[`${name}_accuracy`];
      return accuracy != null && t("models.sentence.attribute", { attribute, share: outOfHundred(accuracy) });
    }),
    figures.none_or_mask_accuracy != null && t("models.sentence.mask", { share: outOfHundred(figures.none_or_mask_accuracy) }),
    figures.recall != null && t("models.sentence.recall", { share: outOfHundred(figures.recall) }),
    figures.nme != null && t("models.sentence.landmarks", { share: precisePercent(figures.nme) }),
  ].filter(Boolean).join(" ");
}

const NORMAL_QUANTILE_975 = 1.959964;

/** Wilson score interval (95 %) of the share `value` of `count`; computed here since cards hold only share and count of a subgroup. */
export function wilsonInterval(value, count) {
  const spread = NORMAL_QUANTILE_975 ** 2 / count;
  const center = (value + spread / 2) / (1 + spread);
  const half = (NORMAL_QUANTILE_975 * Math.sqrt((value * (1 - value)) / count + spread / (4 * count))) / (1 + spread);
  return [Math.max(0, center - half), Math.min(1, center + half)];
}
