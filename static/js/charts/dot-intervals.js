/** Dots with their intervals: a row for each name, in it a dot for each series. */
import { textStyle, tooltip } from "./echarts.js";
import { colour } from "../lib/colours.js";

const GROUP_SPREAD = 0.6;
const POINT_PX = 9;
const SMALLEST_RANGE = 0.05;

export const axisLine = () => ({ onZero: false, lineStyle: { color: colour("--line-strong") } });
export const groupLegend = () => ({ top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: textStyle(12) });

/** Limits of the axis that hold all points and intervals; those of differences are symmetrical. */
function limits(series, isSymmetrical) {
  const values = series.flatMap(({ points }) => points.flatMap(({ value, low, high }) => [value, low, high])).filter((value) => value !== null);
  const largest = Math.min(1, Math.max(SMALLEST_RANGE, ...values.map(Math.abs)) * 1.05);
  const rounded = Math.ceil(largest * 20) / 20;
  return { min: isSymmetrical ? -rounded : 0, max: rounded };
}

/** A row a name; points and lines of each series beside each other. `series`: `[{name, color, points: [{value, low, high}]}]`. */
export function dotIntervalOption(names, series, { format, withZero }) {
  const offset = (index) => (series.length < 2 ? 0 : (index / (series.length - 1) - 0.5) * GROUP_SPREAD);
  const y = (row, index) => names.length - 1 - row - offset(index);
  const points = series.map(({ name, color, points: values }, index) => ({
    type: "scatter", name, color, symbolSize: POINT_PX, data: values.map((point, row) => (point.value === null ? null : [point.value, y(row, index)])).filter(Boolean), z: 3,
  }));
  const lines = series.map(({ name, color, points: values }, index) => ({
    type: "lines", name, coordinateSystem: "cartesian2d", silent: true, polyline: false, lineStyle: { color, width: 2, opacity: 1 },
    data: values.map((point, row) => (point.low === null ? null : { coords: [[point.low, y(row, index)], [point.high, y(row, index)]] })).filter(Boolean),
  }));
  const zero = withZero ? [{ type: "line", data: [], silent: true, markLine: { silent: true, symbol: ["none", "none"], label: { show: false }, lineStyle: { color: colour("--muted"), type: "dashed" }, data: [{ xAxis: 0 }] } }] : [];
  const name = (value) => names[names.length - 1 - value] ?? "";
  return {
    grid: { left: 84, right: 16, top: series.length > 1 ? 30 : 10, bottom: 26 },
    legend: series.length > 1 ? { ...groupLegend(), data: series.map((one) => one.name) } : { show: false },
    xAxis: { type: "value", ...limits(series, withZero), axisLine: axisLine(), splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { ...textStyle(11), hideOverlap: true, formatter: format } },
    yAxis: { type: "value", min: -0.6, max: names.length - 0.4, axisTick: { show: false }, axisLine: { show: false }, splitLine: { show: false }, axisLabel: { ...textStyle(11), customValues: names.map((_, index) => index), formatter: name } },
    tooltip: tooltip({ trigger: "item", formatter: ({ seriesName, value }) => `${seriesName}, ${name(Math.round(value[1]))}: ${format(value[0])}` }),
    series: [...zero, ...lines, ...points],
  };
}
