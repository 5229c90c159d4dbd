/** Results by subgroup: bars by race, sex and age, and the worst subgroups. */
import { element } from "../lib/dom.js";
import { metricText, wilsonInterval } from "./metrics.js";
import { capitalise } from "../lib/format.js";
import { meanByProperty, MIN_GROUP_FACES, groupName, worstFirst, withoutLineBreak } from "./subgroups.js";
import { meterTable } from "./meter-table.js";

const PROPERTIES = { age: "By age", race: "By labelled race", sex: "By labelled sex" };
const WORST_SHOWN = 5;

const years = (value) => metricText("mae_years", value);
const share = (value) => metricText("accuracy", value);

function rowOf(isAge, worst) {
  return ({ label, figure, n }) => ({
    label: withoutLineBreak(capitalise(label)),
    value: figure,
    text: isAge ? years(figure) : share(figure),
    interval: isAge ? null : wilsonInterval(figure, n),
    count: n.toLocaleString(),
    worst: label === worst,
    few: n < MIN_GROUP_FACES,
  });
}

/** `groups` are `{race, sex, age, n, figure}`; `figure` is the mean error in years for age, else the accuracy. */
export function subgroupCharts(attribute, groups) {
  const isAge = attribute === "age";
  const most = isAge ? Math.max(...groups.map(({ figure, n }) => (n >= MIN_GROUP_FACES ? figure : 0)), 1) : 1;
  const valueHeading = isAge ? "Mean error" : "Accuracy, 95 % interval";
  const table = (caption, rows, worst) => meterTable(caption, ["", valueHeading, "Faces"], rows.map(rowOf(isAge, worst)), { most });
  const worstGroups = worstFirst(groups, !isAge).slice(0, WORST_SHOWN).map((group) => ({ ...group, label: groupName(group) }));
  const tables = Object.entries(PROPERTIES)
    .map(([property, caption]) => [caption, meanByProperty(groups, property)])
    .filter(([, rows]) => rows.length)
    .map(([caption, rows]) => table(caption, rows, null));
  if (worstGroups.length > 1) {
    tables.push(table(`Worst subgroups with at least ${MIN_GROUP_FACES} faces`, worstGroups, worstGroups[0].label));
  }
  return element("div", { class: "groups" }, ...tables);
}
