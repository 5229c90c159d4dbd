/** Attributes that a session counts by label besides the expression, as shares of the person-seconds. */
import { capitalise, maskText, percent } from "../lib/format.js";

/** `name` is the key in the API, `term` and `column` are headings, `text` formats a label. */
export const COUNTED_ATTRIBUTES = [
  { name: "races", term: "Perceived race", column: "Perceived race", text: (label) => label },
  { name: "masks", term: "Masks", column: "Mask", text: maskText },
];

/** Shares that round to zero are shown as less than one percent. */
const shareText = (share) => (share > 0 && share < 0.005 ? "<1\u202f%" : percent(share));

/** "No mask 82 %, mask 18 %" for seconds by label, the largest first; empty if nothing was counted. */
export function sharesText(seconds, text) {
  const largestFirst = Object.entries(seconds).sort(([, one], [, other]) => other - one);
  const total = largestFirst.reduce((sum, [, count]) => sum + count, 0);
  return capitalise(largestFirst.map(([label, count]) => `${text(label)} ${shareText(count / total)}`).join(", "));
}

/** `{term, text}` of each attribute that `counts` holds seconds for. */
export const labelShares = (counts) =>
  COUNTED_ATTRIBUTES.map(({ name, term, text }) => ({ term, text: sharesText(counts[name] ?? {}, text) })).filter(({ text }) => text);
