/** Chapter 8: how the answers about a face move when it is changed, and figures of groups of people. */
import { attributeTitle, servedAttributes } from "../lib/attributes.js";
import { cellText } from "../lib/attribute-text.js";
import { element } from "../lib/dom.js";
import { decimal, fixed, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { dataTable, picture, titled } from "../learn/plots.js";
import { wordText } from "../models/card-text.js";
import { meanByProperty, propertiesOf, withoutLineBreak } from "../models/subgroups.js";

export const controlText = (name) => t(`learn_bias.controls.${name}`);

const CONDITIONS = ["turned", "tight", "hair_hidden", "masked"];
const YEARS = "mae_years";

const figureText = (measure, value) => (measure === YEARS ? t("learn_bias.years", { years: fixed(value, 1) }) : percent(value));

/** Name of what is measured: the attribute of `sex_accuracy`, age, or the network's own attribute. */
const measureTitle = ({ measure, network }) => attributeTitle(measure === YEARS ? "age" : measure.endsWith("_accuracy") ? measure.replace("_accuracy", "") : network);

const readingRows = ({ before, after }) =>
  servedAttributes.filter(({ name }) => before[name] && after[name]).map((attribute) => [attribute.title, cellText(attribute, before[attribute.name]), cellText(attribute, after[attribute.name])]);

function conditionTable(conditions) {
  const heads = [t("learn_bias.attribute"), t("learn_bias.unchanged"), ...CONDITIONS.map((name) => t(`learn_bias.conditions.${name}`))];
  const rows = conditions.map((one) => [measureTitle(one), figureText(one.measure, one.unchanged), ...CONDITIONS.map((name) => (name in one.changed ? figureText(one.measure, one.changed[name]) : ""))]);
  return dataTable(heads, rows, t("learn_bias.by_condition"));
}

function groupTable({ attribute, groups }) {
  const measure = attribute === "age" ? YEARS : "accuracy";
  const rows = propertiesOf(groups).flatMap((property) => meanByProperty(groups, property).map(({ label, n, figure }) => [withoutLineBreak(wordText(label)), figureText(measure, figure), decimal(n)]));
  const name = t(measure === YEARS ? "learn_bias.error_of" : "learn_bias.right_of", { attribute: attributeTitle(attribute) });
  return titled(name, dataTable([t("learn_bias.group"), t("learn_bias.figure"), t("learn_bias.faces")], rows, name));
}

export function mount(area) {
  const answered = element("div", { class: "lesson__result" });
  const tables = element("div", { class: "lesson__result" });
  area.replaceChildren(answered, tables);
  return {
    show(answer) {
      const { result } = answer;
      const rows = readingRows(result);
      const changed = rows.filter(([, before, after]) => before !== after).map(([title]) => title);
      const summary = !result.found ? t("learn_bias.lost") : changed.length ? t("learn_bias.moved", { attributes: changed.join(", ") }) : t("learn_bias.same");
      answered.replaceChildren(
        element("p", { class: "summary" }, summary),
        element("div", { class: "parts" }, titled(t("learn_bias.before"), picture(answer, "before", t("learn_bias.before"))), titled(t("learn_bias.after"), picture(answer, "after", t("learn_bias.after")))),
        dataTable([t("learn_bias.attribute"), t("learn_bias.before"), t("learn_bias.after")], rows, t("learn_bias.readings")),
      );
      if (!tables.childElementCount) {
        tables.replaceChildren(
          titled(t("learn_bias.by_condition"), element("p", { class: "quiet" }, t("learn_bias.conditions_note")), conditionTable(result.conditions)),
          element("p", { class: "quiet" }, t("learn_bias.groups_note")),
          element("div", { class: "parts" }, ...result.groups.map(groupTable)),
        );
      }
      return summary;
    },
  };
}
