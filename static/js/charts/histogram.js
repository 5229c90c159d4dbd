/** Bar chart of person-seconds by expression. */
import { createChart, textStyle, tooltip } from "./echarts.js";
import { colour, seriesColours, withExtraLabels } from "../lib/colours.js";
import { capitalise } from "../lib/format.js";

function option({ labels, histogram }) {
  const all = withExtraLabels(labels, histogram);
  const colours = seriesColours(labels, all);
  const data = all.map((label, index) => ({ value: histogram[label] ?? 0, itemStyle: { color: colours[index] } }));
  return {
    grid: { left: 0, right: 0, top: 22, bottom: 22 },
    xAxis: {
      type: "category", data: all.map(capitalise), axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("--line-strong") } },
      axisLabel: { ...textStyle(11), interval: 0, margin: 8 },
    },
    yAxis: { type: "value", show: false, min: 0, max: ({ max }) => Math.max(max, 5) },
    tooltip: tooltip({ trigger: "item", formatter: ({ name, value }) => `${name}: ${value} s` }),
    series: [{
      type: "bar", data, barCategoryGap: "28%", barMinHeight: 1,
      itemStyle: { borderRadius: [2, 2, 0, 0] },
      label: { show: true, position: "top", distance: 4, ...textStyle(11), color: colour("--text") },
    }],
    animationDurationUpdate: 400,
  };
}

const ariaText = ({ labels, histogram }) =>
  withExtraLabels(labels, histogram).map((label) => `${capitalise(label)} ${histogram[label] ?? 0}`).join(", ");

/** Create a histogram in `node`; call `show({labels, histogram})` when the data changes. */
export function createHistogram(node) {
  let current = null;
  let shownJson = "";
  let chart = null;
  const draw = () => chart?.then(({ draw: again }) => again());
  return {
    show(figures) {
      const next = JSON.stringify(figures);
      if (next === shownJson) return;
      shownJson = next;
      current = figures;
      node.setAttribute("aria-label", `Person-seconds by expression: ${ariaText(figures)}`);
      if (chart) draw();
      else chart = createChart(node, () => option(current));
    },
  };
}
