/** Robustness table: each metric on the same faces under several conditions, and the loss against the unmodified faces. */
import { element } from "../lib/dom.js";
import { CONDITIONS, metricText, metricName } from "./metrics.js";
import { capitalise } from "../lib/format.js";

const lossName = (name, condition) => `${name}_lost_${condition}`;

/** Conditions that `figures` holds, and the names of the metrics given for them. */
const conditionsOf = (figures) => Object.keys(CONDITIONS).filter((condition) => Object.keys(figures).some((name) => name.endsWith(`_lost_${condition}`)));
const namesOf = (figures, conditions) => Object.keys(figures).filter((name) => conditions.some((condition) => lossName(name, condition) in figures));

/** "worse by 3.0 points (−1.2 to 6.1)" or "better by ..."; the interval has the sign of the word before it. */
function changeText(figures, name) {
  const [factor, unit] = name.includes("years") ? [1, "years"] : [100, "points"];
  const [loss, low, high] = [figures[name], figures[`${name}_low`], figures[`${name}_high`]];
  const sign = loss < 0 ? -1 : 1;
  const amount = (value) => (sign * factor * value).toFixed(1).replace(/^-(0\.0)$/, "$1").replace("-", "\u2212");
  const bounds = sign < 0 ? [high, low] : [low, high];
  const interval = low == null || high == null ? "" : ` (${bounds.map(amount).join(" to ")})`;
  return `${sign < 0 ? "better" : "worse"} by ${amount(loss)} ${unit}${interval}`;
}

function field(figures, name, condition) {
  const lost = lossName(name, condition);
  if (!(lost in figures)) return element("td", {});
  const value = figures[`${name}_${condition}`];
  return element("td", {}, metricText(name, value), element("span", { class: "interval" }, changeText(figures, lost)));
}

const row = (title, fields) => element("tr", {}, element("th", { scope: "row" }, title), ...fields);

/** The table, or null if the card has no metrics under conditions. */
export function robustnessTable(figures) {
  const conditions = conditionsOf(figures);
  const names = namesOf(figures, conditions);
  if (!names.length) return null;
  const heads = ["Condition", ...names.map(metricName)].map((head) => element("th", { scope: "col" }, head));
  const plain = row("Unmodified", names.map((name) => element("td", {}, metricText(name, figures[name]))));
  const under = conditions.map((condition) => row(capitalise(CONDITIONS[condition]), names.map((name) => field(figures, name, condition))));
  return element(
    "div",
    { class: "scrolls conditions", tabindex: "0", role: "region", "aria-label": "Robustness" },
    element("table", { class: "plain" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, plain, ...under)),
  );
}
