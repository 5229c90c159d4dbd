/** What sessions count by label, person-second by person-second, beside the expressions. */
import { maskText, word } from "../lib/format.js";

/** `name` is the server's, `term` and `column` are how people call it, `text` tells a label. */
export const COUNTED = [
  { name: "races", term: "Perceived race", column: "Perceived race", text: (label) => label },
  { name: "masks", term: "Masks", column: "Mask", text: maskText },
];

/** "Mask 12 s, no mask 98 s", of seconds by label, the longest first; empty where nothing was counted. */
export function secondsText(seconds, text) {
  const longestFirst = Object.entries(seconds).sort(([, one], [, other]) => other - one);
  return word(longestFirst.map(([label, number]) => `${text(label)} ${number.toLocaleString()} s`).join(", "));
}

/** `{term, said}` of what there is to tell in `counts`, such as a session's. */
export const told = (counts) =>
  COUNTED.map(({ name, term, text }) => ({ term, said: secondsText(counts[name] ?? {}, text) })).filter(({ said }) => said);
