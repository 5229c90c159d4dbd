/** An explanation in words: what was read, and which part of the face matters most. */
import { headline } from "../lib/attributes.js";
import { labelText } from "../lib/attribute-text.js";
import { capitalise, fixed, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";

/** Falls below this, in percentage points, are told as none. */
const MIN_POINTS = 2;

/** Percentage points without decimals. */
export const pointsText = (share) => fixed(Math.round(share * 100), 0);

/** "−27 points" for a fall of .27: the change of the probability. */
export function changeText(fall) {
  const points = -Math.round(fall * 100);
  return t("why.change", { count: Math.abs(points), points: `${points > 0 ? "+" : ""}${fixed(points, 0)}` });
}

export const labelOf = ({ label }) => capitalise(labelText(headline, label));
export const regionName = (region) => t(`why.regions.${region}`);

const largest = (regions) => Object.entries(regions).sort(([, one], [, other]) => other - one)[0];

/** "The mouth matters most: ...", for readers of the screen too. */
export function regionText({ falls, regions, strongest_region: strongest }) {
  const highest = Math.max(...falls.flat());
  if (highest * 100 < MIN_POINTS) return t("why.no_part", { points: MIN_POINTS });
  if (!Object.keys(regions).length) return t("why.no_landmarks");
  const [region, fall] = largest(regions);
  if (fall * 100 < MIN_POINTS) return t("why.elsewhere");
  const text = t("why.most", { region: regionName(region), points: pointsText(fall) });
  return strongest ? text : `${text} ${t("why.also_elsewhere")}`;
}

/** "Happy: 93% in this image." */
export function readingText(explanation) {
  const text = t("why.reading", { label: labelOf(explanation), share: percent(explanation.probability) });
  return explanation.unsure ? `${text} ${t("why.unsure")}` : text;
}
