/** Stacked area chart of mean expression probabilities over time. */
import { createChart, textStyle, tooltip } from "./echarts.js";
import { colour, seriesColours } from "../lib/colours.js";
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { t } from "../lib/i18n.js";
import { durationText, percent, timeText } from "../lib/format.js";
import { binTimeline } from "./timeline-bins.js";

const localTime = (session, seconds) => timeText(new Date(Date.parse(session.started_at) + seconds * 1000).toISOString());

function tooltipText(session, points) {
  const line = ({ marker, seriesName, value }) => `${marker} ${seriesName}  ${percent(value[1])}`;
  const known = points.filter(({ value }) => value[1] !== null).reverse();
  const head = `${localTime(session, points[0].value[0])}  (${durationText(points[0].value[0])})`;
  return [head, ...(known.length ? known.map(line) : [t("base.chart.no_face")])].join("\n");
}

/** Marked areas for times without video (as opposed to video without faces). */
const gapAreas = (gaps) => ({
  silent: true, itemStyle: { color: colour("--line"), opacity: 0.6 }, label: { ...textStyle(11), position: "insideTop" },
  data: gaps.map(({ start_s, end_s }, index) => [{ xAxis: start_s, name: index ? "" : t("base.chart.no_video") }, { xAxis: end_s }]),
});

function series(labels, rows, gaps) {
  const colours = seriesColours(labels);
  return labels.map((label, index) => ({
    name: headlineText(headline, { label }), type: "line", stack: "all", symbol: "none", smooth: false, connectNulls: false, silent: true,
    color: colours[index], lineStyle: { width: 0 }, areaStyle: { opacity: 0.92 }, emphasis: { disabled: true },
    data: rows.map(({ time_s, mean }) => [time_s, mean ? mean[label] : null]),
    ...(index ? {} : { markArea: gapAreas(gaps) }),
  }));
}

function option({ session, labels, timeline, gaps }) {
  const rows = binTimeline(timeline, labels, session.duration_s);
  return {
    grid: { left: 40, right: 8, top: 8, bottom: 26 },
    xAxis: {
      type: "value", min: 0, max: Math.max(1, rows.at(-1)?.time_s ?? 1), splitLine: { show: false },
      axisLine: { lineStyle: { color: colour("--line-strong") } }, axisTick: { show: false },
      axisLabel: { ...textStyle(11), hideOverlap: true, formatter: (seconds) => localTime(session, seconds) },
      axisPointer: { label: { show: false } },
    },
    yAxis: {
      type: "value", min: 0, max: 1, interval: 0.5, splitLine: { lineStyle: { color: colour("--line") } },
      axisLabel: { ...textStyle(11), formatter: percent },
    },
    tooltip: tooltip({ trigger: "axis", formatter: (points) => tooltipText(session, points) }),
    series: series(labels, rows, gaps),
  };
}

export function createTimeline(node) {
  let current = null;
  let chart = null;
  return {
    show(detail) {
      current = detail;
      if (chart) chart.then(({ draw }) => draw());
      else chart = createChart(node, () => option(current));
    },
  };
}
