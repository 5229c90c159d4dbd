/** Results by subgroup: bars by each property of the groups, and the worst subgroups. */
import { attributes } from "../lib/attributes.js";
import { element } from "../lib/dom.js";
import { metricText, wilsonInterval } from "./metrics.js";
import { capitalise } from "../lib/format.js";
import { meanByProperty, MIN_GROUP_FACES, groupName, propertiesOf, worstFirst, withoutLineBreak } from "./subgroups.js";
import { meterTable } from "./meter-table.js";

const WORST_SHOWN = 5;

const years = (value) => metricText("mae_years", value);
const share = (value) => metricText("accuracy", value);

function rowOf(isNumber, worst) {
  return ({ label, figure, n }) => ({
    label: withoutLineBreak(capitalise(label)),
    value: figure,
    text: isNumber ? years(figure) : share(figure),
    interval: isNumber ? null : wilsonInterval(figure, n),
    count: n.toLocaleString(),
    worst: label === worst,
    few: n < MIN_GROUP_FACES,
  });
}

/** `groups` are `{PROPERTY: value, n, figure}`; `figure` is the mean error in years for numbers, else the accuracy. */
export function subgroupCharts(attribute, groups) {
  const isNumber = attributes.find(({ name }) => name === attribute)?.kind === "number";
  const most = isNumber ? Math.max(...groups.map(({ figure, n }) => (n >= MIN_GROUP_FACES ? figure : 0)), 1) : 1;
  const valueHeading = isNumber ? "Mean error" : "Accuracy, 95% interval";
  const table = (caption, rows, worst) => meterTable(caption, ["", valueHeading, "Faces"], rows.map(rowOf(isNumber, worst)), { most });
  const worstGroups = worstFirst(groups, !isNumber).slice(0, WORST_SHOWN).map((group) => ({ ...group, label: groupName(group) }));
  const tables = propertiesOf(groups)
    .map((property) => [`By labelled ${property}`, meanByProperty(groups, property)])
    .filter(([, rows]) => rows.length)
    .map(([caption, rows]) => table(caption, rows, null));
  if (worstGroups.length > 1) {
    tables.push(table(`Worst subgroups with at least ${MIN_GROUP_FACES} faces`, worstGroups, worstGroups[0].label));
  }
  return element("div", { class: "groups" }, ...tables);
}
