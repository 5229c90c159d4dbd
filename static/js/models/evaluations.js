/** The evaluations of a model card: which come first, and what they say of failures. */
import { t } from "../lib/i18n.js";
import { precisePercent } from "../lib/format.js";
import { cardText } from "./card-text.js";

/** Those on held-out splits first (a `note` marks the split used for model selection), then those with charts, then by size. */
export function rankedEvaluations(card) {
  const found = Object.entries(card.figures ?? {}).map(([name, figures]) => ({ name: cardText(name), figures }));
  const rank = ({ figures }) => (figures.note ? 2 : 0) + (figures.attributes ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other) || (other.figures.n ?? 0) - (one.figures.n ?? 0));
}

/** `{shown, aside}`: results on the split used for model selection are aside if there are held-out results. */
export function splitEvaluations(found) {
  const heldOut = found.filter(({ figures }) => !figures.note);
  const shown = heldOut.length ? heldOut : found;
  return { shown, aside: found.filter((one) => !shown.includes(one)) };
}

/** Small and masked faces of a detector, if their average precision is lower than that of all faces. */
function detectorFailures({ ap40: all, ap40_small: small, ap40_masked: masked }) {
  const values = (value) => ({ value: precisePercent(value), all: precisePercent(all) });
  return [
    small < all ? t("models.fails.small_faces", values(small)) : null,
    masked < all ? t("models.fails.masked_faces", values(masked)) : null,
  ].filter(Boolean);
}

/** The landmark with the largest error of all evaluations. */
function landmarkFailures(shown) {
  const points = shown.flatMap(({ figures }) => Object.entries(figures)).filter(([name]) => name.startsWith("nme_"));
  if (!points.length) return [];
  const [name, value] = points.reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  return [t("models.fails.landmark", { name: cardText(name.slice("nme_".length).replaceAll("_", " ")), value: precisePercent(value) })];
}

const toldFailures = (shown) => [...new Set(shown.flatMap(({ figures }) => figures.failures ?? []))];

const measuredFailures = (shown) => [...shown.flatMap(({ figures }) => detectorFailures(figures)), ...landmarkFailures(shown)];

/** Known failures in sentences. */
export const failuresOf = (shown) => [...toldFailures(shown).map(cardText), ...measuredFailures(shown)];

/** One failure of each attribute or label: "Ages 80 to 89" and "Age, worst subgroup" are about the same one. */
export function mainFailures(shown) {
  const subject = (text) => text.split(/[ ,:]/)[0].replace(/s$/, "");
  const told = toldFailures(shown);
  const isFirst = (text, index) => told.findIndex((other) => subject(other) === subject(text)) === index;
  return [...told.filter(isFirst).map(cardText), ...measuredFailures(shown)];
}
