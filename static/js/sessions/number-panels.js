/** The numbers of a session: means by person on an axis each. */
import { axisLine, groupLegend } from "../charts/dot-intervals.js";
import { textStyle } from "../charts/echarts.js";
import { mean, renderNumberAxes, shareOf, unitText } from "../charts/number-axis.js";
import { numberText } from "../lib/attribute-text.js";
import { colour, personColour } from "../lib/colours.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { numberSeries } from "./recorded-values.js";

const ROW_PX = 40;
const LEGEND_PX = 34;
const POINT_PX = 10;

/** `attributes` are those that the session holds, `selected` a person's id or null, `of` says whose numbers they are. */
export function showNumbers(attributes, persons, selected, of) {
  const series = attributes.flatMap((attribute) => numberSeries(attribute, persons));
  byId("numbers").hidden = !series.length;
  setText(byId("numbers-of"), of);
  renderNumberAxes(byId("axes"), series, selected);
}

/** Height in pixels of the chart of `numbersOption`. */
export const numbersHeight = (attributes, persons) => LEGEND_PX + ROW_PX * attributes.flatMap((attribute) => numberSeries(attribute, persons)).length;

function rowText({ title, unit, range, digits, points }) {
  const limit = (value) => numberText({ digits: Math.min(digits, 1) }, value);
  const known = points.length ? numberText({ digits }, mean(points)) + unitText(unit) : "–";
  return { title: `${title}\n${limit(range[0])} – ${limit(range[1])}${unitText(unit)}`, mean: t("session.mean.short", { value: known }) };
}

/** Option of ECharts for a file: a row a number with its range and mean, in it a dot for each person, whom the legend names. */
export function numbersOption(attributes, persons, nameOf) {
  const rows = attributes.flatMap((attribute) => numberSeries(attribute, persons));
  const texts = rows.map(rowText);
  const dots = persons.map((person) => ({
    type: "scatter", name: nameOf(person), color: personColour(person.id), symbolSize: POINT_PX,
    data: rows.flatMap(({ range, points }, row) => points.filter(({ id }) => id === person.id).map(({ value }) => [shareOf(range, value), row])),
  }));
  return {
    grid: { left: 220, right: 140, top: LEGEND_PX, bottom: 0 },
    legend: { ...groupLegend(), type: "scroll", data: dots.map(({ name }) => name) },
    xAxis: { type: "value", min: 0, max: 1, axisLabel: { show: false }, axisLine: { show: false }, splitLine: { show: false } },
    yAxis: [
      { type: "category", inverse: true, data: texts.map(({ title }) => title), axisLine: axisLine(), axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: colour("--line") } }, axisLabel: { ...textStyle(11), interval: 0 } },
      { type: "category", inverse: true, position: "right", data: texts.map((text) => text.mean), axisLine: axisLine(), axisTick: { show: false }, axisLabel: { ...textStyle(11), interval: 0 } },
    ],
    series: dots,
  };
}
