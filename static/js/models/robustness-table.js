/** How the same faces are read under several conditions: a table of each figure, and how much worse it is than as they are. */
import { element } from "../lib/dom.js";
import { CONDITIONS, figureText, inWords } from "./metric-names.js";
import { word } from "../lib/format.js";

const lostUnder = (name, condition) => `${name}_lost_${condition}`;

/** The conditions, and the figures that are known under them. */
const conditionsOf = (figures) => Object.keys(CONDITIONS).filter((condition) => Object.keys(figures).some((name) => name.endsWith(`_lost_${condition}`)));
const namesOf = (figures, conditions) => Object.keys(figures).filter((name) => conditions.some((condition) => lostUnder(name, condition) in figures));

function worseBy(figures, name) {
  const [factor, unit] = name.includes("years") ? [1, "years"] : [100, "points"];
  const amount = (value) => (factor * value).toFixed(1).replace(/^-(0\.0)$/, "$1").replace("-", "\u2212");
  const [low, high] = [figures[`${name}_low`], figures[`${name}_high`]];
  const interval = low == null || high == null ? "" : ` (${amount(low)} to ${amount(high)})`;
  return `worse by ${amount(figures[name])} ${unit}${interval}`;
}

function field(figures, name, condition) {
  const lost = lostUnder(name, condition);
  if (!(lost in figures)) return element("td", {});
  const value = figures[`${name}_${condition}`];
  return element("td", {}, figureText(name, value), element("span", { class: "interval" }, worseBy(figures, lost)));
}

const row = (title, fields) => element("tr", {}, element("th", { scope: "row" }, title), ...fields);

/** Null where nothing was scored under conditions. */
export function conditionTable(figures) {
  const conditions = conditionsOf(figures);
  const names = namesOf(figures, conditions);
  if (!names.length) return null;
  const heads = ["The same faces", ...names.map(inWords)].map((head) => element("th", { scope: "col" }, head));
  const plain = row("As they are", names.map((name) => element("td", {}, figureText(name, figures[name]))));
  const under = conditions.map((condition) => row(word(CONDITIONS[condition]), names.map((name) => field(figures, name, condition))));
  return element(
    "div",
    { class: "scrolls conditions", tabindex: "0", role: "region", "aria-label": "The same faces under several conditions" },
    element("table", { class: "plain" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, plain, ...under)),
  );
}
