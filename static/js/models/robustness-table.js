/** Robustness table: each metric on the same faces under several conditions, and the loss against the unmodified faces. */
import { element } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { capitalise, fixed } from "../lib/format.js";
import { CONDITIONS, conditionText, metricText, metricName } from "./metrics.js";

const lossName = (name, condition) => `${name}_lost_${condition}`;

/** Conditions that `figures` holds, and the names of the metrics given for them. */
const conditionsOf = (figures) => CONDITIONS.filter((condition) => Object.keys(figures).some((name) => name.endsWith(`_lost_${condition}`)));
const namesOf = (figures, conditions) => Object.keys(figures).filter((name) => conditions.some((condition) => lossName(name, condition) in figures));

/** "worse by 3.0 points (−1.2 to 6.1)" or "better by ..."; the interval has the sign of the word before it. */
function changeText(figures, name) {
  const [factor, unit] = name.includes("years") ? [1, "years"] : [100, "points"];
  const [loss, low, high] = [figures[name], figures[`${name}_low`], figures[`${name}_high`]];
  const sign = loss < 0 ? -1 : 1;
  const value = (one) => fixed(sign * factor * one, 1);
  const amount = t(`models.with_unit.${unit}`, { value: value(loss) });
  if (low == null || high == null) return sign < 0 ? t("models.robustness.better", { amount }) : t("models.robustness.worse", { amount });
  const bounds = sign < 0 ? { low: value(high), high: value(low) } : { low: value(low), high: value(high) };
  return sign < 0 ? t("models.robustness.better_interval", { amount, ...bounds }) : t("models.robustness.worse_interval", { amount, ...bounds });
}

function field(figures, name, condition) {
  const lost = lossName(name, condition);
  if (!(lost in figures)) return element("td", {});
  const value = figures[`${name}_${condition}`];
  return element("td", {}, metricText(name, value), element("span", { class: "interval" }, changeText(figures, lost)));
}

const row = (title, fields) => element("tr", {}, element("th", { scope: "row" }, title), ...fields);

/** The table, or null if the card has no metrics under conditions; `label` tells it from others of the page. */
export function robustnessTable(figures, label) {
  const conditions = conditionsOf(figures);
  const names = namesOf(figures, conditions);
  if (!names.length) return null;
  const heads = [t("models.robustness.condition"), ...names.map(metricName)].map((head) => element("th", { scope: "col" }, head));
  const plain = row(t("models.robustness.unmodified"), names.map((name) => element("td", {}, metricText(name, figures[name]))));
  const under = conditions.map((condition) => row(capitalise(conditionText(condition)), names.map((name) => field(figures, name, condition))));
  return element(
    "div",
    { class: "scrolls conditions", tabindex: "0", role: "region", "aria-label": label },
    element("table", { class: "plain" }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, plain, ...under)),
  );
}
