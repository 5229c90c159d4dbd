/** Bar chart of the person-seconds by label of an attribute. */
import { createChart, textStyle, tooltip } from "./echarts.js";
import { colour, seriesColours, withExtraLabels } from "../lib/colours.js";
import { labelText } from "../lib/attribute-text.js";
import { t } from "../lib/i18n.js";
import { capitalise, decimal } from "../lib/format.js";

/** Space below the bars for one line of labels; longer labels take two. */
const LABEL_SPACE_PX = { short: 22, long: 38 };
const PLAIN_BAR = "--series-6";
const OTHER_BAR = "--series-other";
const LONG_LABEL_CHARACTERS = 12;

/** The colours of the charts beside it for the headline; labels of other attributes have no colours of their own. */
function barColours({ headline }, labels, all) {
  if (headline) return seriesColours(labels, all);
  return all.map((label) => colour(labels.includes(label) ? PLAIN_BAR : OTHER_BAR));
}

function option({ attribute, labels, histogram }, width) {
  const all = withExtraLabels(labels, histogram);
  const colours = barColours(attribute, labels, all);
  const names = all.map((label) => capitalise(labelText(attribute, label)));
  const isLong = names.some((name) => name.length > LONG_LABEL_CHARACTERS);
  const data = all.map((label, index) => ({ value: histogram[label] ?? 0, itemStyle: { color: colours[index] } }));
  return {
    grid: { left: 0, right: 0, top: 22, bottom: isLong ? LABEL_SPACE_PX.long : LABEL_SPACE_PX.short },
    xAxis: {
      type: "category", data: names, axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("--line-strong") } },
      axisLabel: { ...textStyle(11), interval: 0, margin: 8, width: width / names.length - 4, overflow: "break" },
    },
    yAxis: { type: "value", show: false, min: 0, max: ({ max }) => Math.max(max, 5) },
    tooltip: tooltip({ trigger: "item", formatter: ({ name, value }) => t("base.chart.seconds", { label: name, count: value }) }),
    series: [{
      type: "bar", data, barCategoryGap: "28%", barMinHeight: 1,
      itemStyle: { borderRadius: [2, 2, 0, 0] },
      label: { show: true, position: "top", distance: 4, ...textStyle(11), color: colour("--text") },
    }],
    animationDurationUpdate: 400,
  };
}

function ariaText({ attribute, labels, histogram }) {
  const counts = withExtraLabels(labels, histogram).map((label) => `${capitalise(labelText(attribute, label))} ${decimal(histogram[label] ?? 0)}`);
  return t("base.chart.seconds_by", { attribute: attribute.title.toLowerCase(), counts: counts.join(", ") });
}

/** Create a histogram in `node`; call `show({attribute, labels, histogram})` when the data changes. `option(width)` is what it draws. */
export function createHistogram(node) {
  let current = null;
  let shownJson = "";
  let chart = null;
  const draw = () => chart?.then(({ draw: again }) => again());
  return {
    option: (width) => current && option(current, width),
    show(figures) {
      const next = JSON.stringify(figures);
      if (next === shownJson) return;
      shownJson = next;
      current = figures;
      node.setAttribute("aria-label", ariaText(figures));
      if (chart) draw();
      else chart = createChart(node, () => option(current, node.clientWidth));
    },
  };
}
