/** Results by subgroup: bars by each property of the groups, and the worst subgroups. */
import { hasText, t } from "../lib/i18n.js";
import { attributes } from "../lib/attributes.js";
import { element } from "../lib/dom.js";
import { metricText, wilsonInterval } from "./metrics.js";
import { capitalise, decimal } from "../lib/format.js";
import { meanByProperty, MIN_GROUP_FACES, groupName, propertiesOf, worstFirst, withoutLineBreak } from "./subgroups.js";
import { wordText } from "./card-text.js";
import { meterTable } from "./meter-table.js";

const WORST_SHOWN = 5;

const years = (value) => metricText("mae_years", value);
const share = (value) => metricText("accuracy", value);

/** "sex" of a group as the page names it; a card may group by other properties. */
const propertyText = (property) => (hasText(`models.properties.${property}`) ? t(`models.properties.${property}`) : property);

function rowOf(isNumber, worst) {
  return ({ label, figure, n }) => ({
    label: withoutLineBreak(capitalise(label.split(", ").map(wordText).join(", "))),
    value: figure,
    text: isNumber ? years(figure) : share(figure),
    interval: isNumber ? null : wilsonInterval(figure, n),
    count: decimal(n),
    worst: label === worst,
    few: n < MIN_GROUP_FACES,
  });
}

/** `groups` are `{PROPERTY: value, n, figure}`; `figure` is the mean error in years for numbers, else the accuracy. */
export function subgroupCharts(attribute, groups) {
  const isNumber = attributes.find(({ name }) => name === attribute)?.kind === "number";
  const most = isNumber ? Math.max(...groups.map(({ figure, n }) => (n >= MIN_GROUP_FACES ? figure : 0)), 1) : 1;
  const valueHeading = isNumber ? t("models.mean_error") : t("models.accuracy_interval");
  const table = (caption, head, rows, worst) => meterTable(caption, [head, valueHeading, t("models.faces")], rows.map(rowOf(isNumber, worst)), { most });
  const worstGroups = worstFirst(groups, !isNumber).slice(0, WORST_SHOWN).map((group) => ({ ...group, label: groupName(group) }));
  const tables = propertiesOf(groups)
    .map((property) => [propertyText(property), meanByProperty(groups, property)])
    .filter(([, rows]) => rows.length)
    .map(([property, rows]) => table(t("models.by_property", { property }), capitalise(property), rows, null));
  if (worstGroups.length > 1) {
    tables.push(table(t("models.worst_groups", { count: MIN_GROUP_FACES }), t("models.group"), worstGroups, worstGroups[0].label));
  }
  return element("div", { class: "groups" }, ...tables);
}
