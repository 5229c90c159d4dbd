/** Attributes that a session counts by label besides the headline, as shares of the person-seconds. */
import { labelText } from "../lib/attribute-text.js";
import { t } from "../lib/i18n.js";
import { capitalise, percent } from "../lib/format.js";

/** Whether sessions hold the person-seconds of an attribute by label, under its `counts_key`. */
export const isCounted = ({ headline, session }) => session !== "mean" && !headline;

/** Shares that round to zero are shown as less than one percent. */
const shareText = (share) => (share > 0 && share < 0.005 ? `<${percent(0.01)}` : percent(share));

// Further labels are summed up.
const MAX_SHARES = 6;

/** `{text, share}` of each label that was counted, the largest first. */
function sharesOf(attribute, seconds) {
  const largestFirst = Object.entries(seconds ?? {}).sort(([, one], [, other]) => other - one);
  const total = largestFirst.reduce((sum, [, count]) => sum + count, 0);
  return largestFirst.map(([label, count]) => ({ text: `${labelText(attribute, label)} ${shareText(count / total)}`, share: count / total }));
}

/** "Asian 82%, unsure 18%" for seconds by label, the largest first; empty if nothing was counted. */
export function sharesText(attribute, seconds) {
  const shares = sharesOf(attribute, seconds);
  const others = shares.slice(MAX_SHARES).reduce((sum, { share }) => sum + share, 0);
  const shown = shares.slice(0, MAX_SHARES).map(({ text }) => text);
  return capitalise([...shown, ...(others ? [t("base.others", { share: shareText(others) })] : [])].join(", "));
}

/** "Asian 82%": the label with the largest share; empty if nothing was counted. */
export const largestShareText = (attribute, seconds) => capitalise(sharesOf(attribute, seconds)[0]?.text ?? "");

/** `{term, text}` of each attribute that `counts` holds seconds for. */
export const labelShares = (attributes, counts) =>
  attributes
    .filter(isCounted)
    .map((attribute) => ({ term: attribute.title, text: sharesText(attribute, counts[attribute.counts_key]) }))
    .filter(({ text }) => text);
