/** How the same model treats different people: bars by race, sex and age, and the groups that come out worst. */
import { element } from "../lib/dom.js";
import { figureText, shareInterval } from "./metric-names.js";
import { word } from "../lib/format.js";
import { by, LEAST, nameOf, ranked, unbroken } from "./subgroups.js";
import { meters } from "./meter-table.js";

const PROPERTIES = { age: "By age", race: "By race label", sex: "By labelled sex" };
const NAMED = 5;

const years = (value) => figureText("mae_years", value);
const share = (value) => figureText("accuracy", value);

function rowOf(isAge, worst) {
  return ({ label, figure, n }) => ({
    label: unbroken(word(label)),
    value: figure,
    text: isAge ? years(figure) : share(figure),
    interval: isAge ? null : shareInterval(figure, n),
    count: n.toLocaleString(),
    worst: label === worst,
    few: n < LEAST,
  });
}

/** `groups` of the attribute `age` have mean errors in years, of others accuracies. */
export function groupBars(attribute, groups) {
  const isAge = attribute === "age";
  const most = isAge ? Math.max(...groups.map(({ figure, n }) => (n >= LEAST ? figure : 0)), 1) : 1;
  const said = isAge ? "Off by, on average" : "Right, with 95 % interval";
  const table = (caption, rows, worst) => meters(caption, ["", said, "Faces"], rows.map(rowOf(isAge, worst)), { most });
  const worstFirst = ranked(groups, !isAge).slice(0, NAMED).map((group) => ({ ...group, label: nameOf(group) }));
  const tables = Object.entries(PROPERTIES)
    .map(([property, caption]) => [caption, by(groups, property)])
    .filter(([, rows]) => rows.length)
    .map(([caption, rows]) => table(caption, rows, null));
  if (worstFirst.length > 1) {
    tables.push(table(`Worst of the groups of ${LEAST} faces or more`, worstFirst, worstFirst[0].label));
  }
  return element("div", { class: "groups" }, ...tables);
}
